package storetest

import (
	"fmt"
	"strings"

	"github.com/imapsrv/imapsrv/store"
)

var nameTests = []group{
	{name: "Create", test: testCreate},
	{name: "CreateBadNames", test: testBadNames},
	{name: "CreateLimits", test: testNameLimits, config: Config{
		Limits: store.Limits{MailboxName: 20, MailboxDepth: 3, Mailboxes: 6, Subscriptions: 3},
	}},
	{name: "Delete", test: testDelete},
	{name: "DeleteWithInferiors", test: testDeleteInferiors},
	{name: "CreateAgain", test: testCreateAgain},
	{name: "Rename", test: testRename},
	{name: "RenameRefused", test: testRenameRefused},
	{name: "RenameSuperiorThatIsNoMailbox", test: testRenameImplied},
	{name: "RenameUp", test: testRenameUp},
	{name: "RenameInbox", test: testRenameInbox},
	{name: "Subscriptions", test: testSubscriptions},
}

func testCreate(e *env) {
	before := e.modseq()
	m, err := e.acct.Create(e.ctx, store.NewMailbox{Name: "a/b/c", Use: store.UseTrash, Subscribe: true})
	e.ok(err)
	if e.modseq() != before+1 {
		e.Errorf("MODSEQ %d after %d: one transaction takes one", e.modseq(), before)
	}
	e.same("result", m, e.lookup("a/b/c"))
	e.same("use", m.Use, store.UseTrash)
	e.same("subscribed", m.Subscribed, true)
	e.same("superior", e.lookup("a/b").Use, store.SpecialUse(0))
	e.same("names", e.names(), []string{"INBOX", "a", "a/b", "a/b/c"})
	byID, err := e.acct.Mailbox(e.ctx, m.ID)
	e.ok(err)
	e.same("by id", byID, m)

	for _, name := range []string{"a/b/c", "a", "INBOX"} {
		_, err = e.acct.Create(e.ctx, store.NewMailbox{Name: name})
		e.want(err, store.AlreadyExists)
	}
	e.create("A") // names differ by case
	e.create("INBOX/below")
	e.create("Übermäßig/日本語/&- %*\"\\")
	_, err = e.acct.Lookup(e.ctx, "nowhere")
	e.want(err, store.NonExistent)
	_, err = e.acct.Mailbox(e.ctx, m.ID+1000)
	e.want(err, store.NonExistent)
	if vs := e.lookup("A"); vs.UIDValidity <= m.UIDValidity || vs.ID == m.ID {
		e.Errorf("UIDVALIDITY %d after %d", vs.UIDValidity, m.UIDValidity)
	}
}

func testBadNames(e *env) {
	before := e.modseq()
	names := []string{
		"", "/", "/a", "a/", "a//b", "inbox", "Inbox/x", "a\x00b", "a\nb", "a\rb", "a\tb", "\x7f", "a\u0085b",
		"a\u2028b", "a\u2029b", "a\xffb", "\xc0\xaf", "a\xed\xa0\x80", "e\u0301", "x/a\u0308",
	}
	for _, name := range names {
		_, err := e.acct.Create(e.ctx, store.NewMailbox{Name: name})
		e.want(err, store.Cannot)
		e.want(e.acct.Subscribe(e.ctx, name), store.Cannot)
		e.ok(e.acct.Unsubscribe(e.ctx, name)) // none is there
		_, err = e.acct.Lookup(e.ctx, name)
		e.want(err, store.NonExistent)
	}
	e.same("names", e.names(), []string{"INBOX"})
	e.same("MODSEQ", e.modseq(), before)
}

