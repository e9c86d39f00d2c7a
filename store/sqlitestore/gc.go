package sqlitestore

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// droppedFormat is the first octet of a list of candidates.
	droppedFormat = 1
	// maxDropped is the longest such list that is read, dropStep the longest
	// that is written: SQLite and its allocator are made for small values.
	maxDropped = 1 << 16
	dropStep   = 1 << 11
	// compactStep is how many octets of bodies one transaction moves.
	compactStep = 4 << 20
)

// dropEmails notes that messages are gone which referred to these emails. The
// garbage collection looks at them when the grace period is over. The list is
// sorted.
func (t *tx) dropEmails(emails []uint64) error {
	if len(emails) == 0 {
		return nil
	}
	slices.Sort(emails)
	now := t.store.opts.Now()
	var row []byte
	for part := range slices.Chunk(emails, dropStep) {
		row = append(row[:0], droppedFormat)
		row = binary.AppendUvarint(row, uint64(len(part)))
		row = seal(appendColumn(row, part))
		if err := t.db.reserve(len(row)); err != nil {
			return err
		}
		err := t.db.exec("INSERT INTO dropped (at, emails) VALUES (?, ?)", now.Unix(), row)
		if err != nil {
			return err
		}
	}
	t.after = append(t.after, func() { t.account.dueBy(now.Add(t.store.opts.Grace)) })
	return nil
}

// dueBy notes when there will be something to collect.
func (a *account) dueBy(at time.Time) {
	if due := a.due.Load(); due == 0 || at.UnixNano() < due {
		a.due.Store(at.UnixNano())
	}
}

// maintain collects garbage and compacts segments, in the background.
func (a *account) maintain() {
	due := a.due.Swap(0)
	if due == 0 || a.store.opts.Inspect || !a.store.hold(a) {
		return
	}
	go func() {
		defer a.store.release(a)
		// What fails has been logged, and is tried again with the next
		// garbage.
		if a.task("collect garbage", (*tx).collectGarbage) == nil {
			_ = a.compactAll()
		}
	}()
}

