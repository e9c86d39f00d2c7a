package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLiteralMemory: literals of several clients share a bound. Who comes too late waits until others are done, is
// refused if that takes too long, and can go on.
func TestLiteralMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, func(srv *Server) {
			fast(srv)
			srv.Limits.LiteralMemory = 20_000
		})
		first, second, third := ts.open("INBOX"), ts.open("INBOX"), ts.open("INBOX")
		text := strings.Repeat("x", 15_000)
		search := fmt.Sprintf("a UID SEARCH BODY {%d}\r\n", len(text))
		first.send(search)
		if got := first.line(); !strings.HasPrefix(got, "+ ") {
			t.Fatal(got)
		}
		begun := time.Now()
		second.send(search)
		answer := make(chan string, 1)
		go func() { answer <- second.line() }()
		third.do("NOOP")
		third.do("SEARCH BODY {5}\r\nhello") // small ones never wait
		time.Sleep(time.Second)
		select {
		case got := <-answer:
			t.Fatalf("did not wait: %s", got)
		default:
		}
		first.send(text + "\r\n")
		if got := <-answer; !strings.HasPrefix(got, "+ ") || time.Since(begun) > 2*time.Second {
			t.Errorf("%s after %v", got, time.Since(begun))
		}
		first.until("a")
		// Second has the memory now and does not go on.
		third.send(search)
		begun = time.Now()
		if got := third.until("a"); ending(got[len(got)-1]) != "t NO [UNAVAILABLE]" || time.Since(begun) != literalPatience {
			t.Errorf("%q after %v", got, time.Since(begun))
		}
		third.do("NOOP")
		_ = second.conn.Close()
		synctest.Wait()
		third.send(search)
		if got := third.line(); !strings.HasPrefix(got, "+ ") {
			t.Error("the memory of a connection that has ended is not free:", got)
		}
		third.send(text + "\r\n")
		third.until("a")
		huge := fmt.Sprintf("a UID SEARCH BODY {%d}\r\n", 20_001)
		third.send(huge)
		if got := third.until("a"); ending(got[0]) != "t NO [UNAVAILABLE]" {
			t.Errorf("%q", got)
		}
	})
}
