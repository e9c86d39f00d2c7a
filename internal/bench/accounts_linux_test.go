package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/argon2"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BenchmarkStoreAccounts is a server for many: of 10,000 accounts each logs in once and opens INBOX, and the last 1,000
// stay, receive a message and read it. Goals: 400 MB of resident memory and 5,000 open files.
func BenchmarkStoreAccounts(b *testing.B) {
	const accounts, active = 10_000, 1_000
	dir := b.TempDir()
	makeAccounts(b, dir, accounts)
	server := startData(b, dir)
	for b.Loop() {
		for i := range accounts - active {
			c := dial(b, server.plain, false, member(i))
			c.do(b, "SELECT INBOX")
			c.do(b, "LOGOUT")
			_ = c.Close() // it was said goodbye to
		}
		message := mail(1, 4096)
		for i := range active {
			c := dial(b, server.plain, false, member(accounts-active+i))
			c.do(b, "SELECT INBOX")
			c.do(b, fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(message), message))
			c.do(b, "FETCH * (ENVELOPE BODY.PEEK[])")
			c.r = nil // 1,000 buffers of the client's own are not what is measured, but they are many
		}
		report(b, megabytes(server.memory(b, "VmRSS")), "MB", 400)
		report(b, float64(server.files(b)), "open-files", 5000)
	}
}

// files counts the open files of a process.
func (p process) files(b *testing.B) int {
	b.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	return len(entries)
}

// member is the name of one of many users; all have the same length.
func member(i int) string { return fmt.Sprintf("user%05d", i) }

// makeAccounts makes a data directory with many accounts. The first user is added as all are; the other accounts are
// copies of that one's files with the name changed. The last hundred users have the same password record, so that the
// server's memory is that of verifying it, and the others have one that is cheap to verify: 10,000 of the real ones
// would take minutes, and leave nothing behind that a hundred do not.
func makeAccounts(b *testing.B, dir string, count int) {
	b.Helper()
	service := openData(b, dir, storeOptions)
	addUser(b, service, member(0))
	closeData(b, service)
	database, err := os.ReadFile(filepath.Join(dir, "accounts", member(0), "mail.db"))
	if err != nil || bytes.Count(database, []byte(member(0))) != 1 {
		b.Fatal("the account's name is not in its database once: ", err)
	}
	for i := 1; i < count; i++ {
		account := filepath.Join(dir, "accounts", member(i))
		err := errors.Join(os.MkdirAll(filepath.Join(account, "segments"), 0o700), os.Mkdir(filepath.Join(account, "bodies"), 0o700),
			os.WriteFile(filepath.Join(account, "mail.db"), bytes.Replace(database, []byte(member(0)), []byte(member(i)), 1), 0o600))
		if err != nil {
			b.Fatal(err)
		}
	}
	conn, err := sqlite.OpenConn(filepath.Join(dir, "server.db"), sqlite.OpenReadWrite)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.Execute(conn, `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
		INSERT INTO user SELECT format('user%05d', i), format('user%05d', i),
			iif(i > ?2 - 100, record, json_set(record, '$.argon2id', json(?1))), created, changed
		FROM n, (SELECT * FROM user WHERE name = ?3)`, &sqlitex.ExecOptions{Args: []any{cheapHash(b), count - 1, member(0)}})
	if err != nil {
		b.Fatal(err)
	}
}

// cheapHash is the password's hash with the least that argon2id can do.
func cheapHash(b *testing.B) string {
	b.Helper()
	salt := []byte("0123456789abcdef")
	text, err := json.Marshal(map[string]any{
		"m": 8, "t": 1, "p": 1, "salt": salt, "hash": argon2.IDKey([]byte(password), salt, 1, 8, 1, 32),
	})
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
