package sqlitestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"zombiezen.com/go/sqlite"
)

var errNoEmail = errors.New("a message refers to an email that does not exist")

// looseRows is how many rows at the end are looked at when emails are packed.
const looseRows = fullEmails

// addEmails stores emails, whose ids are above all others. A few go into a
// row of their own; when there are enough of them at the end, they are packed
// together, so that each is written twice at most. A row that is half full is
// good enough.
func (t *tx) addEmails(list []email) error {
	if t.meta.loose+len(list) >= fullEmails && t.meta.loose > 0 {
		before, err := t.takeLoose(len(list))
		if err != nil {
			return err
		}
		list = append(before, list...)
	}
	for chunk := range slices.Chunk(list, fullEmails) {
		if err := t.insertEmails(chunk); err != nil {
			return err
		}
		t.meta.loose += len(chunk)
		if len(chunk) >= enoughEmails {
			t.meta.loose = 0
		}
	}
	return nil
}

// insertEmails writes one row of emails, one of their summaries, and their listings.
func (t *tx) insertEmails(list []email) error {
	lo, hi := list[0].segment, list[0].segment
	for i := range list {
		lo, hi = min(lo, list[i].segment), max(hi, list[i].segment)
	}
	first := list[0].id
	err := t.db.exec("INSERT OR REPLACE INTO email VALUES (?, ?, ?, ?, ?)", first, len(list), lo, hi, encodeEmails(list))
	if err != nil {
		return err
	}
	return t.insertSummaries(list)
}

// insertSummaries writes what the Summarizer has made of a row of emails.
func (t *tx) insertSummaries(list []email) error {
	err := t.db.exec("INSERT OR REPLACE INTO summary VALUES (?, ?, ?)",
		list[0].id, t.store.opts.Summarizer.Version, encodeSummaries(list))
	if err != nil {
		return err
	}
	return t.insertListings(list)
}

// deleteEmails removes the rows of emails with first ids in a range.
func (t *tx) deleteEmails(from, to uint64) error {
	for _, table := range []string{"email", "summary", "listing"} {
		if err := t.db.exec("DELETE FROM "+table+" WHERE first BETWEEN ? AND ?", from, to); err != nil {
			return err
		}
	}
	return nil
}

const selectLoose = `SELECT email.first, count, email.data, version, summary.data
	FROM email LEFT JOIN summary USING (first) ORDER BY email.first DESC LIMIT ?`

// takeLoose removes and returns the emails of the rows at the end that are
// not full, as far as a row can hold them with more others. A row whose
// summaries are of another version, are missing, or that is damaged, stays as
// it is.
func (t *tx) takeLoose(more int) ([]email, error) {
	t.meta.loose = 0
	room := fullEmails - more%fullEmails
	var rows [][]email
	var first uint64
	err := t.db.query(selectLoose, func(r *sqlite.Stmt) error {
		if room -= r.ColumnInt(1); room < 0 || r.ColumnInt(1) >= enoughEmails || !t.isCurrent(r, 3) {
			return errEnough
		}
		list, err := decodeEmails(scratch(r, 2, &t.scratch))
		if err == nil {
			err = decodeSummaries(blob(r, 4), list)
		}
		if err != nil {
			return t.damagedEmails(column64(r, 0), err)
		}
		if current, err := t.readListings(list); err != nil || !current {
			return cmp.Or(err, errEnough)
		}
		first = column64(r, 0)
		rows = append(rows, list)
		return nil
	}, looseRows)
	if isDamage(err) {
		err = nil
	}
	if err = notEnough(err); err != nil || rows == nil {
		return nil, err
	}
	slices.Reverse(rows)
	if err := t.deleteEmails(first, math.MaxInt64); err != nil {
		return nil, err
	}
	return slices.Concat(rows...), nil
}

// isCurrent tells whether a column is the version in use.
func (a *account) isCurrent(r *sqlite.Stmt, col int) bool {
	return r.ColumnType(col) != sqlite.TypeNull && uint32(column64(r, col)) == a.store.opts.Summarizer.Version
}

// notEnough is err unless that only ended a loop.
func notEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// readSummaries reads the summaries of a row, and tells whether they are of
// the version in use.
func (a *account) readSummaries(list []email) (current bool, err error) {
	err = a.db.query("SELECT version, data FROM summary WHERE first = ?", func(r *sqlite.Stmt) error {
		current = a.isCurrent(r, 0)
		if err := decodeSummaries(blob(r, 1), list); err != nil {
			return a.damagedEmails(list[0].id, err)
		}
		return nil
	}, list[0].id)
	return current, err
}

// countLoose counts the emails in rows at the end that are not full.
func countLoose(db *conn) (n int, err error) {
	full := false
	err = db.query("SELECT count FROM email ORDER BY first DESC LIMIT ?", func(r *sqlite.Stmt) error {
		if full = full || r.ColumnInt(0) >= enoughEmails; !full {
			n += r.ColumnInt(0)
		}
		return nil
	}, looseRows)
	return n, err
}

