package lmtp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// fixture is a server with the users alice and bob.
type fixture struct {
	t       *testing.T
	mail    *admin.Service
	server  *Server
	address string
}

func newFixture(t *testing.T, limits store.Limits, o Options) *fixture {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	mail, err := admin.Open(filepath.Join(t.TempDir(), "data"), sqlitestore.Options{
		Limits: limits, Durability: sqlitestore.Relaxed, Logger: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", "bob"} {
		if err := mail.AddUser(t.Context(), name, "x"); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Log, o.Host = quiet, "mail.example.org"
	f := &fixture{t, mail, New(mail, o), l.Addr().String()}
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := f.server.Shutdown(ctx); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := mail.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// raw is a connection on which a test says what it likes.
type raw struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (f *fixture) dial() *raw {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		f.t.Fatal(err)
	}
	r := &raw{f.t, conn, bufio.NewReader(conn)}
	r.expect("220 mail.example.org LMTP")
	return r
}

// expect reads one reply, of which the last line must begin so, and returns all of it.
func (r *raw) expect(prefix string) string {
	r.t.Helper()
	var reply strings.Builder
	for {
		line, err := r.in.ReadString('\n')
		reply.WriteString(line)
		if err != nil {
			r.t.Fatalf("waiting for %q: %v after %q", prefix, err, reply.String())
		}
		if len(line) > 3 && line[3] == '-' {
			continue
		}
		if !strings.HasPrefix(line, prefix) {
			r.t.Fatalf("got %q, want %q", line, prefix)
		}
		return reply.String()
	}
}

func (r *raw) send(text string) {
	r.t.Helper()
	if _, err := io.WriteString(r.conn, text); err != nil {
		r.t.Fatal(err)
	}
}

// begin comes to where a message to the recipients can be sent.
func (r *raw) begin(recipients ...string) {
	r.t.Helper()
	r.send("LHLO client.example.org\r\n")
	r.expect("250 ")
	r.send("MAIL FROM:<sender@example.net>\r\n")
	r.expect("250 ")
	for _, to := range recipients {
		r.send("RCPT TO:<" + to + ">\r\n")
		r.expect("250 ")
	}
	r.send("DATA\r\n")
	r.expect("354 ")
}

// inbox returns the messages of a user.
func (f *fixture) inbox(user string) []string {
	f.t.Helper()
	account, err := f.mail.Store.Account(f.t.Context(), user)
	if err != nil {
		f.t.Fatal(err)
	}
	defer account.Close()
	box, err := account.Lookup(f.t.Context(), store.Inbox)
	if err != nil {
		f.t.Fatal(err)
	}
	var list []string
	all := imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}
	for m, err := range account.Messages(f.t.Context(), box.ID, all, store.WantBody) {
		if err != nil {
			f.t.Fatal(err)
		}
		data, err := io.ReadAll(io.NewSectionReader(m.Body, 0, m.Body.Size()))
		if err != nil {
			f.t.Fatal(err)
		}
		list = append(list, string(data))
	}
	return list
}

// TestDelivery: two of three recipients are users; each gets a header of its own.
func TestDelivery(t *testing.T) {
	f := newFixture(t, store.Limits{MessageSize: 1 << 20}, Options{})
	r := f.dial()
	r.send("LHLO client.example.org\r\n")
	reply := r.expect("250 ")
	for _, want := range []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "SIZE 1048576"} {
		if !regexp.MustCompile(`(?m)^250[- ]` + want + `\r$`).MatchString(reply) {
			t.Errorf("no %s in\n%s", want, reply)
		}
	}
	r.send("MAIL FROM:<sender@example.net> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<Alice+tag@example.org>\r\n" +
		"RCPT TO:<nobody@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n")
	r.expect("250 ")
	r.expect("250 ")
	r.expect("550 5.1.1 ")
	r.expect("250 ")
	r.expect("354 ")
	r.send("Subject: x\r\n\r\n..dot\r\né\r\n.\r\nQUIT\r\n")
	r.expect("250 2.1.5 <Alice+tag@example.org> ")
	r.expect("250 2.1.5 <bob@example.org> ")
	r.expect("221 ")
	for user, address := range map[string]string{"alice": "Alice+tag@example.org", "bob": "bob@example.org"} {
		got := f.inbox(user)
		want := regexp.MustCompile(`^Return-Path: <sender@example\.net>\r\nDelivered-To: ` + regexp.QuoteMeta(address) +
			`\r\nReceived: from client\.example\.org \(127\.0\.0\.1:\d+\)\r\n\tby mail\.example\.org with LMTP id \w+\r\n\tfor <` +
			regexp.QuoteMeta(address) + `>; \w{3}, \d\d \w{3} \d{4} [0-9:]{8} [-+]\d{4}\r\nSubject: x\r\n\r\n\.dot\r\né\r\n$`)
		if len(got) != 1 || !want.MatchString(got[0]) {
			t.Errorf("%s has %q", user, got)
		}
	}
}

