package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var readTests = []group{
	{name: "Load", test: testLoad},
	{name: "Changes", test: testChanges},
	{name: "Messages", test: testMessages, config: Config{Summarizer: firstLine}},
	{name: "MessagesWhileChanging", test: testMessagesWhileChanging},
	{name: "Body", test: testBody},
	{name: "BodySurvives", test: testBodySurvives},
	{name: "BodyInParallel", test: testBodyParallel},
	{name: "Recent", test: testRecent},
}

// unlisted is a line for which firstLine makes no listing.
const unlisted = "Subject: unlisted"

// firstLine is a Summarizer for tests.
var firstLine = store.Summarizer{Version: 1, Summarize: func(r io.ReaderAt, size int64) (summary, listing []byte, err error) {
	buf := make([]byte, min(size, 100))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), buf); err != nil {
		return nil, nil, err
	}
	line, _, ok := bytes.Cut(buf, []byte("\r\n"))
	if !ok {
		return nil, nil, errors.New("no line")
	}
	if listing = []byte("listing: " + string(line)); string(line) == unlisted {
		listing = nil
	}
	return line, listing, nil
}}

func testLoad(e *env) {
	id := e.lookup("INBOX").ID
	v := e.load(id)
	e.same("empty", v.Len(), 0)
	e.add(id, text(0), `\Seen`)
	e.add(id, text(1), `\Seen`, "beta", "Alpha", "$Forwarded")
	e.add(id, text(2))
	e.add(id, text(3), `\seen`, "ALPHA", "Beta", "$forwarded", "beta")
	v = e.load(id)
	e.same("UIDs", v.UIDs, []imap.UID{1, 2, 3, 4})
	e.same("flags", flagsOf(&v.Messages), []string{
		`(\Seen)`, `(\Seen $Forwarded Alpha beta)`, "()", `(\Seen $Forwarded Alpha beta)`,
	})
	e.same("record", v.Mailbox, e.lookup("INBOX"))
	for i := range 3 {
		if v.ModSeqs[i] >= v.ModSeqs[i+1] {
			e.Errorf("MODSEQs %v do not ascend", v.ModSeqs)
		}
	}
	// What was returned belongs to the caller.
	clear(v.UIDs)
	clear(v.FlagRefs)
	v.FlagSets[0] = imap.FlagSet{Bits: imap.FlagDraft}
	e.same("UIDs", e.load(id).UIDs, []imap.UID{1, 2, 3, 4})
	e.same("flags", e.load(id).Flags(0).String(), `(\Seen)`)
}

func testChanges(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 10)
	v := e.load(id)
	start := v.Mailbox.HighestModSeq
	e.same("nothing", e.changes(id, start).Changed.Len(), 0)
	e.same("everything", e.changes(id, 0).Changed.UIDs, v.UIDs)
	e.same("future", e.changes(id, start+100).Changed.Len(), 0)
	e.same("end of time", e.changes(id, math.MaxUint64).Vanished, imap.UIDSet(nil))

	e.storeFlags(id, uids(9, 2), store.FlagsAdd, `\Seen`)
	middle := e.modseq()
	e.expunge(id, imap.UIDSet{{Start: 3, Stop: 5}, {Start: 7, Stop: 7}})
	e.add(id, text(11), "Word")
	e.expunge(id, uids(6))

	d := e.changes(id, start)
	e.same("changed", d.Changed.UIDs, []imap.UID{2, 9, 11})
	e.same("flags", flagsOf(&d.Changed), []string{`(\Seen)`, `(\Seen)`, "(Word)"})
	e.same("vanished", d.Vanished, span(3, 7))
	e.same("record", d.Mailbox, e.lookup("INBOX"))
	e.same("exact", d.Exact(), true)
	e.same("changed later", e.changes(id, middle).Changed.UIDs, []imap.UID{11})
	e.same("vanished later", e.changes(id, middle).Vanished, span(3, 7))
	e.same("vanished last", e.changes(id, e.modseq()-1).Vanished, uids(6))
	e.same("nothing", e.changes(id, e.modseq()).Vanished, imap.UIDSet(nil))

	// A message that came and went after since may be told as vanished, and
	// is never told as changed.
	before := e.modseq()
	e.expunge(id, uids(e.add(id, text(12))))
	e.same("short-lived", e.changes(id, before).Changed.Len(), 0)
}

