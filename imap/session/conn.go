package session

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imapsrv/imapsrv/imap"
)

// session is one connection: its state, and what it needs to read commands and
// to answer them. One goroutine at a time works on it; see idle.go for the one
// exception.
type session struct {
	srv      *Server
	listener *Listener
	link     *link
	out      *writer
	rd       *imap.Reader
	dec      *codec
	ctx      context.Context // ends with the connection
	cancel   context.CancelFunc
	done     chan struct{} // closed when the session is over

	peer     Peer
	preauth  *Identity
	state    state
	id       Identity
	hub      *hub                   // the account; nil until authenticated
	counted  string                 // the user that this session counts for
	user     string                 // whose session it is; guarded by srv.mu
	farewell atomic.Pointer[string] // what BYE says if the session is told to end and the server goes on

	view  *view       // the selected mailbox
	saved imap.UIDSet // what SEARCH RETURN (SAVE) has saved of it (RFC 5182)
	utf8  bool        // mailbox names are UTF-8 and strings may be
	rev2  bool        // IMAP4rev2 is enabled

	reply    reply             // how the present command ends when its handler succeeds
	bad      int               // commands answered BAD: in a row, or before authentication at all
	refusal  *status           // why accept refused a literal
	then     func() fate       // goes on after the OK of the present command
	caps     []imap.Capability // what capabilities computed, nil after changes
	idle     idleState
	borrowed int64    // octets of literals in memory that the server counts
	trace    *tracing // nil unless the server traces
	ending   sync.Once
}

// fate is what becomes of a session when its goroutine has nothing more to do.
type fate uint8

const (
	goesOn fate = iota // there may be more commands
	parked             // another goroutine waits for the client
	over               // the connection is to be closed
)

// newSession prepares a session; launch it with begin.
func newSession(srv *Server, conn net.Conn, l *Listener) *session {
	ctx, cancel := context.WithCancel(srv.base)
	s := &session{srv: srv, listener: l, ctx: ctx, cancel: cancel, done: make(chan struct{})}
	s.link = &link{conn: conn, raw: conn, writeTimeout: srv.limits.WriteTimeout}
	s.out = newWriter(s.link)
	s.link.out = s.out
	s.peer = Peer{Listener: l.name(), Addr: conn.RemoteAddr()}
	s.rd = imap.NewReader(s.link, imap.Client, s.readLimits())
	s.rd.Accept = s.acceptLiteral
	s.rd.Continue = func() error { return s.out.proceed("Ready for literal data") }
	return s
}

// readLimits returns the limits on input that hold in the present state.
func (s *session) readLimits() imap.Limits {
	l := &s.srv.limits
	r := imap.Limits{
		Line: l.Line, Literal: l.Literal, LiteralTotal: l.LiteralTotal, Literals: l.Literals,
		Items: l.Items, Depth: l.Depth,
	}
	if s.state == notAuthenticated {
		r.Line = l.LineBeforeAuth
		r.Literal, r.LiteralTotal = int64(l.LineBeforeAuth), int64(l.LineBeforeAuth)
	}
	return r
}

// launch runs a part of the session on a goroutine of its own.
func (s *session) launch(part func() fate) {
	s.srv.running.Go(func() {
		defer s.rescue()
		if part() == over {
			s.end()
		}
	})
}

// rescue keeps a panic from ending more than this session.
func (s *session) rescue() {
	p := recover()
	if p == nil {
		return
	}
	s.srv.Log.Error("panic in a session", "peer", s.peer.Addr, "account", s.id.Account,
		"panic", p, "stack", string(debug.Stack()))
	// What had been gathered may be half a response.
	s.out.drop()
	s.goodbye(imap.CodeServerBug, "Internal error")
	s.end()
}

// end closes the connection and gives back what the session holds.
func (s *session) end() {
	s.ending.Do(func() {
		s.cancel()
		s.leaveAccount()
		s.giveBack()
		s.returnCodec()
		s.out.drop()
		s.srv.dismiss(s)
		s.link.finish()
		s.trace.end()
		close(s.done)
	})
}

