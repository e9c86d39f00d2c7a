package sqlitestore

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// TestDirNames: names of accounts are reversible, and no two are the same on
// a file system that does not tell letters' case, nor do they leave their
// directory.
func TestDirNames(t *testing.T) {
	ids := []string{
		"alice", "Alice", "aLICE", "alice@example.com", "..", ".", "../../etc/passwd", "a/b", `a\b`, "a\x00b", "-rf",
		".new-1", "a.", "a b", "%41", "=", "日本語", "\xff\xfe", "con:", strings.Repeat("é", 20), "a%2Fb", "~", "*",
	}
	seen := map[string]string{}
	for _, id := range ids {
		name := dirName(id)
		if other, ok := seen[strings.ToLower(name)]; ok {
			t.Errorf("%q and %q are both %q", id, other, name)
		}
		seen[strings.ToLower(name)] = id
		if back, ok, err := accountID(name); back != id || !ok || err != nil {
			t.Errorf("%q became %q and came back as %q, %v, %v", id, name, back, ok, err)
		}
		if strings.ContainsAny(name, "/\\\x00 :*") || name[0] == '.' || len(name) > maxDirName {
			t.Errorf("%q became %q", id, name)
		}
	}
	for _, name := range []string{"Alice", "%", "%4", "%zz", "%61", "a b", ".", ""} {
		if id, ok, err := accountID(name); err == nil && name != "" {
			t.Errorf("%q is the name of %q, %v", name, id, ok)
		}
	}
	s := openStore(t, t.TempDir(), Options{Logger: quiet})
	for _, id := range append(ids, strings.Repeat("x", maxID), strings.Repeat("X", maxID)) {
		if err := s.CreateAccount(t.Context(), id, store.Setup{}); err != nil {
			t.Errorf("%q: %v", id, err)
		}
		wantCode(t, s.CreateAccount(t.Context(), id, store.Setup{}), store.AlreadyExists)
	}
	wantCode(t, s.CreateAccount(t.Context(), strings.Repeat("x", maxID+1), store.Setup{}), store.Cannot)
	if list := problems(t, s, false); len(list) != 0 {
		t.Error(list)
	}
}

// TestSecondProcess: the directory has one owner, and the other is told who.
func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	_, err := Open(dir, Options{Logger: quiet})
	wantCode(t, err, store.InUse)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("%v does not name the holder", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openStore(t, dir, Options{Logger: quiet})
}

// TestNewerSchema: a database of a newer version is refused by its version,
// and not one octet of it changes.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	newAccount(t, s, "alice")
	newAccount(t, s, "bob")
	openUsers(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, accountsDir, "alice", databaseName)
	raw := newerVersion(t, path)
	s = openStore(t, dir, Options{Logger: quiet})
	_, err := s.Account(t.Context(), "alice")
	wantCode(t, err, store.Unavailable)
	if err == nil || !strings.Contains(err.Error(), "version 77") {
		t.Error(err)
	}
	openAccount(t, s, "bob")
	list := strings.Join(problems(t, s, true), "\n")
	if !strings.Contains(list, "version 77") || strings.Contains(list, "restore it") {
		t.Errorf("check says %q: an older copy would cost what is newer", list)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(raw) {
		t.Errorf("the newer database was touched (%v)", err)
	}
	newerVersion(t, filepath.Join(dir, serverDatabase))
	if _, err := Open(dir, Options{Logger: quiet}); err == nil || !strings.Contains(err.Error(), "version 77") {
		t.Error(err)
	}
}

func newerVersion(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint32(raw[60:], 77)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestCorruptDatabase: one account is corrupt, the others go on.
func TestCorruptDatabase(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"no database": os.Remove,
		"other file":  func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("no database", 500)), 0o600) },
		"empty":       func(p string) error { return os.Truncate(p, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var log logged
			s := openStore(t, dir, Options{Logger: logTo(&log)})
			newAccount(t, s, "alice")
			newAccount(t, s, "bob")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, accountsDir, "alice", databaseName)
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			s = openStore(t, dir, Options{Logger: logTo(&log)})
			_, err := s.Account(t.Context(), "alice")
			wantCode(t, err, store.Corruption)
			if !strings.Contains(log.String(), path) || !strings.Contains(log.String(), "imapsrv check --repair") {
				t.Errorf("the log says %q", log.String())
			}
			bob, id := openAccount(t, s, "bob")
			appendText(t, bob, id, "text")
			if list := problems(t, s, true); len(list) != 1 {
				t.Error(list)
			}
		})
	}
}

