//go:build !purego

// Without unsafe every string is a copy, so that allocations say nothing.

package imap

import (
	"io"
	"strings"
	"testing"
)

// mixed are the inputs of which the decoder's goals speak.
func mixed(t *testing.T) map[string]struct {
	data   []byte
	decode func(*Decoder, Frame) error
} {
	type input = struct {
		data   []byte
		decode func(*Decoder, Frame) error
	}
	return map[string]input{
		"commands": {corpus(t, "commands.txt"), decodeCommand},
		"FETCH":    {corpus(t, "fetch.txt"), decodeResponse},
		"FLAGS":    {flagsLines(100), decodeResponse},
		"SEARCH":   {search1000(), decodeResponse},
	}
}

// A borrowing decoder that has seen its traffic does not allocate, not for a
// single unit.
func TestBorrowAllocatesNothing(t *testing.T) {
	for name, in := range mixed(t) {
		var d Decoder
		d.Borrow = true
		all := units(in.data)
		if err := decoding(&d, all, in.decode)(); err != nil {
			t.Fatal(name, err)
		}
		for _, f := range all {
			n := testing.AllocsPerRun(4, func() { // an average, rounded down: the runtime may allocate something
				if err := in.decode(&d, f); err != nil {
					t.Error(name, err)
				}
			})
			if n > 0 {
				t.Fatalf("%s: %v allocations for %q", name, n, f.Bytes)
			}
		}
	}
}

// Owned values cost at most one allocation a unit in the long run, if it is no
// giant.
func TestOwnedAllocatesOnceAUnit(t *testing.T) {
	inputs := mixed(t)
	delete(inputs, "SEARCH")
	for name, in := range inputs {
		all := units(in.data)
		var d Decoder
		pass := decoding(&d, all, in.decode)
		n := testing.AllocsPerRun(5, func() {
			if err := pass(); err != nil {
				t.Error(name, err)
			}
		})
		if n > float64(len(all)) {
			t.Errorf("%s: %v allocations for %d units", name, n, len(all))
		}
	}
}

// An encoder with room in its buffer does not allocate.
func TestEncodeAllocatesNothing(t *testing.T) {
	for name, data := range map[string][]byte{
		"FETCH": corpus(t, "fetch.txt"), "FLAGS": flagsLines(100), "SEARCH": search1000(),
	} {
		pass := encoding(new(Encoder), responses(t, data), len(data))
		if n := testing.AllocsPerRun(3, func() {
			if err := pass(); err != nil {
				t.Error(name, err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A message that comes from a reader is sent as it is: neither its octets nor the break for
// them cost an encoder memory, whatever the size.
func TestEncodeFromReaderAllocatesNothing(t *testing.T) {
	var e Encoder
	e.Side = Server
	out := make([]byte, 0, 1024)
	message := strings.NewReader(strings.Repeat("From: x\r\n", 1<<17))
	v := &FetchData{Seq: 7, UID: 9, BodySection: []FetchBodySection{
		{Data: Literal{Body: message, Size: message.Size(), Valid: true}},
	}}
	sent := int64(0)
	send := func() {
		_, _ = message.Seek(0, io.SeekStart)
		line, err := e.AppendResponse(out[:0], v)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, b := range e.Breaks() {
			n, _ := b.Body.(io.WriterTo).WriteTo(io.Discard)
			sent += int64(b.Offset-at) + n
			at = b.Offset
		}
		sent += int64(len(line) - at)
	}
	send() // the breaks have their memory now
	whole := sent
	if n := testing.AllocsPerRun(10, send); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if want := message.Size() + int64(len("* 7 FETCH (UID 9 BODY[] {1179648}\r\n)\r\n")); whole != want {
		t.Errorf("%d octets, want %d", whole, want)
	}
}
