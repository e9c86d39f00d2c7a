package wire

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// endless yields a pattern for ever, or up to a number of octets.
type endless struct {
	pattern string
	at      int
	left    int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range p[:n] {
		p[i] = e.pattern[e.at]
		e.at = (e.at + 1) % len(e.pattern)
	}
	e.left -= int64(n)
	return n, nil
}

// allocated is the memory that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func limitError(t *testing.T, err error, bound Bound, recoverable bool) *LimitError {
	t.Helper()
	var le *LimitError
	if !errors.As(err, &le) || le.Bound != bound || le.Recoverable() != recoverable {
		t.Fatalf("%v, want %v, recoverable %v", err, bound, recoverable)
	}
	return le
}

func TestParenthesisFlood(t *testing.T) {
	n := allocated(func() {
		src := io.MultiReader(strings.NewReader("a1 "), &endless{pattern: "(", left: 8 << 20}, strings.NewReader("\r\nb NOOP\r\n"))
		r := NewReader(src, Client, Limits{})
		_, err := r.Next()
		le := limitError(t, err, BoundLine, true)
		if le.Tag != "a1" || len(le.Prefix) > 256<<10 {
			t.Errorf("tag %q, %d octets", le.Tag, len(le.Prefix))
		}
		f, err := r.Next()
		if err != nil || string(f.Bytes) != "b NOOP\r\n" {
			t.Errorf("%q %v", f.Bytes, err)
		}
	})
	if n > 1<<20 {
		t.Errorf("%d octets allocated", n)
	}
}

func TestEndlessLine(t *testing.T) {
	src := &endless{pattern: "x", left: 1 << 40}
	n := allocated(func() {
		r := NewReader(src, Client, Limits{Line: 100})
		_, err := r.Next()
		limitError(t, err, BoundLine, true)
		for range 2 {
			_, err = r.Next()
			limitError(t, err, BoundDrain, false)
		}
	})
	if read := 1<<40 - src.left; n > 1<<20 || read > 20<<20 {
		t.Errorf("%d octets allocated, %d read", n, read)
	}
}

// A line too long may announce a literal, which is not a command.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("y", 500)
	cases := []struct {
		name   string
		sender Side
		in     string
		want   string
	}{
		{"plain", Client, long + "\r\n", "b\r\n"},
		{"literal comes", Client, long + "{6+}\r\nc\r\nd\r\n\r\n", "b\r\n"},
		{"literal waits", Client, long + "{6}\r\n", "b\r\n"},
		{"in quotes", Client, long + "\"" + long[:99] + "{6+}\r\n", "b\r\n"},
		{"in quotes, escaped", Client, long + "\"\\\"" + long[:99] + "{6+}\r\n", "b\r\n"},
		{"behind quotes", Client, long + "\"\\\"\"" + long[:99] + "{3+}\r\nc\r\n\r\n", "b\r\n"},
		{"number beyond what is kept", Client, long + "{" + strings.Repeat("0", 5000) + "3+}\r\nc\r\n\r\n", ""},
		{"data", Server, "* X " + long + "{3}\r\nc\r\n\r\n", "b\r\n"},
		{"text", Server, "* OK " + long + "{3}\r\n", "b\r\n"},
		{"quotes", Server, "* X \"" + long + "{3}\r\n", "b\r\n"},
		{"literal too large", Client, long + "{1000+}\r\n", ""},
	}
	for _, c := range cases {
		for _, feed := range feeds {
			r := NewReader(feed.wrap(strings.NewReader(c.in+"b\r\n")), c.sender, Limits{Line: 64, Drain: 999})
			if c.want == "" && len(c.in) > 2000 {
				r.SetLimits(Limits{Line: 64})
			}
			_, err := r.Next()
			limitError(t, err, BoundLine, true)
			f, err := r.Next()
			if string(f.Bytes) != c.want {
				t.Errorf("%s, %s: %q %v", c.name, feed.name, f.Bytes, err)
			}
			if c.want == "" {
				limitError(t, err, BoundDrain, false)
			}
		}
	}
}

