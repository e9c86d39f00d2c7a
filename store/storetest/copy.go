package storetest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var copyTests = []group{
	{name: "Copy", test: testCopy},
	{name: "CopyRefused", test: testCopyRefused, config: Config{Limits: store.Limits{Messages: 6, Keywords: 2}}},
	{name: "CopyToItself", test: testCopyToItself},
	{name: "CopyOf", test: testCopyOf},
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

// testCopyOf appends what says that it is a copy: it is one when it could be
// the result of Copy, and a message of its own otherwise.
func testCopyOf(e *env) {
	id, dst := e.lookup("INBOX").ID, e.create("box").ID
	date := imap.DateTime{Year: 1996, Month: 7, Day: 17, Hour: 2, Min: 44, Sec: 25, Zone: -420}
	const small = "Subject: small\r\n\r\n"
	large := "Subject: large\r\n\r\n" + strings.Repeat("x", 200<<10)
	_, err := e.acct.Append(e.ctx, id, []store.NewMessage{
		{Body: e.stage(small), InternalDate: date}, {Body: e.stage(large), InternalDate: date}, {Body: e.stage("gone"), InternalDate: date},
	})
	e.ok(err)
	from := e.metadata(id)
	_, err = e.acct.Expunge(e.ctx, id, span(3, 3), store.AllGiven)
	e.ok(err)
	later := date
	later.Zone = 0
	for i, test := range []struct {
		text   string
		date   imap.DateTime
		of     store.Place
		shared bool
	}{
		{small, date, store.Place{Mailbox: id, UID: 1}, true},
		{large, date, store.Place{Mailbox: id, UID: 2}, true},
		{small, date, store.Place{}, false},
		{small, date, store.Place{Mailbox: id, UID: 2}, false},
		{strings.ToLower(small), date, store.Place{Mailbox: id, UID: 1}, false},
		{small, later, store.Place{Mailbox: id, UID: 1}, false},
		{small, imap.DateTime{}, store.Place{Mailbox: id, UID: 1}, false},
		{"gone", date, store.Place{Mailbox: id, UID: 3}, false},
		{small, date, store.Place{Mailbox: id, UID: 99}, false},
		{small, date, store.Place{Mailbox: id + 1000, UID: 1}, false},
	} {
		res, err := e.acct.Append(e.ctx, dst, []store.NewMessage{
			{Body: e.stage(test.text), InternalDate: test.date, CopyOf: test.of, Flags: imap.FlagsOf(`\Flagged`), SaveDate: date},
		})
		e.ok(err)
		uid := imap.UID(i + 1)
		e.same("UIDs", res.UIDs, span(uid, uid))
		m := e.metadata(dst)[uid]
		what := fmt.Sprintf("case %d", i)
		e.same(what+": shared EMAILID", m.EmailID == from[test.of.UID].EmailID, test.shared)
		e.same(what+": shared THREADID", m.ThreadID == from[test.of.UID].ThreadID, test.shared)
		e.same(what+": SAVEDATE", m.SaveDate, imap.DateTimeOf(date.Time().UTC()))
		e.same(what+": body", e.body(dst, uid), test.text)
	}
	// The copy outlives the original.
	_, err = e.acct.Expunge(e.ctx, id, span(1, 2), store.AllGiven)
	e.ok(err)
	e.same("body of a copy", e.body(dst, 1), small)
	e.same("large body of a copy", e.body(dst, 2), large)
	// Two copies in one Append, of one that came in the one before.
	one := store.NewMessage{Body: e.stage(small), InternalDate: date, CopyOf: store.Place{Mailbox: dst, UID: 1}}
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{one, one, {Body: e.stage("x")}})
	e.ok(err)
	list := e.emailIDs(id)
	e.same("EMAILIDs", []bool{list[0] == list[1], list[0] == e.metadata(dst)[1].EmailID, list[2] == list[0]}, []bool{true, true, false})
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
