package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
)

// sharedBox is a mailbox to which all workers of a user copy messages.
const sharedBox = "shared"

// Dial connects a client that has logged in.
type Dial func(user string) (*Client, error)

// Load is several clients at work. Its methods are not to be called at the
// same time, but for those that say so.
type Load struct {
	mu      sync.Mutex // held while a worker notes something
	workers []*worker
	// Refused is asked what to make of a NO; nil means that there must be
	// none. Without an error, the worker goes on, and the command must have
	// changed nothing.
	Refused func(r *Refusal) error

	atOK chan func() // what to do at the next OK, before anything else happens
}

// worker is one client.
type worker struct {
	user    string
	model   *model
	pending *op // a command that has not ended, guarded by the load's mu
}

// New makes a load of so many workers for each user.
func New(users []string, each int) *Load {
	l := &Load{atOK: make(chan func())}
	for _, user := range users {
		for range each {
			l.workers = append(l.workers, &worker{user: user, model: newModel(len(l.workers))})
		}
	}
	return l
}

// SetUp makes the mailboxes.
func (l *Load) SetUp(dial Dial) error {
	for _, w := range l.workers {
		err := use(dial, w.user, func(c *Client) error {
			for i := range w.model.boxes {
				if _, err := c.Do(&imap.Create{Mailbox: w.model.boxes[i].name}); err != nil {
					return err
				}
			}
			_, err := c.Do(&imap.Create{Mailbox: sharedBox})
			var no *Refusal
			if errors.As(err, &no) && no.HasCode("ALREADYEXISTS") {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return l.Verify(dial) // which learns UIDVALIDITY
}

// use runs fn with a connection.
func use(dial Dial, user string, fn func(*Client) error) error {
	c, err := dial(user)
	if err != nil {
		return fmt.Errorf("user %q: %w", user, err)
	}
	defer c.Close()
	return fn(c)
}

// Run works until ctx ends, or until the connections do. The error is what
// should never happen; that a connection breaks is none.
func (l *Load) Run(ctx context.Context, dial Dial) error {
	errs := make([]error, len(l.workers))
	var wg sync.WaitGroup
	for i, w := range l.workers {
		wg.Go(func() { errs[i] = l.work(ctx, dial, w) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// work is one worker's part of Run.
func (l *Load) work(ctx context.Context, dial Dial, w *worker) error {
	c, err := dial(w.user)
	if err != nil {
		return nil // the server has gone already
	}
	defer c.Close()
	r := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for ctx.Err() == nil {
		err := l.step(c, w, r)
		var no *Refusal
		switch {
		case errors.As(err, &no):
			return err
		case err != nil && w.pending == nil:
			return err
		case err != nil:
			return nil // the connection has gone
		}
	}
	return nil
}

// Steps gives so many commands, one worker after the other, with the same
// connections all the time. After each NO, and what Refused says to it, the
// command must have happened completely or not at all, and the server goes on.
func (l *Load) Steps(n int, dial Dial, r *rand.Rand) error {
	for _, w := range l.workers {
		err := use(dial, w.user, func(c *Client) error {
			for range n {
				err := l.step(c, w, r)
				var no *Refusal
				if errors.As(err, &no) && l.Refused != nil {
					if err = l.Refused(no); err == nil {
						err = l.Verify(dial)
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// step gives one command. While it is under way, and if its end is unknown,
// it is pending.
func (l *Load) step(c *Client, w *worker, r *rand.Rand) error {
	o := w.model.pick(r)
	l.note(w, w.model, &o)
	if o.kind != "append" && o.kind != "rename" {
		if _, err := c.Do(&imap.Select{Mailbox: w.model.boxes[o.box].name}); err != nil {
			return fmt.Errorf("worker %d: SELECT before %v: %w", w.model.worker, o, err)
		}
	}
	answer, err := c.Do(w.model.command(o))
	if err != nil {
		return fmt.Errorf("worker %d: %v: %w", w.model.worker, o, err)
	}
	next := w.model.clone() // a snapshot may have the old one
	code := answer.Tagged.Code
	if o.kind == "move" {
		code = nil // it is in an untagged OK
	}
	err = next.acknowledged(o, code)
	next.apply(o)
	next.done++
	l.note(w, next, nil)
	return err
}

// note tells what a worker knows, and what it is about to do.
func (l *Load) note(w *worker, m *model, pending *op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.model, w.pending = m, pending
	if pending == nil {
		select {
		case fn := <-l.atOK:
			fn()
		default:
		}
	}
}

// Snapshot returns what has been acknowledged, and is under way, at the moment
// when it calls save, while Run runs.
func (l *Load) Snapshot(save func()) *Load {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.snapshot(save)
}

// SnapshotAtOK is Snapshot at the moment when the next OK has come; nil if
// none comes before ctx ends.
func (l *Load) SnapshotAtOK(ctx context.Context, save func()) *Load {
	taken := make(chan *Load, 1)
	select {
	case l.atOK <- func() { taken <- l.snapshot(save) }:
		return <-taken
	case <-ctx.Done():
		return nil
	}
}

// snapshot is Snapshot with mu held.
func (l *Load) snapshot(save func()) *Load {
	s := &Load{}
	for _, w := range l.workers {
		c := *w
		c.model = w.model.clone()
		s.workers = append(s.workers, &c)
	}
	save()
	return s
}

// Acknowledged counts the commands with a tagged OK that changed something,
// by user.
func (l *Load) Acknowledged() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := make(map[string]int)
	for _, w := range l.workers {
		n[w.user] += w.model.done
	}
	return n
}
