package memstore_test

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
	"github.com/imapsrv/imapsrv/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New: func(t *testing.T, c storetest.Config) store.Store {
			return memstore.New(memstore.Options{
				Limits: c.Limits, Summarizer: c.Summarizer, History: c.History, Dir: t.TempDir(),
			})
		},
	})
}

// open makes a store with one account and its INBOX.
func open(t testing.TB, opts memstore.Options) (*memstore.Store, store.Account, store.MailboxID) {
	t.Helper()
	s := memstore.New(opts)
	t.Cleanup(func() { _ = s.Close() })
	if err := s.CreateAccount(t.Context(), "alice", store.Setup{}); err != nil {
		t.Fatal(err)
	}
	a, err := s.Account(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := a.Lookup(t.Context(), store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	return s, a, inbox.ID
}

func stage(t testing.TB, a store.Account, size int) store.Staged {
	t.Helper()
	s, err := a.Stage(t.Context(), strings.NewReader(strings.Repeat("x", size)), int64(size))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUIDValidityOfRestart: a restarted server must not serve a stale cache.
func TestUIDValidityOfRestart(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	clock := func() time.Time { return now }
	seen := map[uint32]bool{}
	for range 3 {
		_, a, _ := open(t, memstore.Options{Now: clock})
		list, err := a.Mailboxes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v := list[0].UIDValidity; seen[v] || int64(v) < now.Unix() {
			t.Errorf("UIDVALIDITY %d at %d", v, now.Unix())
		}
		seen[list[0].UIDValidity] = true
		now = now.Add(time.Second)
	}
}

// TestSampleData is how a demonstration shows the same mailbox to everybody.
func TestSampleData(t *testing.T) {
	var s *memstore.Store
	var closed []string
	s = memstore.New(memstore.Options{Idle: func(account string) {
		closed = append(closed, account)
		if err := s.SetRecent(context.Background(), account, "INBOX", 2); err != nil {
			t.Error(err)
		}
	}})
	ctx := t.Context()
	setup := store.Setup{Mailboxes: []store.NewMailbox{{Name: "INBOX", UIDValidity: 1}}}
	if err := s.CreateAccount(ctx, "test", setup); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a, err := s.Account(ctx, "test")
		if err != nil {
			t.Fatal(err)
		}
		inbox, err := a.Lookup(ctx, "INBOX")
		if err != nil || inbox.UIDValidity != 1 {
			t.Fatalf("%+v, %v", inbox, err)
		}
		if inbox.UIDNext == 1 {
			b := stage(t, a, 10)
			if _, err := a.Append(ctx, inbox.ID, []store.NewMessage{{Body: b}, {Body: b}, {Body: b}}); err != nil {
				t.Fatal(err)
			}
		} else if r, err := a.ClaimRecent(ctx, inbox.ID); err != nil || r != (store.RecentRange{From: 2, To: 4}) {
			t.Errorf("recent %v, %v", r, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(closed) != 3 || closed[0] != "test" {
		t.Errorf("idle accounts %v", closed)
	}
	for _, from := range []imap.UID{0, 5} {
		if err := s.SetRecent(ctx, "test", "INBOX", from); !store.IsCode(err, store.Cannot) {
			t.Errorf("SetRecent(%d) = %v", from, err)
		}
	}
	if err := s.SetRecent(ctx, "test", "none", 1); !store.IsCode(err, store.NonExistent) {
		t.Error(err)
	}
	if err := s.SetRecent(ctx, "nobody", "INBOX", 1); !store.IsCode(err, store.NonExistent) {
		t.Error(err)
	}
}

// TestLargeBodyNeedsNoMemory stages what is far larger than the heap grows.
func TestLargeBodyNeedsNoMemory(t *testing.T) {
	dir := t.TempDir()
	_, a, id := open(t, memstore.Options{Dir: dir})
	const size = 100 << 20
	src := io.LimitReader(letters{}, size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b, err := a.Stage(t.Context(), src, size)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Append(t.Context(), id, []store.NewMessage{{Body: b}}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d octets allocated for a body of %d", n, size)
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && len(names) != 0 {
		t.Errorf("temporary files with names: %v", names)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestSegmentsAreFreed checks that temporary files close when their messages
// are gone.
func TestSegmentsAreFreed(t *testing.T) {
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Skip("needs /proc to count open files")
	}
	dir := t.TempDir()
	_, a, id := open(t, memstore.Options{Dir: dir})
	for i := range 12 {
		size := 3 << 20 // five share a file
		if i < 2 {
			size = 5 << 20 // has its own
		}
		b := stage(t, a, size)
		if _, err := a.Append(t.Context(), id, []store.NewMessage{{Body: b}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := openFiles(t, dir); n != 4 {
		t.Errorf("%d open files, want 2 shared and 2 of a body's own", n)
	}
	all := imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}
	if _, err := a.Expunge(t.Context(), id, all, store.AllGiven); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for openFiles(t, dir) > 1 { // the newest shared one stays in use
		if time.Now().After(deadline) {
			t.Fatalf("%d files are still open", openFiles(t, dir))
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// openFiles counts this process's open files that are or were in dir.
func openFiles(t *testing.T, dir string) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range list {
		// A file may have been closed meanwhile.
		if name, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && strings.HasPrefix(name, dir) {
			n++
		}
	}
	return n
}

func TestNoRoomForBodies(t *testing.T) {
	_, a, _ := open(t, memstore.Options{Dir: t.TempDir() + "/missing"})
	for _, size := range []int64{1 << 20, 100 << 20} {
		_, err := a.Stage(t.Context(), io.LimitReader(letters{}, size), size)
		if !store.IsCode(err, store.Unavailable) || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("Stage without a directory: %v", err)
		}
	}
}
