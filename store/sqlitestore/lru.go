package sqlitestore

import (
	"container/list"
	"sync"
	"time"
)

// lru keeps the accounts with open databases in the order of their last use.
type lru struct {
	mu    sync.Mutex
	order list.List // of *account; the one used last in front
}

// touch notes that an account was used, and returns those that are too many.
func (l *lru) touch(a *account, now time.Time, limit int) []*account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.used = now
	if a.place == nil {
		a.place = l.order.PushFront(a)
	} else {
		l.order.MoveToFront(a.place)
	}
	var old []*account
	for e, n := l.order.Back(), l.order.Len(); n > limit && e != a.place; e, n = e.Prev(), n-1 {
		old = append(old, e.Value.(*account))
	}
	return old
}

// drop notes that an account's database is closed.
func (l *lru) drop(a *account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.place != nil {
		l.order.Remove(a.place)
		a.place = nil
	}
}

// unused lists the accounts that were not used since.
func (l *lru) unused(since time.Time) []*account {
	l.mu.Lock()
	defer l.mu.Unlock()
	var old []*account
	for e := l.order.Back(); e != nil && e.Value.(*account).used.Before(since); e = e.Prev() {
		old = append(old, e.Value.(*account))
	}
	return old
}

// all lists the accounts with open databases.
func (l *lru) all() []*account {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*account
	for e := l.order.Front(); e != nil; e = e.Next() {
		list = append(list, e.Value.(*account))
	}
	return list
}

// closeIdle collects garbage that is due and closes databases that nobody has used for a while, until the
// store ends.
func (s *Store) closeIdle() {
	tick := time.NewTicker(max(s.opts.Idle/4, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			for _, a := range s.open.unused(time.Now().Add(-s.opts.Idle)) {
				a.tryClose()
			}
			for _, a := range s.open.all() {
				if due := a.due.Load(); due != 0 && due <= s.opts.Now().UnixNano() {
					a.maintain()
				}
			}
		}
	}
}
