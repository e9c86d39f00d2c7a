package lmtp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/imapsrv/imapsrv/internal/admin"
)

// Options say how a Server behaves. The zero value is good.
type Options struct {
	// Host is what the server calls itself in its greeting and in Received lines; empty is "localhost".
	Host string
	// Connections is how many there are at a time; 0 stands for 100. More wait.
	Connections int
	// Timeout is how long a client may be silent; 0 stands for 5 minutes (RFC 5321 §4.5.3.2.7).
	Timeout time.Duration
	// Log gets deliveries and what is wrong; nil is slog.Default.
	Log *slog.Logger
}

// maxRecipients of one message; RFC 5321 §4.5.3.1.8 asks for at least 100.
const maxRecipients = 1000

// Server delivers to the users of a data directory.
type Server struct {
	mail    *admin.Service
	host    string
	log     *slog.Logger
	timeout time.Duration
	smtp    *smtp.Server
	slots   chan struct{} // one for each open connection
	ctx     context.Context
	cancel  context.CancelFunc

	mu       sync.Mutex
	stopping bool
	conns    map[*conn]struct{}
}

// New returns a server of a data directory.
func New(mail *admin.Service, o Options) *Server {
	if o.Connections <= 0 {
		o.Connections = 100
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Minute
	}
	if o.Host == "" {
		o.Host = "localhost"
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{
		mail: mail, host: o.Host, log: o.Log, timeout: o.Timeout,
		slots: make(chan struct{}, o.Connections), conns: make(map[*conn]struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.begin))
	s.smtp.LMTP = true
	s.smtp.Domain = o.Host
	s.smtp.MaxRecipients = maxRecipients
	s.smtp.MaxMessageBytes = mail.Limit()
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = o.Timeout, o.Timeout
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)
	return s
}

// begin is called by the library when a client has said LHLO.
func (s *Server) begin(c *smtp.Conn) (smtp.Session, error) {
	own, ok := c.Conn().(*conn)
	if !ok {
		return nil, errors.New("lmtp: the connection is not one of this server's")
	}
	return &session{server: s, conn: own, helo: c.Hostname()}, nil
}

// Serve takes connections until Shutdown, and then returns nil. It may be called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	return s.smtp.Serve(&listener{l, s})
}

// Shutdown stops listening, lets messages that are on their way arrive, and closes what is left when the context ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	for c := range s.conns {
		c.stop()
	}
	s.mu.Unlock()
	err := s.smtp.Shutdown(ctx)
	s.cancel()
	s.mu.Lock()
	var left []*conn
	for c := range s.conns {
		left = append(left, c)
	}
	s.mu.Unlock()
	for _, c := range left {
		_ = c.Close() // it is given up
	}
	return err
}

// listener gives out connections of this package's kind, so many at a time.
type listener struct {
	net.Listener
	server *Server
}

func (l *listener) Accept() (net.Conn, error) {
	s := l.server
	s.slots <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-s.slots
		return nil, err
	}
	var own *conn
	own = newConn(c, func() {
		s.mu.Lock()
		delete(s.conns, own)
		s.mu.Unlock()
		<-s.slots
	})
	s.mu.Lock()
	s.conns[own] = struct{}{}
	stopping := s.stopping
	s.mu.Unlock()
	if stopping {
		own.stop()
	}
	return own, nil
}
