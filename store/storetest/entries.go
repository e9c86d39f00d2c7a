package storetest

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/store"
)

// entryTests are about the power Annotator. An account without it passes.
var entryTests = []group{
	{name: "Entries", test: testEntries},
	{name: "EntryLimits", config: Config{Limits: store.Limits{Entries: 3, EntrySize: 10, MailboxName: 20}}, test: testEntryLimits},
	{name: "EntriesOfNames", test: testEntriesOfNames},
}

// annotator returns the account's power, or nil.
func (e *env) annotator() store.Annotator {
	a, _ := e.acct.(store.Annotator)
	return a
}

// entries lists the entries of a mailbox as "name=value".
func (e *env) entries(id store.MailboxID) (list []string) {
	e.Helper()
	entries, err := e.annotator().Entries(e.ctx, id)
	e.ok(err)
	for _, entry := range entries {
		list = append(list, entry.Name+"="+string(entry.Value))
	}
	return list
}

func (e *env) setEntries(id store.MailboxID, entries ...store.Entry) {
	e.Helper()
	e.ok(e.annotator().SetEntries(e.ctx, id, entries))
}

func entry(name, value string) store.Entry { return store.Entry{Name: name, Value: []byte(value)} }

func testEntries(e *env) {
	a := e.annotator()
	if a == nil {
		return
	}
	inbox := e.lookup("INBOX")
	before := e.modseq()
	e.setEntries(inbox.ID, entry("/shared/b", "2"), entry("/private/comment", ""), entry("/private/a", "x"), entry("/private/a", "1"))
	e.setEntries(0, entry("/shared/comment", "the account's"))
	e.same("MODSEQ", e.modseq(), before+2)
	e.same("INBOX's MODSEQ", e.lookup("INBOX").HighestModSeq, inbox.HighestModSeq)
	want := []string{"/private/a=1", "/private/comment=", "/shared/b=2"}
	e.same("entries", e.entries(inbox.ID), want)
	e.same("the account's entries", e.entries(0), []string{"/shared/comment=the account's"})

	// Nothing changes.
	e.setEntries(inbox.ID)
	e.setEntries(inbox.ID, entry("/shared/b", "2"), store.Entry{Name: "/no"})
	e.same("MODSEQ", e.modseq(), before+2)
	// All or none.
	err := a.SetEntries(e.ctx, inbox.ID, []store.Entry{entry("/shared/b", "3"), entry("no slash", "")})
	e.want(err, store.Cannot)
	e.same("entries", e.entries(inbox.ID), want)
	for _, name := range []string{"", "/", "a", "/a/", "//a", "/a//b", "/a\x00", "/a\n", "/\xff"} {
		e.want(a.SetEntries(e.ctx, inbox.ID, []store.Entry{entry(name, "x")}), store.Cannot)
	}
	e.setEntries(inbox.ID, store.Entry{Name: "/private/a"}, entry("/shared/b", "\x00\xff"))
	e.same("entries", e.entries(inbox.ID), []string{"/private/comment=", "/shared/b=\x00\xff"})
	// What was returned and given is the caller's.
	value := []byte("mine")
	e.setEntries(inbox.ID, store.Entry{Name: "/private/comment", Value: value})
	copy(value, "XXXX")
	e.same("entries", e.entries(inbox.ID)[:1], []string{"/private/comment=mine"})
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	e.want(a.SetEntries(ended, 0, []store.Entry{entry("/a", "")}), store.Unavailable)
	_, err = a.Entries(ended, 0)
	e.want(err, store.Unavailable)
}

func testEntryLimits(e *env) {
	a := e.annotator()
	if a == nil {
		return
	}
	id := e.lookup("INBOX").ID
	e.setEntries(id, entry("/a", "1234567890"), entry("/b", ""), entry("/c", ""))
	for _, refused := range []store.Entry{
		entry("/d", ""), entry("/a", "12345678901"), entry("/"+strings.Repeat("x", 20), ""),
	} {
		e.want(a.SetEntries(e.ctx, id, []store.Entry{refused}), store.Limit)
	}
	e.setEntries(id, entry("/d", ""), store.Entry{Name: "/a"}) // there is room afterwards
	e.setEntries(0, entry("/a", ""))
	e.same("entries", e.entries(id), []string{"/b=", "/c=", "/d="})
}

// testEntriesOfNames: entries belong to a mailbox, whatever its name.
func testEntriesOfNames(e *env) {
	a := e.annotator()
	if a == nil {
		return
	}
	box, below := e.create("box"), e.create("box/below")
	inbox := e.lookup("INBOX").ID
	for _, id := range []store.MailboxID{inbox, box.ID, below.ID} {
		e.setEntries(id, entry("/a", id.String()))
	}
	e.ok(e.acct.Rename(e.ctx, "box", "new"))
	e.ok(e.acct.Rename(e.ctx, "INBOX", "old"))
	for _, id := range []store.MailboxID{inbox, box.ID, below.ID} {
		e.same("entries", e.entries(id), []string{"/a=" + id.String()})
	}
	e.same("entries of what was INBOX", e.entries(e.lookup("old").ID), []string(nil))
	e.ok(e.acct.Delete(e.ctx, "new"))
	_, err := a.Entries(e.ctx, box.ID)
	e.want(err, store.NonExistent)
	e.want(a.SetEntries(e.ctx, box.ID, []store.Entry{entry("/a", "")}), store.NonExistent)
	e.same("entries of the name again", e.entries(e.create("new").ID), []string(nil))
}
