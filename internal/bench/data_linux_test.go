package bench

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/internal/demo"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// shared is a data directory with a large mailbox, which takes long to make and serves all benchmarks of a run.
var shared struct {
	dir  string
	rate float64 // messages a second when it was made
}

// large is how many messages alice has in INBOX.
const large = 50_000

// largeSize is about how long each of them is, in octets.
const largeSize = 4096

// removeShared ends the life of the shared directory.
func removeShared() {
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir) // it is a temporary directory
	}
}

// sharedData returns the shared data directory.
func sharedData(b *testing.B) string {
	b.Helper()
	if shared.dir != "" {
		return shared.dir
	}
	dir, err := os.MkdirTemp("", "imapsrv-bench-data-")
	if err != nil {
		b.Fatal(err)
	}
	shared.dir = dir
	service := openData(b, dir, sqlitestore.Options{})
	defer closeData(b, service)
	for _, user := range []string{"alice", "bodies", "crowd"} {
		addUser(b, service, user)
	}
	shared.rate = fillMailbox(b, service, "alice", large, largeSize)
	fillMailbox(b, service, "bodies", bodies, bodySize)
	return dir
}

// openData takes a data directory in this process, as long as no server has it.
func openData(b *testing.B, dir string, options sqlitestore.Options) *admin.Service {
	b.Helper()
	options.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	service, err := admin.Open(dir, options)
	if err != nil {
		b.Fatal(err)
	}
	return service
}

func closeData(b *testing.B, service *admin.Service) {
	b.Helper()
	if err := service.Close(); err != nil {
		b.Fatal(err)
	}
}

func addUser(b *testing.B, service *admin.Service, name string) {
	b.Helper()
	if err := service.AddUser(b.Context(), name, password); err != nil {
		b.Fatal(err)
	}
}

// importBatch is how many messages are appended in one transaction, as an import does.
const importBatch = 500

// fillMailbox imports messages into a user's INBOX the way that is made for many, and returns how many a second.
func fillMailbox(b *testing.B, service *admin.Service, user string, count, size int) float64 {
	b.Helper()
	account, err := service.Store.Account(b.Context(), user)
	if err != nil {
		b.Fatal(err)
	}
	defer account.Close()
	inbox, err := account.Lookup(b.Context(), store.Inbox)
	if err != nil {
		b.Fatal(err)
	}
	var spent time.Duration
	for at := 0; at < count; at += importBatch {
		texts := make([]string, 0, importBatch)
		for i := at; i < min(at+importBatch, count); i++ {
			texts = append(texts, mail(i, size))
		}
		start := time.Now()
		if err := appendTexts(b.Context(), account, inbox.ID, texts); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(start)
	}
	return float64(count) / spent.Seconds()
}

// appendTexts stages and appends messages in one transaction.
func appendTexts(ctx context.Context, account store.Account, mailbox store.MailboxID, texts []string) error {
	batch := make([]store.NewMessage, 0, len(texts))
	for _, text := range texts {
		staged, err := account.Stage(ctx, strings.NewReader(text), int64(len(text)))
		if err != nil {
			return err
		}
		defer staged.Close()
		batch = append(batch, store.NewMessage{
			Body: staged, InternalDate: imap.DateTimeOf(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)),
		})
	}
	_, err := account.Append(ctx, mailbox, batch)
	return err
}

// startData runs the server on a data directory until the benchmark ends.
func startData(b *testing.B, dir string) process {
	b.Helper()
	cert, key := certificate(b)
	return startProcess(b, exec.Command(binary, "serve", "--data", dir,
		"--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--cert", cert, "--key", key))
}

// certificate writes a certificate and its key to files.
func certificate(b *testing.B) (cert, key string) {
	b.Helper()
	made, err := demo.NewCertificate(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(made.TLS.PrivateKey)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string][]byte{cert: made.PEM, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return cert, key
}
