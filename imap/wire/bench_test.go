package wire

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func frameOf(line string) Frame {
	buf := append([]byte(line+"\r\n"), make([]byte, Slack)...)
	return Frame{Bytes: buf[:len(line)+2]}
}

// benchFields runs a primitive over the fields of a line, which are one octet apart.
func benchFields[T any](b *testing.B, line string, fields int, p func(*Dec, Octets, int) (T, int)) {
	d := Dec{Borrow: true}
	f := frameOf(line)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		u, err := d.Begin(f)
		if err != nil {
			b.Fatal(err)
		}
		i := -1
		for range fields {
			if _, i = p(&d, u, i+1); i < 0 {
				b.Fatal(d.Finish(i))
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*fields), "ns/field")
}

func numbers(n int) string {
	var dst []byte
	for v := uint64(7); n > 0; n-- {
		dst = append(appendNumber(dst, v), ' ')
		v = v*7%2_000_003 + 1
	}
	return string(dst[:len(dst)-1])
}

func BenchmarkNumber(b *testing.B) { benchFields(b, numbers(1000), 1000, (*Dec).NzNumber) }

func BenchmarkNzNumbers(b *testing.B) {
	var list Arena[uint32]
	benchFields(b, numbers(1000), 1, func(d *Dec, u Octets, i int) ([]uint32, int) {
		m := list.Mark(d)
		i = d.NzNumbers(u, i, ' ', &list)
		return list.Take(m), i
	})
}

func BenchmarkQuoted(b *testing.B) {
	line := strings.TrimSpace(strings.Repeat(`"a" "of middling length" "as long as a subject line may well be" "x.y@example.org" `, 25))
	benchFields(b, line, 100, (*Dec).Quoted)
}

func BenchmarkNString(b *testing.B) {
	line := strings.TrimSpace(strings.Repeat(`NIL "of middling length" NIL "x.y@example.org" `, 25))
	benchFields(b, line, 100, (*Dec).NString)
}

func BenchmarkAString(b *testing.B) {
	line := strings.TrimSpace(strings.Repeat("INBOX \"Sent Items\" lists/golang-nuts a ", 25))
	benchFields(b, line, 100, (*Dec).AString)
}

func BenchmarkSequenceSet(b *testing.B) {
	set := strings.ReplaceAll(numbers(1000), " ", ",")
	b.Run("long", func(b *testing.B) { benchFields(b, set, 1, (*Dec).SequenceSet) })
	b.Run("short", func(b *testing.B) { benchFields(b, "1:*", 1, (*Dec).SequenceSet) })
}

func BenchmarkDateTime(b *testing.B) {
	benchFields(b, `"17-Jul-1996 02:44:25 -0700"`, 1, (*Dec).DateTime)
}

func BenchmarkBegin(b *testing.B) {
	for _, borrow := range []bool{true, false} {
		b.Run(map[bool]string{true: "borrow", false: "owned"}[borrow], func(b *testing.B) {
			d := Dec{Borrow: borrow}
			f := frameOf("a NOOP")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Begin(f); err != nil {
					b.Fatal(err)
				}
				if err := d.Finish(d.End()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// benchReader frames a stream that is n times the text.
func benchReader(b *testing.B, text string, n, units int, sender Side) {
	stream := []byte(strings.Repeat(text, n))
	src := bytes.NewReader(stream)
	r := NewReader(src, sender, Limits{})
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(stream)
		r.Reset(src)
		got := 0
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			got++
		}
		if got != n*units {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*units), "ns/unit")
}

func BenchmarkReader(b *testing.B) {
	b.Run("short", func(b *testing.B) { benchReader(b, "* 12 FETCH (FLAGS (\\Seen))\r\n", 10000, 1, Server) })
	b.Run("literal", func(b *testing.B) {
		benchReader(b, "a LOGIN {4+}\r\nuser {4+}\r\npass\r\n", 10000, 1, Client)
	})
}

func benchEncode(b *testing.B, n int, f encoding) {
	e := Enc{Side: Server}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		p := e.At(e.Start(dst[:0]))
		for range n {
			p = e.Room(f(&e, p))
		}
		var err error
		if dst, err = e.Finish(p, 0); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(dst)))
		dst = dst[:0]
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/field")
}

func BenchmarkEncode(b *testing.B) {
	v := uint32(7)
	b.Run("number", func(b *testing.B) {
		benchEncode(b, 1000, func(e *Enc, p Out) Out {
			v = v*7%2_000_003 + 1
			return e.NzNumber(p, v)
		})
	})
	texts := []string{"a", "of middling length", "as long as a subject line may well be", "x.y@example.org"}
	b.Run("string", func(b *testing.B) {
		benchEncode(b, 250, func(e *Enc, p Out) Out {
			for _, s := range texts {
				p = e.String(p, s)
			}
			return p
		})
	})
	date := DateTime{1996, 7, 17, 2, 44, 25, -420}
	b.Run("date-time", func(b *testing.B) {
		benchEncode(b, 100, func(e *Enc, p Out) Out { return e.DateTime(p, date) })
	})
}
