package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
)

var errNoEmail = errors.New("a message refers to an email that does not exist")

// looseRows is how many rows at the end are looked at when emails are packed.
const looseRows = fullEmails

// addEmails stores emails, whose ids are above all others. A few go into a
// row of their own; when there are enough of them at the end, they are packed
// together, so that each is written twice at most.
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
		if len(chunk) == fullEmails {
			t.meta.loose = 0
		}
	}
	return nil
}

// insertEmails writes one row of emails, and one of their summaries.
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
	return t.db.exec("INSERT OR REPLACE INTO summary VALUES (?, ?, ?)",
		first, t.store.opts.Summarizer.Version, encodeSummaries(list))
}

const selectLoose = `SELECT email.first, count, email.data, version, summary.data
	FROM email JOIN summary USING (first) ORDER BY email.first DESC LIMIT ?`

// takeLoose removes and returns the emails of the rows at the end that are
// not full, as far as a row can hold them with more others. A row whose
// summaries are of another version stays as it is.
func (t *tx) takeLoose(more int) ([]email, error) {
	t.meta.loose = 0
	room := fullEmails - more%fullEmails
	var rows [][]email
	var first uint64
	err := t.db.query(selectLoose, func(r *sqlite.Stmt) error {
		if room -= r.ColumnInt(1); room < 0 || uint32(column64(r, 3)) != t.store.opts.Summarizer.Version {
			return errEnough
		}
		list, err := decodeEmails(scratch(r, 2, &t.scratch))
		if err == nil {
			err = decodeSummaries(blob(r, 4), list)
		}
		if err != nil {
			return t.damagedEmails(column64(r, 0), err)
		}
		first = column64(r, 0)
		rows = append(rows, list)
		return nil
	}, looseRows)
	if err = notEnough(err); err != nil || rows == nil {
		return nil, err
	}
	slices.Reverse(rows)
	for _, table := range []string{"email", "summary"} {
		if err := t.db.exec("DELETE FROM "+table+" WHERE first >= ?", first); err != nil {
			return nil, err
		}
	}
	return slices.Concat(rows...), nil
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
		current = uint32(column64(r, 0)) == a.store.opts.Summarizer.Version
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
		if full = full || r.ColumnInt(0) >= fullEmails; !full {
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
	rows      [8]emailRow
	next      int
}

// emailRow is a row of emails.
type emailRow struct {
	list  []email
	stale bool // summaries were asked for and are of another version
}

// get returns an email and its row. It lives as long as the reader.
func (r *emailReader) get(id uint64) (*email, *emailRow, error) {
	for i := range r.rows {
		row := &r.rows[i]
		if n := len(row.list); n > 0 && row.list[0].id <= id && id <= row.list[n-1].id {
			return r.in(row, id)
		}
	}
	row, err := r.row(id)
	if err != nil {
		return nil, nil, err
	}
	at := &r.rows[r.next%len(r.rows)]
	*at = row
	r.next++
	return r.in(at, id)
}

func (r *emailReader) in(row *emailRow, id uint64) (*email, *emailRow, error) {
	if e := findEmail(row.list, id); e != nil {
		return e, row, nil
	}
	return nil, nil, &damage{file: r.path(databaseName), what: fmt.Sprintf("email %x", id), err: errNoEmail}
}

// row reads the row that has an email if any has.
func (r *emailReader) row(id uint64) (row emailRow, err error) {
	err = r.db.query("SELECT first, data FROM email WHERE first <= ? ORDER BY first DESC LIMIT 1", func(s *sqlite.Stmt) error {
		if row.list, err = decodeEmails(scratch(s, 1, &r.scratch)); err != nil {
			return r.damagedEmails(column64(s, 0), err)
		}
		return nil
	}, id)
	if err == nil && len(row.list) > 0 && r.summaries {
		var current bool
		current, err = r.readSummaries(row.list)
		row.stale = !current
	}
	return row, err
}

// summarize makes the summary of an email; nil when that fails. A message
// without a summary is a message all the same.
func (a *account) summarize(e *email) []byte {
	summarize := a.store.opts.Summarizer.Summarize
	if summarize == nil {
		return nil
	}
	body, err := a.openOrFind(e)
	if err != nil {
		return nil
	}
	defer body.Close()
	summary, err := summarize(body, body.Size())
	if err != nil {
		return nil
	}
	return summary
}

// renewSummaries stores the summaries of a row of emails in the version in
// use.
func (a *account) renewSummaries(list []email) {
	list = slices.Clone(list)
	for i := range list {
		list[i].summary = a.summarize(&list[i])
	}
	row := encodeSummaries(list)
	version := a.store.opts.Summarizer.Version
	a.background("store summaries", func(t *tx) error {
		t.dirty = true
		// The row may have been packed or collected meanwhile: then the
		// count is another one, and somebody else will ask again.
		return t.db.exec(`UPDATE summary SET version = ?, data = ? WHERE first = ? AND version <> ?
			AND (SELECT count FROM email WHERE email.first = summary.first) = ?`,
			version, row, list[0].id, version, len(list))
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
