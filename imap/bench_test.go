package imap

import (
	"bytes"
	"os"
	"testing"
)

// corpus reads a file of units, one a line, with slack behind them as a Reader
// leaves it.
func corpus(tb testing.TB, name string) (units []Frame, size int64) {
	tb.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	size = int64(len(data))
	data = append(data, make([]byte, 64)...)
	for at := 0; at < int(size); {
		n := bytes.IndexByte(data[at:], '\n') + 1
		units = append(units, Frame{Bytes: data[at : at+n]})
		at += n
	}
	return units, size
}

// perUnit reports the time of each unit of a pass over a corpus.
func perUnit(b *testing.B, units int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*units), "ns/unit")
}

func BenchmarkDecodeCommandsMixed(b *testing.B) {
	modes(b, "commands.txt", func(d *Decoder, f Frame) error { _, _, err := d.Command(f); return err })
}

func BenchmarkDecodeFetchMixed(b *testing.B) {
	modes(b, "fetch.txt", func(d *Decoder, f Frame) error { _, err := d.Response(f); return err })
}

// modes runs a benchmark with borrowed and with owned values.
func modes(b *testing.B, name string, decode func(*Decoder, Frame) error) {
	units, size := corpus(b, name)
	for _, borrow := range []bool{true, false} {
		sub := "owned"
		if borrow {
			sub = "borrow"
		}
		b.Run(sub, func(b *testing.B) {
			var d Decoder
			d.Borrow = borrow
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, f := range units {
					if err := decode(&d, f); err != nil {
						b.Fatal(err)
					}
				}
			}
			perUnit(b, len(units))
		})
	}
}

func BenchmarkEncodeFetchMixed(b *testing.B) {
	units, size := corpus(b, "fetch.txt")
	var values []Response
	var d Decoder
	for _, f := range units {
		r, err := d.Response(f)
		if err != nil {
			b.Fatal(err)
		}
		values = append(values, r)
	}
	var e Encoder
	e.Side = Server
	var out []byte
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, v := range values {
			var err error
			if out, err = e.AppendResponse(out[:0], v); err != nil {
				b.Fatal(err)
			}
		}
	}
	perUnit(b, len(values))
}
