package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readAll lists what a reader yields, errors included, up to the end of the
// stream or an error that is not recoverable. Streamed literals are read.
func readAll(r *Reader) []string {
	var out []string
	for {
		f, err := r.Next()
		if err != nil {
			out = append(out, "! "+err.Error())
			var rec interface{ Recoverable() bool }
			if errors.As(err, &rec) && rec.Recoverable() {
				continue
			}
			return out
		}
		out = append(out, string(f.Bytes))
		if cap(f.Bytes)-len(f.Bytes) < Slack {
			out = append(out, "! no slack")
		}
		if f.Pending != nil {
			body, err := io.ReadAll(f.Pending)
			out = append(out, fmt.Sprintf("<%s> %v", body, err))
		}
	}
}

// acceptFor streams what is announced after "S" and rejects what is after "R".
func acceptFor(prefix []byte, size int64, nonSync, binary bool) Verdict {
	switch {
	case bytes.Contains(prefix, []byte("S")):
		return Stream
	case bytes.Contains(prefix, []byte("R")):
		return Reject
	}
	return Buffer
}

const wantCRLF = "! syntax error at byte 1: expected a line that ends in CRLF (CRLF)"

var readerCases = []struct {
	name   string
	sender Side
	in     string
	want   []string // before EOF
}{
	{"empty", Client, "", nil},
	{"lines", Client, "a NOOP\r\n\r\nb NOOP\r\n", []string{"a NOOP\r\n", "\r\n", "b NOOP\r\n"}},
	{"literal", Client, "a LOGIN {3}\r\nx\r\n {2+}\r\nyz\r\nb NOOP\r\n", []string{"a LOGIN {3}\r\nx\r\n {2+}\r\nyz\r\n", "b NOOP\r\n"}},
	{"literal of nothing", Client, "a x {0}\r\n\r\nb\r\n", []string{"a x {0}\r\n\r\n", "b\r\n"}},
	{"leading zeros", Client, "a x {000000000000000000000000002+}\r\n\r\n\r\nb\r\n", []string{"a x {000000000000000000000000002+}\r\n\r\n\r\n", "b\r\n"}},
	{"without space", Client, "a APPEND box (){5}\r\nab\r\nc\r\nb\r\n", []string{"a APPEND box (){5}\r\nab\r\nc\r\n", "b\r\n"}},
	{"binary", Client, "a ~{2+}\r\n\r\n)\r\nb\r\n", []string{"a ~{2+}\r\n\r\n)\r\n", "b\r\n"}},
	{"after an atom", Client, "a LOGIN foo{2+}\r\nab\r\n", []string{"a LOGIN foo{2+}\r\nab\r\n"}},
	{"in quotes", Client, "a \"x {3}\r\nb\r\n", []string{"a \"x {3}\r\n", "b\r\n"}},
	{"between quotes", Client, "a \"x\" \"\\\"\" {3}\r\nb\"b\r\nc\r\n", []string{"a \"x\" \"\\\"\" {3}\r\nb\"b\r\n", "c\r\n"}},
	{"escaped quote", Client, "a \"x\\\" {3}\r\nb\r\n", []string{"a \"x\\\" {3}\r\n", "b\r\n"}},
	{"backslash outside of quotes", Client, "a \\\"x\" {1}\r\nb\r\n", []string{"a \\\"x\" {1}\r\nb\r\n"}},
	{"quotes in a literal", Client, "a {1}\r\n\" {1}\r\n\"\r\nb\r\n", []string{"a {1}\r\n\" {1}\r\n\"\r\n", "b\r\n"}},
	{"not announcements", Client, "a {}\r\nb {+}\r\nc {x}\r\nd {1-}\r\ne {1 }\r\nf 1}\r\n}\r\n+}\r\n", []string{
		"a {}\r\n", "b {+}\r\n", "c {x}\r\n", "d {1-}\r\n", "e {1 }\r\n", "f 1}\r\n", "}\r\n", "+}\r\n"}},
	{"bare LF", Client, "a\nb\r\n", []string{wantCRLF, "b\r\n"}},
	{"bare LF alone", Client, "\nb\r\n", []string{strings.Replace(wantCRLF, "1", "0", 1), "b\r\n"}},
	{"bare LF, literal that waits", Client, "a {3}\nb\r\n", []string{strings.Replace(wantCRLF, "1", "5", 1), "b\r\n"}},
	{"bare CR", Client, "a\rb\r\n", []string{"a\rb\r\n"}},
	{"CR CR LF", Client, "a\r\r\n", []string{"a\r\r\n"}},

	{"status", Server, "* OK text {5}\r\na NO [ALERT] {5}\r\n+ foo {3}\r\n* bye {1}\r\n* PREAUTH {1}\r\n* OK\r\n", []string{
		"* OK text {5}\r\n", "a NO [ALERT] {5}\r\n", "+ foo {3}\r\n", "* bye {1}\r\n", "* PREAUTH {1}\r\n", "* OK\r\n"}},
	{"data", Server, "* 1 FETCH (BODY[] {5}\r\nab\r\nc)\r\na OK {1}\r\n", []string{"* 1 FETCH (BODY[] {5}\r\nab\r\nc)\r\n", "a OK {1}\r\n"}},
	{"data like status", Server, "* OKAY {1}\r\nx\r\n* NOOP {1}\r\nx\r\n* BAD-X {1}\r\nx\r\n", []string{
		"* OKAY {1}\r\nx\r\n", "* NOOP {1}\r\nx\r\n", "* BAD-X {1}\r\nx\r\n"}},
	{"line like status behind a literal", Server, "* 1 FETCH ({1}\r\n* OK {1}\r\nx)\r\n", []string{"* 1 FETCH ({1}\r\n* OK {1}\r\nx)\r\n"}},
	{"streamed data", Server, "* 1 FETCH (S {2}\r\nab S {1}\r\nc)\r\n* 2\r\n", []string{
		"* 1 FETCH (S {2}\r\n", "<ab> <nil>", " S {1}\r\n", "<c> <nil>", ")\r\n", "* 2\r\n"}},

	{"streamed", Client, "a S {4}\r\nx\r\ny\r\nb\r\n", []string{"a S {4}\r\n", "<x\r\ny> <nil>", "\r\n", "b\r\n"}},
	{"streamed, nothing", Client, "a S {0+}\r\n (b) {1}\r\nx\r\nb\r\n", []string{"a S {0+}\r\n", "<> <nil>", " (b) {1}\r\nx\r\n", "b\r\n"}},
	{"rejected, waits", Client, "a R {4}\r\nb NOOP\r\n", []string{"! literal rejected: {4}", "b NOOP\r\n"}},
	{"rejected, comes", Client, "a R {8+}\r\nc NOOP\r\n x\r\nb NOOP\r\n", []string{"! literal rejected: {8}", "b NOOP\r\n"}},
	{"rejected, more come", Client, "a R {1+}\r\nx \"{1}\" {3+}\r\ny\r\n {1+}\r\nz\r\nb\r\n", []string{"! literal rejected: {1}", "b\r\n"}},
	{"rejected, one more waits", Client, "a R {1+}\r\nx {3}\r\nb\r\n", []string{"! literal rejected: {1}", "b\r\n"}},
	{"rejected behind a literal", Client, "a {1+}\r\nx R {3+}\r\nabc\r\nb\r\n", []string{"! literal rejected: {3}", "b\r\n"}},
	{"rejected behind a stream", Client, "a S {1+}\r\nx R {3+}\r\nabc\r\nb\r\n", []string{"a S {1+}\r\n", "<x> <nil>", "! literal rejected: {3}", "b\r\n"}},
	{"number too large, waits", Client, "a {9223372036854775808}\r\nb\r\n", []string{"! literal too long: {9223372036854775807}", "b\r\n"}},
	{"rejected data", Server, "* R {8}\r\n* OK bye {3}\r\nabc\r\n* OK\r\n", []string{"! literal rejected: {8}", "* OK\r\n"}},
}

