package session

import (
	"fmt"
	"io"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	// flushSize is how much is gathered before it is written.
	flushSize = 64 << 10
	// bufferSize leaves room behind that for the response that crosses it.
	bufferSize = flushSize + 4<<10
)

// buffers are what responses are gathered in. A session has one only while
// there is something to send.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, bufferSize)
	return &b
}}

// writer is the only thing that writes to a client. Responses are gathered and
// written when the reader is about to wait, when 64 KiB have come together, and
// when a message body does not fit behind them. No lock may be held by whoever
// calls a method that can flush: untagged, response, bytes, body, put, flush.
type writer struct {
	dst io.Writer
	enc imap.Encoder
	buf []byte
	err error // the connection's first error; nothing is written after it
}

// newWriter returns the writer for a connection.
func newWriter(dst io.Writer) *writer {
	w := &writer{dst: dst}
	w.enc.Side = imap.Server
	return w
}

// untagged sends an untagged response.
func (w *writer) untagged(u imap.Untagged) error { return w.response(u.(imap.Response)) }

// response sends a response. Bodies in it are streamed. The error is an
// *imap.EncodeError, with nothing sent, or that of the connection.
func (w *writer) response(r imap.Response) error {
	start := len(w.take())
	b, err := w.enc.AppendResponse(w.buf, r)
	if err != nil {
		w.buf = b
		return err
	}
	if breaks := w.enc.Breaks(); len(breaks) > 0 {
		return w.broken(b, start, breaks)
	}
	return w.put(b)
}

// broken sends the response b[start:] that has bodies in it.
func (w *writer) broken(b []byte, start int, breaks []imap.Break) error {
	text := append([]byte(nil), b[start:]...)
	w.buf = b[:start]
	at := start
	for _, br := range breaks {
		if err := w.bytes(text[at-start : br.Offset-start]); err != nil {
			return err
		}
		at = br.Offset
		if br.Body == nil {
			continue
		}
		if err := w.body(br.Body, br.Size); err != nil {
			return err
		}
	}
	return w.bytes(text[at-start:])
}

// take returns the buffer, to be appended to and given back with put.
func (w *writer) take() []byte {
	if w.buf == nil {
		w.buf = (*buffers.Get().(*[]byte))[:0]
	}
	return w.buf
}

// put gives back what take returned, longer, and writes it if it is large.
func (w *writer) put(b []byte) error {
	w.buf = b
	if len(b) >= flushSize {
		return w.flush()
	}
	return w.err
}

// bytes sends octets.
func (w *writer) bytes(p []byte) error { return w.put(append(w.take(), p...)) }

// body sends exactly size octets of r. An r that fails or ends early breaks the
// connection, as the client has been told the size.
func (w *writer) body(r io.Reader, size int64) error {
	for size > 0 && w.err == nil {
		b := w.take()
		room := b[len(b):min(cap(b), flushSize)]
		room = room[:min(int64(len(room)), size)]
		n, err := io.ReadFull(r, room)
		w.buf = b[:len(b)+n]
		if size -= int64(n); err != nil {
			w.err = fmt.Errorf("message body ends %d octets early: %w", size, err)
		}
		if size > 0 && w.err == nil {
			_ = w.flush() // the error stays in w.err
		}
	}
	return w.err
}

// flush writes what has been gathered.
func (w *writer) flush() error {
	if len(w.buf) > 0 && w.err == nil {
		_, w.err = w.dst.Write(w.buf)
	}
	if w.buf != nil {
		w.release()
	}
	return w.err
}

// release gives the buffer back.
func (w *writer) release() {
	if b := w.buf; cap(b) <= 2*bufferSize {
		b = b[:0]
		buffers.Put(&b)
	}
	w.buf = nil
}

// status sends an untagged status response.
func (w *writer) status(kind imap.StatusKind, code imap.ResponseCode, text string) error {
	return w.response(&imap.StatusResponse{Kind: kind, Code: code, Text: text})
}

// proceed tells the client to go on, at once.
func (w *writer) proceed(text string) error {
	if err := w.response(&imap.Continue{Text: text}); err != nil {
		return err
	}
	return w.flush()
}
