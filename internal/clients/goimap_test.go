package clients

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
)

// dial connects and logs in; updates may be nil.
func dial(t *testing.T, s server, user string, updates *imapclient.UnilateralDataHandler) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.plain, &imapclient.Options{UnilateralDataHandler: updates})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(user, "any").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGoIMAPReads(t *testing.T) {
	c := dial(t, start(t), "test", nil)
	selected, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if selected.NumMessages != 8 || selected.UIDValidity != 1 || selected.UIDNext != 9 {
		t.Errorf("SELECT says %+v", selected)
	}
	all := imap.SeqSetNum()
	all.AddRange(1, 0)
	messages, err := c.Fetch(all, &imap.FetchOptions{
		UID: true, Flags: true, RFC822Size: true, Envelope: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
		BodySection:   []*imap.FetchItemBodySection{{Peek: true}},
	}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	subjects := []string{
		"Meeting room on Thursday", "Your order 20817 is on its way", "Open orders, week 3", "Fwd: Key for the archive",
		"Grüße aus Århus – Fotos kommen später", "来週の予定 – Plan for next week", "The new envelope icon",
		"Re: Meeting room on Thursday",
	}
	want := samples(t)
	if len(messages) != len(want) {
		t.Fatalf("%d messages", len(messages))
	}
	for i, m := range messages {
		if m.UID != imap.UID(i+1) || m.RFC822Size != int64(len(want[i])) {
			t.Errorf("message %d: UID %d, size %d", i+1, m.UID, m.RFC822Size)
		}
		if !bytes.Equal(m.BodySection[0].Bytes, want[i]) {
			t.Errorf("message %d: %s", i+1, cmp.Diff(string(want[i]), string(m.BodySection[0].Bytes)))
		}
		if m.Envelope.Subject != subjects[i] {
			t.Errorf("message %d: subject %q, want %q", i+1, m.Envelope.Subject, subjects[i])
		}
	}
	wantTypes := [][]string{
		{"text/plain"},
		{"multipart/ALTERNATIVE", "text/plain", "text/html"},
		{"multipart/MIXED", "text/plain", "text/csv"},
		{"multipart/MIXED", "text/plain", "message/rfc822"},
		{"text/plain"},
		{"text/plain"},
		{"multipart/RELATED", "text/html", "image/png"},
		{"text/plain"},
	}
	for i, m := range messages {
		if diff := cmp.Diff(lower(wantTypes[i]), lower(mediaTypes(m.BodyStructure))); diff != "" {
			t.Errorf("message %d: structure (-want +got):\n%s", i+1, diff)
		}
	}
}

// mediaTypes lists a structure's media types, depth first, without what is inside nested messages.
func mediaTypes(b imap.BodyStructure) []string {
	types := []string{b.MediaType()}
	if multi, ok := b.(*imap.BodyStructureMultiPart); ok {
		for _, child := range multi.Children {
			types = append(types, mediaTypes(child)...)
		}
	}
	return types
}

func lower(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(bytes.ToLower([]byte(s))))
	}
	return out
}

