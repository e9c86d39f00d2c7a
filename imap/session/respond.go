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

// gathering is what responses are gathered in: a buffer, and the encoder, which
// is large. A session has one only while there is something to send.
type gathering struct {
	enc imap.Encoder
	buf []byte
}

var gatherings = sync.Pool{New: func() any {
	g := &gathering{buf: make([]byte, 0, bufferSize)}
	g.enc.Side = imap.Server
	return g
}}

// writer is the only thing that writes to a client. Responses are gathered and
// written when the reader is about to wait, when 64 KiB have come together, and
// when a message body does not fit behind them. No lock may be held by whoever
// calls a method that can flush: untagged, response, bytes, body, put, flush.
type writer struct {
	dst  io.Writer
	g    *gathering // nil when nothing is gathered
	rev2 bool       // strings may be UTF-8
	err  error      // the connection's first error; nothing is written after it
}

// newWriter returns the writer for a connection.
func newWriter(dst io.Writer) *writer { return &writer{dst: dst} }

// untagged sends an untagged response.
func (w *writer) untagged(u imap.Untagged) error { return w.response(u.(imap.Response)) }

// response sends a response. Bodies in it are streamed. The error is an
// *imap.EncodeError, with nothing sent, or that of the connection.
func (w *writer) response(r imap.Response) error {
	return w.encode(func(e *imap.Encoder, b []byte) ([]byte, error) { return e.AppendResponse(b, r) })
}

// encode sends what f appends.
func (w *writer) encode(f func(e *imap.Encoder, dst []byte) ([]byte, error)) error {
	b := w.take()
	start := len(b)
	b, err := f(&w.g.enc, b)
	if err != nil {
		return err
	}
	if breaks := w.g.enc.Breaks(); len(breaks) > 0 {
		return w.broken(b, start, breaks)
	}
	return w.put(b)
}

// broken sends the response b[start:] that has bodies in it.
func (w *writer) broken(b []byte, start int, breaks []imap.Break) error {
	// Both would be overwritten by what else is gathered. There is room for most here.
	var textRoom [512]byte
	var breakRoom [4]imap.Break
	text, breaks := append(textRoom[:0], b[start:]...), append(breakRoom[:0], breaks...)
	w.g.buf = b[:start]
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
	if w.g == nil {
		w.g = gatherings.Get().(*gathering)
		w.g.enc.Rev2 = w.rev2
	}
	return w.g.buf
}

// setRev2 lets strings be UTF-8 from the next response on.
func (w *writer) setRev2() {
	w.rev2 = true
	if w.g != nil {
		w.g.enc.Rev2 = true
	}
}

// put gives back what take returned, longer, and writes it if it is large.
func (w *writer) put(b []byte) error {
	w.g.buf = b
	if len(b) >= flushSize {
		w.write()
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
		w.g.buf = b[:len(b)+n]
		if size -= int64(n); err != nil {
			w.err = fmt.Errorf("message body ends %d octets early: %w", size, err)
		}
		if size > 0 && w.err == nil {
			w.write()
		}
	}
	return w.err
}

// flush writes what has been gathered, and gives the buffer back.
func (w *writer) flush() error {
	if w.g != nil {
		w.write()
		w.drop()
	}
	return w.err
}

// write writes what has been gathered, for more to come.
func (w *writer) write() {
	if len(w.g.buf) > 0 && w.err == nil {
		_, w.err = w.dst.Write(w.g.buf)
	}
	w.g.buf = w.g.buf[:0]
}

// drop forgets what has been gathered.
func (w *writer) drop() {
	if g := w.g; g != nil && cap(g.buf) <= 2*bufferSize {
		g.buf = g.buf[:0]
		gatherings.Put(g)
	}
	w.g = nil
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