func testNameLimits(e *env) {
	_, err := e.acct.Create(e.ctx, store.NewMailbox{Name: strings.Repeat("x", 21)})
	e.want(err, store.Limit)
	_, err = e.acct.Create(e.ctx, store.NewMailbox{Name: strings.Repeat("x", 1<<20)})
	e.want(err, store.Limit)
	_, err = e.acct.Create(e.ctx, store.NewMailbox{Name: "a/b/c/d"})
	e.want(err, store.Limit)
	e.create(strings.Repeat("x", 20))
	e.create("a/b/c") // five mailboxes
	_, err = e.acct.Create(e.ctx, store.NewMailbox{Name: "d/e"})
	e.want(err, store.Limit)
	e.want(e.acct.Rename(e.ctx, "a", "a2/b2"), store.Limit) // a2/b2/b/c
	e.want(e.acct.Rename(e.ctx, "a", "aaaaaaaaaaaaaaaaaa"), store.Limit)
	e.create("d")
	e.want(e.acct.Rename(e.ctx, "INBOX", "e"), store.Limit)
	e.same("names", e.names(), []string{"INBOX", "a", "a/b", "a/b/c", "d", strings.Repeat("x", 20)})

	for i := range 3 {
		e.ok(e.acct.Subscribe(e.ctx, fmt.Sprint(i)))
	}
	e.want(e.acct.Subscribe(e.ctx, "4"), store.Limit)
	e.ok(e.acct.Subscribe(e.ctx, "1"))
	e.ok(e.acct.Delete(e.ctx, "d"))
	_, err = e.acct.Create(e.ctx, store.NewMailbox{Name: "d", Subscribe: true})
	e.want(err, store.Limit)
	e.ok(e.acct.Unsubscribe(e.ctx, "1"))
	e.ok(e.acct.Subscribe(e.ctx, "4"))
}

func testDelete(e *env) {
	m := e.create("box")
	e.ok(e.acct.Subscribe(e.ctx, "box"))
	e.fill(m.ID, 3)
	body, err := e.acct.Body(e.ctx, m.ID, 2)
	e.ok(err)
	before := e.modseq()
	e.ok(e.acct.Delete(e.ctx, "box"))
	if e.modseq() <= before {
		e.Error("Delete took no MODSEQ")
	}
	e.same("names", e.names(), []string{"INBOX"})
	e.same("body", e.drain(body), text(1))
	q, err := e.acct.Quota(e.ctx)
	e.ok(err)
	e.same("quota", q, store.Quota{})
	subs, err := e.acct.Subscriptions(e.ctx)
	e.ok(err)
	e.same("subscriptions", subs, []string{"box"})

	before = e.modseq()
	e.want(e.acct.Delete(e.ctx, "box"), store.NonExistent)
	e.want(e.acct.Delete(e.ctx, "INBOX"), store.Cannot)
	e.same("MODSEQ", e.modseq(), before)
}

// testDeleteInferiors is RFC 9051 §6.3.5, second example.
func testDeleteInferiors(e *env) {
	e.create("foo/bar")
	e.create("foo2")
	e.add(e.lookup("foo").ID, text(1))
	e.ok(e.acct.Delete(e.ctx, "foo"))
	e.same("names", e.names(), []string{"INBOX", "foo/bar", "foo2"})
	e.want(e.acct.Delete(e.ctx, "foo"), store.HasChildren)
	_, err := e.acct.Lookup(e.ctx, "foo")
	e.want(err, store.NonExistent)
	e.create("foo/baz") // makes the superior anew
	e.same("messages", e.lookup("foo").Messages, uint32(0))
	e.ok(e.acct.Delete(e.ctx, "foo"))
	e.ok(e.acct.Delete(e.ctx, "foo/bar"))
	e.ok(e.acct.Delete(e.ctx, "foo/baz"))
	e.want(e.acct.Delete(e.ctx, "foo"), store.NonExistent)
}

