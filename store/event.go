package store

import (
	"context"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
)

// Hint says that an account has reached at least ModSeq. It carries no
// change itself ("hint + truth"): whoever receives it asks Changes for what
// happened since the MODSEQ it knows. Several hints may be merged into the
// last one, and a hint may repeat what is known already.
type Hint struct {
	// Account is the account's id.
	Account string
	// ModSeq is the account's MODSEQ after the newest change that this
	// hint is about. It never goes down on one channel.
	ModSeq imap.ModSeq
}

// Feed hands hints about one account to any number of watchers. It is the
// part of Account.Watch that every backend needs; a backend publishes after
// each commit. Publishing never blocks: a watcher that is slow finds the
// newest hint only. The zero value is ready for use.
type Feed struct {
	mu       sync.Mutex
	closed   bool
	last     Hint
	watchers map[*watcher]struct{}
}

// watcher is one receiver; its channel holds the newest hint not yet read.
type watcher struct {
	hints chan Hint
	stop  func() bool
}

// Publish gives h to all watchers. A hint older than the last one, which
// happens when committers publish after giving up their lock, is dropped.
func (f *Feed) Publish(h Hint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || h.ModSeq <= f.last.ModSeq {
		return
	}
	f.last = h
	for w := range f.watchers {
		w.put(h)
	}
}

// put replaces the hint that waits, if any. Feed.mu is held, so nobody else
// fills the channel in between.
func (w *watcher) put(h Hint) {
	select {
	case <-w.hints:
	default:
	}
	w.hints <- h
}

// Watch returns a channel that first delivers now, the account's state when
// watching began, and then newer hints. The channel is closed when ctx ends
// or the feed is closed.
func (f *Feed) Watch(ctx context.Context, now Hint) <-chan Hint {
	w := &watcher{hints: make(chan Hint, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || ctx.Err() != nil {
		close(w.hints)
		return w.hints
	}
	if f.last.ModSeq > now.ModSeq {
		now = f.last
	}
	w.put(now)
	if f.watchers == nil {
		f.watchers = make(map[*watcher]struct{})
	}
	f.watchers[w] = struct{}{}
	w.stop = context.AfterFunc(ctx, func() { f.drop(w) })
	return w.hints
}

// drop ends one watcher; a second call does nothing.
func (f *Feed) drop(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.watchers[w]; ok {
		delete(f.watchers, w)
		close(w.hints)
	}
}

// Close ends all watchers, now and in future.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for w := range f.watchers {
		w.stop()
		close(w.hints)
	}
	f.watchers = nil
}