func (a *account) damagedEmails(first uint64, err error) error {
	return &damage{file: a.path(databaseName), what: fmt.Sprintf("row %d of emails", first), err: err}
}

// emailReader finds emails by id. It keeps the rows it has read last, since
// neighbours in a mailbox are neighbours there.
type emailReader struct {
	*account
	summaries bool
	listings  bool
	rows      [8]emailRow
	next      int
}

// emailRow is a row of emails.
type emailRow struct {
	list  []email
	stale bool // summaries or listings were asked for and are of another version
	copy  []email
}

// get returns an email and its row, which are valid until others are asked for.
func (r *emailReader) get(id uint64) (*email, *emailRow, error) {
	for i := range r.rows {
		row := &r.rows[i]
		if n := len(row.list); n > 0 && row.list[0].id <= id && id <= row.list[n-1].id {
			return r.in(row, id)
		}
	}
	row := &r.rows[r.next%len(r.rows)]
	r.next++
	if err := r.read(row, id); err != nil {
		return nil, nil, err
	}
	return r.in(row, id)
}

// reset makes r ready for others, who use its memory again.
func (r *emailReader) reset(a *account) {
	r.account = a
	for i := range r.rows {
		clear(r.rows[i].list)
		r.rows[i] = emailRow{list: r.rows[i].list[:0]}
	}
}

// copied returns a copy of the row that stays, the same for all its emails.
func (row *emailRow) copied() []email {
	if row.copy == nil {
		row.copy = slices.Clone(row.list)
	}
	return row.copy
}

func (r *emailReader) in(row *emailRow, id uint64) (*email, *emailRow, error) {
	if e := findEmail(row.list, id); e != nil {
		return e, row, nil
	}
	return nil, nil, &damage{file: r.path(databaseName), what: fmt.Sprintf("email %x", id), err: errNoEmail}
}

// read reads the row that has an email if any has.
func (r *emailReader) read(row *emailRow, id uint64) error {
	row.list, row.stale, row.copy = row.list[:0], false, nil
	err := r.db.query("SELECT first, data FROM email WHERE first <= ? ORDER BY first DESC LIMIT 1", func(s *sqlite.Stmt) error {
		list, err := appendEmails(row.list, scratch(s, 1, &r.scratch))
		if err != nil {
			return r.damagedEmails(column64(s, 0), err)
		}
		row.list = list
		return nil
	}, id)
	for _, more := range []struct {
		wanted bool
		read   func([]email) (bool, error)
	}{{r.summaries, r.readSummaries}, {r.listings, r.readListings}} {
		if err == nil && len(row.list) > 0 && more.wanted {
			var current bool
			current, err = more.read(row.list)
			row.stale = row.stale || !current
		}
	}
	if err != nil {
		row.list = row.list[:0]
	}
	return err
}

// summarize makes the summary and the listing of an email; none when that
// fails. A message without a summary is a message all the same.
func (a *account) summarize(e *email) {
	e.summary, e.listing = nil, nil
	summarize := a.store.opts.Summarizer.Summarize
	if summarize == nil {
		return
	}
	body, err := a.openOrFind(e)
	if err != nil {
		return
	}
	defer body.Close()
	if summary, listing, err := summarize(body, body.Size()); err == nil {
		e.summary, e.listing = summary, listing
	}
}

// renewSummaries makes the summaries and listings of a row of emails in the
// version in use, and stores them when there is time.
func (a *account) renewSummaries(list []email) {
	for i := range list {
		a.summarize(&list[i])
	}
	a.background("store summaries", func(t *tx) error {
		// The row may have been packed or collected meanwhile: then the
		// count is another one, and somebody else will ask again.
		count, err := t.db.number("SELECT count FROM email WHERE first = ?", list[0].id)
		if err != nil || count != int64(len(list)) {
			return err
		}
		t.dirty = true
		if err := t.dropListings(list); err != nil {
			return err
		}
		return t.insertSummaries(list)
	})
}

// background runs a transaction that nobody waits for.
func (a *account) background(name string, fn func(*tx) error) {
	if !a.store.hold(a) {
		return
	}
	go func() {
		defer a.store.release(a)
		_ = a.task(name, fn) // it has been logged, and whoever finds it undone does it
	}()
}

// task runs a transaction of the store's own.
func (a *account) task(name string, fn func(*tx) error) error {
	return a.submit(&op{
		name: name, ctx: context.Background(), closed: a.store.ctx, run: fn, settled: true, done: make(chan struct{}),
	})
}

// hold counts a use of an account that has no handle; false if the store has
// forgotten it.
func (s *Store) hold(a *account) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[a.id] != a || s.ctx.Err() != nil {
		return false
	}
	a.handles++
	return true
}
