package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
)

// serveCommand is "serve".
type serveCommand struct {
	Listen    []string `sep:"none" placeholder:"ADDR" help:"Address to listen on without TLS, where STARTTLS is offered; may be given several times. Default with --demo: 127.0.0.1:1193."`
	ListenTLS []string `name:"listen-tls" sep:"none" placeholder:"ADDR" help:"Address to listen on with TLS from the first byte; may be given several times. Default with --demo: 127.0.0.1:1993."`
	Cert      string   `type:"existingfile" placeholder:"FILE" help:"Certificate in PEM, with the chain behind it. Default with --demo: a self-signed one, made at start."`
	Key       string   `type:"existingfile" placeholder:"FILE" help:"The certificate's private key in PEM."`
	Demo      bool     `help:"Let anybody in, with any password, to an account of their own; the account test has a sample mailbox. Loopback addresses only."`
	Stdio     bool     `help:"Serve one session on standard input and output, already authenticated, as mail clients use it for a tunnel command."`
	User      string   `placeholder:"NAME" help:"Whose account --stdio serves."`
	Trace     string   `type:"path" placeholder:"DIR" help:"Write what every connection says, without passwords but with mail, to a pair of files in this directory that imapcat reads. Not for --stdio."`
}

// grace is how long sessions may take to end once the server has been told to stop.
const grace = 10 * time.Second

// Help is the end of "serve --help".
func (*serveCommand) Help() string {
	return `Mail is kept in memory in this version, and there are no users but those of --demo. What is stored is gone when the server stops; large messages wait in temporary files without a name.

SIGINT or SIGTERM ends the server in good order: commands that run are finished, clients are told BYE. A second signal ends it at once.

Examples:
  imapsrv serve --demo
  imapsrv serve --demo --listen 127.0.0.1:2143 --listen-tls '[::1]:2993'
  imapsrv serve --stdio --user test`
}

// check refuses combinations that mean nothing, before anything is opened.
func (c *serveCommand) check() error {
	switch {
	case c.Stdio && (len(c.Listen) > 0 || len(c.ListenTLS) > 0 || c.Cert != ""):
		return usageError{"--stdio serves one session: it listens on no address and needs no certificate"}
	case c.Stdio && c.User == "":
		return usageError{"--stdio needs --user NAME: whose account it is"}
	case !c.Stdio && c.User != "":
		return usageError{"--user is for --stdio; with --demo, clients say who they are"}
	case !c.Stdio && !c.Demo:
		return usageError{"this version has no user database and keeps mail in memory only:\n" +
			"  use --demo, which lets anybody on this machine in, or --stdio --user NAME"}
	case c.Stdio && c.Trace != "":
		return usageError{"--trace is for servers that listen, not for --stdio"}
	case (c.Cert == "") != (c.Key == ""):
		return usageError{"--cert and --key belong together"}
	}
	return nil
}

// Run serves until the context ends.
func (c *serveCommand) Run(env environment) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Stdio {
		return serveStdio(env, c.User)
	}
	return c.serveDemo(env)
}

// serveAll serves on all listeners until ctx ends, then shuts down in good order. A listener that breaks ends the
// others, too.
func serveAll(ctx context.Context, server *session.Server, listeners []session.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, l := range listeners {
		go func() {
			if err := server.Serve(l); !errors.Is(err, session.ErrServerClosed) {
				cancel(fmt.Errorf("listening on %s: %w", l.Addr(), err))
			}
		}()
	}
	<-ctx.Done()
	return errors.Join(broken(ctx), shutdown(server))
}

// broken is why the server ends if not because it was told to.
func broken(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// shutdown ends all sessions.
func shutdown(server *session.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("some sessions had not ended after %v and were closed", grace)
	}
	return err
}

// logger writes to standard error, so that standard output stays what the command prints or, with --stdio, speaks.
func logger(env environment) *slog.Logger {
	return slog.New(slog.NewTextHandler(env.stderr, nil))
}
