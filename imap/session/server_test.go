package session

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/store"
)

// flakyListener has no descriptors left at first.
type flakyListener struct {
	net.Listener
	mu    sync.Mutex
	fails int
	last  error
}

func (l *flakyListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails > 0 {
		l.fails--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	if l.last != nil {
		return nil, l.last
	}
	return l.Listener.Accept()
}

func TestAcceptErrors(t *testing.T) {
	ts := newTestServer(t, nil)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go ts.Serve(Listener{Listener: &flakyListener{Listener: inner, fails: 3}})
	conn, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if l, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(l, "* OK") {
		t.Errorf("%q, %v", l, err)
	}
	broken := errors.New("broken")
	if err := ts.Serve(Listener{Listener: &flakyListener{Listener: inner, last: broken}}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// pipes is a stream that is no net.Conn, as standard input and output are.
type pipes struct {
	io.Reader
	io.Writer
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func TestStream(t *testing.T) {
	ts := newTestServer(t, fast)
	in, write := io.Pipe()
	read, out := io.Pipe()
	p := &pipes{Reader: in, Writer: out, closed: make(chan struct{})}
	done := make(chan error)
	go func() { done <- ts.ServeConn(p, Listener{Name: "stdio"}, &Identity{Account: "test"}) }()
	lines := bufio.NewReader(read)
	say := func(text, want string) {
		t.Helper()
		if text != "" {
			fmt.Fprintf(write, "%s\r\n", text)
		}
		if got, _ := lines.ReadString('\n'); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	say("", "* PREAUTH [CAPABILITY IMAP4rev1")
	say("a IDLE", "+ idling")
	say("DONE", "a OK")
	say("b STARTTLS", "b BAD")
	say("c LOGOUT", "* BYE")
	say("", "c OK")
	<-p.closed
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoAuthenticator(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) { srv.Auth = nil })
	c := ts.dial(Listener{}, nil)
	if greeting := c.line(); !strings.Contains(greeting, "LOGINDISABLED") || strings.Contains(greeting, "AUTH=") {
		t.Error(greeting)
	}
	for _, text := range []string{"LOGIN test x", "AUTHENTICATE PLAIN"} {
		if got := c.end(text); got != "t NO" {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestPenaltiesAreBounded(t *testing.T) {
	var p penalties
	p.init(DefaultLimits())
	now := time.Now()
	for i := range 2 * maxPenalties {
		p.next(fmt.Sprint(i), now)
	}
	if n := len(p.by); n > maxPenalties {
		t.Errorf("%d addresses", n)
	}
	later := now.Add(2 * penaltyAge)
	for i := range 10 {
		p.next(fmt.Sprint("late", i), later)
	}
	if n := len(p.by); n > maxPenalties/2 {
		t.Errorf("%d addresses, most of them old", n)
	}
	if d := p.next("late1", later.Add(2*penaltyAge)); d != time.Second {
		t.Errorf("an old failure counts: %v", d)
	}
	six := func(s string) string { return networkOf(&net.TCPAddr{IP: net.ParseIP(s)}) }
	if six("2001:db8::1") != six("2001:db8::2") || six("2001:db8::1") == six("2001:db8:0:1::1") {
		t.Error("IPv6 addresses count by /64")
	}
}

// TestWarmMailboxes opens many mailboxes: the ones left behind do not stay for
// ever, nor does the account when nobody has it.
func TestWarmMailboxes(t *testing.T) {
	ts := newTestServer(t, nil)
	c := ts.login()
	for i := range 3 * warmBoxes {
		c.do(fmt.Sprintf("CREATE m%d", i))
		c.do(fmt.Sprintf("SELECT m%d", i))
	}
	ts.hubs.mu.Lock()
	h := ts.hubs.open["test"]
	ts.hubs.mu.Unlock()
	if n := len(h.mailboxes()); n > warmBoxes+2 {
		t.Errorf("%d mailboxes in memory", n)
	}
	c.do("DELETE m0")
	c.do("SELECT m1")
	c.do("LOGOUT")
	ts.hubs.mu.Lock()
	defer ts.hubs.mu.Unlock()
	if len(ts.hubs.open) != 0 {
		t.Error("the account is still open after LOGOUT")
	}
}

func TestWrongArguments(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.open("INBOX")
	for text, want := range map[string]string{
		"SELECT":            "t BAD Syntax error at byte ",
		"NOOP now":          "t BAD Syntax error at byte ",
		"CLOSE x":           "t BAD Syntax error at byte ",
		"UID EXPUNGE":       "t BAD Syntax error at byte ",
		"FETCH 1":           "t BAD Syntax error at byte ",
		"XYZZY {3+}\r\nabc": "t BAD Unknown command",
		"UID XYZZY":         "t BAD Unknown command",
		"UID NOOP":          "t BAD Unknown command",
		"COMPRESS DEFLATE":  "t BAD Unknown command",
	} {
		if got := c.command(text); !strings.HasPrefix(got[0], want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"\r\n":           "* BAD Syntax error at byte ",
		" NOOP\r\n":      "* BAD Syntax error at byte ",
		"*\r\n":          "* BAD Syntax error at byte ",
		"a\r\n":          "a BAD Syntax error at byte ",
		"a \r\n":         "a BAD Syntax error at byte ",
		"a+b NOOP\r\n":   "a BAD Syntax error at byte ",
		"\x00\xff\r\n":   "* BAD Syntax error at byte ",
		"a NOOP\n":       "* BAD Syntax error at byte ",
		"a NO\x00OP\r\n": "a BAD ",
		"a\tNOOP\r\n":    "a BAD Syntax error at byte ",
	} {
		c.send(text)
		if got := c.line(); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	c.do("NOOP")
}

// hugeStore says that there is no limit to messages.
type hugeStore struct{ store.Store }

func (hugeStore) Limits() store.Limits { return store.Limits{} }

func TestMaxMessage(t *testing.T) {
	ts := newTestServer(t, nil)
	for _, tt := range []struct {
		store store.Store
		limit int64
		want  int64
	}{
		{ts.store, -1, store.DefaultLimits().MessageSize},
		{ts.store, 10, 10},
		{ts.store, 1 << 40, store.DefaultLimits().MessageSize},
		{hugeStore{ts.store}, -1, -1},
		{hugeStore{ts.store}, 10, 10},
	} {
		s := &session{srv: &Server{Store: tt.store, limits: Limits{Message: tt.limit}}}
		if got := s.maxMessage(); got != tt.want {
			t.Errorf("%d: %d, want %d", tt.limit, got, tt.want)
		}
	}
}
