package sqlitestore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// withUsers makes a store with two users, one of whom has a name that no directory can have.
func withUsers(t *testing.T, dir string) (*Store, *Users) {
	t.Helper()
	s := openStore(t, dir, Options{Logger: quiet})
	users, err := s.Users()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", strings.Repeat("long", 100)} {
		if err := s.CreateAccount(t.Context(), name, store.Setup{}); err != nil {
			t.Fatal(err)
		}
		if err := users.Add(t.Context(), name, name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	return s, users
}

func verify(t *testing.T, s *Store, name, password string, want bool) {
	t.Helper()
	users, err := s.Users()
	if err == nil {
		_, err = users.Verify(t.Context(), name, imap.Secret(password))
	}
	if (err == nil) != want {
		t.Errorf("%s with %s: %v", name, password, err)
	}
}

// TestCheckUsers damages the list of users and its copies in all ways; everybody can log in afterwards.
func TestCheckUsers(t *testing.T) {
	table := []struct {
		name, sql, want string
	}{
		{"row is gone", "DELETE FROM user WHERE name = 'alice'", `"alice" is missing`},
		{"all are gone", "DELETE FROM user", "missing from the list"},
		{"record", "UPDATE user SET record = 'x' WHERE name = 'alice'", "is damaged"},
		{"older", "UPDATE user SET changed = 1, record = replace(record, 'a', 'b') WHERE name = 'alice'", "older"},
		{"newer", "UPDATE user SET changed = changed + 1", "up to date"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			s, users := withUsers(t, t.TempDir())
			if list := problems(t, s, false); len(list) != 0 {
				t.Fatal("before any damage:", list)
			}
			if err := users.with(t.Context(), "damage", "", func(db *conn) error { return db.script(row.sql) }); err != nil {
				t.Fatal(err)
			}
			repairedUsers(t, s, row.want)
		})
	}
}

// repairedUsers checks, repairs, and logs everybody in.
func repairedUsers(t *testing.T, s *Store, want string) {
	t.Helper()
	for range 2 {
		if list := strings.Join(problems(t, s, false), "\n"); !strings.Contains(list, want) {
			t.Fatalf("found %q, want %q", list, want)
		}
	}
	repaired := problems(t, s, true)
	if list := problems(t, s, false); len(list) != 0 {
		t.Errorf("after repairing %q:\n%s", repaired, strings.Join(list, "\n"))
	}
	for _, name := range []string{"alice", strings.Repeat("long", 100)} {
		verify(t, s, name, "secret", true)
	}
	verify(t, s, "alice", "wrong", false)
}

// TestRenewUsers: a list of users that is gone or cannot be opened is made anew from the accounts.
func TestRenewUsers(t *testing.T) {
	table := []struct {
		name   string
		damage func(path string) error
		want   string
	}{
		{"gone", os.Remove, "missing"},
		{"cut off", func(path string) error { return os.Truncate(path, 5000) }, "made anew"},
		{"zeros", func(path string) error { return os.WriteFile(path, make([]byte, 20_000), 0o600) }, "made anew"},
		{"text", func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600)
		}, "made anew"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := withUsers(t, dir)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := row.damage(filepath.Join(dir, serverDatabase)); err != nil {
				t.Fatal(err)
			}
			repairedUsers(t, openStore(t, dir, Options{Logger: quiet}), row.want)
		})
	}
}

// TestUserCopies: a copy that is damaged or not there is made anew; one of a user who was removed does not come back.
func TestUserCopies(t *testing.T) {
	s, users := withUsers(t, t.TempDir())
	path := filepath.Join(s.accountDir("alice"), userCopyName("alice"))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	repairedUsers(t, s, "copy of a user is damaged")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	repairedUsers(t, s, "no copy")
	if err := users.SetPassword(t.Context(), "alice", "new"); err != nil {
		t.Fatal(err)
	}
	if err := users.Delete(t.Context(), strings.Repeat("long", 100)); err != nil {
		t.Fatal(err)
	}
	if list := problems(t, s, true); len(list) != 0 {
		t.Error(list)
	}
	if err := users.with(t.Context(), "damage", "", func(db *conn) error { return db.script("DELETE FROM user") }); err != nil {
		t.Fatal(err)
	}
	problems(t, s, true)
	verify(t, s, "alice", "new", true)
	verify(t, s, "alice", "secret", false)
	verify(t, s, strings.Repeat("long", 100), "secret", false)
}
