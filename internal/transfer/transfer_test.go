package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/imapsrv/imapsrv/internal/crlf"
)

var texts = []string{
	"", "\n", "\r", "\r\n", "\r\r\n", "\n\n", "a\nb\r\nc", "\r\n\r\n", "a\r", "\ra\n", "\r\n\n\r\r\n\r", strings.Repeat("x\r\n", 40_000),
	strings.Repeat("\r", 70_000) + "\n", strings.Repeat("x", 32<<10-2) + "\r\n",
}

// TestLineEnds: CRLF becomes LF and CRLF again, wherever reads end, unless lineEnds says that it does not.
func TestLineEnds(t *testing.T) {
	readers := map[string]func(io.Reader) io.Reader{
		"at once": func(r io.Reader) io.Reader { return r }, "octet by octet": iotest.OneByteReader, "with the end": iotest.DataErrReader,
	}
	for _, text := range texts {
		for name, reader := range readers {
			lf, err := io.ReadAll(NewLFReader(reader(strings.NewReader(text))))
			if err != nil || string(lf) != strings.ReplaceAll(text, "\r\n", "\n") {
				t.Fatalf("%s: %.40q became %.40q, %v", name, text, lf, err)
			}
			back, err := io.ReadAll(crlf.NewReader(bytes.NewReader(lf)))
			if err != nil || !bytes.Equal(back, toCRLF(lf)) {
				t.Errorf("%.40q: the two ways to CRLF differ: %.40q, %.40q", lf, back, toCRLF(lf))
			}
			for _, step := range []int{1, 2, 3, 1 << 20} {
				var ends lineEnds
				for rest := []byte(text); len(rest) > 0; {
					n := min(step, len(rest))
					ends.look(rest[:n])
					rest = rest[n:]
				}
				if ends.odd == (string(back) == text) {
					t.Errorf("%.40q in steps of %d: odd is %v", text, step, ends.odd)
				}
			}
		}
	}
	failed := errors.New("failed")
	if _, err := io.ReadAll(NewLFReader(io.MultiReader(strings.NewReader("a\r"), iotest.ErrReader(failed)))); !errors.Is(err, failed) {
		t.Error(err)
	}
}

// TestDates: there and back, and what is none.
func TestDates(t *testing.T) {
	for _, text := range []string{"2024-02-29T23:59:60+14:00", "0001-01-01T00:00:00-12:00", "9999-12-31T12:00:00-00:30"} {
		var d Date
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Error(err)
		}
		if back, _ := d.MarshalText(); string(back) != text {
			t.Errorf("%s became %s", text, back)
		}
	}
	for _, text := range []string{
		"", "2024-02-30T00:00:00+00:00", "2024-02-01T24:00:00+00:00", "2024-02-01T00:00:00+14:01", "2024-02-01T00:00:00Z",
		"2024-02-01 00:00:00+00:00", "2024-02-01T00:00:00+00:00x", "2024-02-0xT00:00:00+00:00",
	} {
		if err := new(Date).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a date", text)
		}
	}
}

// TestFileNames: they come back, and none can be dangerous.
func TestFileNames(t *testing.T) {
	for _, level := range []string{"a", ".", "..", "...", "CON", "con.txt", "aux", "com1", "~", "-rf", "a:b", "%41", "é", " x ", "\x7f", "\x00", "日本"} {
		name := FileName(level)
		if LevelOf(name) != level {
			t.Errorf("%q became %q, and then %q", level, name, LevelOf(name))
		}
		if !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\:\x00") || strings.HasPrefix(name, ".") || isDevice(name) {
			t.Errorf("%q has the name %q", level, name)
		}
	}
}

// TestDamagedStream: whatever comes, it is an error and no panic, and nothing large is taken on credit.
func TestDamagedStream(t *testing.T) {
	for _, text := range []string{
		"", "x\n", "{}\n", "null\n", `{"message":{"size":-1}}` + "\n", `{"message":{"size":5}}` + "\nabc", `{"mailbox":{"name":"x"}}` + "\n",
		`{"message":{"size":9223372036854775807}}` + "\nabc", `{"message":{"date":"x"}}` + "\n",
	} {
		err := Read(strings.NewReader(text), discard{}, nil)
		if err == nil {
			t.Errorf("%q is no error", text)
		}
	}
	var failure *Failure
	var b bytes.Buffer
	if err := NewWriter(&b).Fail("full"); err != nil {
		t.Fatal(err)
	}
	if err := Read(&b, discard{}, nil); !errors.As(err, &failure) || string(failure.Text) != `"full"` {
		t.Error(err)
	}
}