// TestGoIMAPWorks goes through the life of a message: append, search, flags, copy, move, expunge.
func TestGoIMAPWorks(t *testing.T) {
	c := dial(t, start(t), "worker", nil)
	if err := c.Create("Arbeit/Größe 日本", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	var want [][]byte
	for i := range 5 {
		body := fmt.Appendf(nil, "From: a@example.org\r\nSubject: number %d\r\n\r\nbody %d\r\n%s", i, i, bytes.Repeat([]byte("x"), i*3000))
		appendMessage(t, c, "INBOX", body)
		want = append(want, body)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "NUMBER 3"}}}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]imap.UID{4}, found.AllUIDs()); diff != "" {
		t.Errorf("SEARCH (-want +got):\n%s", diff)
	}
	store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged, "$Label1"}}
	changed, err := c.Store(imap.UIDSetNum(2, 4), store, nil).Collect()
	if err != nil || len(changed) != 2 {
		t.Fatalf("STORE: %d changes, %v", len(changed), err)
	}
	copied, err := c.Copy(imap.UIDSetNum(1, 2), "Arbeit/Größe 日本").Wait()
	if err != nil || copied.SourceUIDs.String() != "1:2" || copied.DestUIDs.String() != "1:2" {
		t.Fatalf("COPY: %+v, %v", copied, err)
	}
	if _, err := c.Move(imap.UIDSetNum(4), "Arbeit/Größe 日本").Wait(); err != nil {
		t.Fatal(err)
	}
	checkMailbox(t, c, "INBOX", []imap.UID{1, 2, 3, 5}, [][]byte{want[0], want[1], want[2], want[4]})
	checkMailbox(t, c, "Arbeit/Größe 日本", []imap.UID{1, 2, 3}, [][]byte{want[0], want[1], want[3]})
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(imap.UIDSetNum(1, 3), deleted, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UIDExpunge(imap.UIDSetNum(1)).Collect(); err != nil {
		t.Fatal(err)
	}
	checkMailbox(t, c, "Arbeit/Größe 日本", []imap.UID{2, 3}, [][]byte{want[1], want[3]})
}

func appendMessage(t *testing.T, c *imapclient.Client, mailbox string, body []byte) {
	t.Helper()
	cmd := c.Append(mailbox, int64(len(body)), &imap.AppendOptions{Time: time.Unix(1768000000, 0)})
	if _, err := cmd.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// checkMailbox selects a mailbox and compares UIDs and whole messages.
func checkMailbox(t *testing.T, c *imapclient.Client, name string, uids []imap.UID, want [][]byte) {
	t.Helper()
	if _, err := c.Select(name, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	all := imap.UIDSet{}
	all.AddRange(1, 0)
	cmd := c.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	i := 0
	for m := cmd.Next(); m != nil; m, i = cmd.Next(), i+1 {
		uid, body := readMessage(t, m)
		if i >= len(uids) {
			t.Fatalf("%s has more than %d messages", name, len(uids))
		}
		if uid != uids[i] || !bytes.Equal(body, want[i]) {
			t.Errorf("%s message %d: UID %d (want %d), %d bytes (want %d)", name, i+1, uid, uids[i], len(body), len(want[i]))
		}
	}
	if err := cmd.Close(); err != nil {
		t.Errorf("%s: FETCH: %v", name, err)
	}
	if i != len(uids) {
		t.Errorf("%s has %d messages, want %d", name, i, len(uids))
	}
}

func readMessage(t *testing.T, m *imapclient.FetchMessageData) (imap.UID, []byte) {
	t.Helper()
	var uid imap.UID
	var body []byte
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			data, err := io.ReadAll(item.Literal)
			if err != nil {
				t.Fatal(err)
			}
			body = data
		}
	}
	return uid, body
}

// TestGoIMAPIdle has one connection wait in IDLE for what another does.
func TestGoIMAPIdle(t *testing.T) {
	s := start(t)
	exists := make(chan uint32, 16)
	expunged := make(chan uint32, 16)
	waiting := dial(t, s, "idler", &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				exists <- *data.NumMessages
			}
		},
		Expunge: func(seq uint32) { expunged <- seq },
	})
	if _, err := waiting.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	idle, err := waiting.Idle()
	if err != nil {
		t.Fatal(err)
	}
	working := dial(t, s, "idler", nil)
	appendMessage(t, working, "INBOX", []byte("Subject: one\r\n\r\n1\r\n"))
	expect(t, "EXISTS", exists, 1)
	if _, err := working.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := working.Store(imap.SeqSetNum(1), deleted, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := working.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, "EXPUNGE", expunged, 1)
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	if err := waiting.Logout().Wait(); err != nil {
		t.Error(err)
	}
}

func expect(t *testing.T, what string, c <-chan uint32, want uint32) {
	t.Helper()
	select {
	case got := <-c:
		if got != want {
			t.Errorf("%s %d, want %d", what, got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s came in IDLE", what)
	}
}
