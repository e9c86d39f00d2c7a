package session

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/xdg-go/scram"
)

// scramUsers has one user.
type scramUsers struct {
	name, password string
	salt           []byte
}

func (u scramUsers) SCRAMKeys(_ context.Context, _ Peer, user string) (SCRAMKeys, error) {
	if user == "broken" {
		return SCRAMKeys{}, errors.New("the list of users is away")
	}
	password := u.password
	if user != u.name {
		password = "nobody knows"
	}
	client, err := scram.SHA256.NewClient(user, password, "")
	if err != nil {
		return SCRAMKeys{}, err
	}
	c, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: string(u.salt), Iters: 4096})
	return SCRAMKeys{Iterations: c.Iters, Salt: u.salt, StoredKey: c.StoredKey, ServerKey: c.ServerKey}, err
}

func (u scramUsers) SCRAMIdentity(_ context.Context, _ Peer, user, authorize string) (*Identity, error) {
	if authorize != "" && authorize != user {
		return nil, &AuthError{Reason: NotAuthorized}
	}
	return &Identity{Account: user}, nil
}

func newSCRAMServer(t *testing.T) *testServer {
	return newTestServer(t, func(srv *Server) {
		fast(srv)
		srv.Auth = PasswordsAndSCRAM(anyPassword, scramUsers{"test", "pencil", []byte("salt of sixteen.")})
	})
}

