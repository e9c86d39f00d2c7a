package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/internal/lmtp"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Where a server with a data directory listens unless told otherwise: the port of RFC 8314 if it has a certificate.
const (
	dataPlain = "127.0.0.1:1143"
	dataTLS   = ":993"
)

// dataFlags are the flags of every command that works on a data directory.
type dataFlags struct {
	Data   string     `conf:"" type:"path" placeholder:"DIR" help:"The data directory. Default: ./imapsrv-data."`
	Config configFile `placeholder:"FILE" help:"A config file (TOML) with settings of the server, of which commands other than serve take the data directory."`
}

const defaultData = "imapsrv-data"

func (d dataFlags) dir() string {
	if d.Data == "" {
		return defaultData
	}
	return d.Data
}

// connect reaches the data directory, through the server that has it if there is one.
func (d dataFlags) connect(ctx context.Context, log *slog.Logger) (admin.Admin, error) {
	return admin.Connect(ctx, d.dir(), sqlitestore.Options{Logger: log})
}

func (d dataFlags) mustExist() error {
	if admin.Is(d.dir()) {
		return nil
	}
	return fmt.Errorf("%s is no data directory (say --data DIR; `imapsrv user add NAME` makes one)", d.dir())
}

// dataServer is "serve" on a data directory, while it runs.
type dataServer struct {
	env       environment
	service   *admin.Service
	server    *session.Server
	listeners []session.Listener
	socket    net.Listener
	lmtp      *lmtp.Server
	lmtpAt    []net.Listener
}

