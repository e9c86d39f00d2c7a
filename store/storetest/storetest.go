// Package storetest is the conformance suite of mail stores: what package
// store promises, as tests. A backend calls Run from a test of its own.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Harness makes the stores to be tested.
type Harness struct {
	// New opens an empty store. The suite closes it.
	New func(t *testing.T, c Config) store.Store
	// Reopen closes s, or lets it crash, and opens what it had stored. It
	// is nil for a store that keeps nothing.
	Reopen func(t *testing.T, s store.Store, c Config) store.Store
}

// Config is what a test wants from a store.
type Config struct {
	// Limits are as for the backend's own option: zero fields mean defaults.
	Limits store.Limits
	// Summarizer makes the summaries.
	Summarizer store.Summarizer
	// History, if not 0, asks that no more than about so many ranges of
	// expunged UIDs be remembered for a mailbox. A backend may ignore it.
	History int
}

// group is one subtest with what it needs.
type group struct {
	name   string
	config Config
	setup  store.Setup
	test   func(e *env)
}

// Run runs the whole suite. Each subtest gets a store of its own.
func Run(t *testing.T, h Harness) {
	groups := [][]group{
		accountTests, nameTests, readTests, appendTests, flagTests,
		copyTests, expungeTests, feedTests, callTests, modelTests, concurrentTests, entryTests,
	}
	for _, list := range groups {
		for _, g := range list {
			t.Run(g.name, func(t *testing.T) { g.run(t, h) })
		}
	}
	if h.Reopen != nil {
		t.Run("Reopen", func(t *testing.T) { testReopen(t, h) })
	}
}

func (g group) run(t *testing.T, h Harness) {
	s := h.New(t, g.config)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	e := &env{T: t, ctx: t.Context(), store: s}
	e.ok(s.CreateAccount(e.ctx, account, g.setup))
	e.acct = e.open()
	g.test(e)
}

// account is the id of the account that tests use.
const account = "alice"

// env is a test with an open account, and short names for what tests do all
// the time. Its methods fail the test when something is not as it should be.
type env struct {
	*testing.T
	ctx   context.Context
	store store.Store
	acct  store.Account
}

func (e *env) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// want checks that err is a *store.Error with this code.
func (e *env) want(err error, code store.Code) {
	e.Helper()
	var se *store.Error
	if !errors.As(err, &se) || se.Code != code {
		e.Errorf("got error %v, want one with code %v", err, code)
	}
}

