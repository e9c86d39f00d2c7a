package session

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestAuthenticate(t *testing.T) {
	plain, other := b64("\x00test\x00x"), b64("test\x00admin\x00x")
	wrong := b64("\x00test\x00wrong")
	tests := []struct {
		name  string
		lines []string
		want  []string // of each answer what ending leaves
	}{
		{"PLAIN with initial response", []string{"a AUTHENTICATE PLAIN " + plain}, []string{"a OK"}},
		{"PLAIN in lower case", []string{"a authenticate plain " + plain}, []string{"a OK"}},
		{"PLAIN without", []string{"a AUTHENTICATE PLAIN", plain}, []string{"+ ", "a OK"}},
		{"PLAIN as another user", []string{"a AUTHENTICATE PLAIN " + other}, []string{"a OK"}},
		{"PLAIN with wrong password", []string{"a AUTHENTICATE PLAIN " + wrong}, []string{"a NO [AUTHENTICATIONFAILED]"}},
		{"PLAIN with an empty initial response", []string{"a AUTHENTICATE PLAIN ="}, []string{"a BAD"}},
		{"PLAIN with an empty response", []string{"a AUTHENTICATE PLAIN", ""}, []string{"+ ", "a BAD"}},
		{"PLAIN without NUL", []string{"a AUTHENTICATE PLAIN " + b64("test")}, []string{"a BAD"}},
		{"PLAIN without user", []string{"a AUTHENTICATE PLAIN " + b64("\x00\x00x")}, []string{"a BAD"}},
		{"PLAIN with too many parts", []string{"a AUTHENTICATE PLAIN " + b64("\x00test\x00x\x00")}, []string{"a BAD"}},
		{"cancelled", []string{"a AUTHENTICATE PLAIN", "*"}, []string{"+ ", "a BAD"}},
		{"not base64", []string{"a AUTHENTICATE PLAIN", "!!!"}, []string{"+ ", "a BAD"}},
		{"a literal where none can be", []string{"a AUTHENTICATE PLAIN", "x{3}"}, []string{"+ ", "a BAD"}},
		{"LOGIN", []string{"a AUTHENTICATE LOGIN", b64("test"), b64("x")}, []string{"+ " + b64("Username:"), "+ " + b64("Password:"), "a OK"}},
		{"LOGIN with initial response", []string{"a AUTHENTICATE LOGIN " + b64("test"), b64("x")}, []string{"+ " + b64("Password:"), "a OK"}},
		{"LOGIN cancelled", []string{"a AUTHENTICATE LOGIN", b64("test"), "*"}, []string{"+ " + b64("Username:"), "+ " + b64("Password:"), "a BAD"}},
		{"unknown mechanism", []string{"a AUTHENTICATE CRAM-MD5"}, []string{"a NO"}},
		{"account that does not exist", []string{"a AUTHENTICATE PLAIN " + b64("\x00nobody\x00x")}, []string{"a NO [CONTACTADMIN]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ts := newTestServer(t, fast)
			c := ts.dial(Listener{}, nil)
			c.line()
			var got []string
			for _, l := range c.converse(tt.lines...) {
				if strings.HasPrefix(l, "a OK") && !strings.Contains(l, "[CAPABILITY IMAP4rev1") {
					t.Error("no capabilities in", l)
				}
				if !strings.HasPrefix(l, "+") {
					l, _, _ = strings.Cut(ending(l), " [CAPABILITY")
				}
				got = append(got, l)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// fast makes failing quick and unlimited.
func fast(srv *Server) {
	srv.Limits.AuthDelay = -1
	srv.Limits.BadBeforeAuth = -1
	srv.Limits.BadCommands = -1
}

func TestLogin(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.dial(Listener{}, nil)
	c.line()
	for text, want := range map[string]string{
		"LOGIN test wrong":             "t NO [AUTHENTICATIONFAILED]",
		"LOGIN test":                   "t BAD",
		"LOGIN {4+}\r\ntest wrong":     "t NO [AUTHENTICATIONFAILED]",
		"LOGIN \"te\xffst\" \"x\"":     "t BAD",
		"LOGIN {5+}\r\nte\xffst \"x\"": "t BAD",
		"LOGIN {3+}\r\na\x00b x":       "t BAD",
		"SELECT INBOX":                 "t BAD",
		"FETCH 1 FLAGS":                "t BAD",
	} {
		if got := c.end(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := c.do(`LOGIN "test" {1+}` + "\r\nx"); !strings.HasPrefix(got[0], "t OK [CAPABILITY ") {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"LOGIN test x", "AUTHENTICATE PLAIN", "STARTTLS"} {
		if got := c.end(text); got != "t BAD" {
			t.Errorf("%s when logged in: %s", text, got)
		}
	}
}

func TestPlaintextRefused(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.dialFar(Listener{TLS: newTLS(t)})
	greeting := c.line()
	for _, want := range []string{" STARTTLS", " LOGINDISABLED"} {
		if !strings.Contains(greeting, want) {
			t.Errorf("no%s in %s", want, greeting)
		}
	}
	if strings.Contains(greeting, "AUTH=") {
		t.Error("mechanisms that are not allowed:", greeting)
	}
	for _, text := range []string{"LOGIN test x", "AUTHENTICATE PLAIN " + b64("\x00test\x00x"), "AUTHENTICATE LOGIN"} {
		if got := c.end(text); got != "t NO [PRIVACYREQUIRED]" {
			t.Errorf("%s: %s", text, got)
		}
	}
	allowed := ts.dialFar(Listener{AllowPlaintext: true})
	if greeting := allowed.line(); strings.Contains(greeting, "LOGINDISABLED") || strings.Contains(greeting, "STARTTLS") {
		t.Error(greeting)
	}
	allowed.do("LOGIN test x")
}

// newTLS returns a configuration with a certificate for localhost.
func newTLS(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(24 * 365 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// tlsClient makes a TLS client of a test client.
func (c *testClient) tlsClient() {
	conn := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.conn, c.in = conn, bufio.NewReader(conn)
}

func TestStartTLS(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.dialFar(Listener{TLS: newTLS(t)})
	c.line()
	c.do("STARTTLS")
	c.tlsClient()
	caps := c.do("CAPABILITY")[0]
	if strings.Contains(caps, "STARTTLS") || strings.Contains(caps, "LOGINDISABLED") || !strings.Contains(caps, " AUTH=PLAIN") {
		t.Error(caps)
	}
	if got := c.end("STARTTLS"); got != "t BAD" {
		t.Error("STARTTLS twice:", got)
	}
	c.do("LOGIN test x")
	c.do("SELECT INBOX")
}

// TestStartTLSInjection sends a command behind STARTTLS in the clear. It must
// not be answered after the handshake (CVE-2021-33515 and others).
func TestStartTLSInjection(t *testing.T) {
	ts := newTestServer(t, fast)
	server, client := net.Pipe()
	go ts.ServeConn(farConn{server}, Listener{TLS: newTLS(t)}, nil)
	c := &testClient{t: t, conn: client, in: bufio.NewReader(client)}
	defer client.Close()
	c.line()
	c.send("a STARTTLS\r\nevil CAPABILITY\r\nevil2 LOGIN test x\r\n")
	if got := ending(c.until("a")[0]); got != "t OK" {
		t.Fatal(got)
	}
	c.tlsClient()
	if got := c.do("NOOP"); len(got) != 1 {
		t.Errorf("answers to what was injected: %q", got)
	}
	if got := c.end("SELECT INBOX"); got != "t BAD" {
		t.Error("the injected LOGIN worked:", got)
	}
}

func TestImplicitTLS(t *testing.T) {
	ts := newTestServer(t, nil)
	server, client := net.Pipe()
	go ts.ServeConn(farConn{server}, Listener{TLS: newTLS(t), Implicit: true}, nil)
	c := &testClient{t: t, conn: client}
	defer client.Close()
	c.tlsClient()
	if greeting := c.line(); strings.Contains(greeting, "STARTTLS") || !strings.Contains(greeting, "AUTH=PLAIN") {
		t.Error(greeting)
	}
	c.do("LOGIN test x")
	c.send("a IDLE\r\n")
	if got := c.line(); got != "+ idling" {
		t.Error(got)
	}
	ts.deliver("INBOX", 1)
	c.send("DONE\r\n")
	c.until("a")
}

func TestPreauth(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.dial(Listener{}, &Identity{Account: "test"})
	if greeting := c.line(); !strings.HasPrefix(greeting, "* PREAUTH [CAPABILITY ") || strings.Contains(greeting, "AUTH=") {
		t.Error(greeting)
	}
	if got := c.end("LOGIN test x"); got != "t BAD" {
		t.Error(got)
	}
	c.do("SELECT INBOX")

	none := ts.dial(Listener{}, &Identity{Account: "nobody"})
	if got := none.line(); ending(got) != "* BYE [CONTACTADMIN]" {
		t.Error(got)
	}
}

func TestReadOnlyScope(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 1)
	c := ts.dial(Listener{}, &Identity{Account: "test", Scope: Scope{ReadOnly: true}})
	c.line()
	if got := c.end("SELECT INBOX"); got != "t OK [READ-ONLY]" {
		t.Error(got)
	}
	for _, text := range []string{
		"CREATE x", "DELETE Other", "RENAME Other x", "SUBSCRIBE Other", "UNSUBSCRIBE Other",
		"APPEND Other {1+}\r\nx", "COPY 1 Other", "MOVE 1 Other",
	} {
		if got := c.end(text); got != "t NO [NOPERM]" {
			t.Errorf("%q: %s", text, got)
		}
	}
	for _, text := range []string{`STORE 1 FLAGS (\Seen)`, "EXPUNGE", "UID EXPUNGE 1"} {
		if got := c.end(text); got != "t NO" {
			t.Errorf("%q: %s", text, got)
		}
	}
	c.do("CLOSE")
}

// TestAuthDelay waits for failures, in time that is not real.
func TestAuthDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, func(srv *Server) { srv.Limits.LoginTimeout = time.Hour })
		c := ts.dialFar(Listener{AllowPlaintext: true})
		c.line()
		var delays []time.Duration
		for range 7 {
			start := time.Now()
			if got := c.end("LOGIN test wrong"); got != "t NO [AUTHENTICATIONFAILED]" {
				t.Fatal(got)
			}
			delays = append(delays, time.Since(start))
		}
		want := []time.Duration{1, 2, 4, 8, 16, 30, 30}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(delays, want) {
			t.Errorf("delays %v, want %v", delays, want)
		}
		c.do("LOGIN test x")
		again := ts.dialFar(Listener{AllowPlaintext: true})
		again.line()
		start := time.Now()
		again.end("LOGIN test wrong")
		if d := time.Since(start); d != time.Second {
			t.Errorf("delay after success: %v", d)
		}
	})
}

// brokenAuth fails in a way that is nobody's fault, or panics.
type brokenAuth struct{ Authenticator }

func (brokenAuth) Start(_ context.Context, _ string, _ Peer) (Exchange, error) {
	return brokenExchange{}, nil
}

type brokenExchange struct{}

func (brokenExchange) Next(_ context.Context, r []byte) ([]byte, *Identity, error) {
	if strings.Contains(string(r), "panic") {
		panic("authenticator")
	}
	if strings.Contains(string(r), "nil") {
		return nil, nil, nil
	}
	return nil, nil, errors.New("database is away, password is hunter2")
}

func TestBrokenAuthenticator(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) {
		fast(srv)
		srv.Auth = brokenAuth{srv.Auth}
	})
	c := ts.dial(Listener{}, nil)
	c.line()
	if got := c.command("LOGIN test x"); strings.Contains(got[0], "hunter2") || ending(got[0]) != "t NO [UNAVAILABLE]" {
		t.Error(got)
	}
	if got := c.end("LOGIN nil x"); got != "t NO [AUTHENTICATIONFAILED]" {
		t.Error(got)
	}
	if got := c.command("LOGIN panic x"); ending(got[0]) != "* BYE [SERVERBUG]" {
		t.Error(got)
	}
	other := ts.dial(Listener{}, nil)
	other.line()
	other.do("NOOP")
}
