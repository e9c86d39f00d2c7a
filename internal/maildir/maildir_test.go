package maildir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/maildir"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// recorder is a Receiver that writes down what it gets.
type recorder struct {
	account transfer.Account
	box     string
	list    []string
	closed  bool
}

func (r *recorder) Account(a transfer.Account) error {
	r.account = a
	return nil
}

func (r *recorder) Mailbox(m transfer.Mailbox) error {
	r.box = m.Name
	return nil
}

func (r *recorder) Message(m transfer.Message, octets io.Reader) error {
	data, err := io.ReadAll(octets)
	if int64(len(data)) != m.Size {
		return fmt.Errorf("%d octets instead of %d", len(data), m.Size)
	}
	flags := imap.FlagsOf(m.Flags...)
	flags.Normalize()
	r.list = append(r.list, fmt.Sprintf("%s %s %s %q", r.box, imap.DateTime(m.Date), flags, data))
	return err
}

func (r *recorder) Close() error {
	r.closed = true
	return nil
}

func (r *recorder) names() []string {
	var names []string
	for _, m := range r.account.Mailboxes {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// read reads a Maildir and returns the warnings.
func read(t *testing.T, dir string) (*recorder, []string) {
	t.Helper()
	var warnings []string
	r, err := maildir.Open(dir, func(text string) { warnings = append(warnings, text) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got recorder
	if err := r.Send(context.Background(), &got); err != nil || !got.closed {
		t.Fatal(err)
	}
	return &got, warnings
}

// when is the time of all files.
var when = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// write makes files; a name that ends with a slash is an empty directory.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(path, []byte(data), 0o600), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

// TestDovecot reads what Dovecot leaves: Maildir++, keywords, UIDs that are in another order than names, subscriptions.
func TestDovecot(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"cur/1700000002.M1P1.host,S=12,W=13:2,FSa": "Subject: 2\n\n",
		"cur/1700000001.M1P1.host,S=12,W=13:2,RTc": "Subject: 1\n\n",
		"new/1700000003.M1P1.host":                 "Subject: 3\r\n\r\n",
		"tmp/1700000004.M1P1.host":                 "not delivered",
		"dovecot-uidlist":                          "3 V1 N9 Gx\n5 :1700000002.M1P1.host,S=12,W=13\n7 W13 :1700000001.M1P1.host,S=12,W=13:2,S\n",
		"dovecot-keywords":                         "0 $Label1\n2 Work\nnonsense\n99 x\n",
		"dovecot.index.log":                        "x",
		"subscriptions":                            "V\t2\n\nWork\tB&APw-cher\nGone\n",
		".Work.B&APw-cher/cur/":                    "", ".Work.B&APw-cher/new/": "", ".Work.B&APw-cher/tmp/": "",
		".Trash/cur/1.x:2,DPXSz": "x", ".Trash/new/": "",
		".not-a-mailbox/x": "",
	})
	got, warnings := read(t, dir)
	same(t, "messages", []string{
		`INBOX 29-Feb-2024 12:00:00 +0000 (\Flagged \Seen $Label1) "Subject: 2\r\n\r\n"`,
		`INBOX 29-Feb-2024 12:00:00 +0000 (\Answered \Deleted Work) "Subject: 1\r\n\r\n"`,
		`INBOX 29-Feb-2024 12:00:00 +0000 () "Subject: 3\r\n\r\n"`,
		`Trash 29-Feb-2024 12:00:00 +0000 (\Seen \Draft $Forwarded) "x"`,
	}, got.list)
	same(t, "mailboxes", []string{"INBOX", "Trash", "Work/Bücher"}, got.names())
	same(t, "subscriptions", []string{"Work/Bücher", "Gone"}, got.account.Subscriptions)
	same(t, "warnings", []string(nil), warnings)
}

// TestDirectories reads directories within directories, as mbsync and Dovecot's fs layout have them.
func TestDirectories(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"INBOX/cur/": "", "INBOX/new/1.x": "a\nb", "INBOX/tmp/": "",
		"Work/cur/": "", "Work/new/": "",
		"Work/2024/cur/1.y!2,S": "c\r\n", "Work/2024/new/": "",
		"plain/deep/er/cur/": "", "plain/deep/er/new/": "",
		"mixed/cur/": "", "mixed/new/": "", "mixed/.Sub.x/cur/": "", "mixed/.Sub.x/new/": "",
		"other/file": "x", "&AP8/cur/": "", "&AP8/new/": "", "bad\xff/cur/": "", "bad\xff/new/": "",
	})
	got, _ := read(t, dir)
	same(t, "mailboxes", []string{"&AP8", "INBOX", "Work", "Work/2024", "bad\uFFFD", "mixed", "mixed/Sub/x", "plain/deep/er"}, got.names())
	same(t, "messages", []string{
		`INBOX 29-Feb-2024 12:00:00 +0000 () "a\r\nb"`,
		`Work/2024 29-Feb-2024 12:00:00 +0000 (\Seen) "c\r\n"`,
	}, got.list)
	if len(got.account.Subscriptions) != len(got.account.Mailboxes) {
		t.Error("without a list all are subscribed")
	}
}

