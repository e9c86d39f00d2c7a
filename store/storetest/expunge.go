package storetest

import (
	"slices"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var expungeTests = []group{
	{name: "Expunge", test: testExpunge},
	{name: "VanishedHistory", test: testHistory, config: Config{History: 10}},
	{name: "SnapshotUnderExpunge", test: testSnapshot},
}

func testExpunge(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 10)
	e.storeFlags(id, uids(2, 3, 7, 9), store.FlagsAdd, `\Deleted`)
	before := e.modseq()
	res, err := e.acct.Expunge(e.ctx, id, imap.UIDSet{{Start: 8, Stop: 4}, {Start: 2, Stop: 3}}, store.OnlyDeleted)
	e.ok(err)
	gone := imap.UIDSet{{Start: 2, Stop: 3}, {Start: 7, Stop: 7}}
	e.effect(id, &res.Effect, &store.Messages{}, gone)
	e.same("result", res, store.ExpungeResult{UIDs: gone, ModSeq: before + 1, Effect: res.Effect})
	v := e.load(id)
	e.same("left", v.UIDs, []imap.UID{1, 4, 5, 6, 8, 9, 10})
	e.same("HIGHESTMODSEQ", v.Mailbox.HighestModSeq, before+1)
	e.same("UIDNEXT", v.Mailbox.UIDNext, imap.UID(11))

	before = e.modseq()
	for _, set := range []imap.UIDSet{nil, span(1, 8), uids(2, 3), span(11, 1<<32-1)} {
		res, err = e.acct.Expunge(e.ctx, id, set, store.OnlyDeleted)
		e.ok(err)
		e.effect(id, &res.Effect, &store.Messages{}, nil)
		e.same("nothing", res, store.ExpungeResult{ModSeq: before, Effect: res.Effect})
	}
	e.same("MODSEQ", e.modseq(), before)
	e.same("all given", e.expunge(id, span(5, 8)).UIDs, imap.UIDSet{{Start: 5, Stop: 6}, {Start: 8, Stop: 8}})
	res, err = e.acct.Expunge(e.ctx, id, every, store.OnlyDeleted)
	e.ok(err)
	e.same("EXPUNGE", res.UIDs, uids(9))
	e.same("the rest", e.expunge(id, every).UIDs, uids(1, 4, 10))
	e.same("record", e.lookup("INBOX").Size, uint64(0))
}

// testHistory expunges so much that a store may forget, and checks that what
// it says from each MODSEQ on is exact above the floor, and no omission
// below.
func testHistory(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 400)
	type moment struct {
		modseq imap.ModSeq
		uids   []imap.UID
	}
	moments := []moment{{e.modseq(), e.load(id).UIDs}}
	for i := range 100 {
		// Two ranges at a time, all over the place.
		first := imap.UID(i*3 + 1)
		e.expunge(id, uids(first, 400-imap.UID(i/2)))
		moments = append(moments, moment{e.modseq(), e.load(id).UIDs})
	}
	now := e.load(id).UIDs
	for _, m := range moments {
		d := e.changes(id, m.modseq)
		for _, uid := range now {
			if d.Vanished.Contains(uid) {
				e.Fatalf("since %d: UID %d is told as vanished but exists", m.modseq, uid)
			}
		}
		lost := slices.DeleteFunc(slices.Clone(m.uids), func(uid imap.UID) bool { return slices.Contains(now, uid) })
		for _, uid := range lost {
			if !d.Vanished.Contains(uid) {
				e.Fatalf("since %d: UID %d is gone and not told", m.modseq, uid)
			}
		}
		if d.Exact() && d.Vanished.Len() != len(lost) {
			e.Fatalf("since %d: %d UIDs vanished, want %d (floor %d)", m.modseq, d.Vanished.Len(), len(lost), d.Floor)
		}
	}
	if d := e.changes(id, e.modseq()); !d.Exact() {
		e.Errorf("the floor %d is above the present", d.Floor)
	}
}

// testSnapshot loads a mailbox again and again while others expunge from it
// and add to it: each vector must agree with itself (env.load checks it) and
// with the changes since the one before.
func testSnapshot(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 500)
	var wg sync.WaitGroup
	wg.Go(func() {
		for uid := imap.UID(500); uid > 0; uid-- {
			if _, err := e.acct.Expunge(e.ctx, id, uids(uid), store.AllGiven); err != nil {
				e.Error(err)
			}
		}
	})
	body := e.stage("x")
	wg.Go(func() {
		for range 500 {
			if _, err := e.acct.Append(e.ctx, id, []store.NewMessage{{Body: body}}); err != nil {
				e.Error(err)
			}
		}
	})
	last := e.load(id)
	for last.Mailbox.UIDNext < 1001 || last.UIDs[0] <= 500 {
		v := e.load(id)
		checkStep(e, last, v)
		last = v
	}
	wg.Wait()
	e.same("left", e.load(id).Len(), 500)
}

// checkStep compares two vectors of a mailbox in which messages only come
// and go.
func checkStep(e *env, old, v *store.Vector) {
	e.Helper()
	if v.Mailbox.HighestModSeq < old.Mailbox.HighestModSeq || v.Mailbox.UIDNext < old.Mailbox.UIDNext {
		e.Errorf("the record went back from %+v to %+v", old.Mailbox, v.Mailbox)
	}
	for _, uid := range v.UIDs {
		if _, ok := slices.BinarySearch(old.UIDs, uid); !ok && uid < old.Mailbox.UIDNext {
			e.Errorf("UID %d appeared below UIDNEXT %d", uid, old.Mailbox.UIDNext)
		}
	}
}
