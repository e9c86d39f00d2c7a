package session

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIdle(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 2)
	c, other := ts.open("INBOX"), ts.open("INBOX")
	c.send("a idle\r\n")
	if got := c.line(); got != "+ idling" {
		t.Fatal(got)
	}
	other.do("STORE 1 +FLAGS.SILENT (\\Deleted)")
	if got := c.line(); got != `* 1 FETCH (FLAGS (\Deleted \Recent))` {
		t.Error(got)
	}
	other.do("EXPUNGE")
	for _, want := range []string{"* 1 EXPUNGE", "* 1 RECENT"} {
		if got := c.line(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	ts.deliver("INBOX", 1)
	if got := c.line(); got != "* 2 EXISTS" {
		t.Error(got)
	}
	c.send("done\r\n")
	got := c.until("a")
	if ending(got[len(got)-1]) != "t OK" {
		t.Errorf("%q", got)
	}
	c.do("FETCH 1:2 (UID)")
}

func TestIdleEndings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"pipelined", "a IDLE\r\nDONE\r\n", "a OK"},
		{"something else", "a IDLE\r\nb NOOP\r\n", "a BAD"},
		{"a literal", "a IDLE\r\nDONE {3}\r\n", "a BAD"},
		{"empty line", "a IDLE\r\n\r\n", "a BAD"},
		{"in another case", "a IDLE\r\nDone\r\n", "a OK"},
		{"a bare LF", "a IDLE\r\nDONE\n", "a BAD"},
		{"a long line", "a IDLE\r\nb " + strings.Repeat("x", 100_000) + "\r\n", "a BAD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ts := newTestServer(t, fast)
			c := ts.open("INBOX")
			c.send(tt.text)
			if got := c.line(); got != "+ idling" {
				t.Fatal(got)
			}
			if got := ending(c.line()); got != tt.want {
				t.Error(got)
			}
			c.do("NOOP")
		})
	}
}

func TestIdleWithoutMailbox(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.login()
	c.send("a IDLE\r\n")
	c.line()
	ts.deliver("INBOX", 1)
	c.send("DONE\r\nb SELECT INBOX\r\n")
	if got := ending(c.line()); got != "a OK" {
		t.Error(got)
	}
	if got := c.until("b"); got[0] != "* 1 EXISTS" {
		t.Errorf("%q", got)
	}
	before := ts.dial(Listener{}, nil)
	before.line()
	if got := before.end("IDLE"); got != "t BAD" {
		t.Error("IDLE before authentication:", got)
	}
}

// TestIdlePending tells what waited for IDLE: expunges that could not be told
// before.
func TestIdlePending(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 3)
	c, other := ts.open("INBOX"), ts.open("INBOX")
	other.do(`STORE 1:2 +FLAGS.SILENT (\Deleted)`)
	other.do("EXPUNGE")
	got := c.do("FETCH 3 (UID)")
	if d := cmp.Diff([]string{"* 3 FETCH (UID 3)", `t OK FETCH completed`}, got); d != "" {
		t.Error(d)
	}
	c.send("a IDLE\r\n")
	for _, want := range []string{"+ idling", "* 1 EXPUNGE", "* 1 EXPUNGE"} {
		if got := c.line(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	c.send("DONE\r\n")
	c.until("a")
	if got := c.do("FETCH 1 (UID)"); got[0] != "* 1 FETCH (UID 3)" {
		t.Error(got)
	}
}

func TestIdleDisconnect(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.open("INBOX")
	c.send("a IDLE\r\n")
	c.line()
	_ = c.conn.Close()
	other := ts.open("INBOX")
	other.do("APPEND INBOX {1+}\r\nx")
	for len(ts.Server.open()) > 1 {
		// The session ends when it notices, which takes no time to speak of.
		other.do("NOOP")
	}
	if got := other.do("NOOP"); !strings.HasPrefix(got[len(got)-1], "t OK") {
		t.Error(got)
	}
}

// TestIdlePipelinedTLS ends IDLE in the TLS record that began it, with every
// buffer size that may lie between the two.
func TestIdlePipelinedTLS(t *testing.T) {
	for _, far := range []bool{false, true} {
		ts := newTestServer(t, func(srv *Server) {
			fast(srv)
			if far {
				srv.Limits.IdleTimeout = -1
			}
		})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go ts.Serve(Listener{Listener: l, TLS: newTLS(t), Implicit: true})
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		c := &testClient{t: t, conn: conn}
		c.tlsClient()
		c.line()
		c.do("LOGIN test x")
		for size := 64; size <= 8192; size *= 2 {
			idle := "i IDLE\r\n"
			noop := " NOOP\r\n"
			pad := strings.Repeat("n", size-len(idle)-len(noop)) + noop
			if len(pad)+len(idle) != size {
				t.Fatal(len(pad))
			}
			c.send(pad + idle + "DONE\r\nz NOOP\r\n")
			if got := c.until("z"); len(got) != 4 || ending(got[2]) != "i OK" {
				t.Errorf("%d: %.200q", size, got)
			}
		}
		c.send("i IDLE\r\n")
		c.line()
		time.Sleep(10 * time.Millisecond) // so that the server is waiting
		c.send("DONE\r\n")
		c.until("i")
	}
}
