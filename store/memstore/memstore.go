// Package memstore is a mail store in memory: for demonstrations, for tests,
// and as the model for other backends. Nothing outlives the process.
//
// Bodies above 64 KiB are kept in temporary files without a name, so that
// large mail costs disk and not memory; their space is free again some time
// after the last message that uses them is gone and the last reader has
// closed them. Everything else is kept in flat arrays, about 150 octets a
// message beside its body and summary, so that mailboxes of 500,000 messages
// work.
//
// UIDVALIDITY and object ids are derived from the time, so that a restarted
// server never lets a client believe that its cache is still good.
package memstore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imapsrv/imapsrv/store"
)

// Options say how a Store behaves. The zero value is good.
type Options struct {
	// Limits are the limits; zero fields stand for store.DefaultLimits.
	Limits store.Limits
	// Summarizer makes summaries; without Summarize there are none.
	Summarizer store.Summarizer
	// Dir is where the temporary files go; "" stands for os.TempDir.
	Dir string
	// History is how many ranges of expunged UIDs each mailbox remembers;
	// 0 stands for 10,000. See store.Delta.Floor.
	History int
	// Now is the clock; nil stands for time.Now. A clock that was fixed
	// makes UIDVALIDITY values count up from its Unix time.
	Now func() time.Time
	// Idle, if not nil, is called after the last open handle on an account
	// was closed, with the account's id. It may use the Store.
	Idle func(account string)
}

// defaultHistory is for Options.History.
const defaultHistory = 10_000

// Store is a store.Store in memory.
type Store struct {
	opts   Options
	ctx    context.Context // ends with the store
	cancel context.CancelFunc
	bodies bodyStore
	lastID atomic.Uint64 // the newest object id

	mu       sync.Mutex
	accounts map[string]*account
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Account = (*handle)(nil)
)

var (
	errStoreClosed = errors.New("the store or the handle is closed")
	errAccountID   = errors.New("an account needs an id")
)

// New returns an empty store.
func New(opts Options) *Store {
	opts.Limits = opts.Limits.WithDefaults()
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.History <= 0 {
		opts.History = defaultHistory
	}
	s := &Store{opts: opts, accounts: make(map[string]*account)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.bodies.dir = opts.Dir
	// Ids go on from the time in units of 1.024 µs: later than all ids of an
	// earlier process, unless that made a million of them a second.
	s.lastID.Store(uint64(opts.Now().UnixNano()) >> 10)
	return s
}

// newID returns an object id that no other object has.
func (s *Store) newID() uint64 { return s.lastID.Add(1) }

// Limits returns the limits in force.
func (s *Store) Limits() store.Limits { return s.opts.Limits }

// Close ends the store and all its handles.
func (s *Store) Close() error {
	s.cancel()
	return nil
}

// check tells whether the store and the context are alive.
func (s *Store) check(ctx context.Context, op, id string) error {
	switch {
	case s.ctx.Err() != nil:
		return fail(op, id, store.Unavailable, errStoreClosed)
	case ctx.Err() != nil:
		return fail(op, id, store.Unavailable, ctx.Err())
	}
	return nil
}

// CreateAccount makes an account with INBOX and what setup asks for.
func (s *Store) CreateAccount(ctx context.Context, id string, setup store.Setup) error {
	const op = "create account"
	if err := s.check(ctx, op, id); err != nil {
		return err
	}
	if id == "" {
		return fail(op, id, store.Cannot, errAccountID)
	}
	a, err := newAccount(s, strings.Clone(id), setup)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[id] != nil {
		return fail(op, id, store.AlreadyExists, nil)
	}
	s.accounts[id] = a
	return nil
}

// Account opens an account.
func (s *Store) Account(ctx context.Context, id string) (store.Account, error) {
	const op = "open account"
	if err := s.check(ctx, op, id); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		return nil, fail(op, id, store.NonExistent, nil)
	}
	a.handles++
	h := &handle{account: a}
	h.ctx, h.cancel = context.WithCancel(s.ctx)
	return h, nil
}

// release counts a closed handle.
func (s *Store) release(a *account) {
	s.mu.Lock()
	a.handles--
	idle := a.handles == 0
	s.mu.Unlock()
	if idle && s.opts.Idle != nil {
		s.opts.Idle(a.id)
	}
}

func fail(op, name string, code store.Code, err error) error {
	return &store.Error{Code: code, Op: op, Name: name, Err: err}
}