// TestIdleClosing: databases are closed when nobody uses them, open accounts
// notice nothing, and closed ones leave no memory.
func TestIdleClosing(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Logger: quiet, OpenAccounts: 4, Idle: 30 * time.Millisecond})
	type open struct {
		store.Account
		id store.MailboxID
	}
	var list []open
	for i := range 12 {
		a, id := newAccount(t, s, fmt.Sprint("user", i))
		list = append(list, open{a, id})
	}
	for range 100 {
		a := list[rand.IntN(len(list))]
		appendText(t, a, a.id, "text")
		if v, err := a.Load(t.Context(), a.id); err != nil || v.Len() == 0 {
			t.Fatal(err)
		}
		if n := s.open.len(); n > 5 {
			t.Fatalf("%d open databases", n)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for s.open.len() > 0 {
		if time.Now().After(deadline) {
			t.Fatal("databases stay open")
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, a := range list {
		if _, err := a.Load(t.Context(), a.id); err != nil {
			t.Error(err)
		}
		_ = a.Close()
	}
	for s.known() > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d accounts are remembered", s.known())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (l *lru) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len()
}

func (s *Store) known() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accounts)
}

// TestPageRoundTrip packs pages of all kinds, and damages them at each octet.
func TestPageRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	keywords := []string{"alpha", "", "Beta"}
	sets := []imap.FlagSet{{}, imap.FlagsOf(`\Seen`, "$Junk"), imap.FlagsOf("alpha", "Beta", `\Deleted`)}
	for _, n := range []int{1, 2, 50, fullPage} {
		p := &page{key: 5}
		uid := imap.UID(5)
		for range n {
			uid += imap.UID(1 + r.IntN(1<<r.IntN(21)))
			set := sets[r.IntN(len(sets))]
			set.Normalize()
			p.add(message{uid, imap.ModSeq(r.Uint64() >> r.IntN(64) >> 1), set, r.Uint64() >> r.IntN(64), r.Uint64N(1 << 33), r.Uint64N(1 << 30)})
		}
		row := p.encode(keywords)
		got, err := decodePage(p.key, row, keywords)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if d := cmp.Diff(p.at(i), got.at(i), cmp.AllowUnexported(message{})); d != "" {
				t.Fatal(d)
			}
		}
		for i := range row {
			if n > 50 && i%97 != 0 {
				continue
			}
			row[i] ^= 1
			if _, err := decodePage(p.key, row, keywords); err == nil {
				t.Fatalf("octet %d was changed without notice", i)
			}
			row[i] ^= 1
		}
	}
}

// FuzzUnpack feeds rows with a right checksum and wrong content.
func FuzzUnpack(f *testing.F) {
	p := &page{key: 1}
	p.add(message{1, 2, imap.FlagsOf("alpha"), 3, 4, 5})
	f.Add(p.encode([]string{"alpha"}))
	f.Add(encodeEmails([]email{{id: 1, size: 3}, {id: 2}}))
	f.Add(encodeSummaries([]email{{summary: []byte("x")}, {}}))
	f.Fuzz(func(t *testing.T, row []byte) {
		if len(row) > 4 {
			row = seal(row[:len(row)-4])
		}
		if p, err := decodePage(1, row, []string{"alpha"}); err == nil {
			for i := range p.uids {
				p.at(i)
			}
		}
		list, err := decodeEmails(row)
		if err != nil {
			list = make([]email, 2)
		}
		_ = decodeSummaries(row, list)   // must not panic
		_, _ = decodeRanges(nil, row)    // nor this
		_, _ = decodeRecord(string(row)) // nor this
	})
}

// TestPrivate: whoever may look into the directory, only its owner reads what is in the files.
func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes there")
	}
	dir, dest := t.TempDir(), t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	appendText(t, a, id, "text")
	users, err := s.Users()
	if err == nil {
		err = users.Add(t.Context(), "alice", "alice", "secret")
	}
	if err != nil {
		t.Fatal(err)
	}
	saveTo(t, s, dest)
	for _, root := range []string{dir, dest} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || path == root {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
