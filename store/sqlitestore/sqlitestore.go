package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imapsrv/imapsrv/store"
)

// Durability says what a write has survived when it returns.
type Durability uint8

const (
	// Full: everything is on the disk. A power failure loses nothing that
	// was acknowledged.
	Full Durability = iota
	// Relaxed: everything is with the operating system. It survives the end
	// of the process; a power failure may lose the last seconds, and the
	// bodies of messages of that time, which are then reported as corrupt.
	Relaxed
)

func (d Durability) synchronous() string {
	if d == Relaxed {
		return "NORMAL"
	}
	return "FULL"
}

// Options say how a Store behaves. The zero value is good.
type Options struct {
	// Limits are the limits; zero fields stand for store.DefaultLimits.
	Limits store.Limits
	// Summarizer makes summaries; without Summarize there are none.
	Summarizer store.Summarizer
	// Durability is Full unless set.
	Durability Durability
	// History is how many ranges of expunged UIDs each mailbox remembers; 0
	// stands for 10,000. See store.Delta.Floor.
	History int
	// OpenAccounts is how many databases are open at a time, each with up to
	// five descriptors and 240 kB; 0 stands for 600. It may be exceeded while more are
	// in use.
	OpenAccounts int
	// Idle is after how long without use a database is closed; 0 stands for
	// a minute.
	Idle time.Duration
	// Grace is how long the body of an expunged message stays on the disk; 0
	// stands for an hour, and what is negative for no time at all.
	Grace time.Duration
	// Logger gets what the administrator must know; nil is slog.Default.
	Logger *slog.Logger
	// Inspect opens a store only to look at it: nothing is done in the
	// background, and a backup remains one that can be brought up to date.
	Inspect bool
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time

	files       files  // nil is the operating system's
	segmentSize uint64 // from where on a segment gets no more bodies; 0 stands for 64 MiB
}

