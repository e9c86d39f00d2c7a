package sqlitestore

import (
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// collectNow runs the garbage collection and compaction, and waits.
func collectNow(t *testing.T, a *account) {
	t.Helper()
	if err := a.task("collect", (*tx).collectGarbage); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		err := a.task("compact", func(t *tx) (err error) {
			more, err = t.compact()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fileCount counts the files of bodies.
func fileCount(t *testing.T, a *account, dir string) int {
	t.Helper()
	names, err := filepath.Glob(a.path(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// TestGrace: bodies go when the grace period is over and no copy is left.
func TestGrace(t *testing.T) {
	var passed atomic.Int64 // the store looks at the clock in the background, too
	s := openStore(t, t.TempDir(), Options{
		Logger: quiet, Grace: time.Hour, Now: func() time.Time { return time.Unix(1_800_000_000, passed.Load()) },
		segmentSize: 10_000,
	})
	acct, id := newAccount(t, s, "alice")
	a := acct.(*handle).account
	box, err := acct.Create(t.Context(), store.NewMailbox{Name: "box"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		appendText(t, acct, id, crashBody(uint32(i), 3000))
	}
	appendText(t, acct, id, crashBody(100, ownFile))
	appendText(t, acct, id, crashBody(101, ownFile))
	last := imap.UIDSet{{Start: 20, Stop: 21}}
	if _, err := acct.Copy(t.Context(), id, last, box.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := acct.Expunge(t.Context(), id, allUIDs, store.AllGiven); err != nil {
		t.Fatal(err)
	}
	collectNow(t, a)
	if n, m := fileCount(t, a, segmentsDir), fileCount(t, a, bodiesDir); n < 6 || m != 2 {
		t.Errorf("%d segments and %d files before the grace period is over", n, m)
	}
	passed.Store(int64(time.Hour))
	collectNow(t, a)
	if n, m := fileCount(t, a, segmentsDir), fileCount(t, a, bodiesDir); n > 2 || m != 1 {
		t.Errorf("%d segments and %d files after it", n, m)
	}
	for uid, seed := range map[int]uint32{1: 19, 2: 100} {
		if text, err := readBody(t, acct, box.ID, uid); err != nil || len(text) == 0 || text != crashBody(seed, len(text)) {
			t.Errorf("a copy's body: %d octets, %v", len(text), err)
		}
	}
	if list := problems(t, s, false); len(list) != 0 {
		t.Error(list)
	}
}

// TestCollectedBefore: an email whose copies were expunged one after the other is garbage twice. That it has gone the
// second time keeps no others.
func TestCollectedBefore(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Grace: time.Hour, Now: func() time.Time { return now }})
	acct, id := newAccount(t, s, "alice")
	a := acct.(*handle).account
	trash, err := acct.Create(t.Context(), store.NewMailbox{Name: "Trash"})
	if err != nil {
		t.Fatal(err)
	}
	expunge := func(box store.MailboxID) {
		if _, err := acct.Expunge(t.Context(), box, allUIDs, store.AllGiven); err != nil {
			t.Fatal(err)
		}
	}
	appendMany(t, acct, id, "deleted by way of the trash", fullEmails)
	if _, err := acct.Copy(t.Context(), id, allUIDs, trash.ID); err != nil {
		t.Fatal(err)
	}
	expunge(id)
	now = now.Add(time.Minute)
	appendMany(t, acct, id, "deleted at once", fullEmails)
	expunge(trash.ID)
	expunge(id)
	now = now.Add(time.Hour - time.Minute)
	collectNow(t, a) // the first ones are garbage already
	now = now.Add(time.Hour)
	collectNow(t, a)
	if list := problems(t, s, true); len(list) != 0 {
		t.Error(list)
	}
}

// TestCollectAtRandom keeps some messages of many, collects, and reads them.
func TestCollectAtRandom(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Grace: -1, segmentSize: 50_000, Summarizer: summaryOf})
	acct, id := newAccount(t, s, "alice")
	a := acct.(*handle).account
	kept := make(map[int]uint32)
	next := 1
	for round := range 10 {
		for range 50 {
			appendText(t, acct, id, crashBody(uint32(next), 100+next))
			kept[next] = uint32(next)
			next++
		}
		var gone imap.UIDSet
		for uid := range kept {
			if rand.IntN(3) > 0 {
				gone.Add(imap.UID(uid))
				delete(kept, uid)
			}
		}
		if _, err := acct.Expunge(t.Context(), id, gone, store.AllGiven); err != nil {
			t.Fatal(err)
		}
		collectNow(t, a)
		for uid, seed := range kept {
			if text, err := readBody(t, acct, id, uid); err != nil || text != crashBody(seed, 100+uid) {
				t.Fatalf("round %d: UID %d: %v", round, uid, err)
			}
		}
		if list := problems(t, s, false); len(list) != 0 {
			t.Fatal(list)
		}
	}
}

// TestSummaryVersions: summaries of another version are made anew before they
// are given out, and are stored.
func TestSummaryVersions(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	acct, id := newAccount(t, s, "alice")
	for range 70 {
		appendText(t, acct, id, "text")
	}
	for version := uint32(1); version < 3; version++ {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		made := 0
		z := store.Summarizer{Version: version, Summarize: func(r io.ReaderAt, size int64) ([]byte, []byte, error) {
			made++
			return readPrefix(r, size)
		}}
		s = openStore(t, dir, Options{Logger: quiet, Summarizer: z})
		acct, id = openAccount(t, s, "alice")
		for range 3 {
			for m, err := range acct.Messages(t.Context(), id, allUIDs, store.WantSummary) {
				if err != nil || string(m.Summary) != "text" {
					t.Fatalf("%q, %v", m.Summary, err)
				}
			}
			// What is stored in the background comes before this.
			if err := acct.Subscribe(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if made < 70 || made > 4*70 {
			t.Errorf("%d summaries were made of 70 messages", made)
		}
	}
}
