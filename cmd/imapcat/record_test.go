package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

const message = "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nFrom: Fred Foobar <foobar@Blurdybloop.example>\r\n" +
	"Subject: afternoon meeting\r\nTo: mooch@owatagu.siam.edu.example\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n\r\nCan we meet at 3:30? \xc3\xa9\r\n"

// recorded is what the client sends: up to each part, it waits for the end of the command that it sent before, or for "+".
var recorded = []string{
	"a1 CAPABILITY\r\n",
	"a2 LOGIN {4}\r\n", "test {7}\r\n", "hunter3\r\n",
	"a3 AUTHENTICATE PLAIN\r\n", "AHRlc3QAaHVudGVyMg==\r\n",
	"a4 ENABLE IMAP4rev2\r\n",
	`a5 LIST (SUBSCRIBED) "" (INBOX "Sent*") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))` + "\r\n",
	"a6 SELECT INBOX\r\n",
	"a7 APPEND INBOX (\\Seen $Forwarded work) \" 7-Feb-1994 21:52:25 -0800\" {237}\r\n", message + "\r\n",
	"a8 FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (Subject)]<3.9> BODY[])\r\n",
	"a9 UID SEARCH RETURN (MIN COUNT ALL) OR SINCE 1-Feb-1994 NOT (LARGER 100 KEYWORD work)\r\n",
	"a10 STORE 1 -FLAGS.SILENT (work)\r\na11 UID COPY 1:* Sent\r\na12 NOOP\r\n",
	"a13 IDLE\r\n", "DONE\r\n",
	"a14 STATUS Sent (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n",
	"a15 NAMESPACE\r\n",
	"a16 LOGOUT\r\n",
}

// TestRecord makes the sessions in testdata, with -update: session is what went over the connection, traced is what the
// server's own trace has of it.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	var said, heard bytes.Buffer
	trace := map[string]*bytes.Buffer{"client": {}, "server": {}}
	tracer := func(session.Peer) (client, server io.WriteCloser, err error) {
		return closer{trace["client"]}, closer{trace["server"]}, nil
	}
	conn := serveOne(t, tracer)
	in := bufio.NewReader(io.TeeReader(conn, &heard))
	readUntil(t, in, "*")
	for _, part := range recorded {
		said.WriteString(part)
		if _, err := io.WriteString(conn, part); err != nil {
			t.Fatal(err)
		}
		readUntil(t, in, lastTag(part))
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"session.client": said.Bytes(), "session.server": heard.Bytes(),
		"traced.client": trace["client"].Bytes(), "traced.server": trace["server"].Bytes(),
	}
	for name, data := range files {
		if err := os.WriteFile("testdata/"+name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type closer struct{ io.Writer }

func (closer) Close() error { return nil }

// serveOne returns the client's end of a connection to a server in memory.
func serveOne(t *testing.T, tracer session.Tracer) net.Conn {
	t.Helper()
	mail := memstore.New(memstore.Options{Summarizer: session.Summarizer()})
	setup := store.Setup{Mailboxes: []store.NewMailbox{
		{Name: "INBOX", UIDValidity: 7, Subscribe: true}, {Name: "Sent", UIDValidity: 8, Use: store.UseSent, Subscribe: true},
	}}
	if err := mail.CreateAccount(t.Context(), "test", setup); err != nil {
		t.Fatal(err)
	}
	check := func(_ context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
		if c.Password != "hunter2" {
			return nil, &session.AuthError{Reason: session.BadCredentials}
		}
		return &session.Identity{Account: c.User}, nil
	}
	server := &session.Server{Store: mail, Auth: session.Passwords(check), Log: slog.New(slog.DiscardHandler), Trace: tracer}
	ours, theirs := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- server.ServeConn(theirs, session.Listener{AllowPlaintext: true}, nil) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = server.Close()
		_ = mail.Close()
	})
	return ours
}

// lastTag is the tag of the last command in a part, "+" for one that the server answers so.
func lastTag(part string) string {
	lines := strings.Split(strings.TrimSuffix(part, "\r\n"), "\r\n")
	last := lines[len(lines)-1]
	words := strings.Fields(last)
	switch {
	case strings.HasSuffix(last, "}"), len(words) == 3 && words[1] == "AUTHENTICATE", len(words) == 2 && words[1] == "IDLE":
		return "+"
	case len(words) < 2 || words[0][0] != 'a':
		return "a"
	}
	return words[0]
}

// readUntil reads up to a line that begins so.
func readUntil(t *testing.T, in *bufio.Reader, prefix string) {
	t.Helper()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(prefix, err)
		}
		if strings.HasPrefix(line, prefix) {
			return
		}
	}
}