func (o *Options) setDefaults() {
	o.Limits = o.Limits.WithDefaults()
	if o.History <= 0 {
		o.History = 10_000
	}
	if o.OpenAccounts <= 0 {
		o.OpenAccounts = 600
	}
	if o.Idle <= 0 {
		o.Idle = time.Minute
	}
	if o.Grace == 0 {
		o.Grace = time.Hour
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.segmentSize == 0 {
		o.segmentSize = segmentSize
	}
	if o.files == nil {
		o.files = osFiles{}
	}
}

// Store is a store.Store in a directory.
type Store struct {
	opts   Options
	fs     files
	dir    string
	lock   *os.File
	ctx    context.Context // ends with the store
	cancel context.CancelFunc
	block  atomic.Uint64 // the newest block of object ids
	number atomic.Uint64 // the newest number of a file
	memory *conn         // see keepMemory
	tasks  sync.WaitGroup

	mu       sync.Mutex
	accounts map[string]*account
	users    *Users // nil until it is asked for
	open     lru
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Account = (*handle)(nil)
)

var (
	errStoreClosed = errors.New("the store or the handle is closed")
	errAccountID   = errors.New("an account needs an id of at most 1,024 octets")
	errDirInUse    = errors.New("the data directory is in use")
)

const (
	accountsDir  = "accounts"
	databaseName = "mail.db"
	segmentsDir  = "segments"
	bodiesDir    = "bodies"
	lockName     = "lock"
	// newPrefix begins the directory of an account that is being made.
	newPrefix = ".new-"
)

// Open opens the store in a directory, which is made if it does not exist.
// A directory that another process has open is refused (InUse) with that
// process's number.
func Open(dir string, opts Options) (*Store, error) {
	opts.setDefaults()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fail("open store", dir, store.Unavailable, err)
	}
	s := &Store{opts: opts, fs: opts.files, dir: dir, accounts: make(map[string]*account)}
	if err := makeDir(s.fs, filepath.Join(dir, accountsDir)); err != nil {
		return nil, fail("open store", dir, store.Unavailable, err)
	}
	if s.lock, err = lockDir(dir); err != nil {
		return nil, rename(err, "open store")
	}
	if !opts.Inspect {
		err = claimBackup(dir)
	}
	if err == nil {
		err = serverSchema.peek(s.fs, filepath.Join(dir, serverDatabase))
	}
	if err == nil {
		err = s.removeUnfinished()
	}
	if err == nil {
		s.memory, err = keepMemory()
	}
	if err != nil {
		_ = s.lock.Close() // frees the lock; there is nothing to lose
		return nil, fail("open store", dir, store.Unavailable, err)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.number.Store(uint64(opts.Now().UnixNano()) >> 10)
	s.tasks.Go(s.closeIdle)
	return s, nil
}

// lockDir makes this process the owner of a directory, until the file is
// closed.
func lockDir(dir string) (*os.File, error) {
	const op = "lock"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fail(op, dir, store.Unavailable, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fail(op, dir, store.Unavailable, err)
	}
	if err := tryLock(f); err != nil {
		holder := make([]byte, 20)
		n, _ := f.ReadAt(holder, 0) // the number is a courtesy
		_ = f.Close()
		return nil, fail(op, dir, store.InUse, fmt.Errorf("%w by process %s", errDirInUse, strings.TrimSpace(string(holder[:n]))))
	}
	// Whoever is refused reads this; if it cannot be written, the lock holds.
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return f, nil
}

// removeUnfinished removes accounts whose making was interrupted.
func (s *Store) removeUnfinished() error {
	names, err := s.fs.list(filepath.Join(s.dir, accountsDir))
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, newPrefix) {
			if err := s.fs.removeAll(filepath.Join(s.dir, accountsDir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Limits returns the limits in force.
func (s *Store) Limits() store.Limits { return s.opts.Limits }

// Close ends the store and all its handles. It waits for transactions that
// are under way.
func (s *Store) Close() error {
	s.mu.Lock()
	ended := s.ctx.Err() != nil
	s.cancel()
	var list []*account
	for _, a := range s.accounts {
		list = append(list, a)
	}
	s.mu.Unlock()
	if ended {
		return nil
	}
	s.tasks.Wait()
	var errs []error
	for _, a := range list {
		errs = append(errs, a.shut())
	}
	if s.users != nil {
		errs = append(errs, s.users.close())
	}
	errs = append(errs, s.memory.Close(), s.lock.Close())
	if err := errors.Join(errs...); err != nil {
		return fail("close store", s.dir, store.Unavailable, err)
	}
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

// accountDir is where an account is.
func (s *Store) accountDir(id string) string { return filepath.Join(s.dir, accountsDir, dirName(id)) }

// Account opens an account.
func (s *Store) Account(ctx context.Context, id string) (store.Account, error) {
	const op = "open account"
	if err := s.check(ctx, op, id); err != nil {
		return nil, err
	}
	a, err := s.account(op, id)
	if err != nil {
		return nil, err
	}
	h := &handle{account: a}
	h.ctx, h.cancel = context.WithCancel(s.ctx)
	return h, nil
}

// account returns an account with its state, and counts a handle.
func (s *Store) account(op, id string) (*account, error) {
	if id == "" || len(id) > maxID {
		return nil, fail(op, "", store.NonExistent, errAccountID)
	}
	s.mu.Lock()
	a := s.accounts[id]
	if a == nil {
		a = &account{store: s, id: strings.Clone(id), dir: s.accountDir(id)}
		s.accounts[a.id] = a
	}
	a.handles++
	s.mu.Unlock()
	if err := a.ready(op); err != nil {
		s.release(a)
		return nil, err
	}
	return a, nil
}

// release counts a closed handle. An account without handles whose database
// is closed is forgotten.
func (s *Store) release(a *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.handles--
	s.forget(a)
}

// forget drops an account that nothing uses. s.mu is held.
func (s *Store) forget(a *account) {
	if a.handles != 0 || s.accounts[a.id] != a {
		return
	}
	a.forgotten.Store(true)
	if a.isOpen.Load() {
		a.forgotten.Store(false)
		return
	}
	delete(s.accounts, a.id)
}

// newBlock returns the first of idsInBlock object ids that no object has.
// Blocks go on from the time in units of 61 µs, so that accounts and
// restarted servers do not meet.
func (s *Store) newBlock() uint64 {
	now := uint64(s.opts.Now().UnixNano()) >> 16
	for {
		last := s.block.Load()
		next := max(last+1, now)
		if s.block.CompareAndSwap(last, next) {
			return next << blockBits
		}
	}
}

// blockBits is the logarithm of idsInBlock.
const (
	blockBits  = 14
	idsInBlock = 1 << blockBits
)
