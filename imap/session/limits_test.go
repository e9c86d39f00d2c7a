package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLineLimits(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.dial(Listener{}, nil)
	c.line()
	long := "NOOP " + strings.Repeat("x", 9<<10)
	if got := c.command(long); !strings.HasPrefix(got[0], "t BAD [TOOBIG]") {
		t.Errorf("%q", got)
	}
	if got := c.end("LOGIN test {9000+}\r\n" + strings.Repeat("x", 9000)); got != "t BAD [TOOBIG]" {
		t.Error("large literal before authentication:", got)
	}
	if got := c.end("LOGIN test {9000}"); got != "t BAD [TOOBIG]" {
		t.Error("large synchronizing literal:", got)
	}
	c.do("LOGIN test x")
	if got := c.command(long); !strings.HasPrefix(got[0], "t BAD ") || strings.Contains(got[0], "TOOBIG") {
		t.Errorf("9 KiB after authentication: %.80q", got)
	}
	if got := c.end("NOOP " + strings.Repeat("x", 65<<10)); got != "t BAD [TOOBIG]" {
		t.Error(got)
	}
	c.do("NOOP")
}

// TestRefusedLiteral sends literals that are refused and look like commands.
func TestRefusedLiteral(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) {
		fast(srv)
		srv.Limits.Message = 1000
	})
	c := ts.login()
	evil := "evil DELETE Other\r\n"
	evil = strings.Repeat(evil, 300<<10/len(evil))
	for _, text := range []string{
		fmt.Sprintf("SELECT {%d+}\r\n%s", len(evil), evil),
		fmt.Sprintf("SELECT {%d+}\r\n%s (", len(evil), evil),
		fmt.Sprintf("NOSUCH {%d+}\r\n%s", len(evil), evil),
		fmt.Sprintf("SELECT {%d}", len(evil)),
	} {
		if got := c.end(text); got != "t BAD [TOOBIG]" {
			t.Errorf("%.40q: %s", text, got)
		}
	}
	if got := c.end(fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(evil), evil)); got != "t NO [TOOBIG]" {
		t.Error("message larger than allowed:", got)
	}
	if got := c.end("APPEND INBOX {1001}"); got != "t NO [TOOBIG]" {
		t.Error("message larger than allowed, announced only:", got)
	}
	c.do("STATUS Other (MESSAGES)")
}

func TestManyLiterals(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.open("INBOX")
	key := "SUBJECT {1+}\r\nx "
	if got := c.end("SEARCH " + strings.Repeat(key, 1100) + "ALL"); got != "t BAD [TOOBIG]" {
		t.Error(got)
	}
	if got := c.end("SEARCH " + strings.Repeat("SUBJECT {200000+}\r\n"+strings.Repeat("x", 200000)+" ", 6) + "ALL"); got != "t BAD [TOOBIG]" {
		t.Error(got)
	}
	c.do("SEARCH " + strings.Repeat(key, 100) + "ALL")
}

func TestNesting(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.open("INBOX")
	if got := c.command("SEARCH " + strings.Repeat("(", 1000) + "ALL" + strings.Repeat(")", 1000)); !strings.HasPrefix(got[0], "t BAD") {
		t.Errorf("%.100q", got)
	}
	if got := c.command("SEARCH " + strings.Repeat("NOT ", 1000) + "ALL"); !strings.HasPrefix(got[0], "t BAD") {
		t.Errorf("%.100q", got)
	}
	c.do("SEARCH ((((ALL))))")
	flood := bytes.Repeat([]byte("("), 8<<20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = c.conn.Write(append(append([]byte("a SEARCH "), flood...), "\r\nb NOOP\r\n"...))
	}()
	if got := c.line(); !strings.HasPrefix(got, "a BAD [TOOBIG]") {
		t.Errorf("%.100q", got)
	}
	<-done
	if got := ending(c.line()); got != "b OK" {
		t.Error(got)
	}
}

func TestLiteralMinus(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) { srv.LiteralMinus = true })
	c := ts.login()
	caps := c.do("CAPABILITY")[0]
	if !strings.Contains(caps, " LITERAL-") || strings.Contains(caps, " LITERAL+") {
		t.Error(caps)
	}
	if got := c.end("APPEND INBOX {5000+}\r\n" + strings.Repeat("x", 5000)); got != "t BAD [TOOBIG]" {
		t.Error(got)
	}
	if got := c.end("APPEND INBOX {4096+}\r\n" + strings.Repeat("x", 4096)); !strings.HasPrefix(got, "t OK [APPENDUID ") {
		t.Error(got)
	}
}

