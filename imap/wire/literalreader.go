package wire

import (
	"errors"
	"io"
)

// errMovedOn is that of a LiteralReader whose reader has gone on.
var errMovedOn = errors.New("literal is gone: its reader has moved on")

// LiteralReader reads the octets of a streamed literal off the connection. It
// is good until its Reader's next call.
type LiteralReader struct {
	r    *Reader // nil when the reader has gone on
	size int64
	left int64
	mark int // the buffer before it is the frame's
}

// Size is the number of octets announced.
func (l *LiteralReader) Size() int64 { return l.size }

// Remaining counts the octets that have not been read.
func (l *LiteralReader) Remaining() int64 { return l.left }

// Read reads from the literal, up to io.EOF at its end. A stream that ends
// before is io.ErrUnexpectedEOF.
func (l *LiteralReader) Read(p []byte) (int, error) {
	switch err := l.check(); {
	case err != nil:
		return 0, err
	case len(p) == 0:
		return 0, nil
	}
	r := l.r
	if r.e == r.s && (len(p) >= r.freeFrom(l.mark) || r.freeFrom(l.mark) < minRead) {
		n, err := r.src.Read(p[:min(int64(len(p)), l.left)])
		r.base += int64(n)
		l.took(n)
		if n > 0 {
			err = nil // it will come again
		}
		return n, unexpected(err)
	}
	b, err := l.buffered()
	n := copy(p, b)
	r.s += n
	l.took(n)
	return n, err
}

// WriteTo writes the rest of the literal to w, without memory of its own.
func (l *LiteralReader) WriteTo(w io.Writer) (total int64, err error) {
	for {
		if err := l.check(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		b, err := l.buffered()
		if err != nil {
			return total, err
		}
		n, err := w.Write(b)
		l.r.s += n
		total += int64(n)
		l.took(n)
		if err != nil {
			return total, err
		}
		if n < len(b) {
			return total, io.ErrShortWrite
		}
	}
}

// Close drops the rest of the literal. Where that is more than Limits.Drain,
// the error is a *LimitError, and the stream is over.
func (l *LiteralReader) Close() error {
	if l.left == 0 || l.r == nil {
		return nil
	}
	if l.left > l.r.limits.Drain {
		return l.r.lose()
	}
	_, err := l.WriteTo(io.Discard)
	return err
}

// check is the error to read with, nil where there is something left.
func (l *LiteralReader) check() error {
	switch {
	case l.left == 0:
		return io.EOF
	case l.r == nil:
		return errMovedOn
	}
	return l.r.fault
}

// buffered returns some of the literal's octets that are in the buffer; it
// reads where there are none.
func (l *LiteralReader) buffered() ([]byte, error) {
	r := l.r
	if r.e == r.s {
		r.base += int64(r.s - l.mark)
		r.s, r.e = l.mark, l.mark
		if err := r.read(); err != nil {
			return nil, unexpected(err)
		}
	}
	n := int(min(l.left, int64(r.e-r.s)))
	return r.buf[r.s : r.s+n], nil
}

// took counts octets as read.
func (l *LiteralReader) took(n int) {
	l.left -= int64(n)
	if l.left == 0 && l.r.lit == l {
		l.r.lit = nil
	}
}

// freeFrom counts the octets of the buffer behind i.
func (r *Reader) freeFrom(i int) int { return len(r.buf) - Slack - i }

// stretch makes room behind the frame that ends at end for a literal to pass through.
func (r *Reader) stretch(end int, size int64) {
	room := min(size, largeBuffer/4)
	if int64(r.freeFrom(r.s+end)) >= room {
		return
	}
	if len(r.buf) < largeBuffer {
		r.resize(largeBuffer)
	}
	if r.freeFrom(r.s+end) < minRead {
		r.resize(2 * len(r.buf))
	}
}

// unexpected is the error of a stream that ends within a literal.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
