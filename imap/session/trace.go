package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// A Tracer opens, for one connection, the places that what its client and what
// its server says are written to. Both are closed with the connection.
type Tracer func(Peer) (client, server io.WriteCloser, err error)

// TraceFiles returns a Tracer that makes a pair of files in a directory for every connection, named
// by time and number: 20260102T150405-7.client and .server. They can be read by
// their owner only, and with the command imapcat. The directory is made if it
// does not exist.
func TraceFiles(dir string) Tracer {
	var number atomic.Int64
	return func(Peer) (client, server io.WriteCloser, err error) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, nil, err
		}
		for {
			name := fmt.Sprintf("%s-%d", time.Now().UTC().Format("20060102T150405"), number.Add(1))
			client, server, err = traceFiles(filepath.Join(dir, name))
			if !errors.Is(err, os.ErrExist) {
				return client, server, err
			}
		}
	}
}

// traceFiles makes both files of a connection.
func traceFiles(base string) (client, server *os.File, err error) {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if client, err = os.OpenFile(base+".client", flags, 0o600); err != nil {
		return nil, nil, err
	}
	if server, err = os.OpenFile(base+".server", flags, 0o600); err != nil {
		return nil, nil, errors.Join(err, client.Close(), os.Remove(base+".client"))
	}
	return client, server, nil
}

// tracing writes down what the two sides of a connection say, as it is without
// encryption: what the client says unit by unit, secrets replaced and the
// messages of APPEND left out, and what the server says as it was sent. A nil
// tracing writes nothing.
type tracing struct {
	client, server *traceFile
	dec            imap.Decoder
	enc            imap.Encoder
}

// traceFile is one side's. After an error nothing more is written to it: a full
// disk is no reason to end a connection.
type traceFile struct {
	io.WriteCloser
	s      *session
	broken atomic.Bool
}

func (f *traceFile) say(p []byte) {
	if len(p) == 0 || f.broken.Load() {
		return
	}
	if _, err := f.Write(p); err != nil && !f.broken.Swap(true) {
		f.s.srv.Log.Error("trace ends", "peer", f.s.peer.Addr, "err", err)
	}
}

// startTrace begins to trace the connection if the server is to.
func (s *session) startTrace() {
	if s.srv.Trace == nil {
		return
	}
	client, server, err := s.srv.Trace(s.peer)
	if err != nil {
		s.srv.Log.Error("no trace", "peer", s.peer.Addr, "err", err)
		return
	}
	s.trace = &tracing{client: &traceFile{WriteCloser: client, s: s}, server: &traceFile{WriteCloser: server, s: s}}
	s.out.dst = &tracedWriter{s.out.dst, s.trace.server}
}

// tracedWriter sends, and traces what was sent.
type tracedWriter struct {
	io.Writer
	file *traceFile
}

func (w *tracedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.file.say(p[:n])
	return n, err
}

// end closes the files.
func (t *tracing) end() {
	if t == nil {
		return
	}
	for _, f := range []*traceFile{t.client, t.server} {
		if err := f.Close(); err != nil && !f.broken.Load() {
			f.s.srv.Log.Error("trace is not complete", "peer", f.s.peer.Addr, "err", err)
		}
	}
}

// command traces a command before it is obeyed.
func (t *tracing) command(f imap.Frame, authenticated bool) {
	if t == nil {
		return
	}
	unit := t.redacted(f, authenticated)
	if f.Pending != nil && bytes.HasSuffix(unit, []byte("}\r\n")) {
		unit = cutMessage(unit, f.Pending.Size())
	}
	t.client.say(unit)
}

// redacted is a command without secrets.
func (t *tracing) redacted(f imap.Frame, authenticated bool) []byte {
	tag, cmd, err := t.dec.Command(f)
	if err != nil {
		return append(bytes.Clone(trace.RedactLine(f.Bytes, authenticated)), "\r\n"...)
	}
	hidden := false
	if c, ok := cmd.(*imap.UnknownCommand); ok {
		hidden = trace.RedactUnknown(c, authenticated)
	} else {
		hidden = trace.Redact(cmd)
	}
	if !hidden {
		return f.Bytes
	}
	t.enc.LiteralPlus = bytes.Contains(f.Bytes, []byte("+}\r\n"))
	unit, err := t.enc.AppendCommand(nil, tag, cmd)
	if err != nil {
		return append(bytes.Clone(trace.RedactLine(f.Bytes, false)), "\r\n"...)
	}
	return unit
}

// cutMessage ends a unit that ends in the announcement of a message: the trace
// says how long it was.
func cutMessage(unit []byte, size int64) []byte {
	note := fmt.Sprintf("[%d octets that are not traced]\r\n", size)
	plus := ""
	if bytes.HasSuffix(unit, []byte("+}\r\n")) {
		plus = "+"
	}
	head := bytes.Clone(unit[:bytes.LastIndexByte(unit, '{')])
	return fmt.Appendf(head, "{%d%s}\r\n%s\r\n", len(note), plus, note)
}

// line traces the end of IDLE, or what came in its place.
func (t *tracing) line(f imap.Frame) {
	if t != nil {
		t.client.say(append(bytes.Clone(trace.RedactLine(f.Bytes, true)), "\r\n"...))
	}
}

// response traces that a challenge was answered.
func (t *tracing) response(f imap.Frame) {
	if t == nil {
		return
	}
	unit := []byte(trace.Redacted + "\r\n") // what is no response stays something that is none
	if r, err := t.dec.AuthResponse(f); err == nil {
		trace.Redact(r)
		if encoded, err := t.enc.AppendAuthResponse(nil, r); err == nil {
			unit = encoded
		}
	}
	t.client.say(unit)
}

// refused traces that a command was not read to its end.
func (t *tracing) refused(err error) {
	var limit *imap.LimitError
	if t == nil || !errors.As(err, &limit) || limit.Tag == "" {
		return
	}
	t.client.say(fmt.Appendf(nil, "%s %s %s (literal of %d octets)\r\n", limit.Tag, trace.RefusedName, limit.Bound, limit.Size))
}
