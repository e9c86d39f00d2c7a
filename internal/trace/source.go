package trace

import (
	"bufio"
	"bytes"
	"io"
)

// lookAhead is how many octets can be looked at before they are read.
const lookAhead = 64 << 10

// source counts the octets that have been taken from a stream.
type source struct {
	r   io.Reader
	buf *bufio.Reader // the stream's end of r
	n   int64
}

func newSource(r io.Reader) *source {
	buf := bufio.NewReaderSize(r, lookAhead)
	return &source{r: buf, buf: buf}
}

// ahead returns octets that have not been read yet, up to lookAhead of them.
func (s *source) ahead() []byte {
	b, _ := s.buf.Peek(lookAhead) // an error comes again when the octets are read
	return b
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	return n, err
}

// unread puts octets back, to be read again.
func (s *source) unread(b []byte) {
	s.r = io.MultiReader(bytes.NewReader(bytes.Clone(b)), s.r)
	s.n -= int64(len(b))
}
