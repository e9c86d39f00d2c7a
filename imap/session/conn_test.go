package session

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConversation(t *testing.T) {
	ts := newTestServer(t, nil)
	ts.deliver("INBOX", 3)
	c := ts.dial(Listener{}, nil)
	greeting := c.line()
	if !strings.HasPrefix(greeting, "* OK [CAPABILITY IMAP4rev1 ") || !strings.HasSuffix(greeting, "] IMAP4rev1 Service Ready") {
		t.Errorf("greeting %q", greeting)
	}
	c.do("LOGIN test secret")
	got := c.do("SELECT inbox")
	want := []string{
		"* 3 EXISTS",
		"* 3 RECENT",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted`,
		"* OK [UNSEEN 1] First unseen message",
		"* OK [UIDVALIDITY 7] UIDs valid",
		"* OK [UIDNEXT 4] Predicted next UID",
		"t OK [READ-WRITE] SELECT completed",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = c.command("LOGOUT")
	if d := cmp.Diff([]string{"* BYE Logging out", "t OK LOGOUT completed"}, got); d != "" {
		t.Error(d)
	}
	if l := c.line(); l != "EOF" {
		t.Errorf("after LOGOUT: %q", l)
	}
}
