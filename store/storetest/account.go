package storetest

import (
	"context"

	"github.com/imapsrv/imapsrv/store"
)

var accountTests = []group{
	{name: "Account", test: testAccount},
	{name: "AccountSetup", test: testSetup, setup: store.Setup{Mailboxes: []store.NewMailbox{
		{Name: "Drafts", Use: store.UseDrafts},
		{Name: "INBOX", Subscribe: true, UIDValidity: 7},
		{Name: "a/b/c", Use: store.UseSent | store.UseArchive, Subscribe: true},
	}}},
	{name: "AccountsAreApart", test: testApart},
	{name: "Handles", test: testHandles},
}

func testAccount(e *env) {
	e.same("id", e.acct.ID(), account)
	e.want(e.store.CreateAccount(e.ctx, account, store.Setup{}), store.AlreadyExists)
	_, err := e.store.Account(e.ctx, "nobody")
	e.want(err, store.NonExistent)
	e.want(e.store.CreateAccount(e.ctx, "", store.Setup{}), store.Cannot)
	bad := store.Setup{Mailboxes: []store.NewMailbox{{Name: "a"}, {Name: "b//c"}}}
	e.want(e.store.CreateAccount(e.ctx, "bob", bad), store.Cannot)
	_, err = e.store.Account(e.ctx, "bob")
	e.want(err, store.NonExistent)

	e.same("mailboxes", e.names(), []string{"INBOX"})
	inbox := e.lookup("INBOX")
	if inbox.ID == 0 || inbox.UIDValidity == 0 || inbox.HighestModSeq == 0 || e.modseq() == 0 {
		e.Errorf("a zero that must not be one: %+v", inbox)
	}
	want := inbox
	want.Name, want.UIDNext = "INBOX", 1
	want.Messages, want.Unseen, want.Deleted, want.Recent, want.Size = 0, 0, 0, 0, 0
	e.same("new INBOX", inbox, want)
}

func testSetup(e *env) {
	list, err := e.acct.Mailboxes(e.ctx)
	e.ok(err)
	type row struct {
		Name       string
		Use        store.SpecialUse
		Subscribed bool
	}
	var got []row
	validity := map[uint32]string{}
	for _, m := range list {
		got = append(got, row{m.Name, m.Use, m.Subscribed})
		if other, ok := validity[m.UIDValidity]; ok {
			e.Errorf("%q and %q have the same UIDVALIDITY", m.Name, other)
		}
		validity[m.UIDValidity] = m.Name
	}
	e.same("mailboxes", got, []row{
		{"Drafts", store.UseDrafts, false},
		{"INBOX", 0, true},
		{"a", 0, false},
		{"a/b", 0, false},
		{"a/b/c", store.UseSent | store.UseArchive, true},
	})
	e.same("UIDVALIDITY of INBOX", e.lookup("INBOX").UIDValidity, uint32(7))
	subs, err := e.acct.Subscriptions(e.ctx)
	e.ok(err)
	e.same("subscriptions", subs, []string{"INBOX", "a/b/c"})
}

// testApart checks that an account shows nothing of another one.
func testApart(e *env) {
	e.ok(e.store.CreateAccount(e.ctx, "bob", store.Setup{}))
	bob, err := e.store.Account(e.ctx, "bob")
	e.ok(err)
	defer bob.Close()
	e.create("secret")
	id := e.lookup("INBOX").ID
	e.add(id, text(1))
	before, err := bob.ModSeq(e.ctx)
	e.ok(err)

	_, err = bob.Lookup(e.ctx, "secret")
	e.want(err, store.NonExistent)
	_, err = bob.Load(e.ctx, id)
	e.want(err, store.NonExistent)
	inbox, err := bob.Lookup(e.ctx, "INBOX")
	e.ok(err)
	e.same("bob's messages", inbox.Messages, uint32(0))
	_, err = bob.Append(e.ctx, inbox.ID, []store.NewMessage{{Body: e.stage("x")}})
	e.want(err, store.ServerBug) // staged by alice
	_, err = bob.Copy(e.ctx, id, every, inbox.ID)
	e.want(err, store.NonExistent)
	after, err := bob.ModSeq(e.ctx)
	e.ok(err)
	e.same("bob's MODSEQ", after, before)
}

// testHandles checks that handles share the state and close on their own.
func testHandles(e *env) {
	other := e.open()
	m := e.create("box")
	e.add(m.ID, text(1))
	got, err := other.Mailbox(e.ctx, m.ID)
	e.ok(err)
	e.same("messages through another handle", got.Messages, uint32(1))

	hints := other.Watch(context.WithoutCancel(e.ctx))
	e.ok(other.Close())
	e.ok(other.Close())
	for range hints { // ends, or the test runs into its time limit
	}
	_, err = other.Mailbox(e.ctx, m.ID)
	e.want(err, store.Unavailable)
	_, err = e.acct.Mailbox(e.ctx, m.ID)
	e.ok(err)

	body, err := e.acct.Body(e.ctx, m.ID, 1)
	e.ok(err)
	e.ok(e.store.Close())
	_, err = e.acct.Mailbox(e.ctx, m.ID)
	e.want(err, store.Unavailable)
	_, err = e.store.Account(e.ctx, account)
	e.want(err, store.Unavailable)
	e.same("body after the end of the store", e.drain(body), text(1))
}
