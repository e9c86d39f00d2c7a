package main

import (
	"errors"
	"io"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/demo"
)

// stdio is standard input and output as one connection.
type stdio struct {
	io.ReadCloser
	out io.WriteCloser
}

func (s stdio) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s stdio) Close() error { return errors.Join(s.out.Close(), s.ReadCloser.Close()) }

// serveStdio is "serve --stdio": one session, authenticated from the start. It returns when the client has gone, or
// when ctx ends, even if standard input is something that cannot be interrupted.
func serveStdio(env environment, user string) (err error) {
	mail := demo.NewStore()
	defer func() { err = errors.Join(err, mail.Close()) }()
	server := &session.Server{Store: mail, Log: logger(env)}
	served := make(chan error, 1)
	go func() {
		identity := &session.Identity{Account: user, User: user}
		served <- server.ServeConn(stdio{env.stdin, env.stdout}, session.Listener{Name: "stdio"}, identity)
	}()
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
	case <-served:
		return nil
	}
}
