package storetest

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"testing/iotest"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var appendTests = []group{
	{name: "Append", test: testAppend},
	{name: "AppendRefused", test: testAppendRefused, config: Config{
		Limits: store.Limits{Messages: 5, Keywords: 2, KeywordLength: 10, MessageSize: 1000},
	}},
	{name: "AppendQuota", test: testAppendQuota, setup: store.Setup{MaxMessages: 4, MaxSize: 1000}},
	{name: "Stage", test: testStage},
	{name: "StageSlowly", test: testStageSlowly},
	{name: "Summaries", test: testSummaries, config: Config{Summarizer: firstLine}},
	{name: "UIDsAreNeverUsedAgain", test: testUIDsNotReused},
	{name: "UIDOrderOfParallelAppends", test: testParallelAppends},
}

func testAppend(e *env) {
	id := e.lookup("INBOX").ID
	before := e.modseq()
	res, err := e.acct.Append(e.ctx, id, nil)
	e.ok(err)
	e.same("nothing", res.UIDs, imap.UIDSet(nil))
	e.same("MODSEQ of nothing", res.ModSeq, before)
	e.same("MODSEQ", e.modseq(), before)

	body := e.stage("Subject: same\r\n\r\n")
	date := imap.DateTime{Year: 1996, Month: 7, Day: 17, Hour: 2, Min: 44, Sec: 25, Zone: -420}
	res, err = e.acct.Append(e.ctx, id, []store.NewMessage{
		{Body: body, InternalDate: date, Flags: imap.FlagSet{Bits: imap.FlagSeen | imap.FlagRecent | imap.FlagAny}},
		{Body: body},
		{Body: e.stage("three"), Flags: imap.FlagsOf(`\Deleted`, "k"), SaveDate: date},
	})
	e.ok(err)
	e.same("result", res, store.AppendResult{
		UIDValidity: e.lookup("INBOX").UIDValidity, UIDs: span(1, 3), ModSeq: before + 1,
	})
	v := e.load(id)
	e.same("MODSEQs", v.ModSeqs, []imap.ModSeq{before + 1, before + 1, before + 1})
	e.same("flags", flagsOf(&v.Messages), []string{`(\Seen)`, "()", `(\Deleted k)`})
	box := v.Mailbox
	e.same("counters", []uint32{box.Messages, box.Unseen, box.Deleted, box.Recent}, []uint32{3, 2, 1, 3})
	e.same("size", box.Size, uint64(2*17+5))
	e.same("UIDNEXT", box.UIDNext, imap.UID(4))
	for m, err := range e.acct.Messages(e.ctx, id, span(1, 3), store.WantMetadata) {
		e.ok(err)
		switch m.UID {
		case 1:
			e.same("INTERNALDATE", m.InternalDate, date)
		case 2:
			e.same("INTERNALDATE not given", m.InternalDate, m.SaveDate)
		case 3:
			e.same("SAVEDATE", m.SaveDate, imap.DateTimeOf(date.Time().UTC()))
		}
	}
}

// testAppendRefused checks that a refused Append leaves nothing behind, even
// of messages that would have been fine.
func testAppendRefused(e *env) {
	id := e.lookup("INBOX").ID
	_, err := e.acct.Stage(e.ctx, strings.NewReader(strings.Repeat("x", 1001)), 1001)
	e.want(err, store.TooBig)
	_, err = e.acct.Append(e.ctx, id+1000, []store.NewMessage{{Body: e.stage("x")}})
	e.want(err, store.TryCreate)
	e.add(id, "x", "one")
	before, v := e.modseq(), e.load(id)

	fine := store.NewMessage{Body: e.stage("fine")}
	with := func(flags ...string) store.NewMessage {
		return store.NewMessage{Body: e.stage("x"), Flags: imap.FlagsOf(flags...)}
	}
	for _, msgs := range [][]store.NewMessage{
		{fine, with("two"), with("three")},
		{fine, with("two", "three")},
		{fine, with("longer-than-ten")},
		{fine, fine, fine, fine, fine},
	} {
		_, err = e.acct.Append(e.ctx, id, msgs)
		e.want(err, store.Limit)
	}
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{fine, {}})
	e.want(err, store.ServerBug)
	after := e.load(id)
	after.Keywords = v.Keywords // a new keyword may be known now
	e.same("mailbox", after, v)
	e.same("MODSEQ", e.modseq(), before)
	e.add(id, "x", "ONE", "two")
	e.same("flags", flagsOf(&e.load(id).Messages), []string{"(one)", "(one two)"})
	// A keyword that nobody uses any more makes room.
	e.storeFlags(id, every, store.FlagsRemove, "one")
	e.add(id, "x", "three")
}

