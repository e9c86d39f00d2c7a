package sqlitestore

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"zombiezen.com/go/sqlite"
)

const (
	// segmentSize is the default of Options.segmentSize.
	segmentSize = 64 << 20
	// openSegments is how many segments an account keeps open.
	openSegments = 2
	// gather is up to how much is written at once.
	gather = 1 << 20
)

// segment is an open file of small bodies.
type segment struct {
	n    uint64
	file file
	refs int
	// kept is from where on everything was written with this file, if it was not synced; only where sure is set.
	kept uint64
	sure bool
}

// segments are the open segments of an account, the one used last at the end.
type segments struct {
	mu   sync.Mutex
	open []*segment
}

// acquire opens a segment, or uses one that is open.
func (s *segments) acquire(a *account, n uint64) (*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.open, func(g *segment) bool { return g.n == n }); i >= 0 {
		g := s.open[i]
		s.open = append(slices.Delete(s.open, i, i+1), g)
		g.refs++
		return g, nil
	}
	f, err := a.store.fs.open(a.path(segmentsDir, segmentName(n)))
	if err != nil {
		return nil, err
	}
	g := &segment{n: n, file: f, refs: 1}
	s.open = append(s.open, g)
	s.shrink(openSegments)
	return g, nil
}

// release gives a segment back.
func (s *segments) release(g *segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.refs--
	if !slices.Contains(s.open, g) && g.refs == 0 {
		_ = g.file.Close() // whatever was written has been synced, or has failed
		return
	}
	s.shrink(openSegments)
}

// shrink closes unused segments until so many are open. mu is held.
func (s *segments) shrink(keep int) {
	for i := 0; i < len(s.open) && len(s.open) > keep; {
		if s.open[i].refs > 0 {
			i++
			continue
		}
		_ = s.open[i].file.Close() // whatever was written has been synced, or has failed
		s.open = slices.Delete(s.open, i, i+1)
	}
}

// closeUnused closes all that nobody reads from.
func (s *segments) closeUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shrink(0)
}

// forget makes sure that a segment is not found any more: its file is going
// away. Those who read from it still can.
func (s *segments) forget(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(g *segment) bool {
		if g.n != n {
			return false
		}
		if g.refs == 0 {
			_ = g.file.Close() // as above
		}
		return true
	})
}

// pendingBody is a body to be written into a segment before the commit.
type pendingBody struct {
	segment uint64
	offset  uint64
	data    []byte
}

// place finds a place for a small body; a large one has its file already.
func (t *tx) place(s *staged, e *email) {
	if s.file != nil {
		e.offset = s.number
		t.after = append(t.after, func() { s.appended.Store(true) })
		s.risked.Store(true)
		return
	}
	e.segment, e.offset = t.reserve(s.data)
}

// reserve gives data a place in the current segment, or in a new one.
func (t *tx) reserve(data []byte) (segment, offset uint64) {
	m := &t.meta
	if m.segment == 0 || m.segmentEnd > 0 && m.segmentEnd+uint64(len(data)) > t.store.opts.segmentSize {
		m.segment++
		m.segmentEnd, m.synced = 0, 0
	}
	segment, offset = m.segment, m.segmentEnd
	m.segmentEnd += uint64(len(data))
	t.bodies = append(t.bodies, pendingBody{segment, offset, data})
	return segment, offset
}

// writeBodies writes what the batch has placed, and what is in the tail, and makes it durable.
func (b *batch) writeBodies() error {
	if err := b.takeTail(); err != nil {
		return err
	}
	for len(b.bodies) > 0 {
		n := b.bodies[0].segment
		k := slices.IndexFunc(b.bodies, func(p pendingBody) bool { return p.segment != n })
		if k < 0 {
			k = len(b.bodies)
		}
		if err := b.writeSegment(n, b.bodies[:k]); err != nil {
			return err
		}
		b.bodies = b.bodies[k:]
	}
	return nil
}

// writeSegment writes bodies that follow each other in one segment.
func (b *batch) writeSegment(n uint64, list []pendingBody) error {
	g, err := b.segmentFor(n, list[0].offset == 0)
	if err != nil {
		return err
	}
	defer b.segments.release(g)
	if err := writeGathered(g.file, list); err != nil {
		return err
	}
	last := list[len(list)-1]
	end := last.offset + uint64(len(last.data))
	g.sure = false // if that fails, nobody knows what the file has
	if b.store.opts.Durability == Full {
		if err := g.file.sync(); err != nil {
			return err
		}
	}
	if n == b.meta.segment {
		b.meta.synced = end
	}
	return b.db.exec("INSERT INTO segment VALUES (?, ?, 0) ON CONFLICT (n) DO UPDATE SET bytes = excluded.bytes", n, end)
}

