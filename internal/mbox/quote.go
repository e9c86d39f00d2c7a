package mbox

import (
	"bytes"
	"io"
)

const from = "From "

// quoting adds a ">" to lines of "From " behind any number of ">", or takes one away. It keeps a few octets in mind,
// however long lines are.
type quoting struct {
	unquote bool

	inLine bool // the line has begun with something else
	held   bool // a ">" waits: it may have to go
	match  int  // so much of "From " has been seen
}

// append appends what src becomes to dst.
func (q *quoting) append(dst, src []byte) []byte {
	for len(src) > 0 {
		c := src[0]
		switch {
		case q.inLine:
			n := bytes.IndexByte(src, '\n') + 1
			if n == 0 {
				return append(dst, src...)
			}
			dst, src = append(dst, src[:n]...), src[n:]
			q.inLine = false
		case q.match == 0 && c == '>':
			if q.unquote && !q.held {
				q.held = true
			} else {
				dst = append(dst, '>')
			}
			src = src[1:]
		case c == from[q.match]:
			src = src[1:]
			if q.match++; q.match == len(from) {
				dst = q.found(dst)
			}
		default:
			dst = q.flush(dst)
			q.inLine = true
		}
	}
	return dst
}

// found ends "From ".
func (q *quoting) found(dst []byte) []byte {
	if !q.unquote {
		dst = append(dst, '>')
	}
	q.held, q.match, q.inLine = false, 0, true
	return append(dst, from...)
}

// flush appends what has been kept.
func (q *quoting) flush(dst []byte) []byte {
	if q.held {
		dst = append(dst, '>')
	}
	dst = append(dst, from[:q.match]...)
	q.held, q.match = false, 0
	return dst
}

// quoteReader is a reader through a quoting.
type quoteReader struct {
	src  io.Reader
	q    quoting
	in   []byte
	out  []byte
	rest []byte // of out, not read yet
	err  error
}

// newUnquoter returns a reader that takes one ">" away.
func newUnquoter(src io.Reader) io.Reader {
	return &quoteReader{src: src, q: quoting{unquote: true}, in: make([]byte, 32<<10)}
}

// newQuoter returns a reader that adds one.
func newQuoter(src io.Reader) io.Reader { return &quoteReader{src: src, in: make([]byte, 32<<10)} }

// Read fills p.
func (r *quoteReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		var n int
		n, r.err = r.src.Read(r.in)
		r.out = r.q.append(r.out[:0], r.in[:n])
		if r.err != nil {
			r.out = r.q.flush(r.out)
		}
		r.rest = r.out
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