// same checks that two values are equal.
func (e *env) same(what string, got, want any) {
	e.Helper()
	if reflect.DeepEqual(got, want) { // far quicker than cmp, for the models
		return
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		e.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// open opens another handle on the account.
func (e *env) open() store.Account {
	e.Helper()
	a, err := e.store.Account(e.ctx, account)
	e.ok(err)
	e.Cleanup(func() { _ = a.Close() })
	return a
}

func (e *env) create(name string) store.Mailbox {
	e.Helper()
	m, err := e.acct.Create(e.ctx, store.NewMailbox{Name: name})
	e.ok(err)
	return m
}

func (e *env) lookup(name string) store.Mailbox {
	e.Helper()
	m, err := e.acct.Lookup(e.ctx, name)
	e.ok(err)
	return m
}

// names lists the mailboxes.
func (e *env) names() []string {
	e.Helper()
	list, err := e.acct.Mailboxes(e.ctx)
	e.ok(err)
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	return names
}

func (e *env) stage(body string) store.Staged {
	e.Helper()
	s, err := e.acct.Stage(e.ctx, strings.NewReader(body), int64(len(body)))
	e.ok(err)
	e.Cleanup(func() { _ = s.Close() })
	return s
}

// add appends one message and returns its UID.
func (e *env) add(id store.MailboxID, body string, flags ...string) imap.UID {
	e.Helper()
	msg := store.NewMessage{Body: e.stage(body), Flags: imap.FlagsOf(flags...)}
	res, err := e.acct.Append(e.ctx, id, []store.NewMessage{msg})
	e.ok(err)
	if len(res.UIDs) != 1 || res.UIDs[0].Start != res.UIDs[0].Stop {
		e.Fatalf("Append of one message returned UIDs %v", res.UIDs)
	}
	return res.UIDs[0].Start
}

// fill appends n messages with short bodies.
func (e *env) fill(id store.MailboxID, n int, flags ...string) {
	e.Helper()
	msgs := make([]store.NewMessage, n)
	for i := range msgs {
		msgs[i] = store.NewMessage{Body: e.stage(text(i)), Flags: imap.FlagsOf(flags...)}
	}
	_, err := e.acct.Append(e.ctx, id, msgs)
	e.ok(err)
}

// text is a short message that differs for different n.
func text(n int) string { return fmt.Sprintf("Subject: %d\r\n\r\ntext\r\n", n) }

// load reads a mailbox and checks that it agrees with itself.
func (e *env) load(id store.MailboxID) *store.Vector {
	e.Helper()
	v, err := e.acct.Load(e.ctx, id)
	e.ok(err)
	if err := checkVector(v); err != nil {
		e.Error(err)
	}
	return v
}

func (e *env) changes(id store.MailboxID, since imap.ModSeq) *store.Delta {
	e.Helper()
	d, err := e.acct.Changes(e.ctx, id, since)
	e.ok(err)
	if err := checkDelta(d); err != nil {
		e.Error(err)
	}
	return d
}

func (e *env) modseq() imap.ModSeq {
	e.Helper()
	m, err := e.acct.ModSeq(e.ctx)
	e.ok(err)
	return m
}

// flagsOf returns the flags of each message as text.
func flagsOf(m *store.Messages) []string {
	var list []string
	for i := range m.Len() {
		list = append(list, m.Flags(i).String())
	}
	return list
}

func (e *env) storeFlags(id store.MailboxID, uids imap.UIDSet, op store.FlagOp, flags ...string) store.StoreResult {
	e.Helper()
	res, err := e.acct.StoreFlags(e.ctx, id, uids, store.FlagChange{Op: op, Flags: imap.FlagsOf(flags...)})
	e.ok(err)
	e.effect(id, &res.Effect, &res.Changed, nil)
	return res
}

func (e *env) expunge(id store.MailboxID, uids imap.UIDSet) store.ExpungeResult {
	e.Helper()
	res, err := e.acct.Expunge(e.ctx, id, uids, store.AllGiven)
	e.ok(err)
	e.effect(id, &res.Effect, &store.Messages{}, res.UIDs)
	return res
}

// effect checks that a change that was just made has said what Changes says of it.
func (e *env) effect(id store.MailboxID, effect *store.Effect, changed *store.Messages, vanished imap.UIDSet) {
	e.Helper()
	d := e.changes(id, effect.Since)
	d.Mailbox.Subscribed = false
	e.same("record after the change", effect.Mailbox, d.Mailbox)
	e.same("keywords after the change", len(effect.Keywords), len(d.Keywords))
	for i := range d.Keywords {
		e.same("keyword after the change", effect.Keywords[i], d.Keywords[i])
	}
	e.same("changed UIDs", len(changed.UIDs), len(d.Changed.UIDs))
	e.same("flags after the change", flagsOf(changed), flagsOf(&d.Changed))
	if d.Exact() {
		e.same("vanished UIDs", vanished.String(), d.Vanished.String())
	}
}

// body reads a whole body.
func (e *env) body(id store.MailboxID, uid imap.UID) string {
	e.Helper()
	b, err := e.acct.Body(e.ctx, id, uid)
	e.ok(err)
	return e.drain(b)
}

// drain reads a body and closes it.
func (e *env) drain(b store.Body) string {
	e.Helper()
	var buf bytes.Buffer
	_, err := io.Copy(&buf, io.NewSectionReader(b, 0, b.Size()))
	e.ok(err)
	e.ok(b.Close())
	return buf.String()
}

// uids makes a set of single UIDs.
func uids(list ...imap.UID) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range list {
		set = append(set, imap.UIDRange{Start: uid, Stop: uid})
	}
	return set
}

// span makes a set of one range.
func span(start, stop imap.UID) imap.UIDSet { return imap.UIDSet{{Start: start, Stop: stop}} }

// every is the set of all UIDs.
var every = span(1, 1<<32-1)

// checkVector tells what in a vector contradicts itself.
func checkVector(v *store.Vector) error {
	m := &v.Mailbox
	if err := checkMessages(&v.Messages, m); err != nil {
		return err
	}
	var unseen, deleted uint32
	for i := range v.Len() {
		flags := v.Flags(i)
		if !flags.Has(imap.FlagSeen) {
			unseen++
		}
		if flags.Has(imap.FlagDeleted) {
			deleted++
		}
		for _, k := range flags.Other {
			if !(imap.FlagSet{Other: v.Keywords}).HasName(k) {
				return fmt.Errorf("keyword %q is not in %q", k, v.Keywords)
			}
		}
	}
	if got := [3]uint32{m.Messages, m.Unseen, m.Deleted}; got != [3]uint32{uint32(v.Len()), unseen, deleted} {
		return fmt.Errorf("mailbox %q has messages, unseen, deleted = %v in its record; the vector says %d, %d, %d",
			m.Name, got, v.Len(), unseen, deleted)
	}
	if m.Recent > m.Messages {
		return fmt.Errorf("mailbox %q has %d recent of %d messages", m.Name, m.Recent, m.Messages)
	}
	return nil
}

// checkMessages checks the invariants of a list of messages of a mailbox.
func checkMessages(l *store.Messages, m *store.Mailbox) error {
	if len(l.ModSeqs) != l.Len() || len(l.FlagRefs) != l.Len() {
		return fmt.Errorf("arrays of %d, %d and %d elements", l.Len(), len(l.ModSeqs), len(l.FlagRefs))
	}
	last := imap.UID(0)
	for i, uid := range l.UIDs {
		switch {
		case uid <= last || uid >= m.UIDNext:
			return fmt.Errorf("UID %d follows %d; UIDNEXT is %d", uid, last, m.UIDNext)
		case l.ModSeqs[i] == 0 || l.ModSeqs[i] > m.HighestModSeq:
			return fmt.Errorf("UID %d has MODSEQ %d, the mailbox %d", uid, l.ModSeqs[i], m.HighestModSeq)
		case int(l.FlagRefs[i]) >= len(l.FlagSets):
			return fmt.Errorf("UID %d refers to flags %d of %d", uid, l.FlagRefs[i], len(l.FlagSets))
		case l.Flags(i).Bits&(imap.FlagRecent|imap.FlagAny) != 0:
			return fmt.Errorf("UID %d has flags %v", uid, l.Flags(i))
		}
		last = uid
	}
	return nil
}

// checkDelta tells what in a delta contradicts itself.
func checkDelta(d *store.Delta) error {
	if err := checkMessages(&d.Changed, &d.Mailbox); err != nil {
		return err
	}
	if !cmp.Equal(d.Vanished, d.Vanished.Normalize(), cmpopts.EquateEmpty()) {
		return fmt.Errorf("vanished UIDs %v are not normalized", d.Vanished)
	}
	for i, uid := range d.Changed.UIDs {
		if d.Changed.ModSeqs[i] <= d.Since {
			return fmt.Errorf("UID %d has MODSEQ %d, which is not after %d", uid, d.Changed.ModSeqs[i], d.Since)
		}
		if d.Vanished.Contains(uid) {
			return fmt.Errorf("UID %d has changed and vanished", uid)
		}
	}
	return nil
}
