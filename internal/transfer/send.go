package transfer

import (
	"bytes"
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
	if !m.Exact {
		raw := open
		open = func() io.Reader { return crlf.NewReader(raw()) }
	}
	if about <= inMemory {
		data, err := io.ReadAll(open())
		if err != nil {
			return err
		}
		m.Size = int64(len(data))
		return to.Message(m, bytes.NewReader(data))
	}
	var err error
	if m.Size, err = io.Copy(io.Discard, open()); err != nil {
		return err
	}
	return to.Message(m, open())
}
