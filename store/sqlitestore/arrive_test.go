package sqlitestore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// TestAppendTogether: messages that are appended by several transactions of a batch share the rows they are in, and
// are what they would be if each had come alone.
func TestAppendTogether(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Summarizer: summaryOf})
	acct, inbox := newAccount(t, s, "alice")
	a := acct.(*handle).account
	other, err := acct.Create(t.Context(), store.NewMailbox{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	appendText(t, acct, inbox, "before")
	var ops []*op
	for i := range 2 * fullEmails {
		id := inbox
		if i%4 == 3 {
			id = other.ID
		}
		ops = append(ops, appendOp(t, acct, id, fmt.Sprint("text ", i)))
	}
	start, err := acct.ModSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runTogether(t, a, ops...)
	uids := map[store.MailboxID]int{inbox: 1}
	for i := range ops {
		id := inbox
		if i%4 == 3 {
			id = other.ID
		}
		uids[id]++
		if text, err := readBody(t, acct, id, uids[id]); err != nil || text != fmt.Sprint("text ", i) {
			t.Errorf("message %d: %q, %v", i, text, err)
		}
		changed, err := acct.Changes(t.Context(), id, start+imap.ModSeq(i))
		if err != nil || changed.Changed.Len() == 0 || changed.Changed.UIDs[0] != imap.UID(uids[id]) {
			t.Errorf("since MODSEQ %d: %v, %v; want UID %d first", int(start)+i, changed.Changed.UIDs, err, uids[id])
		}
	}
	// The one before, and two rows, the first of which has taken it in.
	if n, err := a.db.number("SELECT count(*) FROM email"); err != nil || n != 3 {
		t.Errorf("%d rows of emails, %v", n, err)
	}
	for _, p := range problems(t, s, false) {
		t.Error(p)
	}
}

// TestAppendTogetherKeywords: a keyword that only messages of the same batch have is in use.
func TestAppendTogetherKeywords(t *testing.T) {
	limits := store.DefaultLimits()
	limits.Keywords = 2
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Limits: limits})
	acct, inbox := newAccount(t, s, "alice")
	var ops []*op
	for _, keyword := range []string{"one", "two", "three"} {
		body, err := acct.Stage(t.Context(), strings.NewReader(keyword), int64(len(keyword)))
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		ops = append(ops, appendStaged(inbox, store.NewMessage{Body: body, Flags: imap.FlagsOf(keyword)}))
	}
	acct.(*handle).account.runBatch(ops)
	if ops[0].err != nil || ops[1].err != nil || !store.IsCode(ops[2].err, store.Limit) {
		t.Errorf("%v, %v, %v", ops[0].err, ops[1].err, ops[2].err)
	}
	v, err := acct.Load(t.Context(), inbox)
	if err != nil || v.Len() != 2 || v.Flags(0).String() != "(one)" || v.Flags(1).String() != "(two)" {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestAppendTogetherDamage: damage keeps only those from appending who append to what is damaged.
func TestAppendTogetherDamage(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet})
	acct, inbox := newAccount(t, s, "alice")
	a := acct.(*handle).account
	other, err := acct.Create(t.Context(), store.NewMailbox{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	appendText(t, acct, inbox, "text")
	for _, query := range []string{"UPDATE page SET data = x'00'", "UPDATE email SET data = x'00'"} {
		if err := a.db.exec(query); err != nil {
			t.Fatal(err)
		}
	}
	var ops []*op
	for range fullEmails {
		ops = append(ops, appendOp(t, acct, inbox, "lost"), appendOp(t, acct, other.ID, "kept"))
	}
	a.runBatch(ops)
	for i := range fullEmails {
		if err := ops[2*i].err; !store.IsCode(err, store.Corruption) {
			t.Errorf("append to what is damaged: %v", err)
		}
		if err := ops[2*i+1].err; err != nil {
			t.Error(err)
		}
		if text, err := readBody(t, acct, other.ID, 1+i); err != nil || text != "kept" {
			t.Errorf("%q, %v", text, err)
		}
	}
}
