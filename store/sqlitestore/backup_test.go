package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// saveTo makes a backup and returns what was copied and kept.
func saveTo(t *testing.T, s *Store, dest string) (copied, kept int64) {
	t.Helper()
	err := s.Backup(t.Context(), dest, func(saved Saved) {
		copied += saved.Copied
		kept += saved.Kept
		if saved.Problem != "" {
			t.Errorf("account %q: %s", saved.Account, saved.Problem)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied, kept
}

// restored opens a copy of a backup, so that the backup remains one.
func restored(t *testing.T, dest string) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	if err := os.CopyFS(dir, os.DirFS(dest)); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, dir, Options{Logger: quiet, Summarizer: summaryOf})
	if list := problems(t, s, false); len(list) != 0 {
		t.Errorf("the backup is damaged: %s", strings.Join(list, "\n"))
	}
	return s
}

// bodiesOf reads all messages of an account: how often there is each octet string.
func bodiesOf(t *testing.T, s *Store, id string) map[string]int {
	t.Helper()
	a, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	boxes, err := a.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := make(map[string]int)
	for _, b := range boxes {
		for m, err := range a.Messages(t.Context(), b.ID, allUIDs, store.WantBody) {
			if err != nil {
				t.Fatal(err)
			}
			data := make([]byte, m.Body.Size())
			if n, err := m.Body.ReadAt(data, 0); n < len(data) {
				t.Fatal(err)
			}
			_ = m.Body.Close() // it was only read
			list[string(data)]++
		}
	}
	return list
}

// appendForUID appends a message.
func appendForUID(a store.Account, id store.MailboxID, text string) (imap.UID, error) {
	ctx := context.Background()
	staged, err := a.Stage(ctx, strings.NewReader(text), int64(len(text)))
	if err != nil {
		return 0, err
	}
	res, err := a.Append(ctx, id, []store.NewMessage{{Body: staged}})
	if err := errors.Join(err, staged.Close()); err != nil {
		return 0, err
	}
	return res.UIDs[0].Start, nil
}

// TestBackupLoad backs up while several accounts append, expunge, copy and collect garbage: what was acknowledged before
// each backup began and not expunged since is in it, and it is consistent.
func TestBackupLoad(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Summarizer: summaryOf, Grace: -1, Durability: Relaxed, segmentSize: 200_000})
	dest := filepath.Join(t.TempDir(), "backup")
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	keep := make(map[string]map[string]bool) // acknowledged, for good
	var appended atomic.Int64
	var wg sync.WaitGroup
	for n := range 2 {
		name := fmt.Sprint("account", n)
		keep[name] = make(map[string]bool)
		a, id := newAccount(t, s, name)
		wg.Go(func() {
			for i := uint32(0); ctx.Err() == nil; i++ {
				size := 2000
				if i%9 == 0 {
					size = ownFile + 100
				}
				// Every second one goes again, at once, and its octets with it.
				text := crashBody(i, size)
				uid, err := appendForUID(a, id, text)
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 {
					if _, err := a.Expunge(t.Context(), id, imap.UIDSet{{Start: uid, Stop: uid}}, store.AllGiven); err != nil {
						t.Error(err)
					}
					a.(*handle).maintain()
					continue
				}
				mu.Lock()
				keep[name][text] = true
				mu.Unlock()
				appended.Add(1)
			}
		})
	}
	for round := range 3 {
		for target := appended.Load() + 20; appended.Load() < target && !t.Failed(); {
		}
		mu.Lock()
		before := make(map[string][]string)
		for name, texts := range keep {
			for text := range texts {
				before[name] = append(before[name], text)
			}
		}
		mu.Unlock()
		copied, kept := saveTo(t, s, dest)
		t.Logf("round %d: copied %d, kept %d", round, copied, kept)
		r := restored(t, dest)
		for name, texts := range before {
			got := bodiesOf(t, r, name)
			for _, text := range texts {
				if got[text] != 1 {
					t.Errorf("round %d, %s: %.20q is there %d times", round, name, text, got[text])
				}
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	wg.Wait()
	if list := problems(t, s, false); len(list) != 0 {
		t.Error(strings.Join(list, "\n"))
	}
}

// TestBackupAgain: a second backup copies what is new; one that was interrupted is not trusted and not served; one that
// was served is no backup.
func TestBackupAgain(t *testing.T) {
	s, _ := checked(t)
	users, err := s.Users()
	if err == nil {
		err = users.Add(t.Context(), "alice", "alice", "secret")
	}
	if err != nil {
		t.Fatal(err)
	}
	dest := filepath.Join(t.TempDir(), "backup")
	first, _ := saveTo(t, s, dest)
	second, kept := saveTo(t, s, dest)
	if kept < ownFile || second > first-kept {
		t.Errorf("copied %d, then %d with %d kept", first, second, kept)
	}
	look := openStore(t, dest, Options{Logger: quiet, Inspect: true})
	if err := errors.Join(look.Check(t.Context(), false, func(p Problem) { t.Error(p) }), look.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ctx, dest, nil); !store.IsCode(err, store.Unavailable) {
		t.Error(err)
	}
	saveTo(t, s, dest)
	b := &backup{dest: dest}
	if err := b.mark(false); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dest, Options{Logger: quiet}); !errors.Is(err, errUnfinished) {
		t.Errorf("an unfinished backup was opened: %v", err)
	}
	if _, kept := saveTo(t, s, dest); kept != 0 {
		t.Errorf("%d octets of a backup that was interrupted were kept", kept)
	}
	compareRepaired(t, mustHandle(t, restored(t, dest), "alice"), false)
	r := openStore(t, dest, Options{Logger: quiet, Summarizer: summaryOf})
	if err := s.Backup(t.Context(), dest, nil); err == nil {
		t.Error("a backup to a store that is open")
	}
	list, err := r.Users()
	if err == nil {
		_, err = list.Verify(t.Context(), "alice", "secret")
	}
	if err := errors.Join(err, r.Close()); err != nil {
		t.Error(err)
	}
	if err := s.Backup(t.Context(), dest, nil); !errors.Is(err, errNotABackup) {
		t.Errorf("a backup over a store that was served: %v", err)
	}
}

func mustHandle(t *testing.T, s *Store, id string) *handle {
	t.Helper()
	a, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a.(*handle)
}

// TestBackupPlaces: where no backup may go.
func TestBackupPlaces(t *testing.T) {
	s, _ := checked(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(s.dir, link); err != nil {
		t.Fatal(err)
	}
	for _, dest := range []string{s.dir, filepath.Join(s.dir, "accounts", "x"), filepath.Join(link, "x")} {
		if err := s.Backup(t.Context(), dest, nil); !errors.Is(err, errBackupInside) {
			t.Errorf("%s: %v", dest, err)
		}
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "precious"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), full, nil); !errors.Is(err, errNotABackup) {
		t.Error(err)
	}
}

// TestBackupDamage: one damaged account does not cost the others.
func TestBackupDamage(t *testing.T) {
	s, h := checked(t)
	b, id := newAccount(t, s, "bob")
	appendText(t, b, id, "text")
	paths, err := filepath.Glob(filepath.Join(h.dir, "*", "*.body"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	if err := os.Remove(paths[0]); err != nil {
		t.Fatal(err)
	}
	dest := filepath.Join(t.TempDir(), "backup")
	told := ""
	if err := s.Backup(t.Context(), dest, func(saved Saved) { told += saved.Problem }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, ".body") {
		t.Errorf("told %q", told)
	}
	r := openStore(t, dest, Options{Logger: quiet, Summarizer: summaryOf})
	if got := bodiesOf(t, r, "bob"); got["text"] != 1 {
		t.Error("bob's message is missing")
	}
}

// TestBackupLostDatabase: an account without a database is no reason to save none of the others.
func TestBackupLostDatabase(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	for _, name := range []string{"alice", "bob"} {
		a, id := newAccount(t, s, name)
		appendText(t, a, id, "text")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, accountsDir, "alice", databaseName)); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, Options{Logger: quiet})
	dest := filepath.Join(t.TempDir(), "backup")
	told := make(map[string]string)
	if err := s.Backup(t.Context(), dest, func(saved Saved) { told[saved.Account] = saved.Problem }); err != nil {
		t.Fatal(err)
	}
	if told["alice"] == "" || told["bob"] != "" {
		t.Errorf("told %q", told)
	}
	r := openStore(t, dest, Options{Logger: quiet})
	if got := bodiesOf(t, r, "bob"); got["text"] != 1 {
		t.Error("bob's message is missing")
	}
}

// TestBackupDamagedRow: what is behind a damaged row of emails is saved, and what an earlier backup has of the damaged
// one stays.
func TestBackupDamagedRow(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Durability: Relaxed})
	a, id := newAccount(t, s, "alice")
	dest := filepath.Join(t.TempDir(), "backup")
	large := strings.Repeat("a large message ", ownFile/16)
	appendMany(t, a, id, large, fullEmails)
	saveTo(t, s, dest)
	appendMany(t, a, id, large+".", fullEmails)
	h := a.(*handle)
	err := h.read(t.Context(), "damage", func() error {
		return h.db.exec("UPDATE email SET data = zeroblob(100) WHERE first = (SELECT min(first) FROM email)")
	})
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	if err := s.Backup(t.Context(), dest, func(saved Saved) { told += saved.Problem }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "row") {
		t.Errorf("told %q", told)
	}
	files, err := filepath.Glob(filepath.Join(dest, accountsDir, "alice", bodiesDir, "*"))
	if err != nil || len(files) != 2*fullEmails {
		t.Errorf("%d large messages are in the backup, %v", len(files), err)
	}
}

