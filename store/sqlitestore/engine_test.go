package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/crash"
	"github.com/imapsrv/imapsrv/store"
)

// These tests are about a running server: real clients talk to the engine,
// which keeps mail on a disk that forgets what was not synced, or fails.

// engineUsers are those of the load.
var engineUsers = []string{"alice", "bob"}

// serveStore runs the engine over a store, and returns how a client reaches it.
func serveStore(s *Store) (dial crash.Dial, stop func()) {
	server := &session.Server{Store: s, Log: quiet}
	var wg sync.WaitGroup
	dial = func(user string) (*crash.Client, error) {
		near, far := net.Pipe()
		wg.Go(func() {
			_ = server.ServeConn(far, session.Listener{Name: "test"}, &session.Identity{Account: user}) // it ends with the client
		})
		return crash.NewClient(near)
	}
	return dial, func() {
		_ = server.Close() // the test ends, in whichever state
		wg.Wait()
	}
}

// engineOptions are crashOptions with the engine's summaries.
func engineOptions(fs files) Options {
	opts := crashOptions()
	opts.Summarizer, opts.files = session.Summarizer(), fs
	return opts
}

// engineRun is a server on a disk, and the load that it has.
type engineRun struct {
	t     *testing.T
	disk  *disk
	dir   string
	store *Store
	users *Users
	dial  crash.Dial
	load  *crash.Load

	mu    sync.Mutex
	added []string // users whose addition was acknowledged
}

func newEngineRun(t *testing.T, ignore func(call, path string) bool, users []string, each int) *engineRun {
	r := &engineRun{t: t, disk: newDisk(), dir: t.TempDir(), load: crash.New(users, each)}
	r.disk.ignore = ignore
	r.store = openStore(t, r.dir, engineOptions(r.disk))
	var err error
	if r.users, err = r.store.Users(); err != nil {
		t.Fatal(err)
	}
	for _, user := range users {
		if err := r.store.CreateAccount(t.Context(), user, store.Setup{}); err != nil {
			t.Fatal(err)
		}
	}
	var stop func()
	r.dial, stop = serveStore(r.store)
	t.Cleanup(stop)
	if err := r.load.SetUp(r.dial); err != nil {
		t.Fatal(err)
	}
	return r
}

// runWhile lets the clients work while fn does, and pause now and then, so
// that databases are closed and opened again.
func (r *engineRun) runWhile(fn func(ctx context.Context)) {
	ctx, stop := context.WithCancel(r.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			burst, end := context.WithTimeout(ctx, time.Duration(20+rand.IntN(100))*time.Millisecond)
			if err := r.load.Run(burst, r.dial); err != nil {
				r.t.Error(err)
			}
			end()
			if rand.IntN(2) == 0 {
				time.Sleep(2 * crashOptions().Idle)
			}
		}
	})
	wg.Go(func() { r.addUsers(ctx) })
	fn(ctx)
	stop()
	wg.Wait()
}

// addedAlone reports whether a problem is that a user of addUsers has no account,
// which is so.
func addedAlone(p Problem) bool {
	return strings.HasPrefix(p.What, `user "user`) && strings.HasSuffix(p.What, "has no account")
}

// addUsers adds users until ctx ends, without accounts: it is about the list.
func (r *engineRun) addUsers(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		name := fmt.Sprintf("user%d", i)
		if err := r.users.Add(r.t.Context(), name, name, "secret"); err != nil {
			r.t.Error(err)
		}
		r.mu.Lock()
		r.added = append(r.added, name)
		r.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
}

// cut pulls the plug while clients work, right after an OK or at another
// moment, and tells what is wrong afterwards.
func (r *engineRun) cut(ctx context.Context, torn bool) error {
	if rand.IntN(2) == 0 {
		return r.restart(r.load.Snapshot, torn)
	}
	return r.restart(func(save func()) *crash.Load { return r.load.SnapshotAtOK(ctx, save) }, torn)
}