// compactAll compacts segments while there is something to do.
func (a *account) compactAll() error {
	for more := true; more; {
		err := a.task("compact", func(t *tx) (err error) {
			more, err = t.compact()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Collect removes at once what no message refers to, grace period or not, and
// what SQLite would keep of it. It is for accounts whose mail was removed for
// good: garbage is otherwise collected when an account is in use, and perhaps
// nobody uses this one again.
func (s *Store) Collect(ctx context.Context, id string) error {
	const op = "collect garbage"
	if err := s.check(ctx, op, id); err != nil {
		return err
	}
	a, err := s.account(op, id)
	if err != nil {
		return err
	}
	defer s.release(a)
	if err := a.task(op, (*tx).collectAll); err != nil {
		return err
	}
	if err := a.compactAll(); err != nil {
		return err
	}
	if err := a.acquire(op); err != nil {
		return err
	}
	defer a.release()
	if err := a.db.script("VACUUM"); err != nil {
		return a.report(op, "", err)
	}
	return nil
}

// collectAll removes all emails without references, and goes on to another
// segment if the current one, which is never compacted, has no others.
func (t *tx) collectAll() error {
	if err := t.collectBefore(t.store.opts.Now()); err != nil {
		return err
	}
	m := &t.meta
	live, err := t.db.number("SELECT count(*) FROM email WHERE seg_lo <= ?1 AND seg_hi >= ?1", m.segment)
	if err != nil || live > 0 || m.segmentEnd == 0 {
		return err
	}
	t.dirty = true
	m.segment++
	m.segmentEnd, m.synced, m.tailSize = 0, 0, 0
	return t.db.exec("DELETE FROM tail")
}

// candidates reads the emails that lost a reference before a time.
func (t *tx) candidates(before time.Time) (list []uint64, err error) {
	err = t.db.query("SELECT emails FROM dropped WHERE at <= ?", func(r *sqlite.Stmt) error {
		u := unpack(scratch(r, 0, &t.scratch), droppedFormat, maxDropped)
		list = expand(list, u.column(), u.n)
		if u.err != nil {
			return &damage{file: t.path(databaseName), what: "list of garbage", err: u.err}
		}
		return nil
	}, before.Unix())
	slices.Sort(list)
	return slices.Compact(list), err
}

// collectGarbage removes emails that lost a reference before the grace period and
// have none now.
func (t *tx) collectGarbage() error {
	return t.collectBefore(t.store.opts.Now().Add(-max(t.store.opts.Grace, 0)))
}

func (t *tx) collectBefore(before time.Time) error {
	list, err := t.candidates(before)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		if list, err = t.unreferenced(list); err != nil {
			return err
		}
		if err := t.removeEmails(list); err != nil {
			return err
		}
		t.dirty = true
	}
	if err := t.db.exec("DELETE FROM dropped WHERE at <= ?", before.Unix()); err != nil {
		return err
	}
	rest, err := t.db.number("SELECT min(at) FROM dropped")
	if err == nil && rest != 0 {
		t.account.dueBy(time.Unix(rest, 0).Add(t.store.opts.Grace))
	}
	return err
}

// unreferenced returns the emails of a sorted list that no message refers to.
func (t *tx) unreferenced(list []uint64) ([]uint64, error) {
	live := make([]bool, len(list))
	for _, b := range t.boxes() {
		err := t.visitWhole(b, allUIDs, func(p *page, _ []run) error {
			for _, id := range p.emails {
				if i, ok := slices.BinarySearch(list, id); ok {
					live[i] = true
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return keepOf(list, live), nil
}

// removeEmails removes emails (sorted) and notes what their bodies leave.
func (t *tx) removeEmails(list []uint64) error {
	dead := make(map[uint64]uint64) // octets by segment
	for len(list) > 0 {
		r := emailReader{account: t.account, summaries: true, listings: true}
		var row emailRow
		if err := r.read(&row, list[0]); err != nil {
			return err
		}
		if len(row.list) == 0 {
			list = list[1:] // it is gone already; the others need not be
			continue
		}
		n, err := t.shrinkRow(row, list, dead)
		if err != nil {
			return err
		}
		list = list[max(n, 1):]
	}
	for n, octets := range dead {
		if err := t.db.exec("UPDATE segment SET dead = dead + ? WHERE n = ?", octets, n); err != nil {
			return err
		}
	}
	return nil
}

// shrinkRow removes from a row the emails that list begins with, and returns
// how many ids of list belong to it.
func (t *tx) shrinkRow(row emailRow, list []uint64, dead map[uint64]uint64) (int, error) {
	old := row.list
	n, _ := slices.BinarySearch(list, old[len(old)-1].id+1)
	var rest []email
	for _, e := range old {
		if _, gone := slices.BinarySearch(list[:n], e.id); !gone {
			rest = append(rest, e)
			continue
		}
		if e.segment != 0 {
			dead[e.segment] += e.size
		} else {
			t.after = append(t.after, func() { t.removeBody(e) })
		}
	}
	if len(rest) == len(old) {
		return n, nil
	}
	if err := t.deleteEmails(old[0].id, old[len(old)-1].id); err != nil {
		return 0, err
	}
	if len(rest) == 0 {
		return n, nil
	}
	return n, t.rewriteRow(rest, row.stale)
}

// rewriteRow writes emails back, with summaries that may be stale.
func (t *tx) rewriteRow(list []email, stale bool) error {
	if !stale {
		return t.insertEmails(list)
	}
	if err := t.insertEmails(list); err != nil {
		return err
	}
	// Any version but the one in use makes readers renew them.
	err := t.db.exec("UPDATE summary SET version = ? WHERE first = ?", t.store.opts.Summarizer.Version+1, list[0].id)
	if err != nil {
		return err
	}
	return t.dropListings(list)
}

// removeBody removes the file of a body, unless an open Staged has it, in
// which case the next sweep does.
func (a *account) removeBody(e email) {
	if a.pinned(e.offset) || a.held() {
		return
	}
	if err := a.store.fs.remove(a.bodyPath(&e)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = a.report("remove body", "", err) // only logged: the next sweep tries again
	}
}

// compact moves some bodies out of a segment that is mostly garbage, and
// removes segments without bodies. It tells whether there may be more to do.
func (t *tx) compact() (more bool, err error) {
	n, err := t.db.number(`SELECT n FROM segment WHERE n <> ? AND dead * 2 > bytes
		ORDER BY dead = bytes DESC, n LIMIT 1`, t.meta.segment)
	if err != nil || n == 0 {
		return false, err
	}
	t.dirty = true
	// Whatever the counter says, nothing is removed that a row refers to.
	moved, done, err := t.evacuate(uint64(n))
	if err != nil {
		return false, err
	}
	if !done {
		return true, t.db.exec("UPDATE segment SET dead = min(dead + ?, bytes) WHERE n = ?", moved, n)
	}
	t.after = append(t.after, func() { t.removeSegment(uint64(n)) })
	return true, t.db.exec("DELETE FROM segment WHERE n = ?", n)
}

// held tells whether files must stay, and remembers that one was to go.
func (a *account) held() bool {
	a.skipped.Store(true) // before the question, as unhold does it the other way round
	if a.hold.Load() > 0 {
		return true
	}
	a.skipped.Store(false)
	return false
}

// removeSegment removes the file of a segment that no row knows any more.
func (a *account) removeSegment(n uint64) {
	if a.held() {
		return
	}
	a.segments.forget(n)
	if err := a.store.fs.remove(a.path(segmentsDir, segmentName(n))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = a.report("remove segment", "", err) // only logged: the next sweep tries again
	}
}

// evacuate gives some bodies of a segment a new place, and tells how many
// octets they had and whether there are no more.
func (t *tx) evacuate(n uint64) (moved uint64, done bool, err error) {
	var rows [][]email
	err = t.eachEmailRow("WHERE seg_lo <= ? AND seg_hi >= ?", func(_ uint64, list []email) error {
		for i := range list {
			if list[i].segment == n && moved < compactStep {
				moved += list[i].size
				rows = append(rows, list)
				return nil
			}
		}
		return nil
	}, n, n)
	if err != nil {
		return 0, false, err
	}
	moved = 0
	for _, list := range rows {
		for i := range list {
			if e := &list[i]; e.segment == n {
				if err := t.relocate(e); err != nil {
					return 0, false, err
				}
				moved += e.size
			}
		}
		if err := t.updateRow(list); err != nil {
			return 0, false, err
		}
	}
	return moved, len(rows) == 0, nil
}

// relocate gives a body a place in the current segment. One that is damaged
// moves as it is: its checksum still tells.
func (t *tx) relocate(e *email) error {
	g, err := t.segments.acquire(t.account, e.segment)
	if err != nil {
		return err
	}
	defer t.segments.release(g)
	data := make([]byte, e.size)
	if _, err := g.file.ReadAt(data, int64(e.offset)); err != nil {
		return err
	}
	e.segment, e.offset = t.reserve(data)
	return nil
}

// updateRow writes a row of emails whose places have changed.
func (t *tx) updateRow(list []email) error {
	lo, hi := list[0].segment, list[0].segment
	for i := range list {
		lo, hi = min(lo, list[i].segment), max(hi, list[i].segment)
	}
	return t.db.exec("UPDATE email SET seg_lo = ?, seg_hi = ?, data = ? WHERE first = ?", lo, hi, encodeEmails(list), list[0].id)
}
