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
	dataFlags
	Demo  bool   `help:"Instead of a data directory: let anybody in, with any password, to an account of their own in memory; the account test has a sample mailbox. Loopback addresses only."`
	Stdio bool   `help:"Serve one session on standard input and output, already authenticated, as mail clients use it for a tunnel command."`
	User  string `placeholder:"NAME" help:"Whose account --stdio serves."`

	settings
}

// grace is how long sessions may take to end once the server has been told to stop.
const grace = 10 * time.Second

// Help is the end of "serve --help".
func (*serveCommand) Help() string {
	return `Mail and users are in the data directory, which one server at a time can have. It is made if it does not exist; "imapsrv user add NAME" adds users, also while the server runs. Passwords are taken over TLS, and without only from this machine.

With --stdio, the session is one of the server that has the data directory, if there is one. With --demo, mail is kept in memory and is gone when the server stops.

Every setting can also stand in a file (--config FILE): "imapsrv config example" prints one with all of them, "imapsrv config check" checks one. What the command line says counts more.

With --listen-lmtp, mail comes from a mail transfer agent. An address belongs to the user of that name, or of the name before the "@", with or without a "+tag". In Postfix's main.cf, with a socket whose directory belongs to group postfix and has the setgid bit:
  mailbox_transport = lmtp:unix:/run/imapsrv/lmtp

SIGINT or SIGTERM ends the server in good order: commands that run are finished, clients are told BYE. A second signal ends it at once. SIGHUP reads the certificate again, which also happens within 10 seconds after its files have changed.

Examples:
  imapsrv serve
  imapsrv serve --demo
  imapsrv serve --demo --listen 127.0.0.1:2143 --listen-tls '[::1]:2993'
  imapsrv serve --data /var/lib/imapsrv --cert cert.pem --key key.pem
  imapsrv serve --data ~/mail --listen 127.0.0.1:2143
  imapsrv serve --config /etc/imapsrv.toml
  imapsrv serve --listen-lmtp unix:/run/imapsrv/lmtp --lmtp-socket-mode 0660
  imapsrv serve --listen-lmtp 127.0.0.1:2424 --durability relaxed --max-message 50MiB
  imapsrv serve --stdio --user alice --data /var/lib/imapsrv`
}

// check refuses combinations that mean nothing, before anything is opened.
func (c *serveCommand) check() error {
	switch {
	case c.Stdio && (len(c.Listen) > 0 || len(c.ListenTLS) > 0 || len(c.ListenLMTP) > 0 || c.Cert != ""):
		return usageError{"--stdio serves one session: it listens on no address and needs no certificate"}
	case c.Stdio && c.User == "":
		return usageError{"--stdio needs --user NAME: whose account it is"}
	case !c.Stdio && c.User != "":
		return usageError{"--user is for --stdio; otherwise clients say who they are"}
	case c.Demo && c.Data != "":
		return usageError{"--demo keeps mail in memory: it has no --data"}
	case c.Demo && len(c.ListenLMTP) > 0:
		return usageError{"--demo keeps mail in memory: nobody delivers there, so it has no --listen-lmtp"}
	case c.Stdio && c.Trace != "":
		return usageError{"--trace is for servers that listen, not for --stdio"}
	}
	return c.settings.check()
}

// Run serves until the context ends.
func (c *serveCommand) Run(env environment) error {
	if err := c.check(); err != nil {
		return err
	}
	switch {
	case c.Stdio && c.Demo:
		return stdioDemo(env, c.User)
	case c.Stdio:
		return c.stdioData(env)
	case c.Demo:
		return c.serveDemo(env)
	}
	return c.serveData(env)
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
