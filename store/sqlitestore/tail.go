package sqlitestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// tailSize is how many octets of bodies the database keeps until the segment has them durably: those of 16 messages of
// 4 KiB, for which one sync of the segment is enough then.
const tailSize = 64 << 10

var errTail = errors.New("the end of the current segment, which the database has, is too short")

// A few small bodies are written to their segment without a sync. The commit that makes them visible has them as well,
// in the tail, and so is the only sync that somebody waits for. When there is no more room, all of them are written to
// the segment again and synced, before the commit that empties the tail: whatever the file system has made of them
// meanwhile, the tail is what counts, and the first use after a crash writes it to where readers look.
//
// The tail is one value that is overwritten in place. Its first octet belongs where the row of the current segment
// ends, meta.synced, and the last to where bodies go next, meta.segmentEnd.

// selectSynced is where the current segment ends, and how large the tail may be.
const selectSynced = `SELECT (SELECT bytes FROM segment WHERE n = ?1), (SELECT length(data) FROM tail)`

// readTail sets what m knows of the tail.
func (m *meta) readTail(db *conn) error {
	return db.query(selectSynced, func(r *sqlite.Stmt) error {
		// Without a row for the segment nothing was ever written there.
		m.synced, m.tailSize = m.segmentEnd, column64(r, 1)
		if r.ColumnType(0) != sqlite.TypeNull {
			m.synced = min(m.synced, column64(r, 0))
		}
		return nil
	}, m.segment)
}

// tail returns what is committed of the tail as bodies of the current segment; nil if there are none.
func (a *account) tail(m *meta) (*pendingBody, error) {
	n := m.segmentEnd - m.synced
	if n == 0 {
		return nil, nil
	}
	p := &pendingBody{segment: m.segment, offset: m.synced}
	err := a.db.query("SELECT substr(data, 1, ?) FROM tail", func(r *sqlite.Stmt) error {
		p.data = blob(r, 0)
		return nil
	}, n)
	if err == nil && uint64(len(p.data)) != n {
		err = &damage{file: a.path(databaseName), what: fmt.Sprintf("%d octets of bodies", n), err: errTail}
	}
	return p, err
}

// takeTail makes what is in the tail bodies that the batch writes to their segment, once for each batch.
func (b *batch) takeTail() error {
	if b.tailTaken {
		return nil
	}
	m := &b.state.meta
	p, err := b.keptTail(m)
	if p == nil && err == nil {
		p, err = b.tail(m)
	}
	if err != nil && codeOf(err) == store.Corruption {
		_ = b.report("read tail", "", err)
		p, err = &pendingBody{segment: m.segment, offset: m.segmentEnd}, nil // the segment is all there is
		b.meta.tailSize = 0
	}
	if err != nil {
		return err
	}
	b.tailTaken = true
	if p != nil {
		b.dirty = true
		b.bodies = append([]pendingBody{*p}, b.bodies...)
	}
	return nil
}

// keptTail is like tail for octets that need not be written again, only synced: the open file has all of them.
func (a *account) keptTail(m *meta) (*pendingBody, error) {
	if m.segmentEnd == m.synced {
		return nil, nil
	}
	g, err := a.segments.acquire(a, m.segment)
	if err != nil {
		return nil, err
	}
	defer a.segments.release(g)
	if !g.sure || g.kept > m.synced {
		return nil, nil
	}
	return &pendingBody{segment: m.segment, offset: m.segmentEnd}, nil
}

// keepBodies makes what the batch has placed durable, in the tail if there is room.
func (b *batch) keepBodies() error {
	if !b.fitTail() {
		return b.writeBodies()
	}
	if len(b.bodies) == 0 {
		return nil
	}
	first := &b.bodies[0]
	data, buf := joined(b.bodies)
	defer putJoined(buf)
	g, err := b.segments.acquire(b.account, first.segment)
	if err != nil {
		return err
	}
	defer b.segments.release(g)
	if first.offset == b.meta.synced {
		g.kept, g.sure = first.offset, true
	}
	if _, err := g.file.WriteAt(data, int64(first.offset)); err != nil {
		g.sure = false
		return err
	}
	b.bodies = nil
	return b.writeTail(int64(first.offset-b.meta.synced), data)
}

// fitTail tells whether the tail has room for the bodies of the batch.
func (b *batch) fitTail() bool {
	if len(b.bodies) == 0 {
		return true
	}
	m, first := &b.meta, &b.bodies[0]
	return b.store.opts.Durability == Full &&
		first.offset > 0 && first.segment == m.segment && // the file is there, and they are all in it
		m.segmentEnd-m.synced <= tailSize &&
		(b.tailTaken || b.state.segment == m.segment)
}

// writeTail writes a part of the tail.
func (b *batch) writeTail(offset int64, data []byte) (err error) {
	if b.meta.tailSize < tailSize {
		if err := b.db.exec("INSERT OR REPLACE INTO tail VALUES (1, zeroblob(?))", tailSize); err != nil {
			return err
		}
		b.meta.tailSize = tailSize
	}
	w, err := b.db.OpenBlob("main", "tail", "data", 1, true)
	if err != nil {
		return err
	}
	defer func() {
		if e := w.Close(); err == nil {
			err = e
		}
	}()
	if _, err := w.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// restoreTail writes the tail to the segment, where a power failure may have left something else.
func (a *account) restoreTail() error {
	p, err := a.tail(&a.state.meta)
	if p == nil || err != nil {
		return err
	}
	g, err := a.segments.acquire(a, p.segment)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // trimSegment says what to do
	}
	if err != nil {
		return err
	}
	defer a.segments.release(g)
	_, err = g.file.WriteAt(p.data, int64(p.offset))
	return err
}
