package sqlitestore

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var kills = flag.Int("kills", 50, "how often TestKill kills its child")

// killWorkers is how many goroutines of the child work at a time.
const killWorkers = 4

// childEnv makes the test binary a child of TestKill.
const childEnv = "SQLITESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := killChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// crashOptions make everything happen that can: segments are small and
// garbage is collected at once.
func crashOptions() Options {
	return Options{Logger: quiet, Grace: -1, Idle: 20 * time.Millisecond, segmentSize: 100_000}
}

// report is a line that the child writes: what a worker is about to do, or
// that it has been done.
type report struct {
	Worker int
	Op     *crashOp
	Done   bool
	ModSeq imap.ModSeq
}

// killChild does random operations until it is killed.
func killChild(dir string) error {
	var models []*crashModel
	if err := json.NewDecoder(os.Stdin).Decode(&models); err != nil {
		return err
	}
	s, err := Open(dir, crashOptions())
	if err != nil {
		return err
	}
	a, err := s.Account(context.Background(), crashUser)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	say := func(r report) error {
		mu.Lock()
		defer mu.Unlock()
		return out.Encode(r)
	}
	failed := make(chan error)
	for _, m := range models {
		go func() { failed <- killWorker(a, m, say) }()
	}
	return <-failed
}

func killWorker(a store.Account, m *crashModel, say func(report) error) error {
	r := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for {
		op := m.pick(r)
		if err := say(report{Worker: m.Worker, Op: &op}); err != nil {
			return err
		}
		modseq, err := m.do(context.Background(), a, op)
		if err != nil {
			return fmt.Errorf("%+v: %w", op, err)
		}
		m.apply(op)
		if err := say(report{Worker: m.Worker, Done: true, ModSeq: modseq}); err != nil {
			return err
		}
	}
}

// TestKill kills a process that uses the store at random moments, and checks
// that all it had acknowledged is there, byte for byte, and nothing else but
// what was under way.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	dir := t.TempDir()
	s, err := Open(dir, crashOptions())
	if err != nil {
		t.Fatal(err)
	}
	models, err := crashSetup(t.Context(), s, killWorkers)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	total := 0
	for round := range *kills {
		open, done := runAndKill(t, dir, models, time.Duration(rand.IntN(80))*time.Millisecond)
		total += done
		verifyCrash(t, dir, models, open)
		if t.Failed() {
			t.Fatalf("after kill %d; the directory is %s", round+1, dir)
		}
	}
	t.Logf("%d operations acknowledged, %d kills", total, *kills)
}

// runAndKill starts a child, kills it after a while of work, and applies to
// the models what it had acknowledged. It returns what was under way.
func runAndKill(t *testing.T, dir string, models []*crashModel, after time.Duration) (open map[int]crashOp, done int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childEnv+"="+dir)
	child.Stderr = os.Stderr
	in, err1 := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(in).Encode(models); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	open = make(map[int]crashOp)
	read := func() bool {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return false // also half a line: nobody has read it
		}
		var r report
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if r.Op != nil {
			open[r.Worker] = *r.Op
			return true
		}
		models[r.Worker].apply(open[r.Worker])
		models[r.Worker].ModSeq = max(models[r.Worker].ModSeq, r.ModSeq)
		delete(open, r.Worker)
		done++
		return true
	}
	if read() { // it has begun
		time.AfterFunc(after, func() { _ = child.Process.Kill() }) // it may have failed by itself
	}
	for read() {
	}
	_, _ = io.Copy(io.Discard, out) // until the child is gone
	_ = child.Wait()                // it was killed
	return open, done
}

// verifyCrash opens the store and compares it with the models. What was under
// way has either happened or not.
func verifyCrash(t *testing.T, dir string, models []*crashModel, open map[int]crashOp) {
	t.Helper()
	opts := crashOptions()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	a, err := s.Account(t.Context(), crashUser)
	if err != nil {
		t.Error(err)
		return
	}
	defer a.Close()
	for i, m := range models {
		err := m.differs(t.Context(), a)
		op, under := open[m.Worker]
		if err == nil || !under {
			if err != nil {
				t.Errorf("worker %d: %v", i, err)
			}
			continue
		}
		after := m.clone()
		after.apply(op)
		if e := after.differs(t.Context(), a); e != nil {
			t.Errorf("worker %d, with %+v under way: %v; had it happened: %v", i, op, err, e)
		}
		models[i] = after
	}
	if err := s.Check(t.Context(), false, func(p Problem) { t.Error(p) }); err != nil {
		t.Error(err)
	}
}