// TestSmuggling: only CRLF "." CRLF ends a message. What a machine that is less strict would take for commands stays in
// the message; what a machine that is too strict would take for the message is not read as such.
func TestSmuggling(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	smuggled := "MAIL FROM:<evil@example.net>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
	tests := []struct{ sent, kept string }{
		{"\n.\n", "\r\n.\r\n"},
		{"\r.\r", "\r.\r"},
		{"\n.\r\n", "\r\n.\r\n"},
		{"\r\n.\n", "\r\n\r\n"}, // the dot begins a line: it stands before others only
		{"\r.\r\n", "\r.\r\n"},
		{"\r\n.\r", "\r\n\r"},
		{"\r\n.\r\r\n", "\r\n\r\r\n"},
		{"\r\r\n..\r\n", "\r\r\n.\r\n"},
		{"\r\n\x00.\r\n", "\r\n\x00.\r\n"},
		{"\r\n.\x00\r\n", "\r\n\x00\r\n"},
		{"\r\n..\r\n", "\r\n.\r\n"},
		{"\n\n.\n", "\r\n\r\n.\r\n"},
		{".\r\n", ".\r\n"},
	}
	r := f.dial()
	for i, tt := range tests {
		r.begin("alice@example.org")
		r.send("Subject: a\r\n\r\nb" + tt.sent + smuggled + "\r\n.\r\nNOOP\r\n")
		r.expect("250 2.1.5 ")
		r.expect("250 2.0.0 I have successfully done nothing")
		got := f.inbox("alice")
		if len(got) != i+1 || !strings.HasSuffix(got[i], "\r\n\r\nb"+tt.kept+smuggled+"\r\n") {
			t.Fatalf("%q: %d messages, the last is %q", tt.sent, len(got), got[len(got)-1])
		}
	}
	for _, end := range []string{"\r\n.\r\n", "\r\r\n.\r\n", "x\r\r\r\n.\r\n", "\n\r\n.\r\n", "\r\n.\r\r\n.\r\n"} {
		r.begin("alice@example.org")
		r.send("Subject: a\r\n" + end + "NOOP\r\n")
		r.expect("250 2.1.5 ")
		r.expect("250 2.0.0 I have successfully done nothing")
	}
	r.begin("alice@example.org")
	r.send(".\r\n")
	r.expect("250 2.1.5 ")
	if got := f.inbox("bob"); len(got) > 0 {
		t.Errorf("smuggled: %q", got)
	}
}

// TestPieces: a message that comes octet by octet is the same message.
func TestPieces(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	r := f.dial()
	for _, octet := range []byte("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@x>\r\nDATA\r\n") {
		r.send(string(octet))
	}
	for _, want := range []string{"250 ", "250 ", "250 ", "354 "} {
		r.expect(want)
	}
	for _, octet := range []byte("a: b\r\n\r\n..\r\n.\r\n") {
		r.send(string(octet))
		time.Sleep(time.Millisecond)
	}
	r.expect("250 ")
	got := f.inbox("alice")
	if len(got) != 1 || !strings.HasPrefix(got[0], "Return-Path: <>\r\n") || !strings.HasSuffix(got[0], "\r\na: b\r\n\r\n.\r\n") {
		t.Errorf("%q", got)
	}
}

