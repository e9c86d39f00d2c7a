package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkStoreAppend uploads messages of 4 kB one by one, each durable before the next, and compares with the least
// that makes a file durable: a loop of create, write, fsync, rename, fsync of the directory, as many at a time, in the
// same run and in turns. Goals, as times the loop's rate: 0.9 with one connection, 1.2 with 16 to one mailbox, 0.45 with
// 16 to accounts of their own.
func BenchmarkStoreAppend(b *testing.B) {
	b.Run("one", func(b *testing.B) { compareAppend(b, 1, 1, 0.9) })
	b.Run("16-to-one-mailbox", func(b *testing.B) { compareAppend(b, 16, 1, 1.2) })
	b.Run("16-to-16-accounts", func(b *testing.B) { compareAppend(b, 16, 16, 0.45) })
}

func compareAppend(b *testing.B, connections, accounts int, goal float64) {
	const rounds = 10
	messages := 100 * max(1, connections/4)
	dir := newAccounts(b, accounts)
	server := startData(b, dir)
	clients := make([]*client, connections)
	for i := range clients {
		clients[i] = dial(b, server.plain, false, user(i, connections/accounts))
	}
	command := fmt.Sprintf("t APPEND INBOX {%d+}\r\n%s\r\n", len(mail(1, 4096)), mail(1, 4096))
	upload := func(w, _ int) error { return clients[w].try(command) }
	for b.Loop() {
		// A directory for each round: ext4 is slow where many files have been removed.
		inParallel(b, connections, messages/4, upload)
		var ours, loop time.Duration
		before := server.cpu(b)
		for range rounds {
			bare := b.TempDir()
			loop += inParallel(b, connections, messages, func(_, i int) error { return bareStore(bare, i) })
			ours += inParallel(b, connections, messages, upload)
		}
		total := float64(rounds * messages)
		b.ReportMetric(total/ours.Seconds(), "messages/s")
		b.ReportMetric(total/loop.Seconds(), "bare/s")
		b.ReportMetric(micros(server.cpu(b)-before)/total, "µs-CPU/message")
		reportLeast(b, loop.Seconds()/ours.Seconds(), "×bare", goal)
	}
}

// newAccounts makes a data directory with users.
func newAccounts(b *testing.B, count int) string {
	b.Helper()
	dir := b.TempDir()
	service := openData(b, dir, storeOptions)
	defer closeData(b, service)
	for i := range count {
		addUser(b, service, user(i, 1))
	}
	return dir
}

// bareStore stores a message of 4 kB durably, as barely as can be.
func bareStore(dir string, i int) error {
	temp, name := filepath.Join(dir, fmt.Sprint("t", i)), filepath.Join(dir, fmt.Sprint("m", i))
	f, err := os.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4096))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// inParallel lets workers do n things together, and returns how long that took.
func inParallel(b *testing.B, workers, n int, do func(worker, i int) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for w := range workers {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if err := do(w, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// BenchmarkStoreImport brings 50,000 messages of 4 kB into one mailbox, 500 a transaction, with their summaries. Goal:
// 5,000 messages a second.
func BenchmarkStoreImport(b *testing.B) {
	for b.Loop() {
		if shared.dir != "" {
			removeShared()
			shared.dir = ""
		}
		sharedData(b)
		reportLeast(b, shared.rate, "messages/s", 5000)
	}
}
