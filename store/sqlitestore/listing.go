package sqlitestore

import (
	"encoding/binary"

	"zombiezen.com/go/sqlite"
)

// listingFormat is the first octet of a row of listings.
const listingFormat = 1

// fullListings is about how many octets of listings are packed into a row: a row of up to 16 KiB is read much faster
// than a larger one, see keepMemory.
const fullListings = 15_000

// insertListings writes the listings of a row of emails, in as many rows as they need.
func (t *tx) insertListings(list []email) error {
	for at := 0; at < len(list); {
		from, size := at, 0
		for at < len(list) && (at == from || size+len(list[at].listing) <= fullListings) {
			size += len(list[at].listing)
			at++
		}
		err := t.db.exec("INSERT OR REPLACE INTO listing VALUES (?, ?, ?)",
			list[from].id, t.store.opts.Summarizer.Version, encodeListings(list[from:at]))
		if err != nil {
			return err
		}
	}
	return nil
}

// dropListings removes the listings of a row of emails.
func (t *tx) dropListings(list []email) error {
	return t.db.exec("DELETE FROM listing WHERE first BETWEEN ? AND ?", list[0].id, list[len(list)-1].id)
}

// readListings sets the listings of a row of emails, and tells whether all are of the version in use.
func (a *account) readListings(list []email) (current bool, err error) {
	current = true
	known := 0
	err = a.db.query("SELECT version, data FROM listing WHERE first BETWEEN ? AND ?", func(r *sqlite.Stmt) error {
		var l listingRow
		if err := l.decode(blob(r, 1)); err != nil {
			return a.damagedEmails(list[0].id, err)
		}
		for i := range list {
			if text, ok := l.find(list[i].id); ok {
				list[i].listing = text
				known++
			}
		}
		current = current && a.isCurrent(r, 0)
		return nil
	}, list[0].id, list[len(list)-1].id)
	return current && known == len(list), err
}

// encodeListings packs listings with the ids of the emails that they belong to, so that who shows a list of messages
// reads no other table.
func encodeListings(list []email) []byte {
	size := 64
	for i := range list {
		size += len(list[i].listing)
	}
	row := append(make([]byte, 0, size), listingFormat)
	row = binary.AppendUvarint(row, uint64(len(list)))
	var ids, lengths [mostEmails]uint64
	for i := range list {
		ids[i], lengths[i] = list[i].id, uint64(len(list[i].listing))
	}
	row = appendColumn(row, ids[:len(list)])
	row = appendColumn(row, lengths[:len(list)])
	for i := range list {
		row = append(row, list[i].listing...)
	}
	return seal(row)
}

// listingRow is a row of listings.
type listingRow struct {
	ids   []uint64
	texts [][]byte
}

// decode reads a row, of which the texts are part afterwards.
func (l *listingRow) decode(row []byte) error {
	u := unpack(row, listingFormat, mostEmails)
	l.ids = expand(l.ids[:0], u.column(), u.n)
	var room [mostEmails]uint64
	lengths := expand(room[:0], u.column(), u.n)
	l.texts = l.texts[:0]
	for _, n := range lengths {
		l.texts = append(l.texts, u.take(n))
	}
	if u.err != nil {
		l.ids = l.ids[:0]
	}
	return u.err
}

// find returns the listing of an email, if the row has it.
func (l *listingRow) find(id uint64) ([]byte, bool) {
	n := len(l.ids)
	if n == 0 || id < l.ids[0] || id > l.ids[n-1] {
		return nil, false
	}
	// Mostly no id between the first and the last is missing.
	at := min(id-l.ids[0], uint64(n-1))
	for l.ids[at] > id {
		at--
	}
	return l.texts[at], l.ids[at] == id
}

// listingReader finds listings by the ids of emails. It keeps the rows it has read last, since neighbours in a mailbox
// are neighbours there.
type listingReader struct {
	*account
	rows [8]listingRow
	last int    // in rows: where something was found last
	next int    // in rows: what is replaced next
	data []byte // of all rows that were read since reset
}

// reset makes r ready for others, who use its memory again.
func (r *listingReader) reset(a *account) {
	const most = 1 << 20
	if r.account = a; cap(r.data) > most {
		r.data = nil
	}
	r.data = r.data[:0]
	for i := range r.rows {
		r.rows[i].ids = r.rows[i].ids[:0]
		clear(r.rows[i].texts)
	}
}

// get returns the listing of an email, which is valid until reset, and whether there is one in the version in use.
func (r *listingReader) get(id uint64) (text []byte, current bool, err error) {
	if text, ok := r.rows[r.last].find(id); ok {
		return text, true, nil
	}
	for i := range r.rows {
		if text, ok := r.rows[i].find(id); ok {
			r.last = i
			return text, true, nil
		}
	}
	r.last = r.next
	r.next = (r.next + 1) % len(r.rows)
	row := &r.rows[r.last]
	row.ids = row.ids[:0]
	if err := r.read(row, id); err != nil {
		return nil, false, err
	}
	text, current = row.find(id)
	return text, current, nil
}

// read reads the row that has the listing of an email if any has.
func (r *listingReader) read(row *listingRow, id uint64) error {
	return r.db.query("SELECT first, version, data FROM listing WHERE first <= ? ORDER BY first DESC LIMIT 1", func(s *sqlite.Stmt) error {
		if uint32(column64(s, 1)) != r.store.opts.Summarizer.Version {
			return nil
		}
		at, n := len(r.data), s.ColumnLen(2)
		if at+n > cap(r.data) {
			// What was read before stays where it is.
			r.data, at = make([]byte, 0, max(n, 2*cap(r.data), 16<<10)), 0
		}
		r.data = r.data[:at+n]
		data := r.data[at:]
		s.ColumnBytes(2, data)
		if err := row.decode(data); err != nil {
			return r.damagedEmails(column64(s, 0), err)
		}
		return nil
	}, id)
}
