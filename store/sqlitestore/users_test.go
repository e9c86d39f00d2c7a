package sqlitestore

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

func openUsers(t testing.TB, s *Store) *Users {
	t.Helper()
	u, err := s.Users()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantCode(t *testing.T, err error, code store.Code) {
	t.Helper()
	var e *store.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("got %v, want %v", err, code)
	}
}

func TestUsers(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	u := openUsers(t, s)
	ctx := t.Context()
	if err := u.Add(ctx, "alice", "a1", "pässword 1"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, u.Add(ctx, "alice", "a2", "other"), store.AlreadyExists)
	for _, name := range []string{"", "a\x00b", "a\nb", "\xff", strings.Repeat("x", 1025)} {
		wantCode(t, u.Add(ctx, name, "a", "secret"), store.Cannot)
	}
	for _, password := range []imap.Secret{"", "a\x00b", imap.Secret(strings.Repeat("x", 1025)), "\xff\xfe"} {
		wantCode(t, u.Add(ctx, "bob", "b", password), store.Cannot)
		_, err := u.Verify(ctx, "alice", password)
		wantCode(t, err, store.NoPerm)
	}
	verify := func(password imap.Secret, right bool) {
		t.Helper()
		for range 2 { // the second time from memory
			user, err := u.Verify(ctx, "alice", password)
			if !right {
				wantCode(t, err, store.NoPerm)
			} else if err != nil || user.Account != "a1" || user.Created.IsZero() {
				t.Errorf("%+v, %v", user, err)
			}
		}
	}
	verify("pässword 1", true)
	verify("pa\u0308ssword\u00a01", true) // the same for other keyboards
	verify("password 1", false)
	_, err := u.Verify(ctx, "Alice", "pässword 1")
	wantCode(t, err, store.NoPerm)

	if err := u.SetPassword(ctx, "alice", "new"); err != nil {
		t.Fatal(err)
	}
	verify("pässword 1", false)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = u.Verify(ctx, "alice", "new")
	wantCode(t, err, store.Unavailable)
	s = openStore(t, dir, Options{Logger: quiet})
	u = openUsers(t, s)
	verify("new", true)
	if list, err := u.List(ctx); err != nil || len(list) != 1 || list[0].Name != "alice" {
		t.Errorf("%+v, %v", list, err)
	}
	if err := u.Delete(ctx, "alice"); err != nil {
		t.Fatal(err)
	}
	verify("new", false)
	wantCode(t, u.Delete(ctx, "alice"), store.NonExistent)
	wantCode(t, u.SetPassword(ctx, "alice", "x"), store.NonExistent)
}

// TestSCRAMPreparation: clients hash what SASLprep makes of a password, where it makes something of it.
func TestSCRAMPreparation(t *testing.T) {
	u := openUsers(t, openStore(t, t.TempDir(), Options{Logger: quiet}))
	for password, hashed := range map[imap.Secret]string{
		"x\u00b2":      "x2",           // a superscript
		"I\u00a0X":     "I X",          // a space that does not break
		"\u2168":       "IX",           // the Roman numeral
		"\U0001f511 x": "\U0001f511 x", // which SASLprep does not know
	} {
		if err := u.Add(t.Context(), string(password), "a", password); err != nil {
			t.Fatal(err)
		}
		_, keys, err := u.SCRAM(t.Context(), string(password))
		if err != nil {
			t.Fatal(err)
		}
		salted, err := pbkdf2.Key(sha256.New, hashed, keys.Salt, keys.Iterations, sha256.Size)
		if err != nil {
			t.Fatal(err)
		}
		if !hmac.Equal(mac(salted, "Server Key"), keys.ServerKey) {
			t.Errorf("%q is not hashed as %q", password, hashed)
		}
		if _, err := u.Verify(t.Context(), string(password), password); err != nil {
			t.Error(err)
		}
	}
}

// TestSCRAM authenticates as a client does (RFC 5802 §3), and cannot tell a
// user that does not exist.
func TestSCRAM(t *testing.T) {
	u := openUsers(t, openStore(t, t.TempDir(), Options{Logger: quiet}))
	if err := u.Add(t.Context(), "alice", "a", "pencil"); err != nil {
		t.Fatal(err)
	}
	user, keys, err := u.SCRAM(t.Context(), "alice")
	if err != nil || user.Account != "a" {
		t.Fatal(user, err)
	}
	salted, err := pbkdf2.Key(sha256.New, "pencil", keys.Salt, keys.Iterations, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	if !hmac.Equal(stored[:], keys.StoredKey) || !hmac.Equal(mac(salted, "Server Key"), keys.ServerKey) {
		t.Error("the keys are not those of the password")
	}
	if text := fmt.Sprintf("%v %+v %#v %s", keys, keys, keys, keys); strings.ContainsAny(text, "0123456789{") {
		t.Errorf("the keys print as %s", text)
	}
	nobody, a, err := u.SCRAM(t.Context(), "nobody")
	if err != nil || nobody != (User{}) || a.Iterations != keys.Iterations || len(a.Salt) != len(keys.Salt) {
		t.Errorf("%v %v", nobody, err)
	}
	_, b, _ := u.SCRAM(t.Context(), "nobody")
	_, c, _ := u.SCRAM(t.Context(), "nobody else")
	if string(a.Salt) != string(b.Salt) || string(a.Salt) == string(c.Salt) {
		t.Error("the salt of a name must stay, and differ from another's")
	}
}

// TestVerifyBounds: many verifications at a time wait for each other, and
// those whose context ends do not wait any more.
func TestVerifyBounds(t *testing.T) {
	u := openUsers(t, openStore(t, t.TempDir(), Options{Logger: quiet}))
	if err := u.Add(t.Context(), "alice", "a", "secret"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, err := u.Verify(t.Context(), "alice", imap.Secret(fmt.Sprint(i)))
			wantCode(t, err, store.NoPerm)
		})
	}
	wg.Wait()
	for range cap(u.slots) {
		u.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := u.Verify(ctx, "alice", "secret")
	wantCode(t, err, store.Unavailable)
}

// TestNoPasswordOnDisk searches the files for what must not be in them.
func TestNoPasswordOnDisk(t *testing.T) {
	dir := t.TempDir()
	u := openUsers(t, openStore(t, dir, Options{Logger: quiet}))
	if err := u.Add(t.Context(), "alice", "a", "find-this-text"); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Verify(t.Context(), "alice", "find-this-text"); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "server.db*"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if text, err := os.ReadFile(name); err != nil || strings.Contains(string(text), "find-this") {
			t.Errorf("%s: %v, or it has the password", name, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	u := openUsers(b, openStore(b, b.TempDir(), Options{Logger: quiet}))
	if err := u.Add(b.Context(), "alice", "a", "secret"); err != nil {
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := u.Verify(b.Context(), "alice", imap.Secret(fmt.Sprint(i))); err == nil {
				b.Fatal("a wrong password is right")
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if _, err := u.Verify(b.Context(), "alice", "secret"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
