package session

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// hubs are the accounts that sessions of this process have open. All sessions
// of an account share one handle of the store and one change feed.
type hubs struct {
	base  context.Context
	store store.Store
	log   *slog.Logger

	mu   sync.Mutex
	open map[string]*hub
}

func (hs *hubs) init(base context.Context, st store.Store, log *slog.Logger) {
	hs.base, hs.store, hs.log = base, st, log
	hs.open = make(map[string]*hub)
}

// hub is one account.
type hub struct {
	id   string
	refs int // guarded by hubs.mu

	opening sync.Once
	err     error
	acct    store.Account
	log     *slog.Logger
	ctx     context.Context // ends with the last session
	cancel  context.CancelFunc

	mu    sync.Mutex
	boxes map[store.MailboxID]*mailbox
}

// errOpening is the error of an account whose opening has not come to an end.
var errOpening = errors.New("session: opening an account has failed")

// warmBoxes is how many mailboxes without a session stay in memory for each
// account that has sessions.
const warmBoxes = 8

// acquire opens an account; release gives it back.
func (hs *hubs) acquire(id string) (*hub, error) {
	hs.mu.Lock()
	h := hs.open[id]
	if h == nil {
		h = &hub{id: id, log: hs.log, boxes: make(map[store.MailboxID]*mailbox)}
		h.ctx, h.cancel = context.WithCancel(hs.base)
		hs.open[id] = h
	}
	h.refs++
	hs.mu.Unlock()
	opened := false
	defer func() {
		if !opened {
			hs.release(h)
		}
	}()
	h.opening.Do(func() {
		h.err = errOpening // unless it returns
		// The first session's context must not decide for the others.
		if h.acct, h.err = hs.store.Account(h.ctx, id); h.err == nil {
			go h.follow(h.acct.Watch(h.ctx))
		}
	})
	if opened = h.err == nil; !opened {
		return nil, h.err
	}
	return h, nil
}

// release closes the account when no session has it any more.
func (hs *hubs) release(h *hub) {
	hs.mu.Lock()
	h.refs--
	last := h.refs == 0
	if last && hs.open[h.id] == h {
		delete(hs.open, h.id)
	}
	hs.mu.Unlock()
	if !last {
		return
	}
	h.cancel()
	if h.acct != nil {
		if err := h.acct.Close(); err != nil {
			h.log.Warn("closing an account failed", "account", h.id, "err", err)
		}
	}
}

// follow keeps the open mailboxes up to date.
func (h *hub) follow(hints <-chan store.Hint) {
	for hint := range hints {
		for _, m := range h.mailboxes() {
			m.hint(hint.ModSeq)
			// Whoever is making a change looks for what else has come when that is done.
			if m.own.Load() == 0 && m.inUse() {
				h.catchUp(m, hint.ModSeq)
			}
		}
	}
}

// catchUp reads changes that nobody waits for. A store that panics shall do so
// in a session, which has a client to be told.
func (h *hub) catchUp(m *mailbox, to imap.ModSeq) {
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("panic while reading changes", "account", h.id, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if err := m.refresh(h.ctx, to); err != nil && h.ctx.Err() == nil {
		h.log.Warn("reading changes failed", "account", h.id, "mailbox", m.id, "err", err)
	}
}

func (h *hub) mailboxes() []*mailbox {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*mailbox, 0, len(h.boxes))
	for _, m := range h.boxes {
		all = append(all, m)
	}
	return all
}

// mailbox returns the shared state of a mailbox, as new as the store. close
// gives it back.
func (h *hub) mailbox(ctx context.Context, id store.MailboxID) (*mailbox, error) {
	h.mu.Lock()
	m := h.boxes[id]
	if m == nil {
		m = newMailbox(h, id)
		h.boxes[id] = m
	}
	m.users++
	h.mu.Unlock()
	if err := m.refresh(ctx, 0); err != nil {
		h.close(m)
		return nil, err
	}
	if m.isGone() {
		h.close(m)
		return nil, &store.Error{Code: store.NonExistent, Op: "open"}
	}
	return m, nil
}

// close gives back what mailbox returned.
func (h *hub) close(m *mailbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.users--; m.users > 0 {
		return
	}
	if !m.isLoaded() || m.isGone() {
		delete(h.boxes, m.id)
		return
	}
	unused := 0
	for _, b := range h.boxes {
		if b.users == 0 {
			unused++
		}
	}
	for id, b := range h.boxes {
		if unused > warmBoxes && b.users == 0 && b != m {
			delete(h.boxes, id)
			unused--
		}
	}
}

// changed makes a mailbox show what a command has just done to it, so that
// whoever sees the command's OK sees its effect. The command has succeeded, so
// an error here is only logged: the next hint makes good for it.
func (h *hub) changed(ctx context.Context, id store.MailboxID, to imap.ModSeq) {
	h.mu.Lock()
	m := h.boxes[id]
	h.mu.Unlock()
	if m == nil || !m.isLoaded() {
		return
	}
	if err := m.refresh(ctx, to); err != nil {
		h.log.Warn("reading changes failed", "account", h.id, "mailbox", id, "err", err)
	}
}
