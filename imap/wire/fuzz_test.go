package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var fuzzLimits = Limits{Line: 80, Literal: 40, LiteralTotal: 60, Literals: 4, Frame: 150, Drain: 100}

// framed is what a reader yields up to its first error that is not recoverable.
func framed(src io.Reader, sender Side, bareLF bool) []string {
	r := NewReader(src, sender, fuzzLimits)
	r.Accept, r.BareLF = acceptFor, bareLF
	var out []string
	for {
		f, err := r.Next()
		var rec interface{ Recoverable() bool }
		switch {
		case errors.As(err, &rec) && rec.Recoverable():
			out = append(out, "!")
			continue
		case err == io.EOF:
			return out
		case err != nil:
			// How much was dropped by then depends on how it arrived.
			return append(out, "end")
		}
		out = append(out, string(f.Bytes))
		if f.Pending != nil {
			body, err := io.ReadAll(f.Pending)
			out = append(out, string(body))
			if err != nil {
				return append(out, "end")
			}
		}
	}
}

// A stream means the same however it arrives, and every frame is a unit.
func FuzzReader(f *testing.F) {
	for _, c := range readerCases {
		f.Add([]byte(c.in), c.sender == Server, false)
		f.Add([]byte(c.in), c.sender == Server, true)
	}
	f.Fuzz(func(t *testing.T, in []byte, server, bareLF bool) {
		sender := Client
		if server {
			sender = Server
		}
		want := framed(bytes.NewReader(in), sender, bareLF)
		for _, feed := range feeds {
			got := framed(feed.wrap(bytes.NewReader(in)), sender, bareLF)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: (-whole +got)\n%s", feed.name, diff)
			}
		}
	})
}

// Decoding any line with any primitive keeps within it, and what was decoded
// is written and decoded again as the same value.
func FuzzDecode(f *testing.F) {
	for _, c := range decodeCases {
		f.Add([]byte(c.line))
	}
	byName := map[string]primitive{}
	for _, c := range decodeCases {
		byName[c.name] = c.prim
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for name, p := range byName {
			var d, d2 Dec
			v, next, failed, _ := decode(&d, lineFrame(string(line)), p, 0)
			if next > len(line) || failed > len(line)+1 {
				t.Fatalf("%s: index %d, failed at %d of %d", name, next, failed, len(line))
			}
			if next < 0 {
				continue
			}
			e := Enc{Side: Server, UTF8: true}
			if name == "Rest" {
				e = plus
			}
			dst, err := encode(&e, nil, again(name, v))
			if err != nil {
				if name != "Rest" {
					t.Fatalf("%s(%q) = %v: %v", name, line, v, err)
				}
				continue
			}
			w, next, _, err := decode(&d2, lineFrame(string(dst)), p, 0)
			if err != nil || next != len(dst) || !cmp.Equal(v, w) {
				t.Fatalf("%s(%q) = %v, as %q %v (%v)", name, line, v, dst, w, err)
			}
		}
	})
}

// Whatever strings hold, they stay within one unit.
func FuzzEncode(f *testing.F) {
	f.Add("a", "b {3}", true)
	f.Add("a\r\nb LOGOUT\r\n", "\"{1+}\r\n", false)
	f.Add("\x00", "ü\xff", true)
	f.Fuzz(func(t *testing.T, a, b string, server bool) {
		e := Enc{LiteralPlus: true, Rev2: len(a)%2 == 0}
		sender := Client
		if server {
			e.Side, sender = Server, Server
		}
		dst, err := encode(&e, nil, func(e *Enc, p Out) Out {
			p = e.AString(p.Text("* "), a)
			p = e.Raw(p.Text(" "), Raw(b))
			p = e.NString8(p.Text(" "), NewNString(a+b))
			p = e.StreamNString8(p.Text(" "), NewLiteral(b))
			return e.Rest(p.Text(" "), Raw(a)).Text("\r\n")
		})
		if err != nil || sender == Server && isText(dst) {
			return
		}
		r := NewReader(bytes.NewReader(append(dst, "end\r\n"...)), sender, Limits{})
		fr, err := r.Next()
		if err != nil || !bytes.Equal(fr.Bytes, dst) {
			t.Fatalf("%q is framed as %q (%v)", dst, fr.Bytes, err)
		}
		if fr, err = r.Next(); string(fr.Bytes) != "end\r\n" || err != nil {
			t.Fatalf("%q, then %q (%v)", dst, fr.Bytes, err)
		}
	})
}
