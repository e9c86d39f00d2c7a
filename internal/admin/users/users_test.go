package users

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func open(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestLifeOfAUser(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	verify := func(name, password string, want error) {
		t.Helper()
		for range 2 { // the second time from the cache, if it was right
			if err := db.Verify(t.Context(), name, password); !errors.Is(err, want) {
				t.Errorf("Verify(%q, %q) = %v, want %v", name, password, err, want)
			}
		}
	}
	is := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	is(db.Add("jürgen", "pass wörd"), nil)
	is(db.Add("jürgen", "other"), ErrExists)
	is(db.SetPassword("nobody", "x"), ErrUnknown)
	is(db.Remove("nobody"), ErrUnknown)
	verify("jürgen", "pass wörd", nil)
	verify("jürgen", "pass wo\u0308rd", nil)
	verify("jürgen", "other", ErrWrong)
	verify("jürgen", "", ErrWrong)
	verify("nobody", "pass wörd", ErrWrong)
	is(db.SetPassword("jürgen", "new"), nil)
	verify("jürgen", "pass wörd", ErrWrong)
	verify("jürgen", "new", nil)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir)
	verify("jürgen", "new", nil)
	if list, err := db.List(); err != nil || len(list) != 1 || list[0].Name != "jürgen" {
		t.Errorf("%v, %v", list, err)
	}
	is(db.Remove("jürgen"), nil)
	verify("jürgen", "new", ErrWrong)
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "../x", "a/b", "it's", "日本", "first last", strings.Repeat("x", 255)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	for _, name := range []string{"", " a", "a ", "a\x00b", "a\nb", "\xff", "e\u0301", "\u2028", strings.Repeat("x", 256)} {
		if err := CheckName(name); !errors.Is(err, ErrName) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
}

func TestBadPasswords(t *testing.T) {
	db := open(t, t.TempDir())
	for _, password := range []string{"", "a\x00b", "\xff", strings.Repeat("x", 1025)} {
		if err := db.Add("a", password); err == nil || strings.Contains(err.Error(), "xxx") {
			t.Errorf("%.10q: %v", password, err)
		}
	}
}

// TestNothingReadable: the file is its owner's alone, and holds no password.
func TestNothingReadable(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	if err := db.Add("a", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "horse") {
		t.Errorf("the password is in the file, or %v", err)
	}
}

func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	if err := sqlitex.ExecuteTransient(db.conn, "PRAGMA user_version = 7", nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "schema version 7") {
		t.Errorf("%v", err)
	}
}

func TestUnknownRecord(t *testing.T) {
	db := open(t, t.TempDir())
	if err := db.Add("a", "b"); err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.Execute(db.conn, "UPDATE user SET version = 2", &sqlitex.ExecOptions{
		ResultFunc: func(*sqlite.Stmt) error { return nil },
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(t.Context(), "a", "b"); !errors.Is(err, errRecordVersion) {
		t.Errorf("%v", err)
	}
}

// TestBusy: whoever waits for a slot gives up with the context.
func TestBusy(t *testing.T) {
	db := open(t, t.TempDir())
	for range cap(db.verify.slots) {
		db.verify.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Verify(ctx, "a", "b"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