// writeGathered writes bodies with few calls. A place that is written again
// after a failure is free: the rows that would refer to it do not exist.
func writeGathered(f file, list []pendingBody) error {
	for len(list) > 0 {
		size, n := 0, 0
		for n < len(list) && size < gather {
			size += len(list[n].data)
			n++
		}
		data, buf := joined(list[:n])
		_, err := f.WriteAt(data, int64(list[0].offset))
		putJoined(buf)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// joinedBuffers are for joined.
var joinedBuffers = sync.Pool{New: func() any { return new([]byte) }}

// joined returns the octets of bodies, which may be in a buffer that putJoined gives back.
func joined(list []pendingBody) (data []byte, buf *[]byte) {
	if len(list) == 1 {
		return list[0].data, nil
	}
	buf = joinedBuffers.Get().(*[]byte)
	data = (*buf)[:0]
	for i := range list {
		data = append(data, list[i].data...)
	}
	*buf = data
	return data, buf
}

func putJoined(buf *[]byte) {
	if buf != nil {
		joinedBuffers.Put(buf)
	}
}

// segmentFor opens the segment to write to. A new one is made, unless an
// attempt that failed has made it.
func (b *batch) segmentFor(n uint64, fresh bool) (*segment, error) {
	if !fresh {
		return b.segments.acquire(b.account, n)
	}
	path := b.path(segmentsDir, segmentName(n))
	f, err := b.store.fs.create(path)
	if err == nil {
		err = f.Close()
	} else if g, e := b.segments.acquire(b.account, n); e == nil {
		b.segments.release(g)
		err = nil
	}
	if err == nil && b.store.opts.Durability == Full {
		err = b.store.fs.syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, err
	}
	return b.segments.acquire(b.account, n)
}

// sweep brings the account's files in line with its database after a crash:
// the rows are the truth. It is done once, when nobody else uses the account;
// what fails is left for the next time.
func (a *account) sweep() { a.sweepWith(a.sweepBodies, a.sweepSegments, a.trimSegment) }

// sweepFiles removes what no row refers to, while the account is in use.
func (a *account) sweepFiles() { a.sweepWith(a.sweepBodies, a.sweepSegments) }

func (a *account) sweepWith(steps ...func() error) {
	for _, step := range steps {
		if err := step(); err != nil {
			_ = a.report("sweep", "", err) // only logged
		}
	}
	a.segments.closeUnused()
}

// sweepBodies removes files that no row refers to.
func (a *account) sweepBodies() error {
	names, err := a.store.fs.list(a.path(bodiesDir))
	if err != nil || len(names) == 0 {
		return err
	}
	used := make(map[string]bool)
	err = a.eachEmailRow("WHERE seg_lo = 0", func(_ uint64, list []email) error {
		for i := range list {
			if list[i].segment == 0 {
				used[bodyName(list[i].offset)] = true
			}
		}
		return nil
	})
	if err != nil {
		return err // nothing may be removed on the word of a damaged database
	}
	a.mu.RLock()
	for n := range a.staged {
		used[bodyName(n)] = true
	}
	a.mu.RUnlock()
	return a.removeBut(bodiesDir, names, used)
}

// removeBut removes the files of a directory that are not used.
func (a *account) removeBut(dir string, names []string, used map[string]bool) error {
	var errs []error
	for _, name := range names {
		if !used[name] {
			errs = append(errs, a.store.fs.remove(a.path(dir, name)))
		}
	}
	return errors.Join(errs...)
}

// eachEmailRow calls use for the rows of emails that a condition selects.
func (a *account) eachEmailRow(where string, use func(first uint64, list []email) error, args ...any) error {
	return a.db.query("SELECT first, data FROM email "+where, func(r *sqlite.Stmt) error {
		list, err := decodeEmails(scratch(r, 1, &a.scratch))
		if err != nil {
			return a.damagedEmails(column64(r, 0), err)
		}
		return use(column64(r, 0), list)
	}, args...)
}

// sweepSegments removes segments that no row knows.
func (a *account) sweepSegments() error {
	names, err := a.store.fs.list(a.path(segmentsDir))
	if err != nil {
		return err
	}
	used := make(map[string]bool)
	err = a.db.query("SELECT n FROM segment", func(r *sqlite.Stmt) error {
		used[segmentName(column64(r, 0))] = true
		return nil
	})
	if err != nil {
		return err
	}
	return a.removeBut(segmentsDir, names, used)
}

// trimSegment cuts off what was written to the current segment and never
// committed. One that is too short has lost bodies: it gets no more.
func (a *account) trimSegment() error {
	n, end := a.state.segment, a.state.segmentEnd
	if end == 0 {
		return nil
	}
	if err := a.restoreTail(); err != nil {
		return err
	}
	g, err := a.segments.acquire(a, n)
	if err == nil {
		defer a.segments.release(g)
		var size int64
		if size, err = g.file.size(); err == nil && size > int64(end) {
			return g.file.truncate(int64(end))
		}
		if err == nil && size == int64(end) {
			return nil
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
	}
	a.mu.Lock()
	a.state.segmentEnd = a.store.opts.segmentSize + 1
	a.state.synced = a.state.segmentEnd
	a.mu.Unlock()
	return &damage{file: a.path(segmentsDir, segmentName(n)), what: "the end of the segment is missing", err: err}
}