// TestNone: a directory without a Maildir is an error, and so is one that does not exist.
func TestNone(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/b": "", "cur/": ""})
	if _, err := maildir.Open(dir, nil); !errors.Is(err, maildir.ErrNone) {
		t.Error(err)
	}
	if _, err := maildir.Open(filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestExportLinks: whoever can write into the target cannot make an export write elsewhere.
func TestExportLinks(t *testing.T) {
	dir, elsewhere := filepath.Join(t.TempDir(), "out"), t.TempDir()
	a := transfer.Account{Mailboxes: []transfer.Mailbox{
		{Name: "INBOX", ID: "F1", UIDValidity: 1}, {Name: "x", ID: "F2", UIDValidity: 2},
	}}
	m := transfer.Message{UID: 1, Size: 3, Date: transfer.Date{Year: 2000, Month: 1, Day: 1}}
	start := func() (*maildir.Writer, *transfer.Target, error) {
		target, err := transfer.OpenTarget(dir, "maildir", "alice")
		if err != nil {
			t.Fatal(err)
		}
		w, _, err := maildir.NewWriter(target, transfer.Listener{})
		if err != nil {
			return nil, target, err
		}
		return w, target, w.Account(a)
	}
	_, target, err := start()
	if err := errors.Join(err, target.Close()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".x/tmp", ".x/cur", ".x", "imapsrv-messages.jsonl", ".x/imapsrv-messages.jsonl", ".x/dovecot-keywords"} {
		full := filepath.Join(dir, path)
		if err := errors.Join(os.RemoveAll(full), os.Symlink(elsewhere, full)); err != nil {
			t.Fatal(err)
		}
		w, target, err := start()
		for _, box := range a.Mailboxes {
			if err == nil {
				err = w.Mailbox(box)
			}
			if err == nil {
				err = w.Message(m, strings.NewReader("abc"))
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			t.Errorf("%s is a link: no error", path)
		}
		if w != nil {
			w.Abort()
		}
		if err := errors.Join(target.Close(), os.RemoveAll(full)); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
		t.Errorf("written elsewhere: %v, %v", left, err)
	}
}

// TestReadable: what is exported is a Maildir that other programs understand without our files.
func TestReadable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	target, err := transfer.OpenTarget(dir, "maildir", "alice")
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := maildir.NewWriter(target, transfer.Listener{})
	if err != nil {
		t.Fatal(err)
	}
	box := transfer.Mailbox{Name: "Work/ü", UIDValidity: 7}
	date := transfer.Date(imap.DateTimeOf(when))
	for _, err := range []error{
		w.Account(transfer.Account{Mailboxes: []transfer.Mailbox{box}, Subscriptions: []string{"Work/ü"}}),
		w.Mailbox(box),
		w.Message(transfer.Message{UID: 3, Size: 8, Date: date, Flags: []string{`\Seen`, "Label", "$Forwarded"}}, strings.NewReader("a\r\n\r\nb\r\n")),
		w.Close(), target.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, ".Work.&APw-", "cur", "*"))
	if err != nil || len(paths) != 1 || filepath.Base(paths[0]) != "1709208000.V7U3.imapsrv,S=5,W=8:2,PSa" {
		t.Fatal(paths, err)
	}
	for _, name := range []string{"imapsrv-account.json", ".Work.&APw-/imapsrv-messages.jsonl"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := read(t, dir)
	same(t, "messages", []string{`Work/ü 29-Feb-2024 12:00:00 +0000 (\Seen $Forwarded Label) "a\r\n\r\nb\r\n"`}, got.list)
	same(t, "subscriptions", []string{"Work/ü"}, got.account.Subscriptions)
}

// TestNewerVersion: files of a version that we do not know are refused.
func TestNewerVersion(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"cur/": "", "new/": "", "imapsrv-account.json": `{"imapsrv-account":2}`})
	if _, err := maildir.Open(dir, func(string) {}); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Error(err)
	}
}