// TestBackupOtherPast: a backup may be of a store that had another past: one that was restored from an older copy, or
// one that was begun anew. The files there have the same names and other octets.
func TestBackupOtherPast(t *testing.T) {
	texts := func(s *Store, name string, many ...string) {
		a, id := openAccount(t, s, name)
		for _, text := range many {
			appendText(t, a, id, text)
		}
	}
	opts := Options{Logger: quiet, Durability: Relaxed}
	long := strings.Repeat("some text ", 500)
	dir, older, dest := t.TempDir(), filepath.Join(t.TempDir(), "older"), filepath.Join(t.TempDir(), "backup")
	s := openStore(t, dir, opts)
	newAccount(t, s, "alice")
	texts(s, "alice", "first")
	saveTo(t, s, older)
	texts(s, "alice", long+"lost", long+"lost as well")
	saveTo(t, s, dest)
	_, kept := saveTo(t, s, dest)
	if kept < int64(2*len(long)) {
		t.Errorf("kept %d octets of a backup of the same store", kept)
	}

	r := openStore(t, older, opts)
	texts(r, "alice", long+"second", long+"and third", long)
	if _, kept := saveTo(t, r, dest); kept > int64(len(long)) {
		t.Errorf("kept %d octets that are not the store's", kept)
	}
	if got := bodiesOf(t, restored(t, dest), "alice"); len(got) != 4 || got[long+"second"] != 1 {
		t.Errorf("%d messages of the restored store are in its backup", len(got))
	}

	fresh := openStore(t, t.TempDir(), opts)
	newAccount(t, fresh, "alice")
	texts(fresh, "alice", long+"new", long+"newer", long+"newest", long)
	saveTo(t, fresh, dest)
	if got := bodiesOf(t, restored(t, dest), "alice"); len(got) != 4 || got[long+"newest"] != 1 {
		t.Errorf("%d messages of the new store are in its backup", len(got))
	}
}
