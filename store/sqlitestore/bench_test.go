package sqlitestore

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// benchBody is a message of 4 KiB.
var benchBody = crashBody(1, 4096)

// bare is what durable storage of a message costs at least, done as simple as
// possible: create, write, fsync, rename, fsync of the directory.
func bare(dir string, i int) error {
	temp, name := filepath.Join(dir, fmt.Sprint("t", i)), filepath.Join(dir, fmt.Sprint("m", i))
	f, err := os.Create(temp)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(benchBody); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return err
	}
	return osFiles{}.syncDir(dir)
}

// inParallel lets writers do n things together, and returns how many a second.
func inParallel(b *testing.B, writers, n int, do func(writer, i int) error) float64 {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			for {
				i := int(next.Add(1))
				if i > n {
					return
				}
				if err := do(w, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkAppend appends messages of 4 KiB one by one, durably, and compares
// with the bare loop in the same run, in turns.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ writers, accounts int }{{1, 1}, {16, 1}, {16, 16}} {
		b.Run(fmt.Sprintf("writers=%d/accounts=%d", c.writers, c.accounts), func(b *testing.B) {
			s := openStore(b, b.TempDir(), Options{Logger: quiet})
			var accounts []store.Account
			var boxes []store.MailboxID
			for i := range c.accounts {
				a, id := newAccount(b, s, fmt.Sprint("user", i))
				accounts, boxes = append(accounts, a), append(boxes, id)
			}
			dir := b.TempDir()
			round := max(b.N/4, 1)
			var ours, loop float64
			b.ResetTimer()
			for r := range 4 {
				loop += inParallel(b, c.writers, round, func(_, i int) error { return bare(dir, r*round+i) })
				ours += inParallel(b, c.writers, round, func(w, _ int) error {
					i := w % c.accounts
					return appendOne(b, accounts[i], boxes[i])
				})
			}
			b.ReportMetric(ours/4, "messages/s")
			b.ReportMetric(loop/4, "bare/s")
			b.ReportMetric(ours/loop, "ratio")
		})
	}
}

func appendOne(b *testing.B, a store.Account, id store.MailboxID) error {
	s, err := a.Stage(b.Context(), strings.NewReader(benchBody), int64(len(benchBody)))
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = a.Append(b.Context(), id, []store.NewMessage{{Body: s}})
	return err
}

// summaryOf stands for a real summary of about its size.
var summaryOf = store.Summarizer{Version: 1, Summarize: readPrefix}

// filled returns an account with n messages in INBOX, appended 1,000 at a
// time, and how many a second that were.
func filled(b testing.TB, s *Store, id string, n, size int) (store.Account, store.MailboxID, float64) {
	b.Helper()
	a, inbox := newAccount(b, s, id)
	text := crashBody(3, size)
	start := time.Now()
	for at := 0; at < n; at += 1000 {
		appendMany(b, a, inbox, text, min(1000, n-at))
	}
	return a, inbox, float64(n) / time.Since(start).Seconds()
}

// BenchmarkMailbox does what touches a whole mailbox.
func BenchmarkMailbox(b *testing.B) {
	for _, n := range []int{50_000, 500_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 50_000 && testing.Short() {
				b.Skip("takes half a minute to fill")
			}
			s := openStore(b, b.TempDir(), Options{Logger: quiet, Summarizer: summaryOf})
			a, id, rate := filled(b, s, "alice", n, 600)
			b.Logf("filled at %.0f messages/s", rate)
			benchMailbox(b, a, id, n)
		})
	}
}

func benchMailbox(b *testing.B, a store.Account, id store.MailboxID, n int) {
	messages := func(b *testing.B) {
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	}
	b.Run("Load", func(b *testing.B) {
		for b.Loop() {
			if v, err := a.Load(b.Context(), id); err != nil || v.Len() != n {
				b.Fatal(err)
			}
		}
		messages(b)
	})
	b.Run("StoreAll", func(b *testing.B) {
		op := store.FlagsAdd
		for b.Loop() {
			change := store.FlagChange{Op: op, Flags: imap.FlagsOf(`\Seen`)}
			if r, err := a.StoreFlags(b.Context(), id, allUIDs, change); err != nil || r.Changed.Len() != n {
				b.Fatal(r.Changed.Len(), err)
			}
			op = store.FlagsAdd + store.FlagsRemove - op
		}
		messages(b)
	})
	b.Run("StoreOne", func(b *testing.B) {
		for b.Loop() {
			uid := imap.UID(1 + rand.IntN(n))
			change := store.FlagChange{Op: store.FlagsReplace, Flags: imap.FlagsOf(fmt.Sprint("k", rand.IntN(9)))}
			if _, err := a.StoreFlags(b.Context(), id, imap.UIDSet{{Start: uid, Stop: uid}}, change); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Changes", func(b *testing.B) {
		now, err := a.ModSeq(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := a.Changes(b.Context(), id, now-1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Summaries", func(b *testing.B) {
		for b.Loop() {
			benchMessages(b, a, id, n, store.WantSummary)
		}
		messages(b)
	})
	b.Run("CopyAll", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			m, err := a.Create(b.Context(), store.NewMailbox{Name: fmt.Sprint("copy", n, b.N, i)})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := a.Copy(b.Context(), id, allUIDs, m.ID); err != nil {
				b.Fatal(err)
			}
		}
		messages(b)
	})
	b.Run("ExpungeAll", func(b *testing.B) { benchExpunge(b, a, id, n) })
}

func benchExpunge(b *testing.B, a store.Account, id store.MailboxID, n int) {
	m, err := a.Create(b.Context(), store.NewMailbox{Name: "expunge"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		if _, err := a.Copy(b.Context(), id, allUIDs, m.ID); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if r, err := a.Expunge(b.Context(), m.ID, allUIDs, store.AllGiven); err != nil || r.UIDs.Len() != n {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func benchMessages(b *testing.B, a store.Account, id store.MailboxID, n int, parts store.Parts) {
	b.Helper()
	got := 0
	for _, err := range a.Messages(b.Context(), id, allUIDs, parts) {
		if err != nil {
			b.Fatal(err)
		}
		got++
	}
	if got != n {
		b.Fatalf("%d messages, want %d", got, n)
	}
}

// BenchmarkBodies reads 2,000 bodies of 11 kB.
func BenchmarkBodies(b *testing.B) {
	const n, size = 2000, 11_000
	s := openStore(b, b.TempDir(), Options{Logger: quiet})
	a, id, _ := filled(b, s, "alice", n, size)
	buf := make([]byte, 64<<10)
	b.SetBytes(n * size)
	for b.Loop() {
		for m, err := range a.Messages(b.Context(), id, allUIDs, store.WantBody) {
			if err != nil {
				b.Fatal(err)
			}
			if k, _ := m.Body.ReadAt(buf, 0); k != size {
				b.Fatal(k)
			}
			_ = m.Body.Close() // it was only read
		}
	}
}

// BenchmarkOpen opens an account whose database is closed, and loads INBOX.
func BenchmarkOpen(b *testing.B) {
	s := openStore(b, b.TempDir(), Options{Logger: quiet})
	const n = 50_000
	a, id, _ := filled(b, s, "alice", n, 10)
	acct := a.(*handle).account
	for b.Loop() {
		acct.tryClose()
		if v, err := a.Load(b.Context(), id); err != nil || v.Len() != n {
			b.Fatal(err)
		}
	}
}