// TestStatuses: each recipient gets an answer of its own.
func TestStatuses(t *testing.T) {
	f := newFixture(t, store.Limits{MessageSize: 2000}, Options{})
	small := store.Setup{MaxSize: 1000, Mailboxes: []store.NewMailbox{{Name: store.Inbox}}}
	if err := f.mail.Store.CreateAccount(t.Context(), "carol", small); err != nil {
		t.Fatal(err)
	}
	if err := f.mail.Users.Add(t.Context(), "carol", "carol", "x"); err != nil {
		t.Fatal(err)
	}
	if err := f.mail.Users.Add(t.Context(), "ghost", "ghost", "x"); err != nil { // without an account
		t.Fatal(err)
	}
	r := f.dial()
	r.begin("alice@x", "carol@x", "ghost@x", "alice@x", "bob@x")
	r.send("Subject: x\r\n\r\n" + strings.Repeat("0123456789012345\r\n", 60) + ".\r\n")
	r.expect("250 2.1.5 <alice@x> ")
	r.expect("452 4.2.2 <carol@x> ")
	r.expect("451 4.3.0 <ghost@x> ")
	r.expect("250 2.1.5 <alice@x> ")
	r.expect("250 2.1.5 <bob@x> ")
	if got := len(f.inbox("alice")); got != 1 {
		t.Errorf("an address that was given twice got %d messages", got)
	}
	r.send("MAIL FROM:<a@b> SIZE=2001\r\n")
	r.expect("552 5.3.4 ")
	r.begin("alice@x", "bob@x")
	r.send(strings.Repeat("0123456789012345\r\n", 120) + ".\r\n")
	r.expect("552 5.3.4 <alice@x> ")
	r.expect("552 5.3.4 <bob@x> ")
	r.send("NOOP\r\n") // the rest was not read as commands
	r.expect("250 ")
	r.begin("alice@x")
	for sent := 0; ; sent++ { // no end of it is in sight: the connection is closed
		if _, err := io.WriteString(r.conn, strings.Repeat("0123456789012345\r\n", 1000)); err != nil {
			break
		}
		if sent > 1000 {
			t.Fatal("18 MB of a message that may have 2 kB were read")
		}
	}
}

// TestBadClients say what they should not.
func TestBadClients(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	for _, tt := range []struct{ said, want string }{
		{"EHLO x\r\n", "500 5.5.1 "},
		{"MAIL FROM:<a@b>\r\n", "502 5.5.1 "},
		{"LHLO x\r\nMAIL FROM:<a\x01@b>\r\n", "553 5.1.7 "},
		{"LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<\"a\rX-Evil: x\"@b>\r\n", "553 5.1.3 "},
		{"LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<../alice@b>\r\n", "550 5.1.1 "},
		{"LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice>\r\n", "501 "},
		{"LHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n", "502 "},
		{"LHLO x\r\nSTARTTLS\r\n", "5"},
		{"LHLO x\r\nAUTH PLAIN AGEAYg==\r\n", "5"},
		{strings.Repeat("x", 5000) + "\r\n", "500 "},
	} {
		r := f.dial()
		lines := strings.SplitAfter(tt.said, "\r\n")
		for i, line := range lines[:len(lines)-1] {
			r.send(line)
			if i < len(lines)-2 {
				r.expect("250 ")
			} else {
				r.expect(tt.want)
			}
		}
	}
	r := f.dial()
	r.begin("alice@x")
	r.send("Subject: x\r\n\r\nhalf a mess")
	r.conn.Close()
	other := f.dial()
	other.begin("bob@x")
	other.send("x: y\r\n\r\n.\r\n")
	other.expect("250 ")
	if got := f.inbox("alice"); len(got) > 0 {
		t.Errorf("half a message was delivered: %q", got)
	}
}

