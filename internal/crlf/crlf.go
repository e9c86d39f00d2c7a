// Package crlf turns the line ends of files into those of mail.
package crlf

import (
	"bufio"
	"io"
)

// NewReader returns a reader of r in which each LF without a CR before it is CRLF. Everything else stays as it is.
func NewReader(r io.Reader) io.Reader { return &reader{src: bufio.NewReaderSize(r, 32<<10)} }

type reader struct {
	src  *bufio.Reader
	cr   bool // the last octet was CR
	owed bool // the LF of a CRLF that did not fit
}

// Read fills p, one octet at a time from the buffer: nothing that reads files is slower for it.
func (r *reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.owed {
			p[n], r.owed = '\n', false
			n++
			continue
		}
		if n > 0 && r.src.Buffered() == 0 {
			break
		}
		c, err := r.src.ReadByte()
		if err != nil {
			return n, err
		}
		if c == '\n' && !r.cr {
			p[n], r.owed = '\r', true
		} else {
			p[n] = c
		}
		r.cr = c == '\r'
		n++
	}
	return n, nil
}