// TestSCRAMKnownAnswer is the example of RFC 7677 §3.
func TestSCRAMKnownAnswer(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	users := scramUsers{"user", "pencil", salt}
	auth := PasswordsAndSCRAM(nil, users)
	ex, err := auth.Start(t.Context(), "SCRAM-SHA-256", Peer{})
	if err != nil {
		t.Fatal(err)
	}
	challenge, _, err := ex.Next(t.Context(), []byte("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))
	if err != nil || !bytes.HasPrefix(challenge, []byte("r=rOprNGfwEbeRWgbNEkqO")) ||
		!bytes.HasSuffix(challenge, []byte(",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")) {
		t.Fatalf("%s, %v", challenge, err)
	}
	// The nonce is the server's to choose: with the RFC's, the proofs are the RFC's.
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) {
		k, err := users.SCRAMKeys(t.Context(), Peer{}, "user")
		return scram.StoredCredentials{
			KeyFactors: scram.KeyFactors{Salt: string(k.Salt), Iters: k.Iterations}, StoredKey: k.StoredKey, ServerKey: k.ServerKey,
		}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	server.WithNonceGenerator(func() string { return "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0" })
	e := &scramExchange{users: users, dialog: server.NewConversation()}
	if _, err := e.dialog.Step("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"); err != nil {
		t.Fatal(err)
	}
	proof, _, err := e.Next(t.Context(), []byte("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"+
		"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
	if err != nil || string(proof) != "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" {
		t.Fatalf("%s, %v", proof, err)
	}
	_, id, err := e.Next(t.Context(), []byte{})
	if err != nil || id == nil || id.Account != "user" {
		t.Errorf("%v, %v", id, err)
	}
}

// scramAs authenticates as a client and returns how the command ended.
func (c *testClient) scramAs(mechanism string, dialog *scram.ClientConversation, initial bool) string {
	c.t.Helper()
	message, err := dialog.Step("")
	if err != nil {
		c.t.Fatal(err)
	}
	command := "a AUTHENTICATE " + mechanism
	if initial {
		c.send(command + " " + b64(message) + "\r\n")
	} else {
		c.send(command + "\r\n")
		if got := c.line(); got != "+ " {
			return ending(got)
		}
		c.send(b64(message) + "\r\n")
	}
	for range 3 {
		line := c.line()
		challenge, ok := strings.CutPrefix(line, "+ ")
		if !ok {
			end, _, _ := strings.Cut(ending(line), " [CAPABILITY")
			return end
		}
		text, err := base64.StdEncoding.DecodeString(challenge)
		if err != nil {
			c.t.Fatal(err)
		}
		if message, err = dialog.Step(string(text)); err != nil {
			c.t.Fatal(err)
		}
		if dialog.Done() {
			message = "" // the server has proven itself
		}
		c.send(b64(message) + "\r\n")
	}
	c.t.Fatal("too many challenges")
	return ""
}

func TestSCRAMLogin(t *testing.T) {
	for _, tt := range []struct{ user, password, authorize, want string }{
		{"test", "pencil", "", "a OK"},
		{"test", "pencil", "test", "a OK"},
		{"test", "wrong", "", "a NO [AUTHENTICATIONFAILED]"},
		{"nobody", "pencil", "", "a NO [AUTHENTICATIONFAILED]"},
		{"test", "pencil", "admin", "a NO [AUTHORIZATIONFAILED]"},
		{"broken", "pencil", "", "a NO [UNAVAILABLE]"},
	} {
		for _, initial := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s %s %s %v", tt.user, tt.password, tt.authorize, initial), func(t *testing.T) {
				c := newSCRAMServer(t).dialFar(Listener{})
				if greeting := c.line(); !strings.Contains(greeting, "AUTH=SCRAM-SHA-256 LOGINDISABLED") {
					t.Error(greeting)
				}
				client, err := scram.SHA256.NewClient(tt.user, tt.password, tt.authorize)
				if err != nil {
					t.Fatal(err)
				}
				if got := c.scramAs("SCRAM-SHA-256", client.NewConversation(), initial); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		}
	}
}

// TestSCRAMBad sends what no client should.
func TestSCRAMBad(t *testing.T) {
	c := newSCRAMServer(t).dialFar(Listener{})
	c.line()
	first := b64("n,,n=test,r=abc")
	for _, lines := range [][]string{
		{"a AUTHENTICATE SCRAM-SHA-256 " + b64("nonsense")},
		{"a AUTHENTICATE SCRAM-SHA-256 " + b64("n,,n=te\xffst,r=abc")},
		{"a AUTHENTICATE SCRAM-SHA-256 " + b64("n,,m=x,n=test,r=abc")},
		{"a AUTHENTICATE SCRAM-SHA-256 " + b64("n,,n=te=20st,r=abc")},
		{"a AUTHENTICATE SCRAM-SHA-256 " + b64("p=tls-exporter,,n=test,r=abc")},
		{"a AUTHENTICATE SCRAM-SHA-256 " + first, ""},
		{"a AUTHENTICATE SCRAM-SHA-256 " + first, b64("c=biws,r=abc,p=eA==")},
		{"a AUTHENTICATE SCRAM-SHA-256", "", "", "*"},
		{"a AUTHENTICATE SCRAM-SHA-256 " + first, "*"},
	} {
		got := c.converse(lines...)
		if last := ending(got[len(got)-1]); last != "a BAD" {
			t.Errorf("%q: %s", lines, last)
		}
	}
	if got := c.end("AUTHENTICATE SCRAM-SHA-256-PLUS " + first); got != "t NO" {
		t.Errorf("PLUS without TLS: %s", got)
	}
	if got := c.end("SELECT INBOX"); got != "t BAD" {
		t.Error("somebody is logged in:", got)
	}
}

// TestSCRAMPlus binds to the channel, in both versions of TLS, and refuses what a machine in the middle makes of it.
func TestSCRAMPlus(t *testing.T) {
	exporter := func(t *testing.T, s *tls.ConnectionState) scram.ChannelBinding {
		b, err := scram.NewTLSExporterBinding(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	unique := func(_ *testing.T, s *tls.ConnectionState) scram.ChannelBinding {
		return scram.NewTLSUniqueBinding(s.TLSUnique)
	}
	other := func(t *testing.T, s *tls.ConnectionState) scram.ChannelBinding {
		b := exporter(t, s)
		b.Data[0]++
		return b
	}
	foreign := func(*testing.T, *tls.ConnectionState) scram.ChannelBinding {
		return scram.ChannelBinding{Type: "tls-server-end-point", Data: []byte("x")}
	}
	for _, tt := range []struct {
		name    string
		version uint16
		binding func(*testing.T, *tls.ConnectionState) scram.ChannelBinding
		want    string
	}{
		{"TLS 1.3, tls-exporter", tls.VersionTLS13, exporter, "a OK"},
		{"TLS 1.2, tls-exporter", tls.VersionTLS12, exporter, "a OK"},
		{"TLS 1.2, tls-unique", tls.VersionTLS12, unique, "a OK"},
		{"another channel", tls.VersionTLS13, other, "a NO [AUTHENTICATIONFAILED]"},
		{"a binding that is not offered", tls.VersionTLS13, foreign, "a BAD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, state := dialTLS(t, newSCRAMServer(t), tt.version)
			if greeting := c.line(); !strings.Contains(greeting, " AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN]") {
				t.Error(greeting)
			}
			client, err := scram.SHA256.NewClient("test", "pencil", "")
			if err != nil {
				t.Fatal(err)
			}
			dialog := client.NewConversationWithChannelBinding(tt.binding(t, state))
			if got := c.scramAs("SCRAM-SHA-256-PLUS", dialog, true); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	t.Run("kept from seeing PLUS", func(t *testing.T) {
		c, _ := dialTLS(t, newSCRAMServer(t), tls.VersionTLS13)
		c.line()
		if got := c.end("AUTHENTICATE SCRAM-SHA-256 " + b64("y,,n=test,r=abc")); got != "t NO [AUTHENTICATIONFAILED]" {
			t.Error(got)
		}
		if got := c.end("AUTHENTICATE SCRAM-SHA-256-PLUS " + b64("n,,n=test,r=abc")); got != "t BAD" {
			t.Error(got)
		}
	})
}

// dialTLS opens a connection with TLS of one version.
func dialTLS(t *testing.T, ts *testServer, version uint16) (*testClient, *tls.ConnectionState) {
	t.Helper()
	server, client := net.Pipe()
	go ts.ServeConn(farConn{server}, Listener{TLS: newTLS(t), Implicit: true}, nil)
	t.Cleanup(func() { _ = client.Close() })
	conn := tls.Client(client, &tls.Config{InsecureSkipVerify: true, MaxVersion: version})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	c := &testClient{t: t, conn: conn}
	c.in = bufio.NewReader(conn)
	state := conn.ConnectionState()
	return c, &state
}

func TestSCRAMKeysStaySecret(t *testing.T) {
	k := SCRAMKeys{Iterations: 5, Salt: []byte("salt"), StoredKey: []byte("stored")}
	if text := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.ContainsAny(text, "0123456789{") {
		t.Errorf("the keys print as %s", text)
	}
}
