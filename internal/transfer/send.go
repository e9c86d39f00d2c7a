package transfer

import (
	"bytes"
	"errors"
	"io"

	"github.com/imapsrv/imapsrv/internal/crlf"
)

// SendFile gives a message that is part of a file to a Receiver: size octets at an offset. Line ends become CRLF, unless
// m.Exact is set. m.Size is set here.
func SendFile(to Receiver, m Message, f io.ReaderAt, at, size int64) error {
	return Send(to, m, func() io.Reader { return io.NewSectionReader(f, at, size) }, size)
}

// Send gives a message to a Receiver. open returns the message from its beginning, each time that it is called, with line
// ends that become CRLF, unless m.Exact is set; about is about how many octets that are. m.Size is set here.
func Send(to Receiver, m Message, open func() io.Reader, about int64) error {
	if about <= inMemory {
		data := make([]byte, about+1) // one more, to find the end
		n, err := io.ReadFull(open(), data)
		if err == nil {
			var rest []byte
			rest, err = io.ReadAll(open()) // it has grown
			data, n = rest, len(rest)
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		data = data[:n]
		if !m.Exact {
			data = toCRLF(data)
		}
		m.Size = int64(len(data))
		return to.Message(m, bytes.NewReader(data))
	}
	if !m.Exact {
		raw := open
		open = func() io.Reader { return crlf.NewReader(raw()) }
	}
	var err error
	if m.Size, err = io.Copy(io.Discard, open()); err != nil {
		return err
	}
	return to.Message(m, open())
}

// toCRLF is what package crlf does, for octets in memory.
func toCRLF(data []byte) []byte {
	missing := 0
	for i := range data {
		if data[i] == '\n' && (i == 0 || data[i-1] != '\r') {
			missing++
		}
	}
	if missing == 0 {
		return data
	}
	out := make([]byte, 0, len(data)+missing)
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n')
		if n < 0 {
			return append(out, data...)
		}
		out = append(out, data[:n]...)
		if n == 0 || data[n-1] != '\r' {
			out = append(out, '\r')
		}
		out = append(out, '\n')
		data = data[n+1:]
	}
	return out
}