// discard is a Receiver of nothing.
type discard struct{}

func (discard) Account(Account) error            { return nil }
func (discard) Mailbox(Mailbox) error            { return nil }
func (discard) Message(Message, io.Reader) error { return nil }
func (discard) Close() error                     { return nil }

// TestLines: a file of lines goes on behind the last line that is complete and wanted.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	write := func(keep int, lines ...int64) {
		t.Helper()
		w, err := OpenLines(root, "x", func(l Line) bool { return l.Size <= int64(keep) })
		for _, n := range lines {
			if err == nil {
				err = w.Write(Line{Size: n})
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func() (got string) {
		t.Helper()
		if err := ReadLines(root, "x", func(l Line) { got += fmt.Sprint(l.Size, " ") }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); got != "" {
		t.Errorf("a file that is not there has %q", got)
	}
	write(9, 1, 2, 3)
	write(2, 7)
	if got := read(); got != "1 2 7 " {
		t.Errorf("got %q", got)
	}
	path := filepath.Join(dir, "x")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if err := os.WriteFile(path, data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		write(9, 8)
		if got := read(); !strings.HasSuffix(got, "8 ") {
			t.Errorf("cut off after %d octets: %q", n, got)
		}
	}
	newer, _ := json.Marshal(lineHeader{accountVersion + 1})
	if err := os.WriteFile(path, append(newer, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ReadLines(root, "x", nil); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Error(err)
	}
}

// TestTargetBegun: an export that was killed while it wrote the account's file for the first time goes on, and only that.
func TestTargetBegun(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, AccountName+unfinished)
	if err := os.WriteFile(half, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	target, err := OpenTarget(dir, "mbox", "alice")
	if err == nil {
		err = errors.Join(target.Begin(Account{}, nil), target.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half file is still there: %v", err)
	}

	other := t.TempDir()
	for _, name := range []string{AccountName + unfinished, "letter.txt"} {
		if err := os.WriteFile(filepath.Join(other, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenTarget(other, "mbox", "alice"); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
}

// TestTarget: what is in the way is refused.
func TestTarget(t *testing.T) {
	dir := t.TempDir()
	a := Account{Mailboxes: []Mailbox{{Name: "Aa", ID: "F1"}, {Name: "aA", ID: "F2"}}}
	target, err := OpenTarget(dir, "mbox", "alice")
	if err == nil {
		err = target.Begin(a, func(name string, attempt int) string { return fmt.Sprint(name, attempt) })
	}
	if err != nil {
		t.Fatal(err)
	}
	first, _ := target.Path(a.Mailboxes[0])
	second, _ := target.Path(a.Mailboxes[1])
	if strings.EqualFold(first, second) {
		t.Errorf("%q and %q are the same on some file systems", first, second)
	}
	for _, other := range [][2]string{{"maildir", "alice"}, {"mbox", "bob"}} {
		if _, err := OpenTarget(dir, other[0], other[1]); !errors.Is(err, ErrTaken) {
			t.Errorf("%v: %v", other, err)
		}
	}
	again, err := OpenTarget(dir, "mbox", "alice")
	if err != nil || !again.Resumed || again.Earlier()["F2"] != second {
		t.Errorf("%v, %v", again, err)
	}
	if err := again.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTarget(dir, "mbox", "alice"); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
	// A file that was made by somebody else cannot lead outside.
	evil := `{"imapsrv-account":1,"format":"mbox","user":"alice","mailboxes":[{"id":"F1","path":"../../x"},{"id":"F2","path":"/etc/x"}]}`
	if err := os.WriteFile(filepath.Join(dir, AccountName), []byte(evil), 0o600); err != nil {
		t.Fatal(err)
	}
	if target, err := OpenTarget(dir, "mbox", "alice"); err != nil || len(target.Earlier()) != 0 {
		t.Errorf("%v, %v", target, err)
	}
}
