package sqlitestore

import (
	"context"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// testOp is a transaction of a test.
func testOp(name string, run func(*tx) error) *op {
	return &op{name: name, ctx: context.Background(), run: run, done: make(chan struct{})}
}

// maintainOp is one that looks at segments.
func maintainOp(name string, run func(*tx) error) *op {
	o := testOp(name, run)
	o.settled = true
	return o
}

func collectOp() *op { return maintainOp("collect", (*tx).collectGarbage) }

func compactOp() *op {
	return maintainOp("compact", func(t *tx) error {
		_, err := t.compact()
		return err
	})
}

func checkOp(t *testing.T) *op {
	return maintainOp("check", func(x *tx) error {
		c := &checker{tx: x}
		err := c.run()
		for _, p := range c.problems {
			t.Error(p)
		}
		return err
	})
}

// appendOp appends one message.
func appendOp(t *testing.T, acct store.Account, id store.MailboxID, text string) *op {
	t.Helper()
	s, err := acct.Stage(t.Context(), strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return appendStaged(id, store.NewMessage{Body: s})
}

func appendStaged(id store.MailboxID, m store.NewMessage) *op {
	o := testOp("append", func(t *tx) error {
		b, err := t.find(id, store.TryCreate)
		if err != nil {
			return err
		}
		return t.append(t.edit(b), []store.NewMessage{m})
	})
	o.deferred = true
	return o
}

// runTogether runs transactions in one batch.
func runTogether(t *testing.T, a *account, ops ...*op) {
	t.Helper()
	a.runBatch(ops)
	for _, o := range ops {
		if o.err != nil {
			t.Errorf("%s: %v", o.name, o.err)
		}
	}
}

// oneBatch is a batch, after messages of which three fill a segment: those in
// garbage are collected before it, those in expunged have yet to be.
var oneBatch = []struct {
	name              string
	messages          int
	garbage, expunged []imap.UID
	ops               func(t *testing.T, add func() *op) []*op
}{
	{
		"what compacting has moved is collected", 6, []imap.UID{1, 2}, []imap.UID{3},
		func(*testing.T, func() *op) []*op { return []*op{compactOp(), collectOp()} },
	},
	{
		"what an append has filled is compacted", 5, []imap.UID{4, 5}, nil,
		func(_ *testing.T, add func() *op) []*op { return []*op{add(), add(), compactOp(), compactOp()} },
	},
	{
		"what is checked has just been appended", 5, []imap.UID{4}, nil,
		func(t *testing.T, add func() *op) []*op { return []*op{add(), checkOp(t), add(), add(), checkOp(t)} },
	},
	{
		"what is checked has just been moved", 5, []imap.UID{1, 2, 4}, nil,
		func(t *testing.T, add func() *op) []*op { return []*op{compactOp(), checkOp(t), add()} },
	},
}

// TestOneBatch: whatever transactions are committed together, the garbage of
// segments is counted right and every body is where its row says.
func TestOneBatch(t *testing.T) {
	for _, test := range oneBatch {
		t.Run(test.name, func(t *testing.T) {
			s := openStore(t, t.TempDir(), Options{Logger: quiet, Grace: -1, segmentSize: 9000})
			acct, id := newAccount(t, s, "alice")
			a := acct.(*handle).account
			kept := map[int]string{}
			next := func() string {
				uid := len(kept) + 1
				kept[uid] = crashBody(uint32(uid), 3000)
				return kept[uid]
			}
			for range test.messages {
				appendText(t, acct, id, next())
			}
			expunge(t, acct, id, test.garbage)
			runTogether(t, a, collectOp())
			expunge(t, acct, id, test.expunged)
			runTogether(t, a, test.ops(t, func() *op { return appendOp(t, acct, id, next()) })...)
			for _, uid := range append(test.garbage, test.expunged...) {
				delete(kept, int(uid))
			}
			for uid, want := range kept {
				if text, err := readBody(t, acct, id, uid); err != nil || text != want {
					t.Errorf("UID %d: %v", uid, err)
				}
			}
			for _, p := range problems(t, s, false) {
				t.Error(p)
			}
		})
	}
}

// expunge removes messages.
func expunge(t *testing.T, acct store.Account, id store.MailboxID, uids []imap.UID) {
	t.Helper()
	var set imap.UIDSet
	for _, uid := range uids {
		set.Add(uid)
	}
	if _, err := acct.Expunge(t.Context(), id, set, store.AllGiven); err != nil {
		t.Fatal(err)
	}
}
