package storetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// picture is all that can be read of an account.
type picture struct {
	ModSeq        imap.ModSeq
	Quota         store.Quota
	Mailboxes     []store.Mailbox
	Subscriptions []string
	Vectors       []*store.Vector
	Changes       []*store.Delta
	Recent        []store.RecentRange
	Messages      [][]store.Message
	Bodies        []string
	Entries       [][]string
}

// picture reads everything.
func (e *env) picture() picture {
	e.Helper()
	var p picture
	var err error
	p.ModSeq = e.modseq()
	p.Quota, err = e.acct.Quota(e.ctx)
	e.ok(err)
	p.Mailboxes, err = e.acct.Mailboxes(e.ctx)
	e.ok(err)
	p.Subscriptions, err = e.acct.Subscriptions(e.ctx)
	e.ok(err)
	if e.annotator() != nil {
		p.Entries = append(p.Entries, e.entries(0))
	}
	for _, m := range p.Mailboxes {
		if e.annotator() != nil {
			p.Entries = append(p.Entries, e.entries(m.ID))
		}
		p.Vectors = append(p.Vectors, e.load(m.ID))
		p.Changes = append(p.Changes, e.changes(m.ID, 3))
		recent, err := e.acct.PeekRecent(e.ctx, m.ID)
		e.ok(err)
		p.Recent = append(p.Recent, recent)
		var list []store.Message
		for msg, err := range e.acct.Messages(e.ctx, m.ID, every, store.WantMetadata|store.WantSummary) {
			e.ok(err)
			msg.Summary = slices.Clone(msg.Summary)
			list = append(list, msg)
			p.Bodies = append(p.Bodies, e.body(m.ID, msg.UID))
		}
		p.Messages = append(p.Messages, list)
	}
	return p
}

// testReopen checks that everything is still there after the store was
// opened again, and that nothing is given out a second time.
func testReopen(t *testing.T, h Harness) {
	config := Config{Summarizer: firstLine}
	e := &env{T: t, ctx: t.Context(), store: h.New(t, config)}
	t.Cleanup(func() { _ = e.store.Close() })
	e.ok(e.store.CreateAccount(e.ctx, account, store.Setup{MaxMessages: 1000}))
	e.acct = e.open()
	id := e.lookup("INBOX").ID
	e.fill(id, 20, "word")
	e.add(id, pattern(1<<20, 3), `\Seen`)
	_, err := e.acct.ClaimRecent(e.ctx, id)
	e.ok(err)
	e.storeFlags(id, span(3, 5), store.FlagsReplace, "Other", `\Deleted`)
	box := e.create("a/box")
	_, err = e.acct.Move(e.ctx, id, span(4, 8), box.ID)
	e.ok(err)
	e.expunge(id, uids(10, 12))
	e.ok(e.acct.Subscribe(e.ctx, "no/box"))
	e.ok(e.acct.Rename(e.ctx, "a", "b"))
	if e.annotator() != nil {
		e.setEntries(0, entry("/shared/comment", "the account's"))
		e.setEntries(box.ID, entry("/private/comment", "the mailbox's"))
	}
	gone := e.create("gone")
	e.ok(e.acct.Delete(e.ctx, "gone"))
	before := e.picture()

	e.store = h.Reopen(t, e.store, config)
	e.acct = e.open()
	ignoreFloor := cmp.Transformer("exact", func(d *store.Delta) store.Delta {
		delta := *d
		delta.Floor = 0
		return delta
	})
	if d := cmp.Diff(before, e.picture(), cmpopts.EquateEmpty(), ignoreFloor); d != "" {
		t.Errorf("after opening again (-before +after):\n%s", d)
	}
	if m := e.create("gone"); m.UIDValidity <= gone.UIDValidity || m.ID == gone.ID {
		t.Errorf("UIDVALIDITY %d and id %v after %d and %v", m.UIDValidity, m.ID, gone.UIDValidity, gone.ID)
	}
	if uid := e.add(box.ID, text(1)); uid != 6 {
		t.Errorf("UID %d, want 6", uid)
	}
	e.same("MODSEQ", e.modseq(), before.ModSeq+2)
}
