package main

import (
	"bytes"
	"log"
	"net"
	"os"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
)

// A script is a connection on which the peer says everything at once and
// listens to nothing.
type script struct {
	in     *bytes.Reader
	closed chan struct{}
	once   sync.Once
}

func newScript(data []byte) *script {
	return &script{in: bytes.NewReader(data), closed: make(chan struct{})}
}

func (s *script) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *script) Write(p []byte) (int, error) { return len(p), nil }

func (s *script) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *script) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// once is a listener that takes one connection.
type once struct {
	conn chan net.Conn
}

func (l *once) Accept() (net.Conn, error) {
	c, ok := <-l.conn
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (l *once) Close() error   { return nil }
func (l *once) Addr() net.Addr { return &net.TCPAddr{} }

// goimapReads lets go-imap's client read responses that it has not asked for.
func goimapReads(data []byte) func() {
	data = append([]byte("* PREAUTH ready\r\n"), data...)
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Fetch: func(m *imapclient.FetchMessageData) { _, err := m.Collect(); must(err) },
	}}
	return func() {
		s := newScript(data)
		c := imapclient.New(s, options)
		<-s.closed
		c.Close()
	}
}

// goimapServes lets go-imap's server run commands in a session that does nothing.
func goimapServes(data []byte) func() {
	data = append([]byte("x LOGIN user any\r\nx SELECT INBOX\r\n"), data...)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return nothing{}, nil, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapESearch: {}},
		Logger:       log.New(os.Stderr, "", 0),
		InsecureAuth: true,
	})
	return func() {
		s := newScript(data)
		l := &once{conn: make(chan net.Conn, 1)}
		l.conn <- s
		close(l.conn)
		_ = server.Serve(l)
		<-s.closed
	}
}

// nothing is a session that takes every command and does nothing.
type nothing struct{ imapserver.Session }

func (nothing) Close() error               { return nil }
func (nothing) Login(string, string) error { return nil }
func (nothing) Select(string, *goimap.SelectOptions) (*goimap.SelectData, error) {
	return &goimap.SelectData{}, nil
}
func (nothing) Poll(*imapserver.UpdateWriter, bool) error { return nil }
func (nothing) Unselect() error                           { return nil }
func (nothing) List(*imapserver.ListWriter, string, []string, *goimap.ListOptions) error {
	return nil
}
func (nothing) Search(imapserver.NumKind, *goimap.SearchCriteria, *goimap.SearchOptions) (*goimap.SearchData, error) {
	return &goimap.SearchData{All: goimap.SeqSet{}}, nil
}
func (nothing) Fetch(*imapserver.FetchWriter, goimap.NumSet, *goimap.FetchOptions) error { return nil }
func (nothing) Store(*imapserver.FetchWriter, goimap.NumSet, *goimap.StoreFlags, *goimap.StoreOptions) error {
	return nil
}
