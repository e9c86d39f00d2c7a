package wire

import (
	"bytes"
	"strings"
	"testing"
)

func TestOutOfEveryPrimitive(t *testing.T) {
	e := Enc{Side: Server}
	long := strings.Repeat("0123456789", 20)
	for want, f := range map[string]encoding{
		"":             enc((*Enc).Append, ""),
		"a":            enc((*Enc).Append, "a"),
		long:           enc((*Enc).Append, long),
		long + "/":     enc((*Enc).AString, long+"/"),
		`"a b"`:        enc((*Enc).AString, "a b"),
		`"a\"b"`:       enc((*Enc).Quoted, `a"b`),
		`"/"`:          enc((*Enc).Delimiter, '/'),
		`"\\"`:         enc((*Enc).Delimiter, '\\'),
		"NIL":          enc((*Enc).NString, NString{}),
		`"x"`:          enc((*Enc).NString, NewNString("x")),
		`"y"`:          enc((*Enc).NString8, NewNString("y")),
		"~{1}\r\n\x00": enc((*Enc).NString8, NewNString("\x00")),
		"{3}\r\nü\n":   enc((*Enc).Literal, NewLiteral("ü\n")),
		"1:3,*":        enc((*Enc).SequenceSet, SequenceSet{Ranges: []NumRange{{1, 3}, {0, 0}}}),
		"7:9":          enc((*Enc).UIDSet, UIDSet{{7, 9}}),
		"7-Feb-1994":   enc((*Enc).Date, Date{1994, 2, 7}),
		"YWJj":         enc((*Enc).Base64, []byte("abc")),
		"=":            enc((*Enc).InitialResponse, nil),
		"(a b)":        enc((*Enc).Raw, Raw("(a b)")),
	} {
		within(t, &e, want, want, func(p Out) Out { return f(&e, p) })
		within(t, &e, want, "TEXT "+want, func(p Out) Out { return f(&e, p.Text("TEXT ")) })
	}
}

// A value that cannot be said leaves room, too.
func TestOutOfFailures(t *testing.T) {
	for _, f := range []encoding{
		enc((*Enc).UID, 0), enc((*Enc).Number64, 1<<63), enc((*Enc).Quoted, "\n"), enc((*Enc).String, "\x00"),
		enc((*Enc).NString, NString{Value: "x"}), enc((*Enc).Delimiter, '\n'), enc((*Enc).Date, Date{}),
		enc((*Enc).DateTime, DateTime{}), enc((*Enc).Raw, Raw("\n")), enc((*Enc).Literal, Literal{}),
		enc((*Enc).SequenceSet, SequenceSet{}), enc((*Enc).UIDSet, nil),
	} {
		e := Enc{Side: Server}
		within(t, &e, "a failure", "", func(p Out) Out { return f(&e, p) })
		if !e.Failed() {
			t.Error("not failed")
		}
	}
}

func TestUnitsInOneBuffer(t *testing.T) {
	e := Enc{Side: Server}
	var dst []byte
	var want strings.Builder
	for i := range 500 {
		var err error
		dst, err = encode(&e, dst, func(e *Enc, p Out) Out {
			at := e.Len(p)
			p = e.Number(p.Text("#").Text("* "), uint32(i))
			e.Set(p, at, '-')
			if got := e.Since(p, at); !strings.HasPrefix(got, "-* ") || e.Len(p) != at+len(got) {
				t.Fatalf("%q, %d octets", got, e.Len(p)-at)
			}
			return p.Text("\r\n")
		})
		want.WriteString("-* " + string(appendNumber(nil, uint64(i))) + "\r\n")
		if string(dst) != want.String() || err != nil {
			t.Fatalf("%d: %q %v", i, dst, err)
		}
		if i%100 == 99 { // one that is not said
			if dst, err = encode(&e, dst, enc((*Enc).UID, 0)); err == nil || string(dst) != want.String() {
				t.Fatalf("%d: %q %v", i, dst, err)
			}
		}
	}
	// Another buffer, and the same one with less room.
	other := bytes.Repeat([]byte{'#'}, 400)
	for _, room := range []int{400, 200, 130, 10, 3, 2} {
		got, err := encode(&e, other[:2:room], enc((*Enc).String, "0123456789"))
		if string(got) != `##"0123456789"` || err != nil {
			t.Errorf("%q %v", got, err)
		}
		if room < spare+most && other[2] == '"' {
			t.Errorf("room %d: written where there is none", room)
		}
		copy(other, bytes.Repeat([]byte{'#'}, 400))
	}
}
