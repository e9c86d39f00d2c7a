package session

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// anyPassword lets everybody in whose password is not "wrong", into an account
// of the same name.
func anyPassword(_ context.Context, _ Peer, c Credentials) (*Identity, error) {
	if c.Password == "wrong" {
		return nil, &AuthError{}
	}
	id := &Identity{Account: c.User}
	if c.Authorize != "" {
		id.Account = c.Authorize
	}
	return id, nil
}

// testServer is a server with an account "test" in memory.
type testServer struct {
	*Server
	t     testing.TB
	store *memstore.Store
}

func newTestServer(t testing.TB, change func(*Server)) *testServer {
	t.Helper()
	st := memstore.New(memstore.Options{Dir: t.TempDir()})
	setup := store.Setup{Mailboxes: []store.NewMailbox{{Name: "INBOX", UIDValidity: 7}, {Name: "Other"}}}
	if err := st.CreateAccount(t.Context(), "test", setup); err != nil {
		t.Fatal(err)
	}
	srv := &Server{Store: st, Auth: Passwords(anyPassword), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(srv)
	}
	ts := &testServer{Server: srv, t: t, store: st}
	t.Cleanup(func() {
		_ = srv.Close()
		_ = st.Close()
	})
	return ts
}

// deliver puts n small messages into a mailbox behind the engine's back.
func (ts *testServer) deliver(mailbox string, n int) {
	ts.t.Helper()
	ctx := context.Background()
	acct, err := ts.store.Account(ctx, "test")
	if err != nil {
		ts.t.Fatal(err)
	}
	defer acct.Close()
	m, err := acct.Lookup(ctx, mailbox)
	if err != nil {
		ts.t.Fatal(err)
	}
	for i := range n {
		text := fmt.Sprintf("Subject: message %d\r\n\r\nbody\r\n", i)
		staged, err := acct.Stage(ctx, strings.NewReader(text), int64(len(text)))
		if err != nil {
			ts.t.Fatal(err)
		}
		if _, err := acct.Append(ctx, m.ID, []store.NewMessage{{Body: staged}}); err != nil {
			ts.t.Fatal(err)
		}
		_ = staged.Close()
	}
	ts.settle(m.ID)
}

// settle does not wait for the store's hint that a mailbox has changed.
func (ts *testServer) settle(id store.MailboxID) {
	ts.hubs.mu.Lock()
	h := ts.hubs.open["test"]
	ts.hubs.mu.Unlock()
	if h != nil {
		h.changed(context.Background(), id, 0)
	}
}

// testClient is the client's end of a connection.
type testClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	tags int
}

// dial opens a connection in memory and reads the greeting.
func (ts *testServer) dial(l Listener, preauth *Identity) *testClient {
	ts.t.Helper()
	server, client := net.Pipe()
	go ts.ServeConn(server, l, preauth)
	c := &testClient{t: ts.t, conn: client, in: bufio.NewReader(client)}
	ts.t.Cleanup(func() { _ = client.Close() })
	return c
}

// farConn is a connection from an address elsewhere.
type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4711} }

// dialFar is dial for a client that is not on this machine.
func (ts *testServer) dialFar(l Listener) *testClient {
	ts.t.Helper()
	server, client := net.Pipe()
	go ts.ServeConn(farConn{server}, l, nil)
	ts.t.Cleanup(func() { _ = client.Close() })
	return &testClient{t: ts.t, conn: client, in: bufio.NewReader(client)}
}

// login opens a connection that is logged in.
func (ts *testServer) login() *testClient {
	c := ts.dial(Listener{}, nil)
	c.line()
	c.do("LOGIN test x")
	return c
}

// open opens a connection that has a mailbox selected.
func (ts *testServer) open(mailbox string) *testClient {
	c := ts.login()
	c.do("SELECT " + mailbox)
	return c
}

// converse sends lines one after the other and returns the server's line after
// each, for exchanges within a command.
func (c *testClient) converse(lines ...string) []string {
	var got []string
	for _, l := range lines {
		c.send(l + "\r\n")
		got = append(got, c.line())
	}
	return got
}

// send writes text as it is, without waiting for the server to read it.
func (c *testClient) send(text string) {
	go c.conn.Write([]byte(text))
}

// line reads a line; "EOF" stands for the end.
func (c *testClient) line() string {
	s, err := c.in.ReadString('\n')
	if err != nil {
		return "EOF"
	}
	return strings.TrimSuffix(s, "\r\n")
}

// command sends a command and returns the lines up to its end, the tag replaced
// by "t".
func (c *testClient) command(text string) []string {
	c.t.Helper()
	c.tags++
	tag := fmt.Sprintf("t%d", c.tags)
	c.send(tag + " " + text + "\r\n")
	return c.until(tag)
}

// until reads up to the end of a command.
func (c *testClient) until(tag string) []string {
	c.t.Helper()
	var lines []string
	for {
		l := c.line()
		if l == "EOF" {
			return append(lines, l)
		}
		if rest, ok := strings.CutPrefix(l, tag+" "); ok {
			return append(lines, "t "+rest)
		}
		lines = append(lines, l)
	}
}

// do is command for those that must succeed.
func (c *testClient) do(text string) []string {
	c.t.Helper()
	lines := c.command(text)
	if !strings.HasPrefix(lines[len(lines)-1], "t OK") {
		c.t.Fatalf("%s: %q", text, lines)
	}
	return lines
}

// end is the last line of what a command returns, without text.
func (c *testClient) end(text string) string {
	c.t.Helper()
	lines := c.command(text)
	return ending(lines[len(lines)-1])
}

// ending cuts the text for people from a status response.
func ending(line string) string {
	words := strings.Fields(line)
	if len(words) < 2 {
		return line
	}
	short := words[0] + " " + words[1]
	if i := strings.IndexByte(line, ']'); i > 0 && len(words) > 2 && words[2][0] == '[' {
		short += line[strings.IndexByte(line, '[')-1 : i+1]
	}
	return short
}