// testCreateAgain: a name that was used before means another mailbox.
func testCreateAgain(e *env) {
	last := store.Mailbox{}
	for range 5 {
		m := e.create("box")
		if m.UIDValidity <= last.UIDValidity || m.ID == last.ID {
			e.Errorf("new mailbox has UIDVALIDITY %d and id %v, the old one had %d and %v",
				m.UIDValidity, m.ID, last.UIDValidity, last.ID)
		}
		e.add(m.ID, text(1))
		e.ok(e.acct.Delete(e.ctx, "box"))
		_, err := e.acct.Load(e.ctx, m.ID)
		e.want(err, store.NonExistent)
		last = m
	}
	// Nor does a rename give a name a value that it had.
	m := e.create("box")
	e.ok(e.acct.Rename(e.ctx, "box", "away"))
	if again := e.create("box"); again.UIDValidity <= m.UIDValidity {
		e.Errorf("UIDVALIDITY %d after %d", again.UIDValidity, m.UIDValidity)
	}
}

func testRename(e *env) {
	e.create("foo/bar/baz")
	e.create("foobar") // no inferior of foo
	foo := e.lookup("foo")
	e.fill(foo.ID, 3, `\Seen`)
	e.ok(e.acct.Subscribe(e.ctx, "foo"))
	before, vector := e.modseq(), e.load(foo.ID)
	baz := e.lookup("foo/bar/baz")

	e.ok(e.acct.Rename(e.ctx, "foo", "new/zap"))
	e.same("MODSEQ", e.modseq(), before+1)
	e.same("names", e.names(), []string{"INBOX", "foobar", "new", "new/zap", "new/zap/bar", "new/zap/bar/baz"})
	after := e.load(foo.ID)
	e.same("subscribed under the new name", after.Mailbox.Subscribed, false)
	vector.Mailbox.Name, vector.Mailbox.Subscribed = "new/zap", false
	vector.Mailbox.HighestModSeq = after.Mailbox.HighestModSeq // may have grown
	e.same("vector", after, vector)
	baz.Name = "new/zap/bar/baz"
	got := e.lookup(baz.Name)
	baz.HighestModSeq = got.HighestModSeq
	e.same("inferior", got, baz)
	subs, err := e.acct.Subscriptions(e.ctx)
	e.ok(err)
	e.same("subscriptions", subs, []string{"foo"})
	e.create("foo")
	e.same("subscribed", e.lookup("foo").Subscribed, true)
}

func testRenameRefused(e *env) {
	e.create("a/b")
	e.create("c/b")
	before := e.modseq()
	table := []struct {
		from, to string
		code     store.Code
	}{
		{"nowhere", "x", store.NonExistent},
		{"", "x", store.NonExistent},
		{"a", "c", store.AlreadyExists},
		{"a", "a", store.AlreadyExists},
		{"a", "INBOX", store.AlreadyExists},
		{"INBOX", "a", store.AlreadyExists},
		{"INBOX", "INBOX", store.AlreadyExists},
		{"a", "a/x", store.Cannot},
		{"a", "a/b", store.Cannot},
		{"a", "x//y", store.Cannot},
		{"a", "", store.Cannot},
		{"a", "in\nbox", store.Cannot},
		{"a", "inbox", store.Cannot},
		{"INBOX", "x\u2028", store.Cannot},
	}
	for _, row := range table {
		err := e.acct.Rename(e.ctx, row.from, row.to)
		if !store.IsCode(err, row.code) {
			e.Errorf("Rename(%q, %q) = %v, want %v", row.from, row.to, err, row.code)
		}
	}
	e.ok(e.acct.Delete(e.ctx, "c"))
	e.want(e.acct.Rename(e.ctx, "a", "c"), store.AlreadyExists) // a/b would be c/b
	e.same("names", e.names(), []string{"INBOX", "a", "a/b", "c/b"})
	e.same("MODSEQ", e.modseq(), before+1)
}

func testRenameImplied(e *env) {
	e.create("foo/bar")
	e.ok(e.acct.Delete(e.ctx, "foo"))
	e.ok(e.acct.Rename(e.ctx, "foo", "zap"))
	e.same("names", e.names(), []string{"INBOX", "zap/bar"})
	e.create("x")
	e.ok(e.acct.Rename(e.ctx, "x", "zap"))
	e.same("names", e.names(), []string{"INBOX", "zap", "zap/bar"})
}

