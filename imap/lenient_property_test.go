package imap

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
)

// What the grammar allows is read as the grammar says, and nothing is said about
// it; what is broken never panics, and what is made of it has diagnostics that
// are within it.
func TestLenientSentences(t *testing.T) {
	g := wholeGrammar(t)
	r := rand.New(rand.NewPCG(7, 5))
	s := g.Sampler(r)
	s.Leaf = leafText(r)
	s.Depth, s.Repeat, s.Size = 14, 2, 200
	mended := 0
	for range 400 {
		text, ok := s.Sentence("response")
		if !ok {
			t.Fatal("no sentence")
		}
		if len(text) > 400 {
			continue
		}
		strict, err := new(Decoder).Response(Frame{Bytes: bytes.Clone(text)})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		v, diagnostics, err := lenientDecode(strings.TrimSuffix(string(text), "\r\n"), Lenient, false)
		if diff := cmp.Diff(strict, v); diff != "" || err != nil || diagnostics != nil {
			t.Errorf("%q: %v, %+v\n%s", text, err, diagnostics, diff)
		}
		for range 8 {
			if tryMutant(t, grammar.Mutant(r, text)) {
				mended++
			}
		}
	}
	if mended < 100 {
		t.Errorf("only %d were mended", mended)
	}
}

// tryMutant reports whether a broken unit was mended.
func tryMutant(t *testing.T, in []byte) bool {
	t.Helper()
	received := bytes.Clone(in)
	d := LenientDecoder{Quirks: Lenient}
	_, err := d.Response(Frame{Bytes: in})
	if !bytes.Equal(in, received) {
		t.Errorf("%q was written to: %q", received, in)
	}
	if err != nil && d.Diagnostics() != nil {
		t.Errorf("%q: %v, and %+v", in, err, d.Diagnostics())
	}
	for _, g := range d.Diagnostics() {
		if g.Offset < 0 || !bytes.HasPrefix(received[min(g.Offset, len(received)):], []byte(g.Original)) {
			t.Errorf("%q: %+v", in, g)
		}
	}
	return len(d.Diagnostics()) > 0
}

// No input costs more than a bounded number of its readings.
func TestLenientHostile(t *testing.T) {
	parts := [][3]string{
		{"* 1 FETCH (FLAGS (", "a]b ", "c))"}, {"* 1 FETCH (BODYSTRUCTURE ", "(", ""}, {"* 1 FETCH (ENVELOPE (", `"a" "b `, ""},
		{"* SEARCH", "  1", ""}, {"* SEARCH", " 1", " x"}, {"* ", " ", ""}, {"* STATUS a (", "X ( ", ")"}, {"* 1 FETCH (", "BODY[] {1}\r\nab ", ")"},
		{"* THREAD ", "(1 (2)", ""}, {"* OK [COPYUID ", "1 ", ""}, {"* LIST () \"/\" a", "\tb", ""}, {`* 1 FETCH (ENVELOPE ("`, `\"`, ""},
		{"* 1 FETCH (ENVELOPE (\"", "\xe9\"", ")"}, {"* 1 FETCH (X", " FLAGS (", ")"}, {"* 1 FETCH (BODYSTRUCTURE (", "()", "))"},
	}
	for _, p := range parts {
		for _, size := range []int{1 << 10, 256 << 10} {
			line := p[0] + strings.Repeat(p[1], size/len(p[1])) + p[2] + "\r\n"
			tryMutant(t, []byte(line))
		}
	}
	if !testing.Short() {
		tryMutant(t, []byte(parts[0][0]+strings.Repeat(parts[0][1], 8<<20/4)+parts[0][2]+"\r\n"))
	}
}

// Quirks before and behind a literal that is streamed are read as well.
func TestLenientStreamed(t *testing.T) {
	stream := "* 1 FETCH (UID 5  FLAGS (\\Seen ) BODY[] {5}\r\nhello  RFC822.SIZE -1 ENVELOPE (x) MODSEQ (7) )\r\n* 2 EXISTS \r\n"
	for _, borrow := range []bool{false, true} {
		r := NewReader(strings.NewReader(stream), Server, Limits{})
		r.Accept = func([]byte, int64, bool, bool) Verdict { return Stream }
		d := LenientDecoder{Quirks: Lenient}
		d.Borrow = borrow
		frame, err := r.Next()
		if err != nil || frame.Pending == nil {
			t.Fatal(err)
		}
		v, err := d.Response(frame)
		if err != nil {
			t.Fatal(err)
		}
		data, ok := v.(*FetchData)
		if !ok || data.UID != 5 || !data.Flags.Has(FlagSeen) || len(data.BodySection) != 1 || len(d.Diagnostics()) != 2 {
			t.Fatalf("%+v, %+v", v, d.Diagnostics())
		}
		if body, err := io.ReadAll(data.BodySection[0].Data.Body); string(body) != "hello" || err != nil {
			t.Errorf("%q, %v", body, err)
		}
		if frame, err = r.Next(); err != nil {
			t.Fatal(err)
		}
		rest, err := d.FetchData(frame)
		if err != nil || rest.RFC822Size != 0 || rest.ModSeq != 7 || len(d.Diagnostics()) != 4 {
			t.Errorf("%+v, %+v, %v", rest, d.Diagnostics(), err)
		}
		if frame, err = r.Next(); err != nil {
			t.Fatal(err)
		}
		if v, err := d.Response(frame); err != nil || v.(*ExistsData).N != 2 {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

func TestQuirkNames(t *testing.T) {
	for _, q := range Lenient.All() {
		set, err := ParseQuirks(q.String())
		if err != nil || set != Quirks(q) || q.Doc() == "" || q.Servers() == "" {
			t.Errorf("%s: %v, %v, %q, %q", q, set, err, q.Doc(), q.Servers())
		}
	}
	for text, want := range map[string]QuirkSet{
		"all": Lenient, "none": 0, "all, -broken-item": Lenient.Without(QuirkBrokenItem),
		"zero-number,eight-bit": Quirks(QuirkZeroNumber, QuirkEightBit),
	} {
		set, err := ParseQuirks(text)
		if err != nil || set != want {
			t.Errorf("%q: %v, %v", text, set, err)
		}
		if again, err := ParseQuirks(set.String()); again != set || err != nil {
			t.Errorf("%q becomes %q: %v, %v", text, set, again, err)
		}
	}
	if _, err := ParseQuirks("typo"); err == nil || !strings.Contains(err.Error(), "broken-item") {
		t.Error(err)
	}
	if Quirk(200).String() != "quirk-200" || Quirk(200).Doc() != "" || Lenient.Has(200) || Quirks(200) != 0 {
		t.Error("a quirk that there is not")
	}
}
