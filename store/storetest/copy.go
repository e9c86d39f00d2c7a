package storetest

import (
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var copyTests = []group{
	{name: "Copy", test: testCopy},
	{name: "CopyRefused", test: testCopyRefused, config: Config{Limits: store.Limits{Messages: 6, Keywords: 2}}},
	{name: "CopyToItself", test: testCopyToItself},
	{name: "Move", test: testMove},
	{name: "MoveIsOneTransaction", test: testMoveAtomic},
}

// metadata lists a mailbox's messages with bodies, for comparing.
func (e *env) metadata(id store.MailboxID) map[imap.UID]store.Message {
	e.Helper()
	list := map[imap.UID]store.Message{}
	for m, err := range e.acct.Messages(e.ctx, id, every, store.WantMetadata) {
		e.ok(err)
		list[m.UID] = m
	}
	return list
}

func testCopy(e *env) {
	src, dst := e.lookup("INBOX").ID, e.create("box").ID
	e.fill(src, 5, `\Seen`, "Word")
	e.add(src, text(5), `\Deleted`)
	e.add(dst, "there", "WORD")
	e.expunge(src, uids(3))
	before, source := e.modseq(), e.load(src)

	res, err := e.acct.Copy(e.ctx, src, imap.UIDSet{{Start: 6, Stop: 6}, {Start: 4, Stop: 2}, {Start: 4, Stop: 4}}, dst)
	e.ok(err)
	e.same("result", res, store.CopyResult{
		UIDValidity: e.lookup("box").UIDValidity,
		Source:      imap.UIDSet{{Start: 2, Stop: 2}, {Start: 4, Stop: 4}, {Start: 6, Stop: 6}},
		Dest:        span(2, 4),
		ModSeq:      before + 1,
	})
	e.same("source", e.load(src), source)
	v := e.load(dst)
	e.same("UIDs", v.UIDs, []imap.UID{1, 2, 3, 4})
	e.same("flags", flagsOf(&v.Messages), []string{"(WORD)", `(\Seen WORD)`, `(\Seen WORD)`, `(\Deleted)`})
	e.same("MODSEQs", v.ModSeqs[1:], []imap.ModSeq{before + 1, before + 1, before + 1})
	from, to := e.metadata(src), e.metadata(dst)
	for i, uid := range []imap.UID{2, 4, 6} {
		got, want := to[imap.UID(i+2)], from[uid]
		got.UID, got.SaveDate = want.UID, want.SaveDate
		e.same("metadata", got, want)
		e.same("body", e.body(dst, imap.UID(i+2)), text(int(uid)-1))
	}
	// Flags are each copy's own.
	e.storeFlags(dst, every, store.FlagsReplace, `\Draft`)
	e.same("source", e.load(src), source)

	before = e.modseq()
	res, err = e.acct.Copy(e.ctx, src, uids(3, 100), dst)
	e.ok(err)
	e.same("result of nothing", res, store.CopyResult{UIDValidity: v.Mailbox.UIDValidity, ModSeq: before})
	e.same("MODSEQ", e.modseq(), before)
}

func testCopyRefused(e *env) {
	src, dst := e.lookup("INBOX").ID, e.create("box").ID
	e.fill(src, 3, "a")
	e.add(src, text(3), "b")
	e.fill(dst, 3, "c")
	e.storeFlags(dst, uids(2), store.FlagsAdd, "d")
	before, source, dest := e.modseq(), e.load(src), e.load(dst)
	try := func(code store.Code, src store.MailboxID, set imap.UIDSet, dst store.MailboxID) {
		e.Helper()
		_, err := e.acct.Copy(e.ctx, src, set, dst)
		e.want(err, code)
		_, err = e.acct.Move(e.ctx, src, set, dst)
		e.want(err, code)
	}
	try(store.Limit, src, span(1, 4), dst) // seven messages
	try(store.Limit, src, uids(1), dst)    // three keywords
	try(store.TryCreate, src, uids(1), dst+1000)
	try(store.NonExistent, src+1000, uids(1), dst)
	e.same("source", e.load(src), source)
	e.same("destination", e.load(dst), dest)
	e.same("MODSEQ", e.modseq(), before)
}

func testCopyToItself(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 3, "word")
	res, err := e.acct.Copy(e.ctx, id, uids(3, 1), id)
	e.ok(err)
	e.same("source", res.Source, uids(1, 3))
	e.same("destination", res.Dest, span(4, 5))
	e.same("UIDs", e.load(id).UIDs, []imap.UID{1, 2, 3, 4, 5})
	e.same("body", e.body(id, 5), text(2))

	before := e.modseq()
	res, err = e.acct.Move(e.ctx, id, span(2, 3), id)
	e.ok(err)
	e.same("source", res.Source, span(2, 3))
	e.same("destination", res.Dest, span(6, 7))
	d := e.changes(id, before)
	e.same("vanished", d.Vanished, span(2, 3))
	e.same("changed", d.Changed.UIDs, []imap.UID{6, 7})
	e.same("UIDs", e.load(id).UIDs, []imap.UID{1, 4, 5, 6, 7})
	e.same("body", e.body(id, 6), text(1))
}

