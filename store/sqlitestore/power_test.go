package sqlitestore

import (
	"context"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var powerCuts = flag.Int("powercuts", 30, "how often TestPowerLoss pulls the plug")

// powerRun is a store on a disk, with workers that do random operations.
type powerRun struct {
	t      *testing.T
	disk   *disk
	dir    string
	store  *Store
	models []*crashModel

	mu   sync.Mutex // held while a worker notes what it does
	open map[int]crashOp
	done int
}

func newPowerRun(t *testing.T, workers int) *powerRun {
	r := &powerRun{t: t, disk: newDisk(), dir: t.TempDir(), open: map[int]crashOp{}}
	opts := crashOptions()
	opts.files = r.disk
	r.store = openStore(t, r.dir, opts)
	var err error
	if r.models, err = crashSetup(t.Context(), r.store, workers); err != nil {
		t.Fatal(err)
	}
	return r
}

// work does random operations until ctx ends.
func (r *powerRun) work(ctx context.Context, worker int) {
	a, err := r.store.Account(r.t.Context(), crashUser)
	if err != nil {
		r.t.Error(err)
		return
	}
	defer a.Close()
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for ctx.Err() == nil {
		r.mu.Lock()
		m := r.models[worker]
		op := m.pick(random)
		r.open[worker] = op
		r.mu.Unlock()
		modseq, err := m.do(r.t.Context(), a, op)
		if err != nil {
			r.t.Errorf("%+v: %v", op, err)
			return
		}
		r.mu.Lock()
		next := m.clone() // a verifier may look at m
		next.apply(op)
		next.ModSeq = max(m.ModSeq, modseq)
		r.models[worker] = next
		delete(r.open, worker)
		r.done++
		r.mu.Unlock()
	}
}

// cut saves what a power failure would leave now, and verifies it.
func (r *powerRun) cut(t *testing.T, torn bool) {
	t.Helper()
	r.mu.Lock()
	models := append([]*crashModel(nil), r.models...)
	open := make(map[int]crashOp)
	for w, op := range r.open {
		open[w] = op
	}
	dir := filepath.Join(t.TempDir(), "data")
	r.disk.save(t, r.dir, dir, torn)
	r.mu.Unlock()
	verifyCrash(t, dir, models, open)
}

// TestPowerLoss pulls the plug at random moments and starts on what was on
// the disk: everything acknowledged is there.
func TestPowerLoss(t *testing.T) {
	r := newPowerRun(t, 4)
	r.runWhile(func() {
		for i := range *powerCuts {
			time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
			r.cut(t, i%2 == 1)
			if t.Failed() {
				t.Errorf("after cut %d", i)
				return
			}
		}
	})
	t.Logf("%d operations", r.done)
}

// runWhile runs the workers while fn does.
func (r *powerRun) runWhile(fn func()) {
	ctx, stop := context.WithCancel(r.t.Context())
	var wg sync.WaitGroup
	for w := range r.models {
		wg.Go(func() { r.work(ctx, w) })
	}
	fn()
	stop()
	wg.Wait()
}

// TestSyncsAreNeeded leaves out one kind of sync at a time: then a power
// failure must do damage, or the test above would prove nothing.
func TestSyncsAreNeeded(t *testing.T) {
	kinds := map[string]func(call, path string) bool{
		"log":             func(c, p string) bool { return c == "sync" && strings.HasSuffix(p, "-wal") },
		"database":        func(c, p string) bool { return c == "sync" && strings.HasSuffix(p, databaseName) },
		"segment":         func(c, p string) bool { return c == "sync" && strings.HasSuffix(p, ".segment") },
		"body":            func(c, p string) bool { return c == "sync" && strings.HasSuffix(p, ".body") },
		"bodies' names":   func(c, p string) bool { return c == "syncdir" && strings.HasSuffix(p, bodiesDir) },
		"segments' names": func(c, p string) bool { return c == "syncdir" && strings.HasSuffix(p, segmentsDir) },
		"accounts' names": func(c, p string) bool { return c == "syncdir" && strings.HasSuffix(p, accountsDir) },
		"account": func(c, p string) bool {
			return c == "syncdir" && strings.Contains(p, accountsDir+"/") && !strings.HasSuffix(p, "s")
		},
	}
	for name, ignore := range kinds {
		t.Run(name, func(t *testing.T) {
			r := &powerRun{t: t, disk: newDisk(), dir: t.TempDir(), open: map[int]crashOp{}}
			r.disk.ignore = ignore
			opts := crashOptions()
			opts.files = r.disk
			r.store = openStore(t, r.dir, opts)
			var err error
			if r.models, err = crashSetup(t.Context(), r.store, 2); err != nil {
				t.Fatal(err)
			}
			r.runWhile(func() {
				for range 60 {
					time.Sleep(10 * time.Millisecond)
					if r.damaged(t) {
						return
					}
				}
				t.Error("sixty power failures without this sync did no damage")
			})
		})
	}
}

// damaged tells whether a power failure now would lose something.
func (r *powerRun) damaged(t *testing.T) bool {
	r.mu.Lock()
	models := append([]*crashModel(nil), r.models...)
	open := make(map[int]crashOp)
	for w, op := range r.open {
		open[w] = op
	}
	dir := filepath.Join(t.TempDir(), "data")
	r.disk.save(t, r.dir, dir, false)
	r.mu.Unlock()
	s, err := Open(dir, crashOptions())
	if err != nil {
		return true
	}
	defer s.Close()
	a, err := s.Account(t.Context(), crashUser)
	if err != nil {
		return true
	}
	defer a.Close()
	for _, m := range models {
		if m.differs(t.Context(), a) == nil {
			continue
		}
		op, under := open[m.Worker]
		after := m.clone()
		if under {
			after.apply(op)
		}
		if !under || after.differs(t.Context(), a) != nil {
			return true
		}
	}
	return false
}
