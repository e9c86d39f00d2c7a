package wire

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// next reads a frame that is to be decoded.
func next(t *testing.T, r *Reader, d *Dec) (Frame, Octets) {
	t.Helper()
	f, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Begin(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, b
}

func streaming(in string) *Reader {
	r := NewReader(iotest.HalfReader(strings.NewReader(in)), Client, Limits{})
	r.Accept = func([]byte, int64, bool, bool) Verdict { return Stream }
	return r
}

func TestStreamedPrimitives(t *testing.T) {
	cases := []struct {
		name   string
		prim   func(*Dec, Octets, int) (Literal, int)
		head   string
		binary bool
	}{
		{"StreamLiteral", (*Dec).StreamLiteral, "{5}", false},
		{"StreamLiteral", (*Dec).StreamLiteral, "{005+}", false},
		{"StreamLiteral8", (*Dec).StreamLiteral8, "~{5}", true},
		{"StreamNString", (*Dec).StreamNString, "{5}", false},
		{"StreamNString8", (*Dec).StreamNString8, "{5}", false},
		{"StreamNString8", (*Dec).StreamNString8, "~{5+}", true},
	}
	for _, c := range cases {
		for _, borrow := range []bool{true, false} {
			d := Dec{Borrow: borrow}
			r := streaming("a " + c.head + "\r\nhello)\r\n")
			_, b := next(t, r, &d)
			l, i := c.prim(&d, b, 2)
			if i != d.End() || !d.AtEnd(i) || !d.Suspended() || !l.Valid || l.Size != 5 || l.Binary != c.binary {
				t.Fatalf("%s: %+v, index %d of %d", c.name, l, i, d.End())
			}
			// What the grammar wants behind the payload is in the next frame.
			if err := d.Finish(d.Fail(i, NumSites)); err != nil {
				t.Error(err)
			}
			if err := d.Finish(i); err != nil {
				t.Error(err)
			}
			if err := d.Finish(d.Fail(1, NumSites)); err == nil {
				t.Error("a failure before the payload is none")
			}
			if got, err := io.ReadAll(l.Reader()); string(got) != "hello" || err != nil {
				t.Errorf("%s: %q %v", c.name, got, err)
			}
			f, b := next(t, r, &d)
			if string(f.Bytes) != ")\r\n" || b.At(0) != ')' || d.Suspended() || d.Sub(b, 0, 1) != ")" {
				t.Errorf("%s: rest %q", c.name, f.Bytes)
			}
		}
	}
}

// A streamed literal is an error where the grammar cannot stream, and does not
// stand for an earlier one.
func TestStreamedInTheWrongPlace(t *testing.T) {
	var d Dec
	_, b := next(t, streaming("a {5}\r\nhello\r\n"), &d)
	_, i := d.AString(b, 2)
	err := d.Finish(i)
	if want := "syntax error at byte 2: expected a literal that is not streamed (literal)"; err == nil || err.Error() != want || d.Suspended() {
		t.Error(err)
	}
	if _, i = d.StreamLiteral8(b, 2); i >= 0 || d.Suspended() {
		t.Error("a literal is a literal8")
	}
	if _, i = d.StreamLiteral(b, 0); i >= 0 || d.Suspended() {
		t.Error("there is no literal")
	}

	r := NewReader(strings.NewReader("{2}\r\nab {5}\r\nhello\r\n"), Client, Limits{})
	r.Accept = func(prefix []byte, size int64, _, _ bool) Verdict {
		if size == 5 {
			return Stream
		}
		return Buffer
	}
	_, b = next(t, r, &d)
	l, i := d.StreamLiteral(b, 0)
	if l.Data != "ab" || i != 7 || d.Suspended() {
		t.Errorf("%+v, index %d", l, i)
	}
	if l, i = d.StreamLiteral(b, i+1); l.Body == nil || i != d.End() {
		t.Errorf("%+v, index %d", l, i)
	}
}

func TestLiteralReaderReads(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 5000)
	for _, size := range []int{1, 7, 100, 5000, 1 << 20} {
		r := NewReader(iotest.HalfReader(strings.NewReader("a {80000}\r\n"+body+"\r\nb\r\n")), Client, Limits{})
		r.Accept = func([]byte, int64, bool, bool) Verdict { return Stream }
		f, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if n, err := io.CopyBuffer(&got, struct{ io.Reader }{f.Pending}, make([]byte, size)); n != 80000 || err != nil {
			t.Error(n, err)
		}
		if n, err := f.Pending.Read(nil); n != 0 || err != io.EOF {
			t.Error(n, err)
		}
		if got.String() != body || string(f.Bytes) != "a {80000}\r\n" {
			t.Error(size, "the body differs")
		}
		for _, o := range []struct {
			line   string
			offset int64
		}{{"\r\n", 80011}, {"b\r\n", 80013}} {
			if f, err := r.Next(); err != nil || string(f.Bytes) != o.line || r.Offset() != o.offset {
				t.Errorf("%d: %q at %d %v", size, f.Bytes, r.Offset(), err)
			}
		}
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

func TestLiteralWriteToFails(t *testing.T) {
	r := streaming("a {10}\r\n0123456789\r\nb\r\n")
	f, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(&failingWriter{4}, f.Pending); n != 4 || err != io.ErrClosedPipe || f.Pending.Remaining() != 6 {
		t.Error(n, err, f.Pending.Remaining())
	}
	if got, err := io.ReadAll(f.Pending); string(got) != "456789" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	r = streaming("a {10}\r\n01234")
	if f, err = r.Next(); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, f.Pending); n != 5 || err != io.ErrUnexpectedEOF {
		t.Error(n, err)
	}
	if _, err := r.Next(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

func TestHeadFrame(t *testing.T) {
	d := Dec{Borrow: true}
	asked := 0
	head := func(prefix []byte) {
		asked++
		b, err := d.Begin(HeadFrame(prefix))
		if err != nil {
			t.Fatal(err)
		}
		name, i := d.AString(b, 2)
		l, i := d.StreamLiteral(b, i+1)
		if name != "box" || l.Size != 5 || i != d.End() || d.Finish(i) != nil {
			t.Errorf("%q: %q %+v index %d", prefix, name, l, i)
		}
		if _, err := l.Body.Read(make([]byte, 1)); err == nil {
			t.Error("read a literal that is not there")
		}
	}
	r := NewReader(strings.NewReader("a box {5+}\r\nhello\r\n"), Client, Limits{})
	r.Accept = func(prefix []byte, _ int64, _, _ bool) Verdict { head(prefix); return Reject }
	_, err := r.Next()
	head(limitError(t, err, BoundAccept, true).Prefix)
	if asked != 2 || HeadFrame([]byte("a\r\n")).Pending != nil {
		t.Error(asked)
	}
}
