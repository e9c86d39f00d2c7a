package session

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

func TestSelectRev2(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 2)
	c := ts.login()
	if got := c.do("ENABLE IMAP4rev2 UTF8=ACCEPT X-NONE"); got[0] != "* ENABLED IMAP4rev2" {
		t.Errorf("%q", got)
	}
	got := c.do("SELECT INBOX")
	want := []string{
		"* 2 EXISTS",
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
		`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted`,
		"* OK [UIDVALIDITY 7] UIDs valid",
		"* OK [UIDNEXT 3] Predicted next UID",
		`* LIST () "/" INBOX`,
		"t OK [READ-WRITE] SELECT completed",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := c.do("FETCH 1 (FLAGS)"); got[0] != "* 1 FETCH (FLAGS ())" {
		t.Errorf("%q", got)
	}
}

// TestKeywordLimit: \* says that there is room for keywords, and those that no message has give way
// (RFC 9051 §7.1, PERMANENTFLAGS).
func TestKeywordLimit(t *testing.T) {
	ts := newTestServer(t, func(srv *Server) {
		fast(srv)
		srv.Store = memstore.New(memstore.Options{Limits: store.Limits{Keywords: 2}})
		if err := srv.Store.CreateAccount(t.Context(), "test", store.Setup{}); err != nil {
			t.Fatal(err)
		}
	})
	c, other := ts.open("INBOX"), ts.open("INBOX")
	permanent := func(want string, lines ...string) {
		t.Helper()
		want = `* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft ` + want + ")] Flags permitted"
		if !slices.Contains(lines, want) {
			t.Errorf("no %s in %q", want, lines)
		}
	}
	c.do("APPEND INBOX (one) {1+}\r\nx")
	permanent(`\* one`, other.do("NOOP")...)
	permanent("one two", c.do("STORE 1 +FLAGS (two)")...)
	permanent("one two", other.do("NOOP")...)
	permanent("one two", ts.login().do("SELECT INBOX")...)
	if got := c.end("STORE 1 +FLAGS (three)"); got != "t NO [LIMIT]" {
		t.Error(got)
	}
	c.do("STORE 1 -FLAGS (one)")
	permanent(`\* one two`, ts.login().do("SELECT INBOX")...)
	c.do("STORE 1 +FLAGS (three)")
	permanent("two three", ts.login().do("SELECT INBOX")...)
}

