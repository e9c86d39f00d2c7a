package mbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// recorder is a Receiver that writes down what it gets.
type recorder struct {
	account transfer.Account
	list    []string
}

func (r *recorder) Account(a transfer.Account) error {
	r.account = a
	return nil
}

func (r *recorder) Mailbox(m transfer.Mailbox) error {
	r.list = append(r.list, m.Name)
	return nil
}

func (r *recorder) Message(m transfer.Message, octets io.Reader) error {
	data, err := io.ReadAll(octets)
	if int64(len(data)) != m.Size {
		return fmt.Errorf("%d octets instead of %d", len(data), m.Size)
	}
	flags := imap.FlagsOf(m.Flags...)
	flags.Normalize()
	r.list = append(r.list, fmt.Sprintf("%s %s %q", imap.DateTime(m.Date), flags, data))
	return err
}

func (r *recorder) Close() error { return nil }

const (
	fromA = "From a@example.org Thu Feb 29 12:00:00 2024\n"
	dateA = "29-Feb-2024 12:00:00 +0000"
)

// TestRead reads files of all kinds.
func TestRead(t *testing.T) {
	table := []struct {
		name, file string
		want       []string // flags and octets
	}{
		{"mboxrd", fromA + "A: b\n\n>From x\n>>From y\n>From\n> From z\n\n" + fromA + "C: d\n\ne\n\n",
			[]string{`() "A: b\r\n\r\nFrom x\r\n>From y\r\n>From\r\n> From z\r\n"`, `() "C: d\r\n\r\ne\r\n"`}},
		{"no empty line between", fromA + "A: b\n\nc\n" + fromA + "D: e\n\nf\n", []string{`() "A: b\r\n\r\nc\r\n"`, `() "D: e\r\n\r\nf\r\n"`}},
		{"no date is no beginning", fromA + "A: b\n\nFrom here to there\n\nFrom x Mon the 3rd\n", []string{`() "A: b\r\n\r\nFrom here to there\r\n\r\nFrom x Mon the 3rd\r\n"`}},
		{"no end of line", fromA + "A: b\n\nc", []string{`() "A: b\r\n\r\nc"`}},
		{"header alone", fromA + "A: b\n\n" + fromA + "A: b\n" + fromA + fromA, []string{`() "A: b\r\n\r\n"`, `() "A: b\r\n"`, `() ""`, `() ""`}},
		{"empty body", fromA + "A: b\n\n\n" + fromA + "A: b\n\n\n\n", []string{`() "A: b\r\n\r\n"`, `() "A: b\r\n\r\n\r\n"`}},
		{"CRLF", strings.ReplaceAll(fromA+"A: b\n\nc\n\n"+fromA+"D: e\n\n", "\n", "\r\n"), []string{`() "A: b\r\n\r\nc\r\n"`, `() "D: e\r\n\r\n"`}},
		{"mboxcl2", fromA + "Content-Length: 60\n\nx\n\n" + fromA + ">From y\n\nend\n\n" + fromA + "C: d\n\n",
			[]string{`() "Content-Length: 60\r\n\r\nx\r\n\r\nFrom a@example.org Thu Feb 29 12:00:00 2024\r\n>From y\r\n\r\nend\r\n"`, `() "C: d\r\n\r\n"`}},
		{"mboxcl", fromA + "Content-Length: 8\n\n>From y\n\n" + fromA + "C: d\n\n", []string{`() "Content-Length: 8\r\n\r\nFrom y\r\n"`, `() "C: d\r\n\r\n"`}},
		{"Content-Length at the end", fromA + "Content-Length: 3\n\nx\n\n", []string{`() "Content-Length: 3\r\n\r\nx\r\n\r\n"`}},
		{"Content-Length too short", fromA + "Content-Length: 1\n\nxyz\n\n" + fromA + "\n", []string{`() "Content-Length: 1\r\n\r\nxyz\r\n"`, `() "\r\n"`}},
		{"Content-Length too long", fromA + "Content-Length: 9999999999999\n\nx\n\n" + fromA, []string{`() "Content-Length: 9999999999999\r\n\r\nx\r\n"`, `() ""`}},
		{"Content-Length of nonsense", fromA + "Content-Length: -5\nContent-Length: x\n\nx\n\n", []string{`() "Content-Length: -5\r\nContent-Length: x\r\n\r\nx\r\n"`}},
		{"status", fromA + "Status: RO\nX-Status: AFTD\nX-Keywords: one, two\nStatus: O\n\n" + fromA + "X-Mozilla-Status: 0005\nX-Mozilla-Keys: $label1 \n\n",
			[]string{`(\Answered \Flagged \Deleted \Seen \Draft one two) "Status: RO\r\nX-Status: AFTD\r\nX-Keywords: one, two\r\nStatus: O\r\n\r\n"`,
				`(\Flagged \Seen $label1) "X-Mozilla-Status: 0005\r\nX-Mozilla-Keys: $label1 \r\n\r\n"`}},
		{"flags in the body", fromA + "A: b\n\nStatus: RO\n\n", []string{`() "A: b\r\n\r\nStatus: RO\r\n"`}},
		{"leading lines", fromA + "\n\n\n" + fromA + "x\n", []string{`() "\r\n\r\n"`, `() "x\r\n"`}},
		{"NUL", fromA + "\x00\n\n\x00From \n", []string{`() "\x00\r\n\r\n\x00From \r\n"`}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			want := []string{"Old/Mail"}
			for _, m := range row.want {
				want = append(want, dateA+" "+m)
			}
			if diff := cmp.Diff(want, readFile(t, row.file).list); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func readFile(t *testing.T, data string) *recorder {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.mbox")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return readPath(t, path)
}

func readPath(t *testing.T, path string) *recorder {
	t.Helper()
	r, err := Open(path, "Old/Mail", func(text string) { t.Log(text) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got recorder
	if err := r.Send(context.Background(), &got); err != nil {
		t.Fatal(err)
	}
	return &got
}

// TestFromLines: dates as programs write them.
func TestFromLines(t *testing.T) {
	table := map[string]string{
		"From a Thu Feb 29 12:00:00 2024":                    "2024-02-29T12:00:00+00:00",
		"From MAILER-DAEMON  Fri Mar  1 01:02 1996":          "1996-03-01T01:02:00+00:00",
		"From a b c Fri Mar  1 01:02:03 1996 remote from x":  "1996-03-01T01:02:03+00:00",
		"From a Fri Mar  1 01:02:03 +0130 1996\r":            "1996-03-01T01:02:03+01:30",
		"From a Fri Mar  1 01:02:03 1996 -0800":              "1996-03-01T01:02:03-08:00",
		"From a Fri Mar  1 01:02:03 PST 1996":                "1996-03-01T01:02:03-08:00",
		"From - Mon Jan 01 00:00:00 2024":                    "2024-01-01T00:00:00+00:00",
		"From Thu Feb 29 12:00:00 2024":                      "2024-02-29T12:00:00+00:00",
		"From a Thu Feb 30 12:00:00 2024":                    "",
		"From a Thu Feb 29 25:00:00 2024":                    "",
		"From a Thu Feb 29 12:00:00":                         "",
		"From a Thu Feb 29 12:00:00 24":                      "",
		"From a Thu Feb 29 12:00:00 0000":                    "",
		"From a Thu Feb 29 12:00:00 2024 +9999":              "",
		"From ":                                              "",
		"From a":                                             "",
		">From a Thu Feb 29 12:00:00 2024":                   "",
		"from a Thu Feb 29 12:00:00 2024":                    "",
		"From Mon Tue Wed Thu Fri Sat Sun Mon Tue Wed Thu x": "",
	}
	for line, want := range table {
		date, ok := parseFrom(line)
		text, _ := date.MarshalText()
		if ok != (want != "") || ok && string(text) != want {
			t.Errorf("%q: %s, %v", line, text, ok)
		}
	}
}

// TestQuoting: quoting and unquoting are each other's inverse, however the octets come.
func TestQuoting(t *testing.T) {
	table := map[string]string{
		"": "", "From": "From", "From ": ">From ", ">From x": ">>From x", "\nFrom \n": "\n>From \n", "aFrom ": "aFrom ",
		">>>From ": ">>>>From ", ">Fro": ">Fro", "FFrom ": "FFrom ", "From\nFrom ": "From\n>From ", "\r\nFrom ": "\r\n>From ",
		"\rFrom ": "\rFrom ", ">": ">", ">>": ">>", "> From ": "> From ", "FrFrom ": "FrFrom ",
	}
	readers := map[string]func(io.Reader) io.Reader{
		"at once": func(r io.Reader) io.Reader { return r }, "octet by octet": iotest.OneByteReader,
		"with the end": iotest.DataErrReader, "halves": iotest.HalfReader,
	}
	for text, want := range table {
		for name, reader := range readers {
			quoted, err := io.ReadAll(newQuoter(reader(strings.NewReader(text))))
			if err != nil || string(quoted) != want {
				t.Errorf("%s: %q became %q, %v", name, text, quoted, err)
			}
			back, err := io.ReadAll(newUnquoter(reader(bytes.NewReader(quoted))))
			if err != nil || string(back) != text {
				t.Errorf("%s: %q became %q again, %v", name, text, back, err)
			}
		}
	}
	failed := errors.New("failed")
	if _, err := io.ReadAll(newQuoter(iotest.ErrReader(failed))); !errors.Is(err, failed) {
		t.Error(err)
	}
}

// TestDirectory: a tree of files, with what is none.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"Inbox": fromA + "\n", "Work.sbd/2024": fromA + "\n", "Work": fromA + "\n", "a/b.mbox": "", "empty": "", "notes.txt": "hello",
		"Work.msf": "// <!-- <mdb:mork", ".hidden": fromA, ".dir/x": fromA,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(data), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range readPath(t, dir).account.Mailboxes {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"Inbox", "Work", "Work/2024", "a/b"}, names); diff != "" {
		t.Error(diff)
	}
	if _, err := Open(filepath.Join(dir, "notes.txt"), "x", nil); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(dir, "none"), "x", nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// newWriter begins an export of alice's account.
func newWriter(t *testing.T, dir string) (*transfer.Target, *Writer) {
	t.Helper()
	target, err := transfer.OpenTarget(dir, "mbox", "alice")
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := NewWriter(target, transfer.Listener{})
	if err != nil {
		t.Fatal(err)
	}
	return target, w
}

// TestChanged: a file that another program has changed since is read without our lines, which would be wrong.
func TestChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	target, w := newWriter(t, dir)
	box := transfer.Mailbox{Name: "a/b", Messages: 1}
	date := transfer.Date{Year: 2024, Month: 2, Day: 29, Hour: 13, Zone: 60}
	for _, err := range []error{
		w.Account(transfer.Account{Mailboxes: []transfer.Mailbox{box}}), w.Mailbox(box),
		w.Message(transfer.Message{UID: 1, Size: 4, Date: date, Flags: []string{`\Seen`, "x"}}, strings.NewReader("From")),
		w.Message(transfer.Message{UID: 2, Size: 6, Date: date, Exact: true}, strings.NewReader("From \n")),
		w.Close(), target.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"a/b", `29-Feb-2024 13:00:00 +0100 (\Seen x) "From"`, `29-Feb-2024 13:00:00 +0100 () "From \n"`}
	if diff := cmp.Diff(want, readPath(t, dir).list); diff != "" {
		t.Error(diff)
	}
	f, err := os.OpenFile(filepath.Join(dir, "a.sbd", "b.mbox"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(fromA + "A: b\n\n")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	// These two have no body: the empty line between messages is taken for the end of their headers.
	want = []string{
		"a/b",
		dateA + ` (\Seen x) "Status: RO\r\nX-Status: \r\nX-Keywords: x\r\nFrom\r\n\r\n"`,
		dateA + ` () "Status: O\r\nX-Status: \r\nFrom \r\n\r\n"`,
		dateA + ` () "A: b\r\n\r\n"`,
	}
	if diff := cmp.Diff(want, readPath(t, dir).list); diff != "" {
		t.Error(diff)
	}
}

// TestEmptied: a mailbox of which no message comes, though some were announced, is a mailbox all the same.
func TestEmptied(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	target, w := newWriter(t, dir)
	expunged, damaged := transfer.Mailbox{Name: "expunged", Messages: 1}, transfer.Mailbox{Name: "damaged", Messages: 1}
	for _, err := range []error{
		w.Account(transfer.Account{Mailboxes: []transfer.Mailbox{expunged, damaged}}), w.Mailbox(damaged), w.Close(), target.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, m := range readPath(t, dir).account.Mailboxes {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"damaged", "expunged"}, names); diff != "" {
		t.Error(diff)
	}
}

// FuzzRead: whatever is in a file, it is read to its end, and nothing that is read is longer than it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(fromA + "Content-Length: 5\n\nx\n\n" + fromA))
	f.Add([]byte(fromA + fromA + "\n>From \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newScanner(bytes.NewReader(data), int64(len(data)))
		last := int64(0)
		for range len(data) + 1 {
			m, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if m.at < last || m.end < m.at || m.next < m.end || m.next > int64(len(data)) {
				t.Fatalf("message at %d to %d, next %d, after %d of %d", m.at, m.end, m.next, last, len(data))
			}
			last = m.next
		}
		t.Fatal("no end")
	})
}
