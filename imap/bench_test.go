package imap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"testing"
)

// corpus reads a file of units, one a line.
func corpus(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// units splits lines, with slack behind them as a Reader leaves it.
func units(data []byte) (out []Frame) {
	data = append(bytes.Clone(data), make([]byte, 64)...)
	for {
		n := bytes.IndexByte(data, '\n') + 1
		if n == 0 {
			return out
		}
		out = append(out, Frame{Bytes: data[:n]})
		data = data[n:]
	}
}

// search1000 is a SEARCH response with 1,000 numbers.
func search1000() []byte {
	b := []byte("* SEARCH")
	v := 3
	for i := range 1000 {
		v += i*7919%97 + 1
		b = fmt.Appendf(b, " %d", v)
	}
	return append(b, "\r\n"...)
}

// flagsLines are what a client gets that asks for the flags of a large mailbox.
func flagsLines(n int) (b []byte) {
	sets := []string{`\Seen`, `\Answered \Seen`, ``, `\Flagged \Seen $Junk`, `\Deleted`}
	for i := range n {
		b = fmt.Appendf(b, "* %d FETCH (UID %d FLAGS (%s))\r\n", i+1, i*3+100, sets[i%len(sets)])
	}
	return b
}

func decodeCommand(d *Decoder, f Frame) error  { _, _, err := d.Command(f); return err }
func decodeResponse(d *Decoder, f Frame) error { _, err := d.Response(f); return err }

// measure runs a pass over an input again and again; n is its number of units.
func measure(b *testing.B, n, octets int, pass func() error) {
	b.SetBytes(int64(octets))
	b.ReportAllocs()
	for b.Loop() {
		if err := pass(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/unit")
}

// decoding decodes every unit of an input.
func decoding(d *Decoder, all []Frame, decode func(*Decoder, Frame) error) func() error {
	return func() error {
		for _, f := range all {
			if err := decode(d, f); err != nil {
				return err
			}
		}
		return nil
	}
}

// benchModes runs a benchmark with borrowed and with owned values.
func benchModes(b *testing.B, data []byte, decode func(*Decoder, Frame) error) {
	all := units(data)
	for _, mode := range []string{"borrow", "owned"} {
		b.Run(mode, func(b *testing.B) {
			var d Decoder
			d.Borrow = mode == "borrow"
			measure(b, len(all), len(data), decoding(&d, all, decode))
		})
	}
}

func BenchmarkDecodeCommandsMixed(b *testing.B) {
	benchModes(b, corpus(b, "commands.txt"), decodeCommand)
}

func BenchmarkDecodeFetchMixed(b *testing.B) {
	benchModes(b, corpus(b, "fetch.txt"), decodeResponse)
}

func BenchmarkDecodeSearch1000(b *testing.B) {
	benchModes(b, search1000(), decodeResponse)
}

// BenchmarkReadFlagsLines50k reads, frames and decodes.
func BenchmarkReadFlagsLines50k(b *testing.B) {
	data := flagsLines(50000)
	var d Decoder
	d.Borrow = true
	src := bytes.NewReader(data)
	r := NewReader(src, Server, Limits{})
	measure(b, 50000, len(data), func() error {
		src.Reset(data)
		for {
			f, err := r.Next()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				_, err = d.Response(f)
			}
			if err != nil {
				return err
			}
		}
	})
}

// responses decodes an input to values that stay.
func responses(tb testing.TB, data []byte) (out []Response) {
	tb.Helper()
	var d Decoder
	for _, f := range units(data) {
		r, err := d.Response(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// encoding encodes values to one buffer.
func encoding(e *Encoder, values []Response, size int) func() error {
	e.Side = Server
	out := make([]byte, 0, size+1024)
	return func() (err error) {
		out = out[:0]
		for _, v := range values {
			if out, err = e.AppendResponse(out, v); err != nil {
				return err
			}
		}
		return nil
	}
}

func benchEncode(b *testing.B, data []byte) {
	values := responses(b, data)
	measure(b, len(values), len(data), encoding(new(Encoder), values, len(data)))
}

func BenchmarkEncodeFetchMixed(b *testing.B)    { benchEncode(b, corpus(b, "fetch.txt")) }
func BenchmarkEncodeFlagsLines50k(b *testing.B) { benchEncode(b, flagsLines(50000)) }
func BenchmarkEncodeSearch1000(b *testing.B)    { benchEncode(b, search1000()) }

// ---- floors: what only to look at the same octets costs

// sink keeps results alive.
var sink int

func benchFloor(b *testing.B, data []byte, look func([]byte) int) {
	measure(b, bytes.Count(data, []byte("\n")), len(data), func() error { sink += look(data); return nil })
}

func BenchmarkFloorTokenCommandsMixed(b *testing.B) {
	benchFloor(b, corpus(b, "commands.txt"), lookTokens)
}
func BenchmarkFloorTokenFetchMixed(b *testing.B)    { benchFloor(b, corpus(b, "fetch.txt"), lookTokens) }
func BenchmarkFloorTokenSearch1000(b *testing.B)    { benchFloor(b, search1000(), lookTokens) }
func BenchmarkFloorTokenFlagsLines50k(b *testing.B) { benchFloor(b, flagsLines(50000), lookTokens) }
func BenchmarkFloorSWARCommandsMixed(b *testing.B) {
	benchFloor(b, corpus(b, "commands.txt"), lookWords)
}
func BenchmarkFloorSWARFetchMixed(b *testing.B)    { benchFloor(b, corpus(b, "fetch.txt"), lookWords) }
func BenchmarkFloorSWARSearch1000(b *testing.B)    { benchFloor(b, search1000(), lookWords) }
func BenchmarkFloorSWARFlagsLines50k(b *testing.B) { benchFloor(b, flagsLines(50000), lookWords) }

// atomChars are the octets that tokens consist of.
var atomChars = func() (t [256]bool) {
	for c := byte(0x21); c < 0x7f; c++ {
		t[c] = bytes.IndexByte([]byte("(){%*\"\\]"), c) < 0
	}
	return t
}()

// lookTokens counts the tokens of an input: a table look-up for each octet and a
// branch at each delimiter.
func lookTokens(p []byte) int {
	n, i := 0, 0
	for i < len(p) {
		for i < len(p) && atomChars[p[i]] {
			i++
		}
		n++
		i++
	}
	return n
}

// lookWords looks at words for quotes, backslashes, controls and 8-bit octets.
func lookWords(p []byte) int {
	const lows, highs = 0x0101010101010101, 0x8080808080808080
	n := uint64(0)
	for i := 0; i+8 <= len(p); i += 8 {
		w := binary.LittleEndian.Uint64(p[i:])
		q, e := w^lows*'"', w^lows*'\\'
		n += ((q-lows)&^q | (e-lows)&^e | (w-lows*' ')&^w | w) & highs
	}
	return int(n)
}