// feeds are ways for a stream to arrive.
var feeds = []struct {
	name string
	wrap func(io.Reader) io.Reader
}{
	{"whole", func(r io.Reader) io.Reader { return r }},
	{"octets", iotest.OneByteReader},
	{"halves", iotest.HalfReader},
	{"with EOF", iotest.DataErrReader},
	{"random", func(r io.Reader) io.Reader { return &randomReader{r, rand.New(rand.NewPCG(1, 2))} }},
}

type randomReader struct {
	r   io.Reader
	rnd *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:min(len(p), 1+r.rnd.IntN(40))])
}

func TestReader(t *testing.T) {
	for _, c := range readerCases {
		for _, feed := range feeds {
			r := NewReader(feed.wrap(strings.NewReader(c.in)), c.sender, Limits{})
			r.Accept = acceptFor
			got := readAll(r)
			if diff := cmp.Diff(append(c.want[:len(c.want):len(c.want)], "! EOF"), got); diff != "" {
				t.Errorf("%s, %s: (-want +got)\n%s", c.name, feed.name, diff)
			}
		}
	}
}

// A stream cut anywhere ends in an error: io.EOF only between units.
func TestReaderPrefixes(t *testing.T) {
	for _, c := range readerCases {
		for n := range len(c.in) {
			r := NewReader(strings.NewReader(c.in[:n]), c.sender, Limits{})
			r.Accept = acceptFor
			got := readAll(r)
			last := got[len(got)-1]
			if last != "! EOF" && last != "! unexpected EOF" {
				t.Fatalf("%s: %q ends with %s", c.name, c.in[:n], last)
			}
			for i, g := range got[:len(got)-1] {
				if i < len(c.want) && g != c.want[i] && !strings.HasSuffix(g, "unexpected EOF") {
					t.Errorf("%s: %q: %q, want %q", c.name, c.in[:n], g, c.want[i])
				}
			}
		}
	}
}