// refuse tells a client that it cannot be served.
func (s *session) refuse(reason string) {
	s.srv.Log.Warn("connection refused", "peer", s.peer.Addr, "reason", reason)
	if !s.listener.Implicit {
		s.goodbye(imap.CodeUnavailable, reason)
	}
	s.cancel()
	s.link.finish()
	close(s.done)
}

// goodbye says BYE. Errors do not matter any more.
func (s *session) goodbye(code imap.ResponseCode, text string) {
	_ = s.out.status(imap.StatusBYE, code, text)
	_ = s.out.flush()
}

// begin greets the client and serves it.
func (s *session) begin() fate {
	if err := s.startTimer(); err != nil {
		return over
	}
	if s.listener.Implicit && !s.startTLS() {
		return over
	}
	s.startTrace()
	if err := s.greet(); err != nil {
		return over
	}
	return s.serve()
}

// startTimer begins the time until authentication.
func (s *session) startTimer() error {
	if s.preauth != nil || s.srv.limits.LoginTimeout <= 0 {
		return nil
	}
	return s.link.expire(time.Now().Add(s.srv.limits.LoginTimeout))
}

// startTLS does the handshake of TLS and drops all that was read before.
func (s *session) startTLS() bool {
	conn := tls.Server(s.link.raw, s.listener.TLS)
	if err := conn.HandshakeContext(s.ctx); err != nil {
		s.srv.Log.Info("TLS handshake failed", "peer", s.peer.Addr, "err", err)
		return false
	}
	st := conn.ConnectionState()
	s.peer.TLS = &st
	s.link.conn = conn
	s.link.drop()
	s.rd.Reset(s.link)
	return true
}

// greet sends the greeting (RFC 9051 §7.1.5).
func (s *session) greet() error {
	kind := imap.StatusOK
	if s.preauth != nil {
		if err := s.enterAccount(s.ctx, *s.preauth); err != nil {
			s.goodbye(statusOf(err).code, statusOf(err).text)
			return err
		}
		kind = imap.StatusPreAuth
	}
	greeting := &imap.StatusResponse{Kind: kind, Code: s.capabilityCode(), Text: s.srv.Greeting}
	return s.out.encode(func(e *imap.Encoder, b []byte) ([]byte, error) { return e.AppendGreeting(b, greeting) })
}

// serve reads and answers commands until the session is over or waits.
func (s *session) serve() fate {
	for {
		s.giveBack()
		frame, err := s.next()
		f := goesOn
		switch {
		case err == errQuiet:
			return s.rest()
		case err != nil:
			f = s.unreadable(err)
		default:
			s.trace.command(frame, s.state != notAuthenticated)
			f = s.command(frame)
		}
		switch f {
		case over:
			// What is gathered is on its way, or cannot be.
			_ = s.out.flush()
			return over
		case parked:
			// Another goroutine has the session.
			return parked
		}
	}
}

// unreadable deals with input that is no command.
func (s *session) unreadable(err error) fate {
	var recoverable interface{ Recoverable() bool }
	switch {
	case errors.As(err, &recoverable):
		s.trace.refused(err)
		return s.misread(err, recoverable.Recoverable())
	case errors.Is(err, errStopping), isTimeout(err) && s.link.stopping.Load():
		s.goodbye(nil, s.lastWords())
	case isTimeout(err) && s.state == notAuthenticated:
		s.goodbye(nil, "Login timed out")
	case isTimeout(err):
		s.goodbye(nil, "Idle for too long")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
	default:
		s.srv.Log.Debug("connection failed", "peer", s.peer.Addr, "err", err)
	}
	return over
}

// codec is a decoder. It is large and so shared: a session has one only while
// it is not idle.
type codec struct {
	imap.Decoder
	caps []imap.Capability // what it was told last
}

var codecs = sync.Pool{New: func() any { return new(codec) }}

// decoder returns the session's decoder.
func (s *session) decoder() *codec {
	if s.dec == nil {
		s.dec = codecs.Get().(*codec)
		s.dec.Limits = s.readLimits()
		s.dec.setCaps(s.capabilities())
	}
	return s.dec
}

// returnCodec gives the decoder back; the next command takes a fresh one.
func (s *session) returnCodec() {
	if s.dec != nil {
		codecs.Put(s.dec)
		s.dec = nil
	}
}
