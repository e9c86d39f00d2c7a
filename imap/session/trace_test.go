package session

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// traced plays a session with a trace and returns what client and server said.
func traced(t *testing.T, change func(*Server), play func(*testServer)) (client, server string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	ts := newTestServer(t, func(s *Server) {
		s.Trace = TraceFiles(dir)
		if change != nil {
			change(s)
		}
	})
	play(ts)
	if err := ts.Close(); err != nil {
		t.Fatal(err)
	}
	read := func(side string) string {
		files, err := filepath.Glob(filepath.Join(dir, "*."+side))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		info, err := os.Stat(files[0])
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", files[0], info.Mode(), err)
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return read("client"), read("server")
}

// decodable fails for a stream that does not decode, but for n units.
func decodable(t *testing.T, stream string, side imap.Side, n int) {
	t.Helper()
	f := trace.Follow(strings.NewReader(stream), side, trace.Options{ShowSecrets: true})
	for {
		u, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if u.Fault != nil {
			n--
			t.Logf("%s at %d: %v %q", side, u.Offset, u.Fault, u.Text)
		}
	}
	if n != 0 {
		t.Errorf("%s: %d more broken units wanted in:\n%s", side, n, stream)
	}
}

func TestTrace(t *testing.T) {
	const secret = "hunter2"
	var sent []string
	client, server := traced(t, func(s *Server) { s.Limits.BadBeforeAuth = 10 }, func(ts *testServer) {
		c := ts.dial(Listener{}, nil)
		c.line()
		sent = append(sent, c.command("LOGIN test "+secret+" "+secret)...)
		sent = append(sent, c.command("LOGN test "+secret)...)
		sent = append(sent, c.converse("x AUTHENTICATE PLAIN", "*")...)
		sent = append(sent, c.command("LOGIN test {7+}\r\n"+secret)...)
		sent = append(sent, c.command("LOGIN test \""+secret)...)
		sent = append(sent, c.command("SELECT INBOX")...)
		sent = append(sent, c.command("APPEND INBOX {28+}\r\nSubject: private\r\n\r\nletter\r\n")...)
		sent = append(sent, c.command("FETCH 1 (FLAGS BODY[])")...)
		sent = append(sent, c.converse("i IDLE", "DONE")...)
		sent = append(sent, c.command("LOGOUT")...)
	})
	if all := client + server; strings.Contains(all, secret) {
		t.Errorf("the password is in\n%s", all)
	}
	for _, want := range []string{
		"\r\nt2 REDACTED [redacted]\r\n", "\r\n*\r\n", "t3 LOGIN test [redacted]\r\n", "t5 SELECT INBOX\r\n",
		"t6 APPEND INBOX {33+}\r\n[28 octets that are not traced]", "\r\ni IDLE\r\nDONE\r\n",
	} {
		if !strings.Contains(client, want) {
			t.Errorf("no %q in\n%s", want, client)
		}
	}
	for _, line := range sent {
		if line = strings.TrimPrefix(line, "t "); !strings.Contains(server, line) {
			t.Errorf("the server did not say %q, it said\n%s", line, server)
		}
	}
	decodable(t, server, imap.Server, 0)
}

// TestTraceAuthenticate looks at both forms of PLAIN, and behind STARTTLS.
func TestTraceAuthenticate(t *testing.T) {
	const plain = "AHRlc3QAaHVudGVyMg=="
	client, server := traced(t, nil, func(ts *testServer) {
		c := ts.dial(Listener{TLS: testTLS(t)}, nil)
		c.line()
		c.converse("a STARTTLS")
		secure := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
		c.conn = secure
		c.in.Reset(secure)
		c.converse("b AUTHENTICATE PLAIN", "not base64!", "c AUTHENTICATE PLAIN", plain)
		c.command("LOGOUT")
	})
	if strings.Contains(client+server, plain) {
		t.Errorf("the response is in\n%s%s", client, server)
	}
	want := "a STARTTLS\r\nb AUTHENTICATE PLAIN\r\n[redacted]\r\nc AUTHENTICATE PLAIN\r\nW3JlZGFjdGVkXQ==\r\nt1 LOGOUT\r\n"
	if client != want {
		t.Errorf("got\n%s", client)
	}
	decodable(t, client, imap.Client, 1)
	decodable(t, server, imap.Server, 0)

	client, _ = traced(t, nil, func(ts *testServer) {
		c := ts.dial(Listener{}, nil)
		c.line()
		c.do("AUTHENTICATE PLAIN " + plain)
	})
	if client != "t1 AUTHENTICATE PLAIN W3JlZGFjdGVkXQ==\r\n" {
		t.Errorf("got %q", client)
	}
}

// TestTraceRefused: what was refused leaves a mark, and everything is in step.
func TestTraceRefused(t *testing.T) {
	client, server := traced(t, func(s *Server) { s.Limits.Message = 10 }, func(ts *testServer) {
		c := ts.dial(Listener{}, nil)
		c.line()
		c.command("LOGIN test {99999}")
		c.do("LOGIN test x")
		c.command("APPEND INBOX {11}")
		c.do("NOOP")
		c.command("NONSENSE (")
	})
	decodable(t, server, imap.Server, 0)
	decodable(t, client, imap.Client, 0)
	for _, want := range []string{"t1 X-REFUSED", "t3 X-REFUSED literal rejected (literal of 11 octets)\r\nt4 NOOP\r\nt5 NONSENSE (\r\n"} {
		if !strings.Contains(client, want) {
			t.Errorf("no %q in\n%s", want, client)
		}
	}
}

// brokenFile fails after some octets.
type brokenFile struct {
	bytes.Buffer
	room int
}

func (f *brokenFile) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("disk is full")
	}
	return f.Buffer.Write(p)
}

func (*brokenFile) Close() error { return nil }

// TestTraceFails: a session does not depend on its trace.
func TestTraceFails(t *testing.T) {
	ts := newTestServer(t, func(s *Server) {
		s.Trace = func(Peer) (io.WriteCloser, io.WriteCloser, error) {
			return &brokenFile{room: 30}, &brokenFile{room: 100}, nil
		}
	})
	c := ts.login()
	c.do("SELECT INBOX")
	c.do("NOOP")
	ts.Trace = TraceFiles(filepath.Join(t.TempDir(), "x\x00"))
	ts.login().do("NOOP")
}
