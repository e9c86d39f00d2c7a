package lmtp

import (
	"errors"
	"io"
	"time"
)

// body is the message after DATA: what comes before CRLF "." CRLF, or before "." CRLF at its very beginning, with the
// dots taken away that were put before other dots (RFC 5321 §4.5.2). CR and LF that do not follow each other are octets
// like any other.
type body struct {
	conn    *conn
	timeout time.Duration // for each read from the network
	state   bodyState
	ended   bool
}

type bodyState uint8

const (
	atStart  bodyState = iota // of a line
	within                    // a line
	afterCR                   // which may be half of CRLF
	afterDot                  // at the start of a line; it is not part of the message
	dotCR                     // "." CR at the start of a line: the CR is not given out yet
)

// Read gives out the message. It ends with io.EOF when the end has been seen, and with io.ErrUnexpectedEOF otherwise.
func (b *body) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && !b.ended {
		if b.conn.in.Buffered() == 0 {
			if n > 0 {
				return n, nil
			}
			if err := b.conn.SetReadDeadline(time.Now().Add(b.timeout)); err != nil {
				return n, err
			}
		}
		c, err := b.conn.in.ReadByte()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return n, err
		}
		if out, ok := b.next(c); ok {
			p[n] = out
			n++
		}
	}
	if b.ended && n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// next takes one octet and tells which one it gives out, if any.
func (b *body) next(c byte) (out byte, ok bool) {
	switch {
	case b.state == atStart && c == '.':
		b.state = afterDot
		return 0, false
	case b.state == afterDot && c == '\r':
		b.state = dotCR
		return 0, false
	case b.state == dotCR && c == '\n':
		b.finish()
		return 0, false
	case b.state == dotCR:
		_ = b.conn.in.UnreadByte() // it is looked at again; an octet that was just read can always go back
		b.state = afterCR
		return '\r', true
	case b.state == afterCR && c == '\n':
		b.state = atStart
	case c == '\r':
		b.state = afterCR
	default:
		b.state = within
	}
	return c, true
}

// finish lets the library see the end of a message.
func (b *body) finish() {
	b.ended = true
	b.conn.end = []byte(".\r\n")
	b.conn.setMessage(false)
}

// drop reads what is left of a message that was refused, of which at most limit octets. What is not read to its end
// leaves no way to go on: the connection is closed.
func (b *body) drop(limit int64) {
	_, err := io.CopyN(io.Discard, b, limit)
	if !errors.Is(err, io.EOF) {
		_ = b.conn.Close() // it is given up
	}
}