func testMessages(e *env) {
	id := e.lookup("INBOX").ID
	date := imap.DateTime{Year: 2001, Month: 2, Day: 3, Hour: 4, Min: 5, Sec: 6, Zone: -330}
	var msgs []store.NewMessage
	for i := range 1000 {
		msgs = append(msgs, store.NewMessage{Body: e.stage(text(i)), InternalDate: date})
	}
	msgs = append(msgs, store.NewMessage{Body: e.stage("")})
	_, err := e.acct.Append(e.ctx, id, msgs)
	e.ok(err)
	e.expunge(id, span(100, 199))

	var got []imap.UID
	ids := map[store.EmailID]bool{}
	threads := map[store.ThreadID]bool{}
	set := imap.UIDSet{{Start: 1001, Stop: math.MaxUint32}, {Start: 950, Stop: 90}, {Start: 100, Stop: 900}, {Start: 5, Stop: 5}}
	for m, err := range e.acct.Messages(e.ctx, id, set, store.WantMetadata|store.WantSummary|store.WantBody) {
		e.ok(err)
		got = append(got, m.UID)
		ids[m.EmailID], threads[m.ThreadID] = true, true
		body := e.drain(m.Body)
		if m.UID == 1001 {
			e.same("empty message", body+string(m.Summary), "")
			continue
		}
		e.same("body", body, text(int(m.UID)-1))
		e.same("summary", string(m.Summary), fmt.Sprintf("Subject: %d", m.UID-1))
		e.same("size", m.Size, int64(len(body)))
		e.same("date", m.InternalDate, date)
		if m.SaveDate.IsZero() || m.SaveDate.Zone != 0 {
			e.Fatalf("SAVEDATE of %d is %v", m.UID, m.SaveDate)
		}
	}
	if n := 1 + (950 - 90 + 1 - 100) + 1; len(got) != n || len(ids) != n || len(threads) != n {
		e.Errorf("got %d messages with %d EMAILIDs, %d THREADIDs; want %d", len(got), len(ids), len(threads), n)
	}
	for i := range got[1:] {
		if got[i] >= got[i+1] {
			e.Fatalf("UID %d before %d", got[i], got[i+1])
		}
	}
	for m, err := range e.acct.Messages(e.ctx, id, span(1, 10), 0) {
		e.ok(err)
		e.same("nothing wanted", m, store.Message{UID: 1})
		break // leaving early is fine
	}
	for range e.acct.Messages(e.ctx, id, nil, store.WantBody) {
		e.Error("a message of an empty set")
	}
}

// testMessagesWhileChanging calls the account from within the loop.
func testMessagesWhileChanging(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 2000)
	seen := 0
	for m, err := range e.acct.Messages(e.ctx, id, every, store.WantBody) {
		e.ok(err)
		if m.UID > 2000 {
			e.drain(m.Body)
			continue // may or may not be there
		}
		seen++
		e.same("body", e.drain(m.Body), text(int(m.UID)-1))
		e.expunge(id, uids(m.UID))
		if m.UID%500 == 0 {
			e.add(id, "more")
		}
	}
	e.same("seen", seen, 2000)
	e.same("left", e.load(id).Len(), 4)
	e.ok(e.acct.Rename(e.ctx, "INBOX", "box"))
	box := e.lookup("box")
	e.ok(e.acct.Delete(e.ctx, "box"))
	for _, err := range e.acct.Messages(e.ctx, box.ID, every, 0) {
		e.want(err, store.NonExistent)
	}
}

func testBody(e *env) {
	id := e.lookup("INBOX").ID
	for i, size := range []int{0, 1, 4095, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20, 5<<20 + 3} {
		want := pattern(size, byte(i))
		uid := e.add(id, want)
		b, err := e.acct.Body(e.ctx, id, uid)
		e.ok(err)
		e.same("size", b.Size(), int64(size))
		checkReadAt(e, b, want)
		if got := e.drain(b); got != want {
			e.Errorf("a body of %d octets is not what was appended", size)
		}
	}
	e.expunge(id, uids(2))
	_, err := e.acct.Body(e.ctx, id, 2)
	e.want(err, store.ExpungeIssued)
	for _, uid := range []imap.UID{0, 9, math.MaxUint32} {
		_, err = e.acct.Body(e.ctx, id, uid)
		e.want(err, store.NonExistent)
	}
}

