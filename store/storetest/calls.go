package storetest

import (
	"context"
	"errors"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var callTests = []group{
	{name: "ContextEnded", test: testContextEnded},
	{name: "HandleClosed", test: testHandleClosed},
	{name: "MailboxDeleted", test: testMailboxDeleted},
}

// call is one method of an account.
type call struct {
	name string
	// gone is the code when the mailbox id does not exist; 0 when the call
	// has none.
	gone store.Code
	do   func(ctx context.Context, a store.Account, id store.MailboxID, body store.Staged) error
}

var calls = []call{
	{"ModSeq", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.ModSeq(ctx)
		return err
	}},
	{"Quota", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Quota(ctx)
		return err
	}},
	{"Mailboxes", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Mailboxes(ctx)
		return err
	}},
	{"Lookup", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Lookup(ctx, "INBOX")
		return err
	}},
	{"Mailbox", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Mailbox(ctx, id)
		return err
	}},
	{"Create", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Create(ctx, store.NewMailbox{Name: "new"})
		return err
	}},
	{"Delete", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		return a.Delete(ctx, "box")
	}},
	{"Rename", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		return a.Rename(ctx, "box", "box2")
	}},
	{"Subscribe", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		return a.Subscribe(ctx, "box")
	}},
	{"Unsubscribe", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		return a.Unsubscribe(ctx, "INBOX")
	}},
	{"Subscriptions", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Subscriptions(ctx)
		return err
	}},
	{"Load", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Load(ctx, id)
		return err
	}},
	{"Changes", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Changes(ctx, id, 0)
		return err
	}},
	{"Messages", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		for _, err := range a.Messages(ctx, id, every, store.WantMetadata) {
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{"Body", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Body(ctx, id, 1)
		return err
	}},
	{"Stage", 0, func(ctx context.Context, a store.Account, _ store.MailboxID, _ store.Staged) error {
		_, err := a.Stage(ctx, strings.NewReader("x"), 1)
		return err
	}},
	{"Append", store.TryCreate, func(ctx context.Context, a store.Account, id store.MailboxID, body store.Staged) error {
		_, err := a.Append(ctx, id, []store.NewMessage{{Body: body}})
		return err
	}},
	{"StoreFlags", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.StoreFlags(ctx, id, every, store.FlagChange{Flags: imap.FlagsOf(`\Draft`)})
		return err
	}},
	{"Copy", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Copy(ctx, id, every, id)
		return err
	}},
	{"Move", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Move(ctx, id, every, id)
		return err
	}},
	{"Expunge", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.Expunge(ctx, id, every, store.AllGiven)
		return err
	}},
	{"ClaimRecent", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.ClaimRecent(ctx, id)
		return err
	}},
	{"PeekRecent", store.NonExistent, func(ctx context.Context, a store.Account, id store.MailboxID, _ store.Staged) error {
		_, err := a.PeekRecent(ctx, id)
		return err
	}},
}

// testContextEnded calls everything with a context that has ended.
func testContextEnded(e *env) {
	id := e.create("box").ID
	e.fill(id, 3)
	e.ok(e.acct.Subscribe(e.ctx, "INBOX"))
	body := e.stage("x")
	before, vector, names := e.modseq(), e.load(id), e.names()
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	for _, c := range calls {
		err := c.do(ctx, e.acct, id, body)
		if !store.IsCode(err, store.Unavailable) || !errors.Is(err, context.Canceled) {
			e.Errorf("%s with an ended context: %v", c.name, err)
		}
	}
	e.want(e.store.CreateAccount(ctx, "bob", store.Setup{}), store.Unavailable)
	_, err := e.store.Account(ctx, account)
	e.want(err, store.Unavailable)
	_, err = e.store.Account(e.ctx, "bob")
	e.want(err, store.NonExistent)
	e.same("MODSEQ", e.modseq(), before)
	e.same("mailbox", e.load(id), vector)
	e.same("names", e.names(), names)

	// A context that ends within a loop over messages ends the loop.
	within, stop := context.WithCancel(e.ctx)
	defer stop()
	e.fill(id, 3000)
	n := 0
	for _, err := range e.acct.Messages(within, id, every, store.WantMetadata) {
		stop()
		if err != nil {
			e.want(err, store.Unavailable)
			break
		}
		n++
	}
	if n == 0 || n == 3003 {
		e.Errorf("a loop whose context ended went on for %d messages", n)
	}
}

func testHandleClosed(e *env) {
	id := e.create("box").ID
	body := e.stage("x")
	before := e.modseq()
	closed := e.open()
	e.ok(closed.Close())
	for _, c := range calls {
		if err := c.do(e.ctx, closed, id, body); !store.IsCode(err, store.Unavailable) {
			e.Errorf("%s on a closed handle: %v", c.name, err)
		}
	}
	e.same("MODSEQ", e.modseq(), before)
}

// testMailboxDeleted calls everything with the id of a mailbox that another
// session has deleted, and whose name exists again.
func testMailboxDeleted(e *env) {
	old := e.create("box").ID
	e.fill(old, 3)
	e.ok(e.acct.Delete(e.ctx, "box"))
	e.create("box")
	body := e.stage("x")
	before := e.modseq()
	for _, c := range calls {
		if c.gone == 0 {
			continue
		}
		if err := c.do(e.ctx, e.acct, old, body); !store.IsCode(err, c.gone) {
			e.Errorf("%s on a deleted mailbox: %v, want %v", c.name, err, c.gone)
		}
	}
	e.same("MODSEQ", e.modseq(), before)
	e.same("messages", e.lookup("box").Messages, uint32(0))
}
