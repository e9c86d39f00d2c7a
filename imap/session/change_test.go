package session

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStore(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 3)
	c := ts.open("INBOX")
	c.do("NOOP")
	tests := []struct {
		text string
		want []string
	}{
		{`STORE 1 +FLAGS (\Seen)`, []string{`* 1 FETCH (FLAGS (\Seen \Recent))`, "t OK STORE completed"}},
		{`STORE 1:2 FLAGS (\Flagged)`, []string{
			`* 1 FETCH (FLAGS (\Flagged \Recent))`, `* 2 FETCH (FLAGS (\Flagged \Recent))`, "t OK STORE completed",
		}},
		{`STORE 1 -FLAGS.SILENT (\Flagged)`, []string{"t OK STORE completed"}},
		{`STORE 1 FLAGS \Seen \Draft`, []string{`* 1 FETCH (FLAGS (\Seen \Draft \Recent))`, "t OK STORE completed"}},
		{`STORE 1 FLAGS ()`, []string{`* 1 FETCH (FLAGS (\Recent))`, "t OK STORE completed"}},
		{`UID STORE 2 -FLAGS (\Flagged)`, []string{`* 2 FETCH (FLAGS (\Recent) UID 2)`, "t OK UID STORE completed"}},
		{`UID STORE 77:99 -FLAGS (\Flagged)`, []string{"t OK UID STORE completed"}},
		{`UID STORE * +FLAGS (\Seen)`, []string{`* 3 FETCH (FLAGS (\Seen \Recent) UID 3)`, "t OK UID STORE completed"}},
		{`STORE 3 FLAGS (Work)`, []string{
			`* 3 FETCH (FLAGS (Work \Recent))`,
			`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft Work)`,
			`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \* Work)] Flags permitted`,
			"t OK STORE completed",
		}},
		{`STORE 3 +FLAGS (WORK)`, []string{`* 3 FETCH (FLAGS (Work \Recent))`, "t OK STORE completed"}},
	}
	for _, tt := range tests {
		got := recentLast(c.command(tt.text))
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.text, d)
		}
	}
}

// recentLast puts \Recent behind the other flags.
func recentLast(lines []string) []string {
	for i, l := range lines {
		if open := strings.Index(l, "FLAGS ("); open > 0 && strings.Contains(l, `\Recent`) {
			end := open + strings.IndexByte(l[open:], ')')
			names := strings.Fields(l[open+7 : end])
			names = append(slices.DeleteFunc(names, func(n string) bool { return n == `\Recent` }), `\Recent`)
			lines[i] = l[:open+7] + strings.Join(names, " ") + l[end:]
		}
	}
	return lines
}

func TestStoreWrong(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 3)
	c := ts.open("INBOX")
	for text, want := range map[string]string{
		`STORE 4 FLAGS (\Seen)`:                            "t BAD",
		`STORE 1:4 FLAGS (\Seen)`:                          "t BAD",
		`STORE 0 FLAGS (\Seen)`:                            "t BAD",
		`STORE 1 FLAGS (\Recent)`:                          "t BAD",
		`STORE 1 FLAGS (\*)`:                               "t BAD",
		`STORE 1 FLAGS (a]b)`:                              "t BAD",
		`STORE 1 FLAGS ("x")`:                              "t BAD",
		`STORE 1 (UNCHANGEDSINCE 3) FLAGS (\Seen)`:         "t BAD", // not advertised
		`STORE 99999999999 FLAGS (\Seen)`:                  "t BAD",
		`UID STORE 4294967296 FLAGS (\Seen)`:               "t BAD",
		`UID STORE 1 FLAGS.LOUD (\Seen)`:                   "t BAD",
		`UID EXPUNGE $`:                                    "t OK",
		`STORE $ +FLAGS (\Deleted)`:                        "t OK", // nothing was saved
		`STORE 1 FLAGS (` + strings.Repeat("k", 300) + `)`: "t NO [LIMIT]",
	} {
		if got := c.end(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, flags := range stored(t, ts) {
		if !flags.IsEmpty() {
			t.Error("a wrong STORE has changed flags:", flags)
		}
	}
	empty := ts.open("Other")
	for _, text := range []string{"STORE * FLAGS ()", "STORE 1:* FLAGS ()", "FETCH * FLAGS", "COPY 1 INBOX"} {
		if got := empty.end(text); got != "t BAD" {
			t.Errorf("%s in an empty mailbox: %s", text, got)
		}
	}
	empty.do("UID STORE 1:* FLAGS ()")
}

// TestStoreElsewhere sees what one session changes in another one.
func TestStoreElsewhere(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 3)
	a, b := ts.open("INBOX"), ts.open("INBOX")
	a.do(`STORE 1:2 +FLAGS.SILENT (\Seen)`)
	b.do(`STORE 2 +FLAGS.SILENT (\Flagged)`)
	// b has its own change and that of a to hear of, a only that of b.
	if got, want := b.do("NOOP"), []string{"t OK NOOP completed"}; !slices.Equal(got, want) {
		t.Errorf("b was told with its STORE already: %q", got)
	}
	if got := a.do("NOOP"); got[0] != `* 2 FETCH (FLAGS (\Flagged \Seen \Recent))` || len(got) != 2 {
		t.Errorf("%q", got)
	}
	rev2 := ts.login()
	rev2.do("ENABLE IMAP4rev2")
	rev2.do("SELECT INBOX")
	b.do(`STORE 3 +FLAGS (\Draft)`)
	if got := rev2.do("NOOP"); got[0] != `* 3 FETCH (FLAGS (\Draft) UID 3)` {
		t.Errorf("an unsolicited FETCH has the UID in IMAP4rev2: %q", got)
	}
}

