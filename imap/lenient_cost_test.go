package imap

import "testing"

// What needs no leniency costs no memory for it.
func TestLenientAllocations(t *testing.T) {
	f := Frame{Bytes: []byte("* 1 FETCH (UID 5 FLAGS (\\Seen $Work) ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n")}
	var strict Decoder
	strict.Borrow = true
	d := LenientDecoder{Quirks: Lenient}
	d.Borrow = true
	want := testing.AllocsPerRun(100, func() { _, _ = strict.Response(f) })
	if got := testing.AllocsPerRun(100, func() { _, _ = d.Response(f) }); got > want {
		t.Errorf("%v allocations, strictly %v", got, want)
	}
}

func BenchmarkLenient(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"valid", "* 1 FETCH (UID 5 FLAGS (\\Seen $Work) RFC822.SIZE 4321 MODSEQ (77))\r\n"},
		{"space", "* 1 FETCH (UID 5 FLAGS (\\Seen $Work) RFC822.SIZE 4321 MODSEQ (77) )\r\n"},
	} {
		f := Frame{Bytes: append([]byte(c.line), make([]byte, 64)...)[:len(c.line)]}
		for _, quirks := range []QuirkSet{0, Lenient} {
			b.Run(c.name+"/"+quirks.String(), func(b *testing.B) {
				d := LenientDecoder{Quirks: quirks}
				d.Borrow = true
				for b.Loop() {
					_, _ = d.Response(f)
				}
			})
		}
	}
}