func testMove(e *env) {
	src, dst := e.lookup("INBOX").ID, e.create("box").ID
	e.fill(src, 5, `\Flagged`)
	before, from := e.modseq(), e.metadata(src)
	res, err := e.acct.Move(e.ctx, src, imap.UIDSet{{Start: 2, Stop: 3}, {Start: 5, Stop: 50}}, dst)
	e.ok(err)
	e.same("result", res, store.CopyResult{
		UIDValidity: e.lookup("box").UIDValidity,
		Source:      imap.UIDSet{{Start: 2, Stop: 3}, {Start: 5, Stop: 5}},
		Dest:        span(1, 3),
		ModSeq:      before + 1,
	})
	e.same("left", e.load(src).UIDs, []imap.UID{1, 4})
	e.same("vanished", e.changes(src, before).Vanished, res.Source)
	e.same("HIGHESTMODSEQ of the source", e.lookup("INBOX").HighestModSeq, before+1)
	v := e.load(dst)
	e.same("moved", v.UIDs, []imap.UID{1, 2, 3})
	e.same("flags", v.Flags(2).String(), `(\Flagged)`)
	e.same("EMAILID", e.metadata(dst)[3].EmailID, from[5].EmailID)
	e.same("body", e.body(dst, 3), text(4))
	_, err = e.acct.Body(e.ctx, src, 3)
	e.want(err, store.ExpungeIssued)
}

// testMoveAtomic moves messages to and fro while readers count: each message
// is in exactly one of two mailboxes at each MODSEQ.
func testMoveAtomic(e *env) {
	a, b := e.lookup("INBOX").ID, e.create("box").ID
	e.fill(a, 20)
	stop := make(chan struct{})
	var readers, wg sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					e.countAll(20)
				}
			}
		})
	}
	for k := range 4 {
		wg.Go(func() {
			from, to := a, b
			for i := range 50 {
				if (i+k)%2 == 0 {
					from, to = to, from
				}
				if _, err := e.acct.Move(e.ctx, from, every, to); err != nil {
					e.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	readers.Wait()
	e.same("messages", e.load(a).Len()+e.load(b).Len(), 20)
}

// countAll checks the sum of the messages of all mailboxes, which is what
// the quota says.
func (e *env) countAll(want uint32) {
	list, err := e.acct.Mailboxes(e.ctx)
	if err != nil {
		e.Error(err)
		return
	}
	n := uint32(0)
	for _, m := range list {
		n += m.Messages
	}
	if n != want {
		e.Errorf("%d messages in all mailboxes, want %d", n, want)
	}
}