// All lines of a unit count together.
func TestLinesOfOneUnit(t *testing.T) {
	in := "a " + strings.Repeat("xxxxxxxx{1+}\r\ny", 10) + "\r\nb\r\n"
	r := NewReader(strings.NewReader(in), Client, Limits{Line: 100})
	_, err := r.Next()
	limitError(t, err, BoundLine, true)
	if f, err := r.Next(); err != nil || string(f.Bytes) != "b\r\n" {
		t.Errorf("%q %v", f.Bytes, err)
	}
}

func TestLiteralLimits(t *testing.T) {
	limits := Limits{Literal: 100, LiteralTotal: 150, Literals: 3, Frame: 180, Drain: 1000}
	body := func(n int) string { return strings.Repeat("z", n) }
	lit := func(n int) string { return fmt.Sprintf("{%d+}\r\n%s", n, body(n)) }
	cases := []struct {
		name  string
		in    string
		bound Bound
		rec   bool
	}{
		{"long", "a " + lit(101), BoundLiteral, true},
		{"total", "a " + lit(80) + lit(71), BoundLiteralTotal, true},
		{"many", "a " + lit(0) + lit(0) + lit(0) + lit(0), BoundLiterals, true},
		{"frame", "a " + lit(50) + body(20) + lit(99), BoundFrame, true},
		{"beyond drain", "a " + lit(1001), BoundLiteral, false},
		{"huge", "a {99999999999999999999+}\r\n", BoundLiteral, false},
		{"huge, waits", "a {99999999999999999999}", BoundLiteral, true},
		{"largest", "a {9223372036854775807+}\r\n", BoundLiteral, false},
		{"fits", "a " + lit(100) + lit(50), boundNone, true},
	}
	for _, c := range cases {
		for _, feed := range feeds {
			r := NewReader(feed.wrap(strings.NewReader(c.in+"\r\nb\r\n")), Client, limits)
			f, err := r.Next()
			if c.bound == boundNone {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			} else if le := limitError(t, err, c.bound, c.rec); le.Tag != "a" {
				t.Errorf("%s: tag %q", c.name, le.Tag)
			}
			if !c.rec {
				if _, again := r.Next(); again != err {
					t.Errorf("%s: %v", c.name, again)
				}
				continue
			}
			if f, err = r.Next(); err != nil || string(f.Bytes) != "b\r\n" {
				t.Errorf("%s, %s: %q %v", c.name, feed.name, f.Bytes, err)
			}
		}
	}
}

// An announcement alone costs nothing.
func TestAnnouncedMemory(t *testing.T) {
	n := allocated(func() {
		for range 100 {
			r := NewReader(strings.NewReader("a LOGIN {16000000}\r\nabc"), Client, Limits{})
			if _, err := r.Next(); err != io.ErrUnexpectedEOF {
				t.Error(err)
			}
			r.Discard()
			r.Release()
		}
	})
	if n > 1<<20 {
		t.Errorf("%d octets allocated", n)
	}
}