// interrupted fails at every other read, as a deadline does.
type interrupted struct {
	r   io.Reader
	now bool
}

var errDeadline = errors.New("deadline")

func (r *interrupted) Read(p []byte) (int, error) {
	if r.now = !r.now; r.now {
		return 0, errDeadline
	}
	return r.r.Read(p)
}

func TestReaderGoesOnAfterDeadlines(t *testing.T) {
	for _, c := range readerCases {
		src := &interrupted{r: iotest.OneByteReader(strings.NewReader(c.in))}
		r := NewReader(src, c.sender, Limits{})
		r.Accept = acceptFor
		var got []string
		for len(got) == 0 || got[len(got)-1] != "! EOF" {
			f, err := r.Next()
			if err == errDeadline {
				continue
			}
			if err != nil {
				got = append(got, "! "+err.Error())
				continue
			}
			got = append(got, string(f.Bytes))
			if f.Pending != nil {
				got = append(got, readInterrupted(f.Pending))
			}
		}
		if diff := cmp.Diff(append(c.want[:len(c.want):len(c.want)], "! EOF"), got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

func readInterrupted(l *LiteralReader) string {
	var body []byte
	for l.Remaining() > 0 {
		p := make([]byte, 3)
		n, err := l.Read(p)
		if err != nil && err != errDeadline {
			return err.Error()
		}
		body = append(body, p[:n]...)
	}
	return fmt.Sprintf("<%s> <nil>", body)
}

func TestBareLF(t *testing.T) {
	in := "a\nb {3+}\r\nxyz\nc\r\n\nd\n"
	want := []string{"a\r\n", "b {3+}\r\nxyz\r\n", "c\r\n", "\r\n", "d\r\n", "! EOF"}
	offsets := []int64{0, 2, 14, 17, 18}
	for _, feed := range feeds {
		r := NewReader(feed.wrap(strings.NewReader(in)), Client, Limits{})
		r.BareLF = true
		if diff := cmp.Diff(want, readAll(r)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", feed.name, diff)
		}
		r = NewReader(feed.wrap(strings.NewReader(in)), Client, Limits{})
		r.BareLF = true
		for _, o := range offsets {
			if f, err := r.Next(); err != nil || r.Offset() != o {
				t.Errorf("%s: %q at %d, want %d (%v)", feed.name, f.Bytes, r.Offset(), o, err)
			}
		}
	}
	// What follows such an announcement cannot be told from commands.
	r := NewReader(strings.NewReader("a {3+}\nb\r\n"), Client, Limits{})
	r.BareLF = true
	_, err := r.Next()
	var se *SyntaxError
	if !errors.As(err, &se) || se.Recoverable() || se.Tag != "a" {
		t.Errorf("%#v", err)
	}
	if _, again := r.Next(); again != err {
		t.Error(again)
	}
}

func TestBareLFManyLines(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("\n", 1<<20)), Client, Limits{})
	r.BareLF = true
	n := 0
	for ; ; n++ {
		f, err := r.Next()
		if err != nil {
			break
		}
		if string(f.Bytes) != "\r\n" {
			t.Fatalf("%q", f.Bytes)
		}
	}
	if n != 1<<20 {
		t.Error(n)
	}
}

func TestLines(t *testing.T) {
	r := NewReader(strings.NewReader("{3}\r\nDONE\r\na {2}\r\nxy\r\n"), Client, Limits{})
	r.Lines = true
	for _, want := range []string{"{3}\r\n", "DONE\r\n"} {
		if f, err := r.Next(); err != nil || string(f.Bytes) != want {
			t.Errorf("%q %v", f.Bytes, err)
		}
	}
	r.Lines = false
	if f, err := r.Next(); err != nil || string(f.Bytes) != "a {2}\r\nxy\r\n" {
		t.Errorf("%q %v", f.Bytes, err)
	}
}

func TestContinue(t *testing.T) {
	var log []string
	in := "a LOGIN {1}\r\nx {1+}\r\ny {1}\r\nz\r\nb S {2}\r\nab\r\nc R {5}\r\nd\r\n"
	r := NewReader(iotest.OneByteReader(strings.NewReader(in)), Client, Limits{})
	r.Accept = func(prefix []byte, size int64, nonSync, binary bool) Verdict {
		log = append(log, fmt.Sprintf("%s%d %v", prefix[len(prefix)-6:len(prefix)-2], size, nonSync))
		return acceptFor(prefix, size, nonSync, binary)
	}
	r.Continue = func() error { log = append(log, "+"); return nil }
	readAll(r)
	want := []string{" {1}1 false", "+", "{1+}1 true", " {1}1 false", "+", " {2}2 false", "+", " {5}5 false"}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	boom := errors.New("boom")
	r = NewReader(strings.NewReader(in), Client, Limits{})
	r.Continue = func() error { return boom }
	for range 2 {
		if _, err := r.Next(); err != boom {
			t.Error(err)
		}
	}
}

func TestOffsets(t *testing.T) {
	for _, c := range readerCases {
		for _, feed := range feeds {
			r := NewReader(feed.wrap(strings.NewReader(c.in)), c.sender, Limits{})
			r.Accept = acceptFor
			checkOffsets(t, r, c.in)
		}
	}
}

func checkOffsets(t *testing.T, r *Reader, in string) {
	t.Helper()
	for {
		f, err := r.Next()
		unit, offset := f.Bytes, r.Offset()
		var le *LimitError
		switch {
		case errors.As(err, &le):
			unit, offset = le.Prefix, le.Offset
		case err == io.EOF:
			return
		case err != nil:
			continue
		}
		if !strings.HasPrefix(in[offset:], string(unit)) {
			t.Errorf("%q is not at %d of %q", unit, offset, in)
		}
	}
}

func TestBuffered(t *testing.T) {
	r := NewReader(strings.NewReader("a\r\nb\r\nc"), Client, Limits{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if n := r.Buffered(); n != 4 || string(r.Peek()) != "b\r\nc" {
		t.Error(n, r.Peek())
	}
	if r.Release() {
		t.Error("released with octets in it")
	}
	if n := r.Discard(); n != 4 || r.Buffered() != 0 {
		t.Error(n)
	}
	r.Reset(strings.NewReader("d\r\n"))
	f, err := r.Next()
	if err != nil || string(f.Bytes) != "d\r\n" || r.Offset() != 0 {
		t.Error(f, err)
	}
	if !r.Release() || r.buf != nil {
		t.Error("not released")
	}
	r.Reset(strings.NewReader("e"))
	if _, err := r.Next(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	pr, pw := io.Pipe()
	r := NewReader(pr, Client, Limits{})
	go func() {
		_, _ = pw.Write([]byte("a\r\n"))
		_, _ = pw.Write([]byte("b\r\nc\r\n"))
		_ = pw.Close()
	}()
	for i, want := range []string{"a\r\n", "b\r\n", "c\r\n"} {
		if err := r.Wait(); err != nil {
			t.Fatal(err)
		}
		f, err := r.Next()
		if err != nil || string(f.Bytes) != want || r.Offset() != int64(3*i) {
			t.Errorf("%q at %d, %v", f.Bytes, r.Offset(), err)
		}
	}
	if err := r.Wait(); err != io.EOF || r.buf != nil {
		t.Error(err)
	}
}
