package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// faultyStore panics or fails when asked for certain mailboxes.
type faultyStore struct{ store.Store }

type faultyAccount struct{ store.Account }

func (s faultyStore) Account(ctx context.Context, id string) (store.Account, error) {
	if id == "panic" {
		panic("opening")
	}
	a, err := s.Store.Account(ctx, id)
	return faultyAccount{a}, err
}

func (a faultyAccount) Lookup(ctx context.Context, name string) (store.Mailbox, error) {
	switch name {
	case "panic":
		panic("store")
	case "secret":
		return store.Mailbox{}, errors.New("driver: password=hunter2")
	case "full":
		return store.Mailbox{}, &store.Error{Code: store.Unavailable, Op: "lookup", Err: errors.New("disk")}
	case "broken":
		return store.Mailbox{}, &store.Error{Code: store.Corruption, Op: "lookup"}
	}
	return a.Account.Lookup(ctx, name)
}

// lockedBuffer collects a log.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// TestPanic lets a handler panic. It ends its session and no other one, holds
// nothing locked, and leaves its stack in the log.
func TestPanic(t *testing.T) {
	var log lockedBuffer
	ts := newTestServer(t, func(srv *Server) {
		srv.Store = faultyStore{srv.Store}
		srv.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	ts.deliver("INBOX", 1)
	c, other := ts.open("INBOX"), ts.open("INBOX")
	if got := c.command("STATUS panic (MESSAGES)"); ending(got[0]) != "* BYE [SERVERBUG]" || got[1] != "EOF" {
		t.Errorf("%q", got)
	}
	for range 2 {
		c := ts.dial(Listener{}, nil)
		c.line()
		if got := c.command("LOGIN panic x"); ending(got[0]) != "* BYE [SERVERBUG]" && ending(got[0]) != "t NO [SERVERBUG]" {
			t.Errorf("%q", got)
		}
	}
	other.do("STORE 1 +FLAGS (\\Seen)")
	other.do("NOOP")
	ts.open("INBOX")
	ts.hubs.mu.Lock()
	if len(ts.hubs.open) != 1 {
		t.Error("an account whose opening panicked stays open")
	}
	ts.hubs.mu.Unlock()
	if !strings.Contains(log.text(), "faultyAccount") {
		t.Error("no stack in the log:", log.text())
	}
}

func TestStoreErrors(t *testing.T) {
	var log lockedBuffer
	ts := newTestServer(t, func(srv *Server) {
		fast(srv)
		srv.Store = faultyStore{srv.Store}
		srv.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	c := ts.login()
	for name, want := range map[string]string{
		"secret": "t NO [SERVERBUG]",
		"full":   "t NO [UNAVAILABLE]",
		"broken": "t NO [CORRUPTION]",
		"none":   "t NO [NONEXISTENT]",
	} {
		got := c.command("SELECT " + name)
		if ending(got[0]) != want || strings.Contains(got[0], "hunter2") {
			t.Errorf("%s: %q, want %s", name, got, want)
		}
	}
	if !strings.Contains(log.text(), "hunter2") || strings.Contains(log.text(), "NONEXISTENT") {
		t.Error("the log should have what operators can act on, and only that:", log.text())
	}
}

func TestEveryStoreCodeHasAnAnswer(t *testing.T) {
	for code := store.ServerBug; code.String() != store.ServerBug.String() || code == store.ServerBug; code++ {
		st := statusOf(&store.Error{Code: code})
		if st.code == nil || st.text == "" {
			t.Errorf("%s has no answer", code)
			continue
		}
		var e imap.Encoder
		b, err := e.AppendResponse(nil, &imap.Tagged{Tag: "t", Kind: st.kind, Code: st.code, Text: st.text})
		if err != nil || !strings.Contains(string(b), "["+code.String()+"]") {
			t.Errorf("%s: %q, %v", code, b, err)
		}
	}
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, nil)
		waits, idles := ts.open("INBOX"), ts.open("INBOX")
		idles.send("a IDLE\r\n")
		idles.line()
		fresh := ts.dial(Listener{}, nil)
		fresh.line()
		synctest.Wait()
		done := make(chan error)
		go func() { done <- ts.Shutdown(t.Context()) }()
		for name, c := range map[string]*testClient{"waiting": waits, "idle": idles, "fresh": fresh} {
			if got := c.line(); got != "* BYE Server is shutting down" {
				t.Errorf("%s: %s", name, got)
			}
			if got := c.line(); got != "EOF" {
				t.Errorf("%s: %s", name, got)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		late := ts.dial(Listener{}, nil)
		if got := late.line(); ending(got) != "* BYE [UNAVAILABLE]" {
			t.Error(got)
		}
	})
}

// TestShutdownDuringPenalty does not wait for a client that waits.
func TestShutdownDuringPenalty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, func(srv *Server) { srv.Limits.AuthDelay = 30 * time.Second })
		c := ts.dialFar(Listener{AllowPlaintext: true})
		c.line()
		c.send("a LOGIN test wrong\r\n")
		synctest.Wait()
		start := time.Now()
		done := make(chan error)
		go func() { done <- ts.Shutdown(t.Context()) }()
		for _, want := range []string{"a NO [AUTHENTICATIONFAILED]", "* BYE"} {
			if got := ending(c.line()); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if err := <-done; err != nil || time.Since(start) > time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestShutdownDeadline shuts down while a client does not read.
func TestShutdownDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTestServer(t, nil)
		c := ts.open("INBOX")
		c.send("a NOOP\r\n") // the answer is never read
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := ts.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestServeReturns(t *testing.T) {
	ts := newTestServer(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- ts.Serve(Listener{Listener: l}) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := ts.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, ErrServerClosed) {
		t.Error(err)
	}
	if err := ts.Serve(Listener{Listener: l}); !errors.Is(err, ErrServerClosed) {
		t.Error(err)
	}
}

// countingConn counts what reaches the network.
type countingConn struct {
	net.Conn
	mu     sync.Mutex
	writes int
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.writes++
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// TestWrites checks that pipelined commands, and a response of many lines, cost
// one write.
func TestWrites(t *testing.T) {
	ts := newTestServer(t, nil)
	ts.deliver("INBOX", 500)
	server, client := net.Pipe()
	counting := &countingConn{Conn: server}
	go ts.ServeConn(counting, Listener{}, &Identity{Account: "test"})
	defer client.Close()
	c := &testClient{t: t, conn: client, in: bufio.NewReader(client)}
	c.line()
	c.do("SELECT INBOX")
	for name, text := range map[string]string{
		"pipelined": strings.Repeat("x NOOP\r\n", 100) + "z NOOP\r\n",
		"fetch":     "z FETCH 1:* (UID FLAGS)\r\n",
	} {
		counting.mu.Lock()
		before := counting.writes
		counting.mu.Unlock()
		c.send(text)
		c.until("z")
		counting.mu.Lock()
		if n := counting.writes - before; n != 1 {
			t.Errorf("%s: %d writes", name, n)
		}
		counting.mu.Unlock()
	}
}

// shortBody ends before its size.
type shortBody struct{ n int }

func (b *shortBody) Read(p []byte) (int, error) {
	if b.n == 0 {
		return 0, io.EOF
	}
	b.n--
	return copy(p, "x"), nil
}

func TestBodyThatEndsEarly(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(&out)
	d := &imap.FetchData{Seq: 1, BodySection: []imap.FetchBodySection{{
		Data: imap.Literal{Body: &shortBody{3}, Size: 10, Valid: true},
	}}}
	if err := w.response(d); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if err := w.untagged(&imap.ExistsData{N: 1}); err == nil {
		t.Error("the connection goes on in the middle of a literal")
	}
}

func TestBodies(t *testing.T) {
	for _, size := range []int{0, 1, 100, flushSize - 50, flushSize, flushSize + 1, 5*flushSize + 3} {
		var out bytes.Buffer
		w := newWriter(&out)
		text := strings.Repeat("y", size)
		d := &imap.FetchData{Seq: 3, UID: 9, BodySection: []imap.FetchBodySection{
			{Data: imap.Literal{Body: strings.NewReader(text), Size: int64(size), Valid: true}},
			{Section: imap.Section{Text: imap.SectionTextText}, Data: imap.Literal{Body: strings.NewReader("zz"), Size: 2, Valid: true}},
		}}
		if err := errors.Join(w.response(d), w.flush()); err != nil {
			t.Fatal(err)
		}
		var dec imap.Decoder
		got, err := dec.Response(imap.Frame{Bytes: out.Bytes()})
		if err != nil {
			t.Fatalf("%d: %v", size, err)
		}
		f := got.(*imap.FetchData)
		if f.UID != 9 || f.BodySection[0].Data.Data != text || f.BodySection[1].Data.Data != "zz" {
			t.Errorf("%d octets come out differently", size)
		}
	}
}

// TestEncodeErrorLeavesNothing checks that a value that cannot be said does not
// leave half a response behind.
func TestEncodeErrorLeavesNothing(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(&out)
	if err := w.status(imap.StatusOK, nil, "evil\r\n* 1 EXPUNGE"); err == nil {
		t.Error("a text can hold a line end")
	}
	if err := errors.Join(w.status(imap.StatusOK, nil, "fine"), w.flush()); err != nil {
		t.Error(err)
	}
	if got := out.String(); got != "* OK fine\r\n" {
		t.Errorf("%q", got)
	}
}

// TestLastWords ends a connection while the client is still sending: it must
// find the server's last words all the same.
func TestLastWords(t *testing.T) {
	for _, secure := range []bool{false, true} {
		ts := newTestServer(t, nil)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener := Listener{Listener: l}
		if secure {
			listener.TLS, listener.Implicit = newTLS(t), true
		}
		go ts.Serve(listener)
		for range 20 {
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			c := &testClient{t: t, conn: conn, in: bufio.NewReader(conn)}
			if secure {
				c.tlsClient()
			}
			c.line()
			if _, err := c.conn.Write([]byte("a LOGOUT\r\n" + strings.Repeat("b NOOP\r\n", 5000))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
			text, err := io.ReadAll(c.in)
			if err != nil || string(text) != "* BYE Logging out\r\na OK LOGOUT completed\r\n" {
				t.Fatalf("secure %v: %.200q, %v", secure, text, err)
			}
			_ = conn.Close()
		}
	}
}
