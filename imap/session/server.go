package session

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Server runs IMAP sessions. Set its fields before the first call of Serve or
// ServeConn, and leave them alone afterwards.
type Server struct {
	// Store keeps the mail. It stays open when the server shuts down.
	Store store.Store
	// Auth authenticates clients. Without it only connections that are
	// authenticated beforehand can do anything.
	Auth Authenticator
	// Limits bounds what clients can cost.
	Limits Limits
	// Log receives what operators should know; nil stands for slog.Default().
	// Passwords and mail never reach it.
	Log *slog.Logger
	// LiteralMinus advertises LITERAL- instead of LITERAL+ and refuses larger
	// non-synchronizing literals than 4,096 octets (RFC 7888 §5).
	LiteralMinus bool
	// Greeting is the text of the greeting; empty stands for "IMAP4rev1
	// Service Ready".
	Greeting string

	// Trace, if set, is asked for every connection where to write what both sides
	// say, for the command imapcat: see TraceFiles. Passwords are left out, mail is not.
	Trace Tracer

	once         sync.Once
	limits       Limits
	capabilities []imap.Capability // of every session that is authenticated
	hubs         hubs
	penalties    penalties
	literals     *semaphore.Weighted // memory for literals; nil for no limit
	stopping     chan struct{}       // closed when the server shuts down
	base         context.Context
	cancel       context.CancelFunc

	mu        sync.Mutex
	closing   bool
	listeners map[*Listener]struct{}
	sessions  map[*session]struct{}
	addresses map[string]int
	users     map[string]int
	running   sync.WaitGroup
}

// ErrServerClosed is what Serve returns after Shutdown or Close.
var ErrServerClosed = errors.New("session: server closed")

// defaultGreeting is RFC 3501's own.
const defaultGreeting = "IMAP4rev1 Service Ready"

// start sets up what the fields imply.
func (srv *Server) start() {
	srv.once.Do(func() {
		srv.limits = srv.Limits.withDefaults()
		srv.capabilities = srv.serverCapabilities()
		if srv.Log == nil {
			srv.Log = slog.Default()
		}
		if srv.Greeting == "" {
			srv.Greeting = defaultGreeting
		}
		srv.base, srv.cancel = context.WithCancel(context.Background())
		srv.hubs.init(srv.base, srv.Store, srv.Log)
		srv.penalties.init(srv.limits)
		srv.literals = newLiteralMemory(srv.limits.LiteralMemory)
		srv.stopping = make(chan struct{})
		srv.listeners = make(map[*Listener]struct{})
		srv.sessions = make(map[*session]struct{})
		srv.addresses = make(map[string]int)
		srv.users = make(map[string]int)
	})
}

// Serve accepts connections until Shutdown, then returns ErrServerClosed. Any
// other error means that the listener does not work any more. It may be called
// for several listeners at a time.
func (srv *Server) Serve(l Listener) error {
	srv.start()
	if l.TLS != nil {
		l.TLS = serverTLS(l.TLS)
	}
	if !srv.track(&l) {
		return ErrServerClosed
	}
	defer srv.untrack(&l)
	var pause time.Duration
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			srv.accepted(conn, &l)
		case srv.isClosing():
			return ErrServerClosed
		case isTemporary(err):
			// Out of descriptors, most likely: wait until some are free.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			srv.Log.Warn("accept failed", "listener", l.name(), "err", err, "retry", pause)
			time.Sleep(pause)
		default:
			return err
		}
	}
}

// isTemporary tells whether accepting may work later.
func isTemporary(err error) bool {
	var ne interface{ Temporary() bool }
	return !errors.Is(err, net.ErrClosed) && errors.As(err, &ne) && ne.Temporary()
}

// accepted starts a session on a connection.
func (srv *Server) accepted(conn net.Conn, l *Listener) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The default of 15 s wakes up every idle connection four times a
		// minute; failing only costs that.
		_ = tcp.SetKeepAlivePeriod(5 * time.Minute)
	}
	s := newSession(srv, conn, l)
	if reason := srv.admit(s); reason != "" {
		srv.running.Go(func() { s.refuse(reason) })
		return
	}
	s.launch(s.begin)
}

// ServeConn runs a session on one connection and returns when it is over. With
// an identity the session is authenticated from the start (PREAUTH), as it is
// for tunnels; the connection then counts as encrypted. A connection that is a
// net.Conn gets timeouts; any other stream goes without. ServeConn closes it.
func (srv *Server) ServeConn(conn io.ReadWriteCloser, l Listener, preauth *Identity) error {
	srv.start()
	if l.TLS != nil {
		l.TLS = serverTLS(l.TLS)
	}
	s := newSession(srv, asConn(conn), &l)
	s.preauth = preauth
	if reason := srv.admit(s); reason != "" {
		s.refuse(reason)
		return ErrServerClosed
	}
	s.launch(s.begin)
	<-s.done
	return nil
}

// Shutdown stops accepting, tells clients BYE once their present command is
// done, and waits for them. When the context ends first, it closes what is left
// and returns the context's error.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.start()
	for _, s := range srv.close() {
		s.link.interrupt()
	}
	done := make(chan struct{})
	go func() {
		srv.running.Wait()
		close(done)
	}()
	defer srv.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	srv.cancel()
	for _, s := range srv.open() {
		s.link.close()
	}
	<-done
	return ctx.Err()
}

// Close closes listeners and connections without a word.
func (srv *Server) Close() error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := srv.Shutdown(ended); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// close stops accepting and returns the sessions that are open.
func (srv *Server) close() []*session {
	srv.mu.Lock()
	if !srv.closing {
		srv.closing = true
		close(srv.stopping)
	}
	for l := range srv.listeners {
		// A listener that cannot be closed accepts nothing either.
		_ = l.Close()
	}
	srv.mu.Unlock()
	return srv.open()
}

// open returns the sessions that are open.
func (srv *Server) open() []*session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	all := make([]*session, 0, len(srv.sessions))
	for s := range srv.sessions {
		all = append(all, s)
	}
	return all
}

func (srv *Server) isClosing() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closing
}

// track and untrack keep the listeners that Shutdown closes.
func (srv *Server) track(l *Listener) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.closing {
		return false
	}
	srv.listeners[l] = struct{}{}
	return true
}

func (srv *Server) untrack(l *Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.listeners, l)
}
