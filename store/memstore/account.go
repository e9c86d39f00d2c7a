package memstore

import (
	"context"
	"strconv"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// account is the state of one account. Its lock is held for computing only:
// never while something of the caller's is read, written or called.
type account struct {
	store   *Store
	id      string
	feed    store.Feed
	handles int // open ones; guarded by store.mu

	mu           sync.RWMutex
	modseq       imap.ModSeq
	uidValidity  uint32 // the newest from the counter
	quota        store.Quota
	byName       map[string]*mailbox
	byID         map[store.MailboxID]*mailbox
	subscription map[string]struct{}
	entries      map[store.MailboxID]map[string][]byte
}

// newAccount makes an account that nobody else sees yet.
func newAccount(s *Store, id string, setup store.Setup) (*account, error) {
	a := &account{
		store:        s,
		id:           id,
		modseq:       1,
		quota:        store.Quota{MaxMessages: setup.MaxMessages, MaxSize: setup.MaxSize},
		byName:       make(map[string]*mailbox),
		byID:         make(map[store.MailboxID]*mailbox),
		subscription: make(map[string]struct{}),
		entries:      make(map[store.MailboxID]map[string][]byte),
	}
	inbox := store.NewMailbox{Name: store.Inbox}
	for _, m := range setup.Mailboxes {
		if m.Name == store.Inbox {
			inbox = m
		}
	}
	t := &tx{account: a, op: "create account", modseq: 1}
	t.create(inbox)
	for _, m := range setup.Mailboxes {
		if m.Name == store.Inbox {
			continue
		}
		if _, err := t.createWithSuperiors(m); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// handle is an open account.
type handle struct {
	*account
	ctx    context.Context // ends with the handle
	cancel context.CancelFunc
	once   sync.Once
}

// ID returns the account's id.
func (h *handle) ID() string { return h.id }

// Close gives up the handle.
func (h *handle) Close() error {
	h.once.Do(func() {
		h.cancel()
		h.store.release(h.account)
	})
	return nil
}

// check tells whether the call may go on.
func (h *handle) check(ctx context.Context, op string) error {
	switch {
	case h.ctx.Err() != nil:
		return fail(op, "", store.Unavailable, errStoreClosed)
	case ctx.Err() != nil:
		return fail(op, "", store.Unavailable, ctx.Err())
	}
	return nil
}

// tx is a transaction that may write. Its functions check everything before
// they change anything, so that there is nothing to roll back.
type tx struct {
	*account
	op      string
	modseq  imap.ModSeq // what this transaction gets if it changes something
	changed bool
}

// write runs fn as a transaction and tells watchers if it changed something.
func (h *handle) write(ctx context.Context, op string, fn func(*tx) error) error {
	if err := h.check(ctx, op); err != nil {
		return err
	}
	t := &tx{account: h.account, op: op}
	err := h.locked(ctx, t, fn)
	if t.changed {
		h.feed.Publish(store.Hint{Account: h.id, ModSeq: t.modseq})
	}
	return err
}

// locked runs fn alone. The context is checked again because waiting for the
// lock may have taken long.
func (h *handle) locked(ctx context.Context, t *tx, fn func(*tx) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.check(ctx, t.op); err != nil {
		return err
	}
	t.modseq = h.modseq + 1
	err := fn(t)
	if t.changed {
		h.modseq = t.modseq
	}
	return err
}

// current is the MODSEQ that a result of the transaction carries.
func (t *tx) current() imap.ModSeq {
	if t.changed {
		return t.modseq
	}
	return t.account.modseq
}

// read runs fn with the state held still.
func (h *handle) read(ctx context.Context, op string, fn func() error) error {
	if err := h.check(ctx, op); err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if err := h.check(ctx, op); err != nil {
		return err
	}
	return fn()
}

// find returns the mailbox with this id, or an error with the code given.
func (a *account) find(op string, id store.MailboxID, missing store.Code) (*mailbox, error) {
	if m := a.byID[id]; m != nil {
		return m, nil
	}
	return nil, fail(op, id.String(), missing, nil)
}

// Watch returns a channel of hints.
func (h *handle) Watch(ctx context.Context) <-chan store.Hint {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(h.ctx, cancel)
	context.AfterFunc(ctx, func() { stop() })
	h.mu.RLock()
	now := store.Hint{Account: h.id, ModSeq: h.modseq}
	h.mu.RUnlock()
	return h.feed.Watch(ctx, now)
}

// ModSeq returns the account's MODSEQ.
func (h *handle) ModSeq(ctx context.Context) (m imap.ModSeq, err error) {
	err = h.read(ctx, "modseq", func() error {
		m = h.modseq
		return nil
	})
	return m, err
}

// Quota returns usage and limits.
func (h *handle) Quota(ctx context.Context) (q store.Quota, err error) {
	err = h.read(ctx, "quota", func() error {
		q = h.quota
		return nil
	})
	return q, err
}

// room checks that so much more would fit.
func (a *account) room(op string, messages, size uint64) error {
	q := &a.quota
	if over(q.Messages, messages, q.MaxMessages) || over(q.Size, size, q.MaxSize) {
		return fail(op, a.id, store.OverQuota, nil)
	}
	return nil
}

// over tells whether used and more exceed limit, where 0 means no limit. It
// cannot overflow: nobody has stored 2^63 octets.
func over(used, more, limit uint64) bool { return limit != 0 && more > 0 && used+more > limit }

// nextUIDValidity draws from the account's counter, which follows the clock
// and never stands still.
func (a *account) nextUIDValidity() uint32 {
	a.uidValidity = max(a.uidValidity+1, uint32(a.store.opts.Now().Unix()))
	return a.uidValidity
}

// SetRecent makes the messages from UID from on \Recent again in a mailbox.
// It is for sample data that is to look new to each session.
func (s *Store) SetRecent(ctx context.Context, account, mailbox string, from imap.UID) error {
	const op = "set recent"
	if err := s.check(ctx, op, account); err != nil {
		return err
	}
	s.mu.Lock()
	a := s.accounts[account]
	s.mu.Unlock()
	if a == nil {
		return fail(op, account, store.NonExistent, nil)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.byName[mailbox]
	if m == nil {
		return fail(op, mailbox, store.NonExistent, nil)
	}
	if from == 0 || from > m.UIDNext {
		return fail(op, strconv.FormatUint(uint64(from), 10), store.Cannot, nil)
	}
	m.setRecent(from)
	return nil
}