func TestManyLiterals(t *testing.T) {
	src := io.MultiReader(strings.NewReader("a "), &endless{pattern: "{1+}\r\nx", left: 7 << 20})
	r := NewReader(src, Client, Limits{})
	_, err := r.Next()
	limitError(t, err, BoundLiterals, true)
	if _, err = r.Next(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

func TestStreamUnread(t *testing.T) {
	in := "a S {10+}\r\n0123456789 x\r\nb\r\n"
	for _, feed := range feeds {
		r := NewReader(feed.wrap(strings.NewReader(in)), Client, Limits{})
		r.Accept = acceptFor
		f, err := r.Next()
		if err != nil || f.Pending.Size() != 10 {
			t.Fatal(f, err)
		}
		p := make([]byte, 4)
		if _, err := io.ReadFull(f.Pending, p); err != nil || string(p) != "0123" || f.Pending.Remaining() != 6 {
			t.Errorf("%s: %q %v %d", feed.name, p, err, f.Pending.Remaining())
		}
		if string(f.Bytes) != "a S {10+}\r\n" {
			t.Errorf("%s: the frame became %q", feed.name, f.Bytes)
		}
		old := f.Pending
		if f, err = r.Next(); err != nil || string(f.Bytes) != " x\r\n" {
			t.Errorf("%s: %q %v", feed.name, f.Bytes, err)
		}
		if _, err := old.Read(p); err != io.EOF {
			t.Errorf("%s: %v", feed.name, err)
		}
	}
}

func TestStreamTooLongToDrop(t *testing.T) {
	r := NewReader(&endless{pattern: "a S {1000+}\r\n", left: 1 << 20}, Client, Limits{Drain: 500})
	r.Accept = acceptFor
	f, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	limitError(t, f.Pending.Close(), BoundDrain, false)
	_, err = r.Next()
	limitError(t, err, BoundDrain, false)
	if _, err := f.Pending.Read(make([]byte, 1)); err == nil {
		t.Error("read on")
	}
}

func TestStreamOutlived(t *testing.T) {
	r := NewReader(strings.NewReader("a S {10+}\r\n01"), Client, Limits{})
	r.Accept = acceptFor
	f, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	r.Reset(strings.NewReader("b\r\n"))
	if _, err := f.Pending.Read(make([]byte, 1)); err != errMovedOn {
		t.Error(err)
	}
	if f, err := r.Next(); err != nil || string(f.Bytes) != "b\r\n" {
		t.Errorf("%q %v", f.Bytes, err)
	}
}

// A long literal passes through the buffer; the frame before it stays.
func TestStreamLong(t *testing.T) {
	const size = 32 << 20
	for _, prefix := range []string{"a S", "a S " + strings.Repeat("p", 60<<10)} {
		head := fmt.Sprintf("%s {%d+}\r\n", prefix, size)
		src := io.MultiReader(strings.NewReader(head), &endless{pattern: "0123456789", left: size}, strings.NewReader("\r\nb\r\n"))
		n := allocated(func() {
			r := NewReader(src, Client, Limits{})
			r.Accept = acceptFor
			f, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			var sum countingWriter
			if n, err := io.Copy(&sum, f.Pending); n != size || err != nil || sum != size {
				t.Error(n, err, sum)
			}
			if string(f.Bytes) != head {
				t.Error("the frame changed")
			}
			if diff := cmp.Diff([]string{"\r\n", "b\r\n", "! EOF"}, readAll(r)); diff != "" {
				t.Error(diff)
			}
		})
		if n > 1<<20 {
			t.Errorf("%d octets allocated", n)
		}
	}
}

type countingWriter int64

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}

func TestBufferShrinks(t *testing.T) {
	src := io.MultiReader(strings.NewReader("a {3000000+}\r\n"), &endless{pattern: "x", left: 3000000},
		strings.NewReader("\r\n"), &endless{pattern: "b NOOP\r\n", left: 80000})
	r := NewReader(src, Client, Limits{})
	if f, err := r.Next(); err != nil || len(f.Bytes) != 3000016 {
		t.Fatal(len(f.Bytes), err)
	}
	for range 10000 {
		if f, err := r.Next(); err != nil || string(f.Bytes) != "b NOOP\r\n" {
			t.Fatalf("%q %v", f.Bytes, err)
		}
	}
	if len(r.buf) > largeBuffer {
		t.Error(len(r.buf))
	}
}

func TestDefaultLimits(t *testing.T) {
	if got := (Limits{}).withDefaults(Client); got != DefaultLimits(Client) {
		t.Error(got)
	}
	l := DefaultLimits(Server)
	l.Line = 5
	if got := (Limits{Line: 5}).withDefaults(Server); got != l {
		t.Error(got)
	}
}