func testAppendQuota(e *env) {
	id := e.lookup("INBOX").ID
	_, err := e.acct.Stage(e.ctx, strings.NewReader("unread"), 1001)
	e.want(err, store.OverQuota)
	big := e.stage(strings.Repeat("x", 1000))
	msg := func(size int) store.NewMessage {
		return store.NewMessage{Body: e.stage(strings.Repeat("x", size))}
	}
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{msg(600), msg(401)})
	e.want(err, store.OverQuota)
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{msg(1), msg(1), msg(1), msg(1), msg(1)})
	e.want(err, store.OverQuota)
	q := func(messages, size uint64) {
		e.Helper()
		got, err := e.acct.Quota(e.ctx)
		e.ok(err)
		e.same("quota", got, store.Quota{Messages: messages, Size: size, MaxMessages: 4, MaxSize: 1000})
	}
	q(0, 0)
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{msg(300), msg(200)})
	e.ok(err)
	q(2, 500)
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{{Body: big}})
	e.want(err, store.OverQuota)
	box := e.create("box").ID
	_, err = e.acct.Copy(e.ctx, id, every, box)
	e.ok(err)
	q(4, 1000)
	_, err = e.acct.Copy(e.ctx, id, uids(1), box)
	e.want(err, store.OverQuota)
	_, err = e.acct.Move(e.ctx, id, every, box)
	e.ok(err)
	q(4, 1000)
	e.expunge(box, uids(1))
	q(3, 700)
	e.ok(e.acct.Delete(e.ctx, "box"))
	q(0, 0)
	_, err = e.acct.Append(e.ctx, id, []store.NewMessage{{Body: big}})
	e.ok(err)
}

func testStage(e *env) {
	before := e.modseq()
	boom := errors.New("boom")
	for _, size := range []int64{10, 100_000} {
		short := strings.NewReader("short")
		_, err := e.acct.Stage(e.ctx, short, size)
		e.want(err, store.Unavailable)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			e.Errorf("a source that ended early gave %v", err)
		}
		_, err = e.acct.Stage(e.ctx, strings.NewReader(""), size)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			e.Errorf("a source that was empty gave %v", err)
		}
		_, err = e.acct.Stage(e.ctx, io.MultiReader(strings.NewReader("x"), iotest.ErrReader(boom)), size)
		e.want(err, store.Unavailable)
		if !errors.Is(err, boom) {
			e.Errorf("a source that failed gave %v", err)
		}
	}
	_, err := e.acct.Stage(e.ctx, strings.NewReader(""), -1)
	e.want(err, store.Cannot)

	// Not one octet more is read than the size says: what follows is the
	// next command.
	for _, size := range []int{5, 200_000} {
		src := strings.NewReader(strings.Repeat("a", size) + "rest")
		s, err := e.acct.Stage(e.ctx, iotest.HalfReader(src), int64(size))
		e.ok(err)
		e.same("left in the source", src.Len(), 4)
		e.same("staged size", s.Size(), int64(size))
		buf := make([]byte, 5)
		_, err = s.ReadAt(buf, 0)
		e.ok(err)
		e.same("staged octets", string(buf), "aaaaa")
		e.ok(s.Close())
		e.ok(s.Close())
	}
	e.same("MODSEQ", e.modseq(), before)
}

// testStageSlowly checks that a source that does not come blocks nobody, and
// that it ends with its context.
func testStageSlowly(e *env) {
	id := e.lookup("INBOX").ID
	for _, size := range []int64{100, 1 << 20} {
		src, feed := io.Pipe()
		ctx, cancel := context.WithCancel(e.ctx)
		failed := make(chan error, 1)
		go func() {
			_, err := e.acct.Stage(ctx, src, size)
			failed <- err
		}()
		_, err := feed.Write([]byte("start"))
		e.ok(err)
		e.add(id, "quick") // while the other one waits
		e.load(id)
		cancel()
		e.ok(feed.CloseWithError(ctx.Err()))
		e.want(<-failed, store.Unavailable)
	}
	e.same("messages", e.load(id).Len(), 2)

	// A source that never stops, nor looks at the context itself.
	ctx, cancel := context.WithCancel(e.ctx)
	_, err := e.acct.Stage(ctx, endingReader{cancel}, 1<<30)
	e.want(err, store.Unavailable)
	if !errors.Is(err, context.Canceled) {
		e.Errorf("Stage went on after its context had ended: %v", err)
	}
}