func TestEnable(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.login()
	for text, want := range map[string]string{
		"ENABLE UTF8=ACCEPT": "* ENABLED",
		"ENABLE CONDSTORE":   "* ENABLED",
		"ENABLE imap4REV2":   "* ENABLED IMAP4rev2",
	} {
		if got := c.do(text); got[0] != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := c.end("ENABLE"); got != "t BAD" {
		t.Error(got)
	}
}

func TestSelectFails(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.open("INBOX")
	got := c.command("SELECT nowhere")
	want := []string{"* OK [CLOSED] Previous mailbox is closed", "t NO [NONEXISTENT] No such mailbox"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := c.end("FETCH 1 FLAGS"); got != "t BAD" {
		t.Error("something is still selected:", got)
	}
	for text, want := range map[string]string{
		"SELECT &AGE-":                "t NO [CANNOT]", // not modified UTF-7
		"SELECT \"a\\\"b\"":           "t NO [NONEXISTENT]",
		"SELECT INBOX (XYZZY)":        "t BAD",
		"SELECT INBOX (CONDSTORE)":    "t BAD", // not advertised
		"SELECT {2+}\r\n\x01\x02":     "t NO [CANNOT]",
		"SELECT":                      "t BAD",
		"SELECT a b":                  "t BAD",
		"EXAMINE nowhere":             "t NO [NONEXISTENT]",
		"SELECT inbox/../../../etc/x": "t NO [NONEXISTENT]",
	} {
		if got := c.end(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestReselect(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 1)
	c := ts.open("INBOX")
	got := c.do("SELECT Other")
	if got[0] != "* OK [CLOSED] Previous mailbox is closed" || got[1] != "* 0 EXISTS" {
		t.Errorf("%q", got)
	}
	ts.deliver("INBOX", 1)
	if got := c.do("NOOP"); len(got) != 1 {
		t.Errorf("news of a mailbox that is not selected: %q", got)
	}
	if got := c.do("SELECT INBOX"); got[1] != "* 2 EXISTS" {
		t.Errorf("%q", got)
	}
}

func TestExamine(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 2)
	c := ts.login()
	got := c.do("EXAMINE INBOX")
	for _, want := range []string{"* 2 RECENT", "* OK [PERMANENTFLAGS ()] Flags permitted", "t OK [READ-ONLY] EXAMINE completed"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	for _, text := range []string{`STORE 1 +FLAGS (\Seen)`, "EXPUNGE", "MOVE 1 Other", "UID EXPUNGE 1"} {
		if got := c.end(text); got != "t NO" {
			t.Errorf("%s: %s", text, got)
		}
	}
	c.do("FETCH 1 BODY[]")
	c.do("CLOSE")
	// Nothing has changed, not even \Recent.
	if got := c.do("SELECT INBOX"); !slices.Contains(got, "* 2 RECENT") || !slices.Contains(got, "* OK [UNSEEN 1] First unseen message") {
		t.Errorf("%q", got)
	}
}

// TestRecent checks that of all sessions one gets a message as \Recent.
func TestRecent(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 2)
	first, second := ts.open("INBOX"), ts.open("INBOX")
	if got := first.do("FETCH 1 FLAGS"); got[0] != `* 1 FETCH (FLAGS (\Recent))` {
		t.Errorf("%q", got)
	}
	if got := second.do("FETCH 1 FLAGS"); got[0] != `* 1 FETCH (FLAGS ())` {
		t.Errorf("%q", got)
	}
	ts.deliver("INBOX", 1)
	got := append(second.do("NOOP"), first.do("NOOP")...)
	if n := count(got, "* 3 EXISTS"); n != 2 {
		t.Errorf("%q", got)
	}
	if n := count(got, "* 1 RECENT") + count(got, "* 3 RECENT"); n != 1 {
		t.Errorf("\\Recent in %d sessions: %q", n, got)
	}
	first.do("CLOSE")
	if got := first.do("SELECT INBOX"); !slices.Contains(got, "* 0 RECENT") {
		t.Errorf("%q", got)
	}
}

// TestRecentClaimant ends the session that gets \Recent messages: another one
// gets them then.
func TestRecentClaimant(t *testing.T) {
	ts := newTestServer(t, fast)
	first, second, third := ts.open("INBOX"), ts.open("INBOX"), ts.open("INBOX")
	look := func(want string, got []string) {
		t.Helper()
		n := 0
		for _, l := range got {
			if strings.HasSuffix(l, " RECENT") {
				n++
			}
		}
		if want == "" && n != 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	ts.deliver("INBOX", 1)
	look("", first.do("NOOP"))
	look("* 1 RECENT", third.do("NOOP"))
	look("", second.do("NOOP"))
	third.do("LOGOUT")
	ts.deliver("INBOX", 1)
	look("", first.do("NOOP"))
	look("* 1 RECENT", second.do("NOOP"))
	second.do("ENABLE IMAP4rev2")
	ts.deliver("INBOX", 1)
	look("", second.do("NOOP"))
	look("* 1 RECENT", first.do("NOOP"))
}

func count(lines []string, want string) (n int) {
	for _, l := range lines {
		if l == want {
			n++
		}
	}
	return n
}

// TestDeletedMailbox deletes a mailbox that another session has selected.
func TestDeletedMailbox(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("Other", 2)
	c, other := ts.open("Other"), ts.login()
	other.do("DELETE Other")
	if got := c.end("FETCH 1 BODY[]"); !strings.HasPrefix(got, "t NO") {
		t.Error(got)
	}
	got := c.do("NOOP")
	want := []string{
		"* 1 EXPUNGE", "* 1 EXPUNGE", "* 0 RECENT",
		"* NO [NONEXISTENT] The selected mailbox was deleted", "t OK NOOP completed",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{
		"FETCH 1 FLAGS":          "t BAD",
		"UID FETCH 1:* FLAGS":    "t OK",
		"STORE 1 FLAGS (\\Seen)": "t BAD",
		"SEARCH ALL":             "t OK",
		"EXPUNGE":                "t NO [NONEXISTENT]",
		"NOOP":                   "t OK",
	} {
		if got := c.end(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	c.do("CLOSE")
	other.do("CREATE Other")
	if got := c.do("SELECT Other"); got[0] != "* 0 EXISTS" {
		t.Errorf("%q", got)
	}
}

func TestDeletedWhileIdle(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("Other", 1)
	c, other := ts.open("Other"), ts.login()
	c.send("a IDLE\r\n")
	c.line()
	other.do("DELETE Other")
	for _, want := range []string{"* 1 EXPUNGE", "* 0 RECENT", "* NO [NONEXISTENT] The selected mailbox was deleted"} {
		if got := c.line(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	c.send("DONE\r\n")
	c.until("a")
}

// TestRenamedInbox: INBOX stays, and whoever has it selected is told that its messages have gone.
func TestRenamedInbox(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 1)
	c, other := ts.open("INBOX"), ts.login()
	other.do("RENAME INBOX Else")
	if got := c.do("NOOP"); !slices.Contains(got, "* 1 EXPUNGE") {
		t.Errorf("%q", got)
	}
}

// TestRenamedMailbox renames a mailbox that another session has selected: that
// session goes on.
func TestRenamedMailbox(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("Other", 1)
	c, other := ts.open("Other"), ts.login()
	other.do("RENAME Other Else")
	ts.deliver("Else", 1)
	if got := c.do("NOOP"); !slices.Contains(got, "* 2 EXISTS") {
		t.Errorf("%q", got)
	}
	c.do("FETCH 1:2 BODY[]")
}
