package admin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/internal/maildir"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// BenchmarkImport imports a Maildir of 50,000 messages of 4 kB, durably, with summaries.
func BenchmarkImport(b *testing.B) {
	const messages = 50_000
	dir := b.TempDir()
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			b.Fatal(err)
		}
	}
	body := strings.Repeat("The quick brown fox jumps over the lazy dog, and says so in a line of text.\n", 50)
	for i := range messages {
		text := fmt.Sprintf("From: Alice <a%d@example.org>\nTo: Bob <bob@example.org>\nSubject: Message %d\n"+
			"Date: Thu, 29 Feb 2024 12:00:00 +0000\nMessage-ID: <%d@example.org>\nMIME-Version: 1.0\n"+
			"Content-Type: text/plain; charset=utf-8\n\n%s", i%100, i, i, body)
		if err := os.WriteFile(filepath.Join(dir, "cur", fmt.Sprintf("%d.x:2,S", i+1)), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		service, err := admin.Open(b.TempDir(), sqlitestore.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := service.AddUser(context.Background(), "alice", "secret"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		source, err := maildir.Open(dir, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := service.Import(context.Background(), "alice", source.Send, transfer.Listener{}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := service.Close(); err != nil {
			b.Fatal(err)
		}
		_ = source.Close() // it was only read
		b.StartTimer()
	}
	b.ReportMetric(messages/b.Elapsed().Seconds()*float64(b.N), "messages/s")
}
