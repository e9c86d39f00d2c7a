package sqlitestore

import (
	"container/list"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// account is one account. Its database is opened when it is needed and closed
// when it has not been for a while, whether or not there are handles.
type account struct {
	store   *Store
	id      string
	dir     string
	feed    store.Feed
	handles int // open ones; guarded by store.mu

	// io is held while the database is in use: by the writer for a batch of
	// transactions, by readers for one batch of messages.
	io      sync.Mutex
	db      *conn // nil while it is closed
	swept   bool  // orphans have been removed since the process began
	scratch []byte
	// claims are the mailboxes of which the state knows that messages are no
	// longer \Recent, and the database does not.
	claims map[store.MailboxID]struct{}
	// logged is set when the names of the database and of its log, which is
	// made whenever the database is opened, are known to be durable.
	logged bool
	isOpen atomic.Bool // set while the database is open or being opened
	// forgotten is set when the store no longer knows this account: another
	// one with the same id may be in use.
	forgotten atomic.Bool

	used  time.Time     // guarded by store.open
	place *list.Element // guarded by store.open

	hold    atomic.Int32 // backups that copy files: none is removed
	skipped atomic.Bool  // one was to be removed meanwhile

	due      atomic.Int64 // when there is garbage to collect, in Unix nanoseconds; 0 for never
	queue    queue
	segments segments

	// mu guards what follows, for moments only. What is committed is here;
	// whoever holds io as well sees what is in the database.
	mu     sync.RWMutex
	state  state
	loaded bool
	staged map[uint64]struct{} // files of bodies that may not be appended yet
}

// path returns the name of a file of the account.
func (a *account) path(names ...string) string {
	return filepath.Join(append([]string{a.dir}, names...)...)
}

// acquire takes the database, which it opens if it must.
func (a *account) acquire(op string) error {
	a.io.Lock()
	if err := a.openLocked(); err != nil {
		a.io.Unlock()
		return a.report(op, "", err)
	}
	for _, old := range a.store.open.touch(a, time.Now(), a.store.opts.OpenAccounts) {
		old.tryClose()
	}
	return nil
}

// release gives the database back.
func (a *account) release() { a.io.Unlock() }

// openLocked opens the database if it is closed.
func (a *account) openLocked() error {
	if a.store.ctx.Err() != nil {
		return fail("open account", a.id, store.Unavailable, errStoreClosed)
	}
	if a.db != nil {
		return nil
	}
	a.isOpen.Store(true) // before the check, as forget does it the other way round
	if a.forgotten.Load() {
		a.isOpen.Store(false)
		return fail("open account", a.id, store.Unavailable, errStoreClosed)
	}
	if err := a.openDatabase(); err != nil {
		a.isOpen.Store(false)
		return err
	}
	if a.swept {
		return nil
	}
	a.sweep()
	if err := a.takeOver(); err != nil {
		return errors.Join(err, a.closeLocked())
	}
	a.swept = true
	return nil
}

// openDatabase opens the database and reads the state if that is not known.
func (a *account) openDatabase() error {
	path := a.path(databaseName)
	if f, err := a.store.fs.open(path); err == nil {
		_ = f.Close() // nothing was written
	} else if errors.Is(err, os.ErrNotExist) {
		return a.missing(err)
	}
	db, err := accountSchema.open(a.store.fs, path, a.store.opts.Durability, false)
	if err != nil {
		return err
	}
	if err := a.load(db); err != nil {
		_ = db.Close() // the first error says more
		return err
	}
	a.db = db
	return nil
}

// missing tells an account that does not exist from one without a database.
func (a *account) missing(err error) error {
	if _, e := a.store.fs.list(a.dir); e == nil {
		return &damage{file: a.path(databaseName), what: "the database is gone", err: err}
	}
	return fail("open account", a.id, store.NonExistent, nil)
}

// load reads the state once.
func (a *account) load(db *conn) error {
	a.mu.RLock()
	loaded := a.loaded
	a.mu.RUnlock()
	if loaded {
		return nil
	}
	st, err := readState(db)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.state, a.loaded = st, true
	a.mu.Unlock()
	oldest, err := db.number("SELECT min(at) FROM dropped")
	if err == nil && oldest != 0 {
		a.dueBy(time.Unix(oldest, 0).Add(a.store.opts.Grace))
	}
	return err
}

// ready makes sure that the state is known.
func (a *account) ready(op string) error {
	a.mu.RLock()
	loaded := a.loaded
	a.mu.RUnlock()
	if loaded {
		return nil
	}
	if err := a.acquire(op); err != nil {
		return err
	}
	a.release()
	return nil
}

// tryClose closes the database unless it is in use.
func (a *account) tryClose() {
	if !a.io.TryLock() {
		return
	}
	err := a.closeLocked()
	a.io.Unlock()
	if err != nil {
		a.store.opts.Logger.Error("closing a mail database failed", "file", a.path(databaseName), "error", err)
	}
	a.store.mu.Lock()
	a.store.forget(a)
	a.store.mu.Unlock()
}

func (a *account) closeLocked() error {
	a.store.open.drop(a)
	a.segments.closeUnused()
	if a.db == nil {
		return nil
	}
	a.saveClaims()
	err := a.db.Close()
	a.db = nil
	a.logged = false
	a.scratch = nil
	a.isOpen.Store(false)
	return err
}

// shut closes the database at the store's end.
func (a *account) shut() error {
	a.io.Lock()
	defer a.io.Unlock()
	return a.closeLocked()
}

// report makes an error of the store's kind of whatever happened, and tells
// the administrator of what the user cannot mend.
func (a *account) report(op, name string, err error) error {
	var e *store.Error
	if errors.As(err, &e) {
		return err
	}
	code := codeOf(err)
	switch code {
	case store.Corruption:
		file := a.path(databaseName)
		var d *damage
		if errors.As(err, &d) {
			file = d.file
		}
		a.store.opts.Logger.Error("stored mail is damaged; run: imapsrv check --repair",
			"account", a.id, "file", file, "operation", op, "error", err)
	default:
		a.store.opts.Logger.Error("mail store failed", "account", a.id, "file", a.path(databaseName),
			"operation", op, "error", err)
	}
	return fail(op, name, code, err)
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

// look runs fn with the state held still. fn must not wait for anything.
func (h *handle) look(ctx context.Context, op string, fn func(*state) error) error {
	if err := h.check(ctx, op); err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return fn(&h.state)
}

// read runs fn with the database, which nobody changes meanwhile.
func (h *handle) read(ctx context.Context, op string, fn func() error) error {
	if err := h.check(ctx, op); err != nil {
		return err
	}
	if err := h.acquire(op); err != nil {
		return err
	}
	defer h.release()
	if err := h.check(ctx, op); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return h.report(op, "", err)
	}
	return nil
}

// Watch returns a channel of hints.
func (h *handle) Watch(ctx context.Context) <-chan store.Hint {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(h.ctx, cancel)
	context.AfterFunc(ctx, func() { stop() })
	h.mu.RLock()
	now := store.Hint{Account: h.id, ModSeq: h.state.modseq}
	h.mu.RUnlock()
	return h.feed.Watch(ctx, now)
}

// ModSeq returns the account's MODSEQ.
func (h *handle) ModSeq(ctx context.Context) (m imap.ModSeq, err error) {
	err = h.look(ctx, "modseq", func(s *state) error {
		m = s.modseq
		return nil
	})
	return m, err
}

// Quota returns usage and limits.
func (h *handle) Quota(ctx context.Context) (q store.Quota, err error) {
	err = h.look(ctx, "quota", func(s *state) error {
		q = s.quota
		return nil
	})
	return q, err
}
