package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/demo"
)

// stdio is standard input and output as one connection. Nothing ends a Read of a terminal or of an inherited pipe but
// its other end, so input comes through a pipe of the process's own, which has deadlines.
type stdio struct {
	in  *os.File
	out io.WriteCloser
}

// newStdio begins to read stdin. The goroutine that does so ends with the input, or with the process.
func newStdio(stdin io.Reader, stdout io.WriteCloser) (*stdio, error) {
	in, pump, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() {
		// Whether reading or writing failed, what the session sees is the end of its input.
		_, _ = io.Copy(pump, stdin)
		_ = pump.Close()
	}()
	return &stdio{in: in, out: stdout}, nil
}

func (s *stdio) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *stdio) Write(p []byte) (int, error) { return s.out.Write(p) }
func (s *stdio) Close() error                { return errors.Join(s.out.Close(), s.in.Close()) }

// SetReadDeadline does nothing on systems whose pipes have no deadlines: there, a session that is told to end waits
// for its client.
func (s *stdio) SetReadDeadline(t time.Time) error {
	if err := s.in.SetReadDeadline(t); !errors.Is(err, os.ErrNoDeadline) {
		return err
	}
	return nil
}

// stdioDemo is "serve --stdio --demo".
func stdioDemo(env environment, user string) (err error) {
	mail := demo.NewStore()
	defer func() { err = errors.Join(err, mail.Close()) }()
	server := &session.Server{Store: mail, Log: logger(env)}
	return serveStdio(env, server, func(conn io.ReadWriteCloser) error {
		identity := &session.Identity{Account: user, User: user}
		return server.ServeConn(conn, session.Listener{Name: "stdio"}, identity)
	})
}

// serveStdio runs one session, authenticated from the start. It returns when the client has gone, or when the context
// ends, whatever its input and output do.
func serveStdio(env environment, server *session.Server, serve func(io.ReadWriteCloser) error) error {
	conn, err := newStdio(env.stdin, env.stdout)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- serve(conn) }()
	select {
	case err := <-served:
		return err
	case <-env.ctx.Done():
	}
	stopped := make(chan error, 1)
	go func() { stopped <- shutdown(server) }()
	select {
	case err := <-stopped:
		return err
	case <-time.After(grace + time.Second):
		return fmt.Errorf("the session did not end in %v: nobody reads what it writes", grace)
	}
}