// testRenameUp moves a tree to where its own superior was, so that new names
// meet old ones that move away.
func testRenameUp(e *env) {
	e.create("a/a/a")
	inner := e.lookup("a/a/a")
	e.ok(e.acct.Delete(e.ctx, "a"))
	e.ok(e.acct.Rename(e.ctx, "a/a", "a"))
	e.same("names", e.names(), []string{"INBOX", "a", "a/a"})
	e.same("id", e.lookup("a/a").ID, inner.ID)
}

// testRenameInbox is the special case of RFC 9051 §6.3.6.
func testRenameInbox(e *env) {
	e.create("INBOX/bar")
	inbox := e.lookup("INBOX")
	e.fill(inbox.ID, 3, `\Flagged`, "Word")
	e.expunge(inbox.ID, uids(2))
	before := e.modseq()
	emails := e.emailIDs(inbox.ID)

	e.ok(e.acct.Rename(e.ctx, "INBOX", "old/mail"))
	e.same("MODSEQ", e.modseq(), before+1)
	e.same("names", e.names(), []string{"INBOX", "INBOX/bar", "old", "old/mail"})
	moved := e.load(e.lookup("old/mail").ID)
	if moved.Mailbox.ID == inbox.ID || moved.Mailbox.UIDValidity <= inbox.UIDValidity {
		e.Errorf("the new mailbox has id %v and UIDVALIDITY %d of INBOX", moved.Mailbox.ID, moved.Mailbox.UIDValidity)
	}
	e.same("flags", flagsOf(&moved.Messages), []string{`(\Flagged Word)`, `(\Flagged Word)`})
	e.same("EMAILIDs", e.emailIDs(moved.Mailbox.ID), emails)

	v := e.load(inbox.ID)
	e.same("INBOX's name", v.Mailbox.Name, "INBOX")
	e.same("INBOX's UIDVALIDITY", v.Mailbox.UIDValidity, inbox.UIDValidity)
	e.same("INBOX's messages", v.Len(), 0)
	e.same("vanished", e.changes(inbox.ID, before).Vanished, uids(1, 3))
	if uid := e.add(inbox.ID, text(9)); uid < 4 {
		e.Errorf("UID %d is used again", uid)
	}
	q, err := e.acct.Quota(e.ctx)
	e.ok(err)
	e.same("messages in quota", q.Messages, uint64(3))

	e.ok(e.acct.Rename(e.ctx, "INBOX", "INBOX/old")) // below itself is fine here
	e.ok(e.acct.Rename(e.ctx, "INBOX", "empty"))
	e.same("messages", e.lookup("empty").Messages, uint32(0))
}

// emailIDs lists the EMAILIDs of a mailbox.
func (e *env) emailIDs(id store.MailboxID) []store.EmailID {
	e.Helper()
	var list []store.EmailID
	for m, err := range e.acct.Messages(e.ctx, id, every, store.WantMetadata) {
		e.ok(err)
		list = append(list, m.EmailID)
	}
	return list
}

func testSubscriptions(e *env) {
	before := e.modseq()
	e.ok(e.acct.Subscribe(e.ctx, "INBOX"))
	e.ok(e.acct.Subscribe(e.ctx, "no/such/box"))
	e.ok(e.acct.Subscribe(e.ctx, "Z"))
	e.same("MODSEQ", e.modseq(), before+3)
	e.ok(e.acct.Subscribe(e.ctx, "Z"))
	e.ok(e.acct.Unsubscribe(e.ctx, "never"))
	e.same("MODSEQ", e.modseq(), before+3)
	subs, err := e.acct.Subscriptions(e.ctx)
	e.ok(err)
	e.same("subscriptions", subs, []string{"INBOX", "Z", "no/such/box"})
	e.same("INBOX", e.lookup("INBOX").Subscribed, true)
	e.same("names", e.names(), []string{"INBOX"})
	e.ok(e.acct.Unsubscribe(e.ctx, "INBOX"))
	e.same("INBOX", e.lookup("INBOX").Subscribed, false)
	e.same("MODSEQ", e.modseq(), before+4)

}