// serveData is "serve" on a data directory.
func (c *serveCommand) serveData(env environment) (err error) {
	log := logger(env)
	reload, config, err := c.ownCertificate(log)
	if err != nil {
		return err
	}
	plain, secure, err := c.addresses()
	if err != nil {
		return err
	}
	options := c.storeOptions()
	options.Logger = log
	service, err := admin.Open(c.dir(), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	d := &dataServer{
		env:     env,
		service: service,
		server: &session.Server{
			Store: service.Store, Auth: service.Authenticator(), Limits: c.limits(), Log: log, Trace: c.tracer(),
		},
		lmtp: lmtp.New(service, lmtp.Options{Host: c.hostname(), Connections: c.lmtpConnections(), Log: log}),
	}
	service.Sessions = d.server
	if err := d.listen(c, plain, secure, config); err != nil {
		return errors.Join(err, d.closeAll())
	}
	reload.reloadOn(env.ctx)
	return d.run(c)
}

// listen opens all addresses and sockets. What was opened before an error is closed with closeAll.
func (d *dataServer) listen(c *serveCommand, plain, secure []string, config *tls.Config) (err error) {
	if d.listeners, err = listenAll(listen, plain, secure, config); err != nil {
		return err
	}
	if d.lmtpAt, err = c.listenLMTP(); err != nil {
		return err
	}
	d.socket, err = d.service.Listen()
	return err
}

// closeAll closes what is open.
func (d *dataServer) closeAll() error {
	err := closeAll(d.listeners)
	for _, l := range d.lmtpAt {
		err = errors.Join(err, l.Close())
	}
	if d.socket != nil {
		err = errors.Join(err, d.socket.Close())
	}
	return err
}

// addresses are those to listen on, plain and with TLS.
func (c *settings) addresses() (plain, secure []string, err error) {
	switch {
	case c.Cert == "" && len(c.ListenTLS) > 0:
		return nil, nil, usageError{"--listen-tls needs --cert and --key"}
	case len(c.Listen) > 0 || len(c.ListenTLS) > 0:
		return c.Listen, c.ListenTLS, nil
	case c.Cert != "":
		return nil, []string{dataTLS}, nil
	}
	return []string{dataPlain}, nil, nil
}

// ownCertificate is the one that was given, or nil.
func (c *settings) ownCertificate(log *slog.Logger) (*reloader, *tls.Config, error) {
	if c.Cert == "" {
		return nil, nil, nil
	}
	r, err := newReloader(c.Cert, c.Key, log)
	if err != nil {
		return nil, nil, err
	}
	return r, r.config(), nil
}

// lmtpConnections is how many there may be; as many as can be instead of no limit.
func (c *settings) lmtpConnections() int {
	const most = 10_000
	if c.MaxLMTPConnections <= 0 {
		return most
	}
	return c.MaxLMTPConnections
}

// run serves until the environment's context ends. Administration and deliveries end before the sessions do, and those
// before the store closes.
func (d *dataServer) run(c *serveCommand) error {
	if err := d.greet(c.dir()); err != nil {
		return errors.Join(err, d.closeAll())
	}
	ctx, cancel := context.WithCancelCause(d.env.ctx)
	defer cancel(nil)
	control := &http.Server{
		Handler:     d.service.Handler(d.server),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(d.server.Log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- control.Serve(d.socket) }()
	for _, l := range d.lmtpAt {
		go func() {
			if err := d.lmtp.Serve(l); err != nil {
				cancel(fmt.Errorf("listening for LMTP on %s: %w", l.Addr(), err))
			}
		}()
	}
	err := serveAll(ctx, d.server, d.listeners)
	cancel(nil)
	return errors.Join(err, d.stopLMTP(), stopHTTP(control, ended))
}

// stopLMTP lets deliveries that are under way finish.
func (d *dataServer) stopLMTP() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := d.lmtp.Shutdown(ctx); err != nil {
		return fmt.Errorf("some deliveries had not ended after %v and were cut off: %w", grace, err)
	}
	return nil
}

// stopHTTP ends the administration's server, whose requests have been told to end.
func stopHTTP(control *http.Server, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := control.Shutdown(ctx)
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// greet says where the server is. Tests and scripts read the addresses.
func (d *dataServer) greet(dir string) error {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	var text strings.Builder
	fmt.Fprintf(&text, "imapsrv serves %s\n\n", dir)
	for _, l := range d.listeners {
		switch {
		case l.Implicit:
			fmt.Fprintf(&text, "  TLS          %s\n", l.Addr())
		case l.TLS != nil:
			fmt.Fprintf(&text, "  plain        %s  (STARTTLS is offered)\n", l.Addr())
		default:
			fmt.Fprintf(&text, "  plain        %s\n", l.Addr())
		}
	}
	for _, l := range d.lmtpAt {
		at := l.Addr().String()
		if s, ok := l.(interface{ Path() string }); ok {
			at = "unix:" + s.Path()
		}
		fmt.Fprintf(&text, "  LMTP         %s\n", at)
	}
	list, err := d.service.ListUsers(d.env.ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintf(&text, "\nThere are no users yet. In another terminal:\n\n  imapsrv user add NAME --data %s\n", dir)
	}
	text.WriteString("\nCtrl-C stops the server.\n")
	_, err = io.WriteString(d.env.stdout, text.String())
	return err
}

// stdioData is "serve --stdio" on a data directory: a tunnel to the server that has it, or a session in this process.
func (c *serveCommand) stdioData(env environment) (err error) {
	if err := c.mustExist(); err != nil {
		return err
	}
	log := logger(env)
	reached, err := c.connect(env.ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reached.Close()) }()
	if client, ok := reached.(*admin.Client); ok {
		return tunnel(env, client, c.User)
	}
	service, ok := reached.(*admin.Service)
	if !ok {
		return fmt.Errorf("%s was reached in an unknown way", c.dir())
	}
	server := &session.Server{Store: service.Store, Log: log}
	return serveStdio(env, server, func(conn io.ReadWriteCloser) error {
		return service.Tunnel(env.ctx, server, c.User, conn)
	})
}

// tunnel carries standard input and output to the server.
func tunnel(env environment, client *admin.Client, user string) error {
	stream, err := client.Tunnel(env.ctx, user)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(env.ctx, func() { _ = stream.Close() }) // what the copying then says is no news
	defer stop()
	go func() {
		_, _ = io.Copy(stream, env.stdin)
		if half, ok := stream.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // the server says its last words
		}
	}()
	_, err = io.Copy(env.stdout, stream)
	if env.ctx.Err() != nil || errors.Is(err, os.ErrClosed) || errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, env.stdout.Close())
}