// restart starts a server on what the disk has kept when the snapshot was
// taken, and compares.
func (r *engineRun) restart(snapshot func(save func()) *crash.Load, torn bool) error {
	dir := filepath.Join(r.t.TempDir(), "data")
	var added []string
	known := snapshot(func() {
		r.mu.Lock()
		added = slices.Clone(r.added)
		r.mu.Unlock()
		r.disk.save(r.t, r.dir, dir, torn)
	})
	if known == nil {
		return nil
	}
	s, err := Open(dir, engineOptions(osFiles{}))
	if err != nil {
		return err
	}
	defer s.Close()
	dial, stop := serveStore(s)
	defer stop()
	errs := []error{known.Verify(dial), lostUsers(r.t, s, added)}
	err = s.Check(r.t.Context(), false, func(p Problem) {
		if !addedAlone(p) {
			errs = append(errs, errors.New(p.String()))
		}
	})
	return errors.Join(append(errs, err)...)
}

// lostUsers tells which users are not there.
func lostUsers(t *testing.T, s *Store, added []string) error {
	u, err := s.Users()
	if err != nil {
		return err
	}
	list, err := u.List(t.Context())
	for _, name := range added {
		if !slices.ContainsFunc(list, func(u User) bool { return u.Name == name }) {
			err = errors.Join(err, fmt.Errorf("user %q is lost", name))
		}
	}
	return err
}

// TestEnginePowerLoss pulls the plug of a server that clients use: whatever
// they have been told is there when it has been started again.
func TestEnginePowerLoss(t *testing.T) {
	cuts := max(*powerCuts/3, 1)
	unknown := make(map[string]bool)
	r := newEngineRun(t, func(call, path string) bool {
		if !slices.ContainsFunc(engineSyncs, func(k syncKind) bool { return k.is(call, path) }) && !early(call, path) {
			unknown[call+" "+path] = true
		}
		return false
	}, engineUsers, 2)
	r.runWhile(func(ctx context.Context) {
		for i := range cuts {
			time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
			if err := r.cut(ctx, i%2 == 1); err != nil {
				t.Errorf("after cut %d: %v", i, err)
				return
			}
		}
	})
	for what := range unknown {
		t.Errorf("there is no test of what happens without the %s", what)
	}
	t.Logf("%d cuts, acknowledged: %v commands, %d users added", cuts, r.load.Acknowledged(), len(r.added))
}

// syncKind is a kind of sync, and what is worse without it.
type syncKind struct {
	name string
	is   func(call, path string) bool
}

// syncOf is the sync of a file or directory whose name ends so.
func syncOf(call, suffix string) func(call, path string) bool {
	return func(c, p string) bool { return c == call && strings.HasSuffix(p, suffix) }
}

// engineSyncs are all there are.
var engineSyncs = []syncKind{
	{"log", syncOf("sync", databaseName+"-wal")},
	{"database", syncOf("sync", databaseName)},
	{"segment", syncOf("sync", ".segment")},
	{"body", syncOf("sync", ".body")},
	{"bodies' names", syncOf("syncdir", bodiesDir)},
	{"segments' names", syncOf("syncdir", segmentsDir)},
	{"accounts' names", syncOf("syncdir", accountsDir)},
	{"account", func(c, p string) bool { return c == "syncdir" && filepath.Base(filepath.Dir(p)) == accountsDir }},
	{"log of users", syncOf("sync", serverDatabase+"-wal")},
	{"users", syncOf("sync", serverDatabase)},
	{"data directory", syncOf("syncdir", "/001")},
}

// early is the sync of a database that is being made, before it has a log. Nobody has
// been told of it.
func early(call, path string) bool { return syncOf("sync", "-journal")(call, path) }

// TestEngineSyncsAreNeeded leaves out one kind of sync after the other: then
// the test above must fail, or it would prove nothing.
func TestEngineSyncsAreNeeded(t *testing.T) {
	for _, kind := range engineSyncs {
		t.Run(kind.name, func(t *testing.T) {
			r := newEngineRun(t, kind.is, engineUsers[:1], 2)
			r.runWhile(func(ctx context.Context) {
				for range 100 {
					time.Sleep(10 * time.Millisecond)
					if r.cut(ctx, false) != nil {
						return
					}
				}
				t.Error("a hundred power failures without this sync did no damage")
			})
		})
	}
}
