package sqlitestore

import (
	"hash/crc32"
	"sync"
	"sync/atomic"

	"github.com/imapsrv/imapsrv/store"
)

// aheadSize is how much of a segment is read at once at most: whoever reads a message after the other pays one call for
// some.
const aheadSize = 128 << 10

// ahead is a piece of a segment with several bodies, in memory until all are closed that are open.
type ahead struct {
	data    []byte // empty: nothing is read ahead
	segment uint64
	offset  uint64
	refs    *atomic.Int32 // of buf
	buf     *[]byte
}

var aheads = sync.Pool{New: func() any { b := make([]byte, aheadSize); return &b }}

// drop ends the use of the piece by whoever reads ahead.
func (r *ahead) drop() {
	if r.refs != nil {
		releaseAhead(r.refs, r.buf)
	}
	*r = ahead{}
}

func releaseAhead(refs *atomic.Int32, buf *[]byte) {
	if refs.Add(-1) == 0 {
		aheads.Put(buf)
	}
}

// open opens the body of message i of a list, and may read those of the ones behind it. It returns nil if the body is to
// be opened alone: only then it is found out what is wrong with one that cannot be read.
func (r *ahead) open(a *account, list []found, i int) store.Body {
	e := &list[i].email
	if e.segment == 0 || e.size == 0 {
		return nil
	}
	data, ok := r.cut(e)
	if !ok {
		end := e.offset + e.size
		for k := i + 1; k < len(list); k++ {
			next := &list[k].email
			if next.segment != e.segment || next.offset != end || end+next.size-e.offset > aheadSize {
				break
			}
			end += next.size
		}
		if end == e.offset+e.size || !r.read(a, e, end-e.offset) {
			return nil
		}
		data, _ = r.cut(e)
	}
	if crc32.Checksum(data, castagnoli) != e.crc {
		return nil
	}
	r.refs.Add(1)
	return &memoryBody{data: data, buf: r.buf, refs: r.refs}
}

// cut returns a body of the piece.
func (r *ahead) cut(e *email) ([]byte, bool) {
	if e.segment != r.segment || e.offset < r.offset || e.offset+e.size > r.offset+uint64(len(r.data)) {
		return nil, false
	}
	at := e.offset - r.offset
	return r.data[at : at+e.size : at+e.size], true
}

// read reads n octets from where a body begins.
func (r *ahead) read(a *account, e *email, n uint64) bool {
	r.drop()
	if n > aheadSize {
		return false
	}
	g, err := a.segments.acquire(a, e.segment)
	if err != nil {
		return false
	}
	defer a.segments.release(g)
	buf := aheads.Get().(*[]byte)
	if _, err := g.file.ReadAt((*buf)[:n], int64(e.offset)); err != nil {
		aheads.Put(buf)
		return false
	}
	*r = ahead{data: (*buf)[:n], segment: e.segment, offset: e.offset, refs: new(atomic.Int32), buf: buf}
	r.refs.Add(1)
	return true
}
