package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var feedTests = []group{
	{name: "Watch", test: testWatch},
	{name: "WatchNeverBlocks", test: testWatchSlow},
	{name: "WatchEnds", test: testWatchEnds},
}

// patience is how long a hint may take: 10 seconds heal a lost one.
const patience = 15 * time.Second

// hint waits for a hint at or after a MODSEQ.
func (e *env) hint(hints <-chan store.Hint, at imap.ModSeq) {
	e.Helper()
	timeout := time.After(patience)
	last := imap.ModSeq(0)
	for last < at {
		select {
		case h, ok := <-hints:
			if !ok {
				e.Fatalf("the channel closed before a hint of MODSEQ %d", at)
			}
			if h.Account != account || h.ModSeq < last {
				e.Errorf("hint %+v after MODSEQ %d", h, last)
			}
			last = h.ModSeq
		case <-timeout:
			e.Fatalf("no hint of MODSEQ %d", at)
		}
	}
	if now := e.modseq(); last > now {
		e.Errorf("a hint of MODSEQ %d when the account was at %d", last, now)
	}
}

func testWatch(e *env) {
	hints := e.acct.Watch(e.ctx)
	others := e.open().Watch(e.ctx)
	id := e.lookup("INBOX").ID
	steps := []func(){
		func() {}, // the first hint comes by itself
		func() { e.fill(id, 3) },
		func() { e.storeFlags(id, every, store.FlagsAdd, `\Seen`) },
		func() { e.expunge(id, uids(1)) },
		func() { e.create("box") },
		func() { e.ok(e.acct.Subscribe(e.ctx, "box")) },
		func() { e.ok(e.acct.Rename(e.ctx, "box", "box2")) },
		func() { _, err := e.acct.Copy(e.ctx, id, every, e.lookup("box2").ID); e.ok(err) },
		func() { _, err := e.acct.Move(e.ctx, id, every, e.lookup("box2").ID); e.ok(err) },
		func() { e.ok(e.acct.Delete(e.ctx, "box2")) },
	}
	for _, step := range steps {
		step()
		e.hint(hints, e.modseq())
		e.hint(others, e.modseq())
	}
}

// testWatchSlow writes a lot while nobody receives: hints are merged, and the
// last one is still there.
func testWatchSlow(e *env) {
	hints := e.acct.Watch(e.ctx)
	for i := range 300 {
		e.ok(e.acct.Subscribe(e.ctx, fmt.Sprint(i)))
	}
	e.hint(hints, e.modseq())
}

func testWatchEnds(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	hints := e.acct.Watch(ctx)
	e.hint(hints, 1)
	cancel()
	drain := func(hints <-chan store.Hint) {
		for range hints { // ends, or the test runs into its time limit
		}
	}
	drain(hints)
	drain(e.acct.Watch(ctx)) // ended already
	e.ok(e.acct.Subscribe(e.ctx, "x"))

	own := e.open()
	open := own.Watch(context.WithoutCancel(e.ctx))
	e.ok(e.store.Close())
	drain(open)
}
