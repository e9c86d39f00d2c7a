package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestQuiet lets clients be silent at every place of a conversation.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, fast)
		c := ts.dial(Listener{}, nil)
		c.line()
		slowly := func(text string) {
			for _, part := range strings.SplitAfter(text, "|") {
				time.Sleep(19 * time.Second)
				if _, err := c.conn.Write([]byte(strings.TrimSuffix(part, "|"))); err != nil {
					t.Fatalf("%.20q: %v, then %q", part, err, c.line())
				}
			}
		}
		slowly("a LOGIN| test x\r\n")
		c.until("a")
		slowly("b SELECT {5+}\r\n|INB|OX|\r\n")
		if got := c.until("b"); ending(got[len(got)-1]) != "t OK [READ-WRITE]" {
			t.Errorf("%q", got)
		}
		slowly("c APPEND INBOX {10+}|\r\n12345|67890|\r\n")
		if got := c.until("c"); !strings.HasPrefix(ending(got[len(got)-1]), "t OK [APPENDUID") {
			t.Errorf("%q", got)
		}
		slowly("d NOSUCH {5000000+}\r\n")
		if got := ending(c.line()); got != "d BAD [TOOBIG]" {
			t.Error(got)
		}
		slowly(strings.Repeat("x", 2500000) + "|" + strings.Repeat("y", 2500000) + "|\r\ne NOOP\r\n")
		if got := ending(c.line()); got != "e OK" {
			t.Error(got)
		}
		slowly("f IDLE\r\n")
		c.line()
		slowly("DO|NE\r\n")
		if got := ending(c.line()); got != "f OK" {
			t.Error(got)
		}
		slowly("g AUTHENT|ICATE PLAIN\r\n")
		if got := ending(c.line()); got != "g BAD" {
			t.Error(got)
		}
	})
}

// TestQuietIsCheap looks at what a quiet session keeps.
func TestQuietIsCheap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, nil)
		c := ts.open("INBOX")
		time.Sleep(15 * time.Second)
		synctest.Wait()
		for _, s := range ts.Server.open() {
			if s.dec != nil || s.out.g != nil || !s.rd.Release() {
				t.Error("a quiet session keeps its buffers")
			}
		}
		c.do("NOOP")
		time.Sleep(29 * time.Minute)
		c.do("NOOP")
	})
}

func TestQuietTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, nil)
		c := ts.dialFar(Listener{TLS: newTLS(t), Implicit: true})
		c.tlsClient()
		c.line()
		time.Sleep(15 * time.Second)
		c.do("LOGIN test x")
		time.Sleep(15 * time.Second)
		c.do("SELECT INBOX")
		c.send("i IDLE\r\n")
		c.line()
		time.Sleep(15 * time.Minute)
		ts.deliver("INBOX", 1)
		if got := c.line(); got != "* 1 EXISTS" {
			t.Error(got)
		}
		c.line()
		c.send("DONE\r\n")
		c.until("i")
		time.Sleep(29 * time.Minute)
		c.do("NOOP")
		if got := c.line(); got != "* BYE Idle for too long" {
			t.Error(got)
		}
	})
}

// TestQuietBeforeLogin keeps to the time for logging in, quiet or not.
func TestQuietBeforeLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, fast)
		c := ts.dial(Listener{}, nil)
		c.line()
		start := time.Now()
		for range 3 {
			time.Sleep(15 * time.Second)
			c.do("NOOP")
		}
		if got := c.line(); got != "* BYE Login timed out" || time.Since(start) != time.Minute {
			t.Errorf("%s after %v", got, time.Since(start))
		}
	})
}