// pattern is text whose every part is different, with NUL, 8-bit and CRLF.
func pattern(size int, seed byte) string {
	b := make([]byte, size)
	x := uint32(seed) + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// checkReadAt reads at the edges as io.ReaderAt says.
func checkReadAt(e *env, b store.Body, want string) {
	e.Helper()
	size := int64(len(want))
	for _, off := range []int64{0, size / 2, max(size-10, 0), size, size + 5} {
		buf := make([]byte, 100)
		n, err := b.ReadAt(buf, off)
		rest := ""
		if off < size {
			rest = want[off:min(off+100, size)]
		}
		if string(buf[:n]) != rest {
			e.Errorf("ReadAt(%d) of %d octets returned other octets", off, size)
		}
		if (n < 100) != errors.Is(err, io.EOF) {
			e.Errorf("ReadAt(%d) of %d octets: %d, %v", off, size, n, err)
		}
	}
}

// testBodySurvives reads bodies after their messages are gone.
func testBodySurvives(e *env) {
	m := e.create("box")
	want := []string{pattern(100, 1), pattern(200_000, 2), pattern(300_000, 3)}
	var bodies []store.Body
	for _, text := range want {
		uid := e.add(m.ID, text)
		b, err := e.acct.Body(e.ctx, m.ID, uid)
		e.ok(err)
		bodies = append(bodies, b)
	}
	e.expunge(m.ID, uids(1, 2))
	e.ok(e.acct.Delete(e.ctx, "box"))
	for i := range 20 { // use the space again, if the store does that
		e.add(e.lookup("INBOX").ID, pattern(100_000, byte(10+i)))
		runtime.GC()
	}
	for i, b := range bodies {
		if got := e.drain(b); got != want[i] {
			e.Errorf("body %d has changed after its message was expunged", i)
		}
	}
}

func testBodyParallel(e *env) {
	id := e.lookup("INBOX").ID
	want := pattern(1<<20, 5)
	uid := e.add(id, want)
	b, err := e.acct.Body(e.ctx, id, uid)
	e.ok(err)
	defer b.Close()
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			buf := make([]byte, 10_000)
			for off := k * 1000; off+len(buf) <= len(want); off += 50_000 {
				if _, err := b.ReadAt(buf, int64(off)); err != nil || string(buf) != want[off:off+len(buf)] {
					e.Errorf("ReadAt(%d): %v, or wrong octets", off, err)
				}
			}
		})
	}
	wg.Wait()
}

// testRecent: each message is \Recent for exactly one claim.
func testRecent(e *env) {
	id := e.lookup("INBOX").ID
	claim := func() store.RecentRange {
		e.Helper()
		r, err := e.acct.ClaimRecent(e.ctx, id)
		e.ok(err)
		return r
	}
	e.fill(id, 3)
	e.same("STATUS", e.lookup("INBOX").Recent, uint32(3))
	before := e.modseq()
	peek, err := e.acct.PeekRecent(e.ctx, id)
	e.ok(err)
	e.same("peek", peek, store.RecentRange{From: 1, To: 4})
	e.same("claim", claim(), store.RecentRange{From: 1, To: 4})
	e.same("again", claim(), store.RecentRange{From: 4, To: 4})
	e.same("STATUS", e.lookup("INBOX").Recent, uint32(0))
	e.same("MODSEQ", e.modseq(), before)

	e.fill(id, 4)
	e.expunge(id, uids(2, 5, 6))
	e.same("STATUS", e.lookup("INBOX").Recent, uint32(2))
	e.same("claim", claim(), store.RecentRange{From: 4, To: 8})

	m := e.create("box")
	_, err = e.acct.Copy(e.ctx, id, every, m.ID)
	e.ok(err)
	e.same("copies", e.lookup("box").Recent, uint32(4))
	claimAll(e, m.ID)
}

// claimAll lets many sessions claim while messages arrive.
func claimAll(e *env, id store.MailboxID) {
	var mu sync.Mutex
	times := map[imap.UID]int{}
	claim := func() {
		r, err := e.acct.ClaimRecent(e.ctx, id)
		if err != nil {
			e.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for uid := r.From; uid < r.To; uid++ {
			times[uid]++
		}
	}
	body := e.stage(strings.Repeat("x", 10))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if _, err := e.acct.Append(e.ctx, id, []store.NewMessage{{Body: body}}); err != nil {
					e.Error(err)
				}
				claim()
			}
		})
	}
	wg.Wait()
	claim()
	e.same("UIDs claimed", len(times), 204)
	for uid, n := range times {
		if n != 1 {
			e.Errorf("UID %d was recent %d times", uid, n)
		}
	}
}
