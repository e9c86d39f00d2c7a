package transfer

import (
	"bytes"
	"errors"
	"io"
)

// NewLFReader returns a reader of r in which each CRLF is LF.
func NewLFReader(r io.Reader) io.Reader { return &lfReader{src: r, in: make([]byte, 32<<10)} }

// lfReader keeps CR back until it knows what follows.
type lfReader struct {
	src  io.Reader
	in   []byte
	out  []byte // what is ready, within in
	cr   bool   // a CR is kept back
	ends error
}

// Read fills p.
func (l *lfReader) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.ends != nil {
			return 0, l.ends
		}
		l.fill()
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// fill reads some octets, behind a place for the CR that was kept back, and takes CRs out.
func (l *lfReader) fill() {
	n, err := l.src.Read(l.in[1:])
	data := l.in[1 : 1+n]
	if l.cr && n > 0 || l.cr && err != nil {
		l.in[0] = '\r'
		data = l.in[:1+n]
		l.cr = false
	}
	l.ends = err
	if len(data) > 0 && data[len(data)-1] == '\r' && (err == nil || !errors.Is(err, io.EOF)) {
		l.cr = true
		data = data[:len(data)-1]
	}
	l.out = dropCR(data)
}

// dropCR makes CRLF LF, in place.
func dropCR(data []byte) []byte {
	n := bytes.Index(data, []byte("\r\n"))
	if n < 0 {
		return data
	}
	out := data[:n]
	for data = data[n:]; len(data) > 0; {
		data = data[1:] // the CR
		n := bytes.Index(data, []byte("\r\n"))
		if n < 0 {
			return append(out, data...)
		}
		out = append(out, data[:n]...)
		data = data[n:]
	}
	return out
}
