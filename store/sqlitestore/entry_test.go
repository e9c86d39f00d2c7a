package sqlitestore

import (
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// TestMigration: an account of an older version gets what it lacks, and keeps
// what it has.
func TestMigration(t *testing.T) {
	const noTail = "DROP TABLE tail; UPDATE segment SET bytes = (SELECT segment_end FROM account); "
	for version, sql := range map[string]string{
		"1": noTail + "DROP TABLE entry; DROP TABLE listing; PRAGMA user_version = 1",
		"2": noTail + "DROP TABLE listing; PRAGMA user_version = 2",
		"3": noTail + "PRAGMA user_version = 3",
	} {
		t.Run(version, func(t *testing.T) {
			dir := t.TempDir()
			opts := Options{Logger: quiet, Summarizer: summaryOf}
			s := openStore(t, dir, opts)
			a, id := newAccount(t, s, "alice")
			for range fullEmails + 3 {
				appendText(t, a, id, "text")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			runSQL(t, filepath.Join(dir, accountsDir, "alice", databaseName), sql)
			s = openStore(t, dir, opts)
			for _, p := range problems(t, s, false) {
				t.Error(p)
			}
			a, id = openAccount(t, s, "alice")
			appendText(t, a, id, "text") // behind rows without listings
			if text, err := readBody(t, a, id, 1); err != nil || text != "text" {
				t.Errorf("%q, %v", text, err)
			}
			setEntry(t, a, id)
			listed := 0
			for m, err := range a.Messages(t.Context(), id, allUIDs, store.WantListing) {
				if err != nil || string(m.Listing) != "text" {
					t.Errorf("UID %d: %q, %v", m.UID, m.Listing, err)
				}
				listed++
			}
			if listed != fullEmails+4 {
				t.Errorf("%d messages", listed)
			}
			for _, p := range problems(t, s, false) {
				t.Error(p)
			}
		})
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
