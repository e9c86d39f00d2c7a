package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fetchAll lists what clients see of an account: mailboxes, subscriptions, messages; UIDs aside.
func (p *program) fetchAll(user string) []string {
	p.t.Helper()
	script := "1 LIST \"\" * RETURN (SUBSCRIBED)\r\n"
	for i, box := range []string{"INBOX", "Sent", "a/b.c", "a", `"&-"`} {
		script += fmt.Sprintf("%d SELECT %s\r\n%d FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n", 2*i+2, box, 2*i+3)
	}
	out := p.run(0, script+"99 LOGOUT\r\n", "serve", "--stdio", "--user", user)
	var keep []string
	for line := range strings.Lines(out) {
		skip := false
		for _, changes := range []string{"UIDVALIDITY", "UIDNEXT", "MAILBOXID", "HIGHESTMODSEQ", "RECENT", "* OK", "OK [", "completed"} {
			skip = skip || strings.Contains(line, changes)
		}
		if !skip {
			keep = append(keep, strings.NewReplacer(` \Recent`, "", `\Recent`, "").Replace(line))
		}
	}
	return slices.Compact(keep)
}

// prepareAlice gives alice some mail.
func prepareAlice(p *program) {
	p.run(0, "secret\n", "user", "add", "alice")
	p.run(0, "secret\n", "user", "add", "bob")
	big := "Subject: big\r\n\r\n" + strings.Repeat("From here to there\r\n", 10_000)
	script := "1 CREATE a/b.c\r\n2 CREATE \"&-\"\r\n3 SUBSCRIBE a/b.c\r\n4 UNSUBSCRIBE Junk\r\n" +
		"5 APPEND a/b.c (\\Seen Word) \"17-Jul-1996 02:44:25 -0700\" {7+}\r\nbare\nlf\r\n" +
		"6 APPEND Sent (\\Answered $Forwarded) {" + fmt.Sprint(len(big)) + "+}\r\n" + big + "\r\n7 DELETE Trash\r\n8 LOGOUT\r\n"
	if out := p.run(0, script, "serve", "--stdio", "--user", "alice"); strings.Count(out, " OK ") < 8 {
		p.t.Fatal(out)
	}
	p.run(0, "Subject: x\n\nbody\n", "deliver", "--user", "alice")
}

