package sqlitestore

import (
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// TestMigration: an account of version 1 gets what it lacks, and keeps what it
// has.
func TestMigration(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	appendText(t, a, id, "text")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	runSQL(t, filepath.Join(dir, accountsDir, "alice", databaseName), "DROP TABLE entry; PRAGMA user_version = 1")
	s = openStore(t, dir, Options{Logger: quiet})
	a, id = openAccount(t, s, "alice")
	if text, err := readBody(t, a, id, 1); err != nil || text != "text" {
		t.Errorf("%q, %v", text, err)
	}
	setEntry(t, a, id)
	for _, p := range problems(t, s, false) {
		t.Error(p)
	}
}

// TestCheckEntries: entries of no mailbox are found and removed.
func TestCheckEntries(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	setEntry(t, a, id)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	runSQL(t, filepath.Join(dir, accountsDir, "alice", databaseName), "INSERT INTO entry VALUES (77, '/a', x'00')")
	s = openStore(t, dir, Options{Logger: quiet})
	if list := problems(t, s, true); len(list) != 1 || !strings.Contains(list[0], "mailbox number 77") {
		t.Error(list)
	}
	if list := problems(t, s, false); len(list) != 0 {
		t.Error(list)
	}
	a, id = openAccount(t, s, "alice")
	if entries, err := a.(store.Annotator).Entries(t.Context(), id); err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
}

func setEntry(t *testing.T, a store.Account, id store.MailboxID) {
	t.Helper()
	err := a.(store.Annotator).SetEntries(t.Context(), id, []store.Entry{{Name: "/private/comment", Value: []byte("text")}})
	if err != nil {
		t.Fatal(err)
	}
}

// runSQL changes a database that nobody has open.
func runSQL(t *testing.T, path, text string) {
	t.Helper()
	db, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{Conn: db}
	if err := c.script(text); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