func TestExpunge(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 5)
	a, b := ts.open("INBOX"), ts.open("INBOX")
	a.do("STORE 1,3:4 +FLAGS.SILENT (\\Deleted)")
	got := a.do("UID EXPUNGE 3:9")
	want := []string{"* 3 EXPUNGE", "* 3 EXPUNGE", "* 3 RECENT", "t OK UID EXPUNGE completed"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := a.do("EXPUNGE"); got[0] != "* 1 EXPUNGE" || len(got) != 3 {
		t.Errorf("%q", got)
	}
	// b may not be told with FETCH, and finds its numbers unchanged.
	got = b.command("FETCH 1:5 (UID)")
	want = []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)", "* 4 FETCH (UID 4)", "* 5 FETCH (UID 5)"}
	if d := cmp.Diff(want, got[:len(got)-1]); d != "" {
		t.Logf("messages that are gone may be left out: %s", d)
	}
	for text, want := range map[string]string{
		`STORE 1,2 +FLAGS.SILENT (\Seen)`: "t NO [EXPUNGEISSUED]",
		"COPY 3 Other":                    "t NO [EXPUNGEISSUED]",
	} {
		if text[0] == 'C' {
			continue // COPY tells the expunges, so it comes last
		}
		if got := b.end(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	got = b.command("COPY 3:5 Other")
	want = []string{"* 1 EXPUNGE", "* 2 EXPUNGE", "* 2 EXPUNGE", "t NO [EXPUNGEISSUED] Some of the messages no longer exist"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := b.do("FETCH 1:2 (UID)"); got[1] != "* 2 FETCH (UID 5)" {
		t.Errorf("%q", got)
	}
}

func TestCloseExpunges(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 3)
	c := ts.open("INBOX")
	c.do("STORE 1 +FLAGS (\\Deleted)")
	if got := c.do("UNSELECT"); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if got := len(stored(t, ts)); got != 3 {
		t.Error("UNSELECT has expunged:", got)
	}
	c.do("SELECT INBOX")
	if got := c.do("CLOSE"); len(got) != 1 {
		t.Errorf("CLOSE says what it does: %q", got)
	}
	if got := len(stored(t, ts)); got != 2 {
		t.Error("CLOSE has not expunged:", got)
	}
	for _, text := range []string{"CLOSE", "UNSELECT", "EXPUNGE", "CHECK"} {
		if got := c.end(text); got != "t BAD" {
			t.Errorf("%s without a mailbox: %s", text, got)
		}
	}
}

func TestCopyMove(t *testing.T) {
	ts := newTestServer(t, fast)
	ts.deliver("INBOX", 4)
	c, watch := ts.open("INBOX"), ts.open("Other")
	validity := ""
	got := c.do("COPY 1:2 Other")
	if _, err := fields(got[0], &validity); err != nil || !strings.HasSuffix(got[0], " 1:2 1:2] COPY completed") {
		t.Errorf("%q", got)
	}
	if got := watch.do("NOOP"); got[0] != "* 2 EXISTS" {
		t.Errorf("%q", got)
	}
	got = c.do("UID MOVE 2,4 Other")
	want := []string{"* OK [COPYUID " + validity + " 2,4 3:4] Moved", "* 2 EXPUNGE", "* 3 EXPUNGE", "* 2 RECENT", "t OK UID MOVE completed"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{
		"COPY 1 nowhere":      "t NO [TRYCREATE]",
		"MOVE 1 nowhere":      "t NO [TRYCREATE]",
		"COPY 9 Other":        "t BAD",
		"MOVE 1:9 Other":      "t BAD",
		"UID COPY 9 Other":    "t OK",
		"UID MOVE 9:12 Other": "t OK",
		"COPY 1":              "t BAD",
	} {
		if got := c.end(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := c.do("COPY 1 INBOX"); !slices.Contains(got, "* 3 EXISTS") {
		t.Errorf("a copy into the mailbox itself: %q", got)
	}
}

// fields takes the UIDVALIDITY out of a COPYUID.
func fields(line string, validity *string) (string, error) {
	_, rest, _ := strings.Cut(line, "COPYUID ")
	*validity, rest, _ = strings.Cut(rest, " ")
	return rest, nil
}