// TestTransfer exports, and imports into another account, with and without a server; both formats.
func TestTransfer(t *testing.T) {
	p := buildProgram(t)
	prepareAlice(p)
	want := p.fetchAll("alice")
	dir := t.TempDir()
	for i, format := range []string{"maildir", "mbox", "maildir", "mbox"} {
		if i == 2 {
			_, stop := p.serve()
			defer stop()
		}
		out := filepath.Join(dir, fmt.Sprint(format, i))
		if said := p.run(0, "", "export", "--user", "alice", format, out); !strings.Contains(said, "exported: 3 messages") {
			t.Error(said)
		}
		if said := p.run(1, "", "export", "--user", "alice", format, out); !strings.Contains(said, "not empty") {
			t.Error(said)
		}
		user := fmt.Sprint("user", i)
		p.run(0, "secret\n", "user", "add", user)
		p.run(0, "3 UNSUBSCRIBE Junk\r\n4 UNSUBSCRIBE Trash\r\n5 DELETE Trash\r\n6 LOGOUT\r\n", "serve", "--stdio", "--user", user)
		if said := p.run(0, "", "import", "--user", user, format, out); !strings.Contains(said, "imported: 3 messages") {
			t.Error(said)
		}
		if said := p.run(0, "", "import", "--user", user, format, out); !strings.Contains(said, "imported: 0 messages") || !strings.Contains(said, "there already: 3") {
			t.Error(said)
		}
		if diff := cmp.Diff(want, p.fetchAll(user)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
		p.run(1, "", "export", "--user", "nobody", format, filepath.Join(dir, "none"))
		p.run(1, "", "import", "--user", "nobody", format, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a directory was made for a user who does not exist")
	}
	p.run(1, "", "import", "--user", "bob", "maildir", dir+"/nothing-here")
	p.run(2, "", "import", "--user", "bob", "tar", dir)
	p.run(0, "", "check")
}

// TestImportLeftOut: who removes a Maildir after its import is told that a message was not imported.
func TestImportLeftOut(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	dir := t.TempDir()
	for _, sub := range []string{"cur", "new", "cur/2.no-file"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "new", "1.message"), []byte("Subject: x\n\ny\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"imported: 1 messages", "there already: 1"} {
		said := p.run(1, "", "import", "--user", "alice", "maildir", dir)
		if !strings.Contains(said, want) || !strings.Contains(said, "left out: 1") {
			t.Error(said)
		}
	}
}

// TestInterrupted kills imports and exports again and again; in the end everything is there once.
func TestInterrupted(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	const messages = 3000
	var mbox strings.Builder
	for i := range messages {
		fmt.Fprintf(&mbox, "From x Thu Feb 29 12:00:00 2024\nSubject: %d\n\n%s\n", i, strings.Repeat("text\n", 300))
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "source.mbox")
	if err := os.WriteFile(source, []byte(mbox.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stop := p.serve()
	defer stop()
	p.killed("import", "--user", "alice", "mbox", source)
	if said := p.run(0, "", "import", "--user", "alice", "mbox", source); !strings.Contains(said, "imported: ") {
		t.Error(said)
	}
	status := p.run(0, "1 STATUS INBOX (MESSAGES)\r\n2 LOGOUT\r\n", "serve", "--stdio", "--user", "alice")
	if !strings.Contains(status, fmt.Sprintf("MESSAGES %d)", messages)) {
		t.Errorf("not %d messages: %s", messages, status)
	}
	for _, format := range []string{"maildir", "mbox"} {
		out := filepath.Join(dir, format)
		p.killed("export", "--user", "alice", format, out)
		cmd := exec.CommandContext(t.Context(), p.path, "export", "--user", "alice", format, out, "--data", p.data)
		said, err := cmd.CombinedOutput()
		if err != nil && !bytes.Contains(said, []byte("finished export")) {
			t.Fatalf("%v\n%s", err, said)
		}
		user := "again-" + format
		p.run(0, "secret\n", "user", "add", user)
		if said := p.run(0, "", "import", "--user", user, format, out); !strings.Contains(said, fmt.Sprintf("imported: %d messages", messages)) {
			t.Error(said)
		}
	}
	p.run(0, "", "check")
}

// killed kills a command at several moments.
func (p *program) killed(args ...string) {
	p.t.Helper()
	for _, after := range []time.Duration{30, 80, 150, 250, 400} {
		cmd := exec.CommandContext(p.t.Context(), p.path, append(args, "--data", p.data)...)
		if err := cmd.Start(); err != nil {
			p.t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	}
}

// TestBackup backs up with and without a server, brings it up to date, serves it, and makes a damaged list of users anew.
func TestBackup(t *testing.T) {
	p := buildProgram(t)
	prepareAlice(p)
	want := p.fetchAll("alice")
	dest := filepath.Join(t.TempDir(), "backup")
	if said := p.run(0, "", "backup", dest); !strings.Contains(said, "accounts: 2") {
		t.Error(said)
	}
	_, stop := p.serve()
	if said := p.run(0, "", "backup", dest); !strings.Contains(said, "there already: 0.") || strings.Contains(said, "already: 0.0 MB") {
		t.Error(said)
	}
	p.run(1, "", "backup", filepath.Join(p.data, "x"))
	stop()
	backup := &program{t, p.path, dest}
	backup.run(0, "", "check")
	backup.run(0, "", "user", "list")
	backup.run(0, "", "export", "--user", "alice", "maildir", filepath.Join(t.TempDir(), "alice"))
	if said := p.run(0, "", "backup", dest); strings.Contains(said, "already: 0.0 MB") {
		t.Error(said)
	}
	if err := os.WriteFile(filepath.Join(dest, "server.db"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := backup.run(1, "", "serve", "--listen", "127.0.0.1:0"); !strings.Contains(said, "check --repair") {
		t.Error(said)
	}
	backup.run(1, "", "check")
	if said := backup.run(0, "", "check", "--repair"); !strings.Contains(said, "made anew") {
		t.Error(said)
	}
	address, stop := backup.serve()
	defer stop()
	backup.login(address, "alice", "secret", "OK ")
	if diff := cmp.Diff(want, backup.fetchAll("alice")); diff != "" {
		t.Error(diff)
	}
	p.run(1, "", "backup", dest)
}
