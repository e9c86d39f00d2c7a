//go:build !race

// Under the race detector sync.Pool drops what it is given at random, to find
// who still uses it: allocations cannot be counted there.

package sqlitestore

import (
	"math"
	"runtime"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// TestWholeMailboxAllocations checks that what touches all of a mailbox needs
// memory for what it returns, and not for each page that it goes through.
func TestWholeMailboxAllocations(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet})
	const n = 10_000
	a, id, _ := filled(t, s, "alice", n, 10)
	op := store.FlagsAdd
	perMessage(t, "STORE", n, 25, func() {
		r, err := a.StoreFlags(t.Context(), id, allUIDs, store.FlagChange{Op: op, Flags: imap.FlagsOf(`\Seen`)})
		if err != nil || r.Changed.Len() != n {
			t.Fatal(r.Changed.Len(), err)
		}
		op = store.FlagsAdd + store.FlagsRemove - op
	})
	m, err := a.Create(t.Context(), store.NewMailbox{Name: "copy"})
	if err != nil {
		t.Fatal(err)
	}
	perMessage(t, "COPY and EXPUNGE", n, 60, func() {
		if _, err := a.Copy(t.Context(), id, allUIDs, m.ID); err != nil {
			t.Fatal(err)
		}
		if r, err := a.Expunge(t.Context(), m.ID, allUIDs, store.AllGiven); err != nil || r.UIDs.Len() != n {
			t.Fatal(r.UIDs.Len(), err)
		}
	})
}

// perMessage checks how many octets do allocates for each of n messages, at
// least: others may allocate as well.
func perMessage(t *testing.T, name string, n, most uint64, do func()) {
	t.Helper()
	least := uint64(math.MaxUint64)
	for range 8 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	if got := least / n; got > most {
		t.Errorf("%s allocates %d octets for each message, more than %d", name, got, most)
	} else {
		t.Logf("%s allocates %d octets for each message", name, got)
	}
}