// endingReader ends a context with the first octets it gives.
type endingReader struct{ cancel context.CancelFunc }

func (r endingReader) Read(p []byte) (int, error) {
	r.cancel()
	clear(p)
	return len(p), nil
}

func testSummaries(e *env) {
	id := e.lookup("INBOX").ID
	e.add(id, "Subject: small\r\n\r\n")
	e.add(id, "Subject: large\r\n\r\n"+strings.Repeat("x", 1<<20))
	e.add(id, "no line end") // the summarizer fails
	e.add(id, unlisted+"\r\n")
	box := e.create("box").ID
	_, err := e.acct.Copy(e.ctx, id, every, box)
	e.ok(err)
	for _, mailbox := range []store.MailboxID{id, box} {
		summaries := []string{"Subject: small", "Subject: large", "", unlisted}
		listings := []string{"listing: Subject: small", "listing: Subject: large", "", ""}
		none := make([]string, len(summaries))
		for _, want := range []struct {
			parts               store.Parts
			summaries, listings []string
		}{
			{store.WantSummary, summaries, none},
			{store.WantListing, none, listings},
			{store.WantListing | store.WantSummary | store.WantMetadata, summaries, listings},
			{store.WantMetadata, none, none},
		} {
			var gotSummaries, gotListings []string
			for m, err := range e.acct.Messages(e.ctx, mailbox, every, want.parts) {
				e.ok(err)
				gotSummaries = append(gotSummaries, string(m.Summary))
				gotListings = append(gotListings, string(m.Listing))
			}
			e.same("summaries", gotSummaries, want.summaries)
			e.same("listings", gotListings, want.listings)
		}
	}
}

func testUIDsNotReused(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 5)
	e.expunge(id, uids(5, 4))
	e.same("UID", e.add(id, text(6)), imap.UID(6))
	e.expunge(id, every)
	e.same("UIDNEXT", e.lookup("INBOX").UIDNext, imap.UID(7))
	e.same("UID", e.add(id, text(7)), imap.UID(7))
	box := e.create("box").ID
	_, err := e.acct.Move(e.ctx, id, every, box)
	e.ok(err)
	e.same("UID", e.add(id, text(8)), imap.UID(8))
	e.same("UIDNEXT", e.lookup("INBOX").UIDNext, imap.UID(9))
	e.same("everything gone", e.changes(id, 1).Vanished, span(1, 7))
}

// testParallelAppends appends from many goroutines while readers check that
// UIDs become visible in their order: once UIDNEXT is n, no UID below n
// appears any more.
func testParallelAppends(e *env) {
	id := e.lookup("INBOX").ID
	const writers, rounds = 16, 40
	done := make(chan struct{})
	var readers, wg sync.WaitGroup
	for range 2 {
		readers.Go(func() { e.watchUIDs(id, done) })
	}
	var mu sync.Mutex
	owner := map[imap.UID]string{}
	for w := range writers {
		wg.Go(func() {
			body := string(rune('A' + w))
			for range rounds {
				s, err := e.acct.Stage(e.ctx, strings.NewReader(body), 1)
				if err != nil {
					e.Error(err)
					return
				}
				res, err := e.acct.Append(e.ctx, id, []store.NewMessage{{Body: s}, {Body: s}})
				if err != nil || res.UIDs.Len() != 2 {
					e.Errorf("Append: %v, %v", res, err)
					return
				}
				mu.Lock()
				for uid := range res.UIDs.All() {
					owner[uid] += body
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	close(done)
	readers.Wait()
	v := e.load(id)
	e.same("messages", v.Len(), 2*writers*rounds)
	for _, uid := range v.UIDs {
		e.same("owner", e.body(id, uid), owner[uid])
	}
}

// watchUIDs reads changes until done.
func (e *env) watchUIDs(id store.MailboxID, done <-chan struct{}) {
	since, next := imap.ModSeq(0), imap.UID(1)
	for {
		d, err := e.acct.Changes(e.ctx, id, since)
		if err != nil {
			e.Error(err)
			return
		}
		for _, uid := range d.Changed.UIDs {
			if uid < next || uid == math.MaxUint32 {
				e.Errorf("UID %d became visible when UIDNEXT was %d", uid, next)
				return
			}
		}
		since, next = d.Mailbox.HighestModSeq, d.Mailbox.UIDNext
		select {
		case <-done:
			return
		default:
		}
	}
}
