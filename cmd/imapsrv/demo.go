package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/demo"
)

// certificate is what TLS listeners show, and the file that clients can be pointed to.
type certificate struct {
	config *tls.Config
	file   string
	sha256 string
	remove func() error // takes the file away again if it was made here
}

// serveDemo is "serve --demo".
func (c *serveCommand) serveDemo(env environment) (err error) {
	cert, err := c.certificate()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cert.remove()) }()
	listeners, err := listenAll(listenLoopback, orDefault(c.Listen, demoPlain), orDefault(c.ListenTLS, demoTLS), cert.config)
	if err != nil {
		return err
	}
	mail := demo.NewStore()
	defer func() { err = errors.Join(err, mail.Close()) }()
	if err := greet(env.stdout, listeners, cert); err != nil {
		return errors.Join(err, closeAll(listeners))
	}
	server := &session.Server{Store: mail, Auth: session.Passwords(anybody), Limits: c.limits(), Log: logger(env), Trace: c.tracer()}
	return serveAll(env.ctx, server, listeners)
}

// anybody lets everybody in, each to the account of their name.
func anybody(_ context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
	if c.Authorize != "" && c.Authorize != c.User {
		return nil, &session.AuthError{Reason: session.NotAuthorized, Text: "the demo has no administrators"}
	}
	if c.User == "" {
		return nil, &session.AuthError{Text: "any user name will do, but not an empty one"}
	}
	return &session.Identity{Account: c.User, User: c.User}, nil
}

// certificate loads the given one or makes one.
func (c *serveCommand) certificate() (certificate, error) {
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return certificate{}, fmt.Errorf("loading the certificate: %w", err)
		}
		return certificate{
			config: configFor(pair),
			file:   c.Cert,
			sha256: demo.Fingerprint(sha256.Sum256(pair.Certificate[0])),
			remove: func() error { return nil },
		}, nil
	}
	made, err := demo.NewCertificate(time.Now())
	if err != nil {
		return certificate{}, err
	}
	dir, err := os.MkdirTemp("", "imapsrv-demo-")
	if err != nil {
		return certificate{}, err
	}
	file := filepath.Join(dir, "cert.pem")
	remove := func() error { return os.RemoveAll(dir) }
	if err := os.WriteFile(file, made.PEM, 0o644); err != nil {
		return certificate{}, errors.Join(err, remove())
	}
	return certificate{config: configFor(made.TLS), file: file, sha256: made.SHA256, remove: remove}, nil
}

func configFor(pair tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
}

// banner is what the demo prints: where it is, and what to type next. The tests of real clients read the addresses
// and the certificate's file from it.
var banner = template.Must(template.New("banner").Parse(`imapsrv demo: any user, any password. Mail is kept in memory and is gone when the server stops.
{{range .Plain}}
  plain        {{.}}  (STARTTLS is offered){{end}}{{range .Secure}}
  TLS          {{.}}{{end}}
  certificate  {{.File}}
  SHA-256      {{.SHA256}}

Type next, in another terminal:

  telnet {{.Host}} {{.Port}}
  10 LOGIN test anypassword
  20 CAPABILITY
  30 SELECT inbox
  40 LOGOUT

Or read the first message of the sample mailbox with curl:

  curl --user test:any 'imap://{{.Host}}:{{.Port}}/INBOX;UID=1'
{{with .SecurePort}}  curl --user test:any --cacert {{$.File}} 'imaps://localhost:{{.}}/INBOX;UID=1'
{{end}}
Ctrl-C stops the server.
`))

// greet prints the banner.
func greet(w io.Writer, listeners []session.Listener, cert certificate) error {
	data := struct {
		Plain, Secure                        []string
		File, SHA256, Host, Port, SecurePort string
	}{File: cert.file, SHA256: cert.sha256}
	for _, l := range listeners {
		address := l.Addr().String()
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		if l.Implicit {
			data.Secure = append(data.Secure, address)
			data.SecurePort = port
		} else {
			data.Plain = append(data.Plain, address)
			data.Host, data.Port = host, port
		}
	}
	var text strings.Builder
	if err := banner.Execute(&text, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, text.String())
	return err
}