func TestBadCommands(t *testing.T) {
	ts := newTestServer(t, nil)
	before := ts.dial(Listener{}, nil)
	before.line()
	for range 3 {
		if got := before.end("XYZZY"); got != "t BAD" {
			t.Fatal(got)
		}
	}
	if got := before.command("XYZZY"); len(got) != 3 || !strings.HasPrefix(got[0], "t BAD") {
		// The connection ends behind the BAD, with BYE.
		if l := before.line(); !strings.HasPrefix(l, "* BYE") {
			t.Errorf("%q, then %q", got, l)
		}
	}
	after := ts.login()
	for range 50 {
		for range 20 {
			if got := after.end("XYZZY"); got != "t BAD" {
				t.Fatal(got)
			}
		}
		after.do("NOOP") // a good command makes it start again
	}
	for range 21 {
		after.end("XYZZY")
	}
	if l := after.line(); !strings.HasPrefix(l, "* BYE") {
		t.Error(l)
	}
}

func TestConnectionLimits(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) {
		srv.Limits.Connections = 4
		srv.Limits.PerAddress = 2
		srv.Limits.PerUser = 1
	})
	far := Listener{AllowPlaintext: true}
	first, second := ts.dialFar(far), ts.dialFar(far)
	first.line()
	second.line()
	if got := ts.dialFar(far).line(); got != "* BYE [UNAVAILABLE] too many connections from your address" {
		t.Error(got)
	}
	first.do("LOGIN test x")
	if got := second.end("LOGIN test x"); got != "t NO [LIMIT]" {
		t.Error("second connection of the user:", got)
	}
	near := []*testClient{ts.dial(Listener{}, nil), ts.dial(Listener{}, nil)}
	for _, c := range near {
		c.line()
		c.do("LOGIN test x")
	}
	if got := ts.dial(Listener{}, nil).line(); got != "* BYE [UNAVAILABLE] too many connections" {
		t.Error(got)
	}
	first.do("LOGOUT")
	first.line()
	second.do("LOGIN test x") // what the first one counted for is free again
}

func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, func(srv *Server) { srv.Limits.IdleTimeout = time.Minute }) // too short: 30 minutes
		start := time.Now()
		silent := ts.dial(Listener{}, nil)
		silent.line()
		if got := silent.line(); got != "* BYE Login timed out" || time.Since(start) != time.Minute {
			t.Errorf("%s after %v", got, time.Since(start))
		}

		slow := ts.dial(Listener{}, nil)
		slow.line()
		start = time.Now()
		go func() {
			for range 100 { // a command that never ends
				time.Sleep(time.Second)
				if _, err := slow.conn.Write([]byte("x")); err != nil {
					return
				}
			}
		}()
		if got := slow.line(); got != "* BYE Login timed out" || time.Since(start) != time.Minute {
			t.Errorf("%s after %v", got, time.Since(start))
		}

		c := ts.open("INBOX")
		time.Sleep(30*time.Minute - time.Second)
		c.do("NOOP")
		start = time.Now()
		if got := c.line(); got != "* BYE Idle for too long" {
			t.Error(got)
		}
		if d := time.Since(start); d < 30*time.Minute || d > 35*time.Minute {
			t.Errorf("closed after %v", d)
		}

		idle := ts.open("INBOX")
		idle.send("a IDLE\r\n")
		idle.line()
		start = time.Now()
		if got := idle.line(); got != "* BYE Idle for too long" || time.Since(start) < 30*time.Minute {
			t.Errorf("%s after %v", got, time.Since(start))
		}
	})
}

// TestClientDoesNotRead checks that a client that never reads is given up.
func TestClientDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, nil)
		c := ts.open("INBOX")
		start := time.Now()
		c.send("a NOOP\r\n")
		time.Sleep(10 * time.Minute)
		if ts.Server.open() != nil && len(ts.Server.open()) != 0 {
			t.Errorf("the session is still there after %v", time.Since(start))
		}
	})
}
