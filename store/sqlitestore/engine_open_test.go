package sqlitestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/crash"
	"github.com/imapsrv/imapsrv/store"
)

// TestEngineNewerSchema: the account that a newer program has written is
// refused, and its version named; the others work.
func TestEngineNewerSchema(t *testing.T) {
	dir := t.TempDir()
	var log logged
	opts := Options{Logger: logTo(&log)}
	s := openStore(t, dir, opts)
	for _, user := range engineUsers {
		fillDamaged(t, s, user)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, accountsDir, engineUsers[0], databaseName)
	raw := newerVersion(t, path)
	s = openStore(t, dir, opts)
	dial := listenLocally(t, s)
	_, err := dial(engineUsers[0])
	var no *crash.Refusal
	if !errors.As(err, &no) || !no.HasCode("UNAVAILABLE") {
		t.Errorf("login: %v", err)
	}
	if text := log.String(); !strings.Contains(text, "version 77") || !strings.Contains(text, path) {
		t.Errorf("the log says\n%s", text)
	}
	wantDone(t, dial, engineUsers[1], fetchBody(1))
	if now, err := os.ReadFile(path); err != nil || string(now) != string(raw) {
		t.Errorf("the newer database was touched (%v)", err)
	}
}

// TestEngineNames: mailbox names that look like paths, and odd ones, come back
// as they went in, also after a restart, and are no files.
func TestEngineNames(t *testing.T) {
	names := []string{
		"..", "../../etc/passwd", "./a", "a\\b", "con:", "-rf", "%41", "&", "&-", "日本語/😀", "a b\"c",
		"\u202eright to left", "e\u0301", "x/" + strings.Repeat("long/", 10) + strings.Repeat("ü", 200),
	}
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	newAccount(t, s, "alice")
	before := listFiles(t, dir)
	var want []string
	dial, stop := serveStore(s)
	for _, name := range names {
		if _, err := oneCommand(t, dial, "alice", &imap.Create{Mailbox: imap.EncodeMailbox(name, false)}); err != nil {
			t.Errorf("CREATE %q: %v", name, err)
		}
		name = strings.ReplaceAll(name, "e\u0301", "é") // NFC
		want = append(append(want, name), store.Superiors(name)...)
	}
	if _, err := oneCommand(t, dial, "alice", &imap.Create{Mailbox: strings.Repeat("x", 5000)}); err == nil {
		t.Error("a name of 5,000 octets was taken")
	}
	slices.Sort(want)
	want = append([]string{store.Inbox}, slices.Compact(want)...)
	slices.Sort(want)
	for range 2 {
		answer, err := oneCommand(t, dial, "alice", &imap.List{Patterns: []string{"*"}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range answer.Untagged {
			if data, ok := u.(*imap.ListData); ok {
				name, err := imap.DecodeMailbox(data.Mailbox, false)
				if err != nil {
					t.Error(err)
				}
				got = append(got, name)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("LIST gives\n%q, want\n%q", got, want)
		}
		stop()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openStore(t, dir, Options{Logger: quiet})
		dial, stop = serveStore(s)
	}
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := listFiles(t, dir); !slices.Equal(after, before) {
		t.Errorf("the files were\n%q and are\n%q", before, after)
	}
}

// listFiles lists the files and directories below dir, but for SQLite's logs.
func listFiles(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if !strings.HasSuffix(path, "-wal") {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
