package sqlitestore

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/imapsrv/imapsrv/store"
)

var faultStep = flag.Int("faultstep", 7, "TestFaults fails every so manieth call")

// faultOps is how many operations a run of TestFaults does.
const faultOps = 40

// faultRun is a store on a disk that is going to fail, and one worker.
type faultRun struct {
	*powerRun
	acct   store.Account
	random *rand.Rand
	failed int
}

func newFaultRun(t *testing.T) *faultRun {
	r := &faultRun{powerRun: newPowerRun(t, 1), random: rand.New(rand.NewPCG(4, 4))}
	a, err := r.store.Account(t.Context(), crashUser)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	r.acct = a
	return r
}

// step does an operation. When it fails, that must be for the right reason,
// and either it has happened or it has not.
func (r *faultRun) step(t *testing.T) {
	t.Helper()
	m := r.models[0]
	op := m.pick(r.random)
	_, err := m.do(t.Context(), r.acct, op)
	if err == nil {
		m.apply(op)
		return
	}
	r.failed++
	if !store.IsCode(err, store.Unavailable) {
		t.Errorf("%+v: %v, want Unavailable", op, err)
	}
	r.heal()
	before := m.differs(t.Context(), r.acct)
	if before == nil {
		return
	}
	after := m.clone()
	after.apply(op)
	if e := after.differs(t.Context(), r.acct); e != nil {
		t.Errorf("%+v failed with %v and left half of it: %v; had it happened: %v", op, err, before, e)
	}
	r.models[0] = after
}

// heal ends the fault.
func (r *faultRun) heal() { r.disk.setFault(nil) }

// failAt makes the disk fail at the n-th call from now on: once, or, when it
// is full, each time something is to be written.
func (r *faultRun) failAt(n int, err error) {
	r.disk.mu.Lock()
	defer r.disk.mu.Unlock()
	at := r.disk.calls + n
	r.disk.fault = func(call, _ string) error {
		writes := call == "write" || call == "mkdir"
		switch {
		case err == errFull && r.disk.calls >= at && writes:
			return err
		case err != errFull && r.disk.calls == at:
			return err
		}
		return nil
	}
}

// TestFaults lets one call after the other fail below the store: an operation
// fails with Unavailable and leaves nothing of itself, nothing acknowledged is
// lost, and the store goes on.
func TestFaults(t *testing.T) {
	dry := newFaultRun(t)
	start := dry.disk.count()
	for range faultOps {
		dry.step(t)
	}
	total := dry.disk.count() - start
	for _, err := range []syscall.Errno{errIO, errFull} {
		t.Run(err.Error(), func(t *testing.T) {
			failed := 0
			for n := 1 + rand.IntN(*faultStep); n < total; n += *faultStep {
				failed += runFault(t, n, err)
				if t.Failed() {
					t.Fatalf("after a fault at call %d of %d", n, total)
				}
			}
			t.Logf("%d calls, %d operations failed", total, failed)
		})
	}
}

func runFault(t *testing.T, n int, err error) int {
	r := newFaultRun(t)
	r.failAt(n, err)
	for range faultOps {
		r.step(t)
	}
	r.heal()
	if e := r.models[0].differs(t.Context(), r.acct); e != nil {
		t.Errorf("in the end: %v", e)
	}
	r.cut(t, false)
	r.close()
	return r.failed
}

// TestFaultOfEachName fails the sync of one directory after the other, once:
// what is acknowledged afterwards is there after a power failure, and the
// files that have it are.
func TestFaultOfEachName(t *testing.T) {
	n := 1
	for ; faultOfName(t, n); n++ {
		if t.Failed() {
			t.Fatalf("after a fault of sync %d of a directory", n)
		}
	}
	if n < 4 {
		t.Errorf("there are only %d syncs of directories", n-1)
	}
}

// faultOfName fails the n-th sync of a directory, and tells whether there was
// one.
func faultOfName(t *testing.T, n int) bool {
	r := newFaultRun(t)
	defer r.close()
	var left atomic.Int64 // the collector writes, too
	left.Store(int64(n))
	r.disk.setFault(func(call, _ string) error {
		if call == "syncdir" && left.Add(-1) == 0 {
			return errIO
		}
		return nil
	})
	for i := 0; left.Load() > 0 && i < faultOps; i++ {
		r.step(t)
	}
	r.heal()
	r.step(t)
	r.cut(t, false)
	return left.Load() <= 0
}

// close gives up the store. Many are made; the test that closes in good order
// is another one.
func (r *faultRun) close() {
	_ = r.acct.Close()
	_ = r.store.Close()
}

// TestFullDiskReads: reading goes on when nothing can be written, and so does
// everything when there is room again.
func TestFullDiskReads(t *testing.T) {
	r := newFaultRun(t)
	for range 10 {
		r.step(t)
	}
	r.failAt(0, errFull)
	if err := r.models[0].differs(t.Context(), r.acct); err != nil {
		t.Error(err)
	}
	inbox, err := r.acct.Lookup(t.Context(), store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{10, ownFile} {
		text := strings.Repeat("x", size)
		s, err := r.acct.Stage(t.Context(), strings.NewReader(text), int64(size))
		if err == nil {
			_, err = r.acct.Append(t.Context(), inbox.ID, []store.NewMessage{{Body: s}})
			_ = s.Close()
		}
		if !store.IsCode(err, store.Unavailable) {
			t.Errorf("a message of %d octets on a full disk: %v", size, err)
		}
	}
	r.heal()
	for range 10 {
		r.step(t)
	}
	if r.failed != 0 {
		t.Errorf("%d operations failed with room on the disk", r.failed)
	}
}

// TestDamage damages one file at a time: what it holds is told as corrupt, and
// the rest goes on.
func TestDamage(t *testing.T) {
	for _, size := range []int{100, ownFile + 5} {
		t.Run(fmt.Sprint(size), func(t *testing.T) { testDamagedBody(t, size) })
	}
}

func testDamagedBody(t *testing.T, size int) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	for i := range 3 {
		appendText(t, a, id, crashBody(uint32(i), size))
	}
	pattern := filepath.Join(dir, accountsDir, "alice", "*", "*.segment")
	offset := int64(150) // in the second message
	if size >= ownFile {
		pattern, offset = filepath.Join(dir, accountsDir, "alice", "*", "*.body"), int64(size-3)
	}
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	flip(t, names[len(names)/2], offset)
	for uid := 1; uid <= 3; uid++ {
		got, err := readBody(t, a, id, uid)
		if uid == 2 {
			if !store.IsCode(err, store.Corruption) {
				t.Errorf("a damaged body gave %v", err)
			}
		} else if err != nil || got != crashBody(uint32(uid-1), size) {
			t.Errorf("UID %d: %v", uid, err)
		}
	}
	appendText(t, a, id, "more")
}