// TestClient sends with the library's client, in chunks as well.
func TestClient(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	conn, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	large := "Subject: large\r\n\r\n" + strings.Repeat("0123456789\r\n", 100_000)
	if err := c.Mail("sänder@example.net", &smtp.MailOptions{UTF8: true}); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"alice@example.org", "bob@example.org"} {
		if err := c.Rcpt(to, nil); err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, large); err != nil {
		t.Fatal(err)
	}
	if replies, err := w.CloseWithLMTPResponse(); err != nil || len(replies) != 2 {
		t.Fatal(replies, err)
	}
	for _, user := range []string{"alice", "bob"} {
		if got := f.inbox(user); len(got) != 1 || !strings.HasSuffix(got[0], large) {
			t.Errorf("%s has %d messages", user, len(got))
		}
	}
	r := f.dial()
	r.send("LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@x>\r\nBDAT 5\r\na: b\nBDAT 9 LAST\r\n\r\n\r\n.\r\n.x")
	for _, want := range []string{"250 ", "250 ", "250 ", "250 ", "250 2.1.5 <alice@x> "} {
		r.expect(want)
	}
	if got := f.inbox("alice"); len(got) != 2 || !strings.HasSuffix(got[1], "a: b\r\n\r\n\r\n.\r\n.x") {
		t.Errorf("%q", got)
	}
}

// TestMemory: a message of many megabytes is never in memory at once.
func TestMemory(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	r := f.dial()
	r.begin("alice@x", "bob@x")
	block := bytes.Repeat([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n"), 1<<14) // 1 MiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const blocks = 32
	for range blocks {
		if _, err := r.conn.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	r.send(".\r\n")
	r.expect("250 ")
	r.expect("250 ")
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > blocks<<20/4 {
		t.Errorf("%d octets were allocated for a message of %d", n, blocks<<20)
	}
	if got := f.inbox("alice"); len(got) != 1 || len(got[0]) < blocks<<20 {
		t.Errorf("%d messages", len(got))
	}
}

// TestShutdown: a connection that waits is told at once, one that sends a message may finish.
func TestShutdown(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{})
	idle, busy := f.dial(), f.dial()
	busy.begin("alice@x")
	busy.send("a: b\r\n\r\n")
	time.Sleep(10 * time.Millisecond)
	ended := make(chan error, 1)
	go func() { ended <- f.server.Shutdown(t.Context()) }()
	idle.expect("421 ")
	busy.send("x\r\n.\r\n")
	busy.expect("250 2.1.5 ")
	busy.expect("421 ")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestManyConnections: more than may be open wait for others to end.
func TestManyConnections(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{Connections: 2})
	first, second := f.dial(), f.dial()
	third, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	second.send("NOOP\r\n")
	second.expect("250 ")
	first.send("QUIT\r\n")
	first.expect("221 ")
	if err := third.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(third).ReadString('\n'); err != nil || !strings.HasPrefix(line, "220 ") {
		t.Errorf("%q, %v", line, err)
	}
}

// TestSilence: a client that says nothing is sent away, within a message as well.
func TestSilence(t *testing.T) {
	f := newFixture(t, store.Limits{}, Options{Timeout: time.Second}) // longer than a busy machine takes to say a line
	f.dial().expect("421 ")
	r := f.dial()
	r.begin("alice@x")
	r.send("a: b\r\n")
	if _, err := io.Copy(io.Discard, r.in); err != nil {
		t.Error(err)
	}
	if got := f.inbox("alice"); len(got) > 0 {
		t.Errorf("half a message was delivered: %q", got)
	}
}

// FuzzBody compares the reader of messages with one that looks for the end in the whole text.
func FuzzBody(f *testing.F) {
	for _, s := range []string{".\r\n", "a\r\n.\r\nb", "\r\n.\r\r\n.\r\n", "..\r\n.\n.\r\n.\r\n", "\r\n..\r\n\r\n.\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		client, server := net.Pipe()
		defer server.Close()
		go func() {
			_, _ = io.WriteString(client, text)
			_ = client.Close()
		}()
		c := newConn(server, func() {})
		c.setMessage(true)
		got, err := io.ReadAll(&body{conn: c, timeout: time.Minute})
		all := "\r\n" + text
		want, _, ended := strings.Cut(all, "\r\n.\r\n")
		if ended != (err == nil) {
			t.Fatalf("ended %v, %v", ended, err)
		}
		if !ended {
			return
		}
		want = strings.TrimPrefix(strings.ReplaceAll(want+"\r\n", "\r\n.", "\r\n"), "\r\n")
		if string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	})
}
