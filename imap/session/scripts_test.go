package session

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/script"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// TestScripts plays the dialogues in testdata. Time in them is not real, so
// timeouts can be waited for, and "nothing comes" is exact.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			s, err := script.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				env := newScriptEnv(t)
				defer env.close()
				if err := script.Run(t.Context(), s, env); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// scriptEnv is a server with the account alice, password secret, which has
// nothing but INBOX. Setup directives:
//
//	mailbox NAME [\Use…] [subscribed]
//	delete NAME
//	subscribe NAME
//	message MAILBOX FILE [flag…] [date "…"] [times N]
//	option literal-minus | small-messages | tls | plaintext-refused | preauth | read-only
type scriptEnv struct {
	t        *testing.T
	mail     *memstore.Store
	alice    store.Account
	server   *Server
	listener Listener
	preauth  *Identity
	readOnly bool
	remote   bool // clients are on another machine
}

func newScriptEnv(t *testing.T) *scriptEnv {
	mail := memstore.New(memstore.Options{Summarizer: Summarizer()})
	ctx := context.Background()
	if err := mail.CreateAccount(ctx, "alice", store.Setup{}); err != nil {
		t.Fatal(err)
	}
	alice, err := mail.Account(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	env := &scriptEnv{t: t, mail: mail, alice: alice}
	quiet := slog.New(slog.DiscardHandler)
	env.server = &Server{Store: mail, Auth: Passwords(env.check), Log: quiet}
	env.listener = Listener{AllowPlaintext: true}
	return env
}

func (e *scriptEnv) check(_ context.Context, _ Peer, c Credentials) (*Identity, error) {
	if c.User != "alice" || c.Password != "secret" || c.Authorize != "" && c.Authorize != "alice" {
		return nil, &AuthError{Reason: BadCredentials}
	}
	return &Identity{Account: "alice", Scope: Scope{ReadOnly: e.readOnly}}, nil
}

func (e *scriptEnv) close() {
	_ = e.server.Close()
	_ = e.alice.Close()
	_ = e.mail.Close()
}

// Dial implements script.Env.
func (e *scriptEnv) Dial(context.Context, int) (net.Conn, error) {
	client, server := net.Pipe()
	if e.remote {
		server = remoteConn{server}
	}
	go func() { _ = e.server.ServeConn(server, e.listener, e.preauth) }()
	return client, nil
}

// remoteConn is a connection from another machine.
type remoteConn struct{ net.Conn }

func (remoteConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }

// Setup implements script.Env.
func (e *scriptEnv) Setup(ctx context.Context, s *script.Script, d script.Directive) error {
	if len(d.Words) < 2 {
		return fmt.Errorf("%s needs an argument", d.Words[0])
	}
	name := d.Words[1]
	switch d.Words[0] {
	case "mailbox":
		return e.mailbox(ctx, name, d.Words[2:])
	case "delete":
		return e.alice.Delete(ctx, name)
	case "subscribe":
		return e.alice.Subscribe(ctx, name)
	case "message":
		return e.message(ctx, s, name, d.Words[2:])
	case "option":
		return e.option(name)
	}
	return fmt.Errorf("unknown directive %s", d.Words[0])
}

func (e *scriptEnv) mailbox(ctx context.Context, name string, words []string) error {
	m := store.NewMailbox{Name: name}
	for _, w := range words {
		if w == "subscribed" {
			m.Subscribe = true
		}
		for use := store.UseAll; use <= store.UseImportant; use <<= 1 {
			if use.String() == w {
				m.Use |= use
			}
		}
	}
	_, err := e.alice.Create(ctx, m)
	return err
}

func (e *scriptEnv) message(ctx context.Context, s *script.Script, mailbox string, words []string) error {
	m, err := e.alice.Lookup(ctx, mailbox)
	if err != nil {
		return err
	}
	octets, ok := s.File(words[0])
	if !ok {
		return fmt.Errorf("no file %s", words[0])
	}
	msg, times := store.NewMessage{}, 1
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "date":
			i++
			when, err := time.Parse("_2-Jan-2006 15:04:05 -0700", words[i])
			if err != nil {
				return err
			}
			msg.InternalDate = imap.DateTimeOf(when)
		case "times":
			i++
			if times, err = strconv.Atoi(words[i]); err != nil {
				return err
			}
		default:
			msg.Flags.AddName(words[i])
		}
	}
	for range times {
		if err := e.add(ctx, m.ID, octets, msg); err != nil {
			return err
		}
	}
	return nil
}

func (e *scriptEnv) add(ctx context.Context, id store.MailboxID, octets []byte, msg store.NewMessage) error {
	staged, err := e.alice.Stage(ctx, bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		return err
	}
	defer func() { _ = staged.Close() }()
	msg.Body = staged
	_, err = e.alice.Append(ctx, id, []store.NewMessage{msg})
	return err
}

func (e *scriptEnv) option(name string) error {
	switch name {
	case "literal-minus":
		e.server.LiteralMinus = true
	case "small-messages":
		e.server.Limits.Message = 100
	case "tls":
		e.listener.TLS = testTLS(e.t)
	case "plaintext-refused":
		e.listener.AllowPlaintext, e.remote = false, true
	case "preauth":
		e.preauth = &Identity{Account: "alice"}
	case "read-only":
		e.readOnly = true
	default:
		return fmt.Errorf("unknown option %s", name)
	}
	return nil
}

// testTLS is a configuration with a certificate of its own.
func testTLS(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
