//go:build unix

package maildir_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/imapsrv/imapsrv/internal/maildir"
)

// TestLinks: links, pipes and directories are no messages, no mailboxes, and lead nowhere.
func TestLinks(t *testing.T) {
	dir, secret := t.TempDir(), t.TempDir()
	write(t, secret, map[string]string{"cur/1.secret:2,S": "secret", "new/": "", "file": "secret"})
	write(t, dir, map[string]string{"cur/2.dir:2,/": "", "cur/9.good": "good", "new/": "", ".Half/cur/": ""})
	for link, to := range map[string]string{
		"cur/1.out:2,":         filepath.Join(secret, "file"),
		"cur/3.dangling:2,":    "nowhere",
		"cur/4.in:2,":          "9.good",
		".Out":                 secret,
		"out":                  secret,
		".Half/new":            filepath.Join(secret, "cur"),
		"subscriptions.link":   "/etc/passwd",
		"loop":                 ".",
		"dovecot-keywords.not": "x",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "cur", "5.pipe:2,"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, warnings := read(t, dir)
	same(t, "messages", []string{`INBOX 29-Feb-2024 12:00:00 +0000 () "good"`}, got.list)
	same(t, "mailboxes", []string{"INBOX"}, got.names())
	if len(warnings) < 6 {
		t.Errorf("warnings: %q", warnings)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "subscriptions")); err != nil {
		t.Fatal(err)
	}
	if _, err := maildir.Open(dir, func(string) {}); err == nil {
		t.Error("a list of subscriptions that is a link was read")
	}
}
