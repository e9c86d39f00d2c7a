package wire

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// encoding is a value together with the primitive that writes it.
type encoding func(e *Enc, p Out) Out

func enc[T any](f func(*Enc, Out, T) Out, v T) encoding {
	return func(e *Enc, p Out) Out { return f(e, p, v) }
}

// encode is a whole unit, at the end of dst.
func encode(e *Enc, dst []byte, f encoding) ([]byte, error) {
	return e.Finish(f(e, e.At(e.Start(dst))), len(dst))
}

var (
	server  = Enc{Side: Server}
	server8 = Enc{Side: Server, UTF8: true}
	rev2    = Enc{Side: Server, Rev2: true}
	client  = Enc{}
	plus    = Enc{LiteralPlus: true}
	minus   = Enc{LiteralMinus: true}
)

// encodeCases: want is the text, or "!" and a reason.
var encodeCases = []struct {
	enc  Enc
	val  encoding
	want string
}{
	{server, enc((*Enc).Number, 0), "0"},
	{server, enc((*Enc).Number, math.MaxUint32), "4294967295"},
	{server, enc((*Enc).NzNumber, 1), "1"},
	{server, enc((*Enc).NzNumber, 0), "!0"},
	{server, enc((*Enc).UID, 99999999), "99999999"},
	{server, enc((*Enc).UID, 100000000), "100000000"},
	{server, enc((*Enc).UID, 0), "!0"},
	{server, enc((*Enc).SeqNum, 7), "7"},
	{server, enc((*Enc).SeqNum, 0), "!0"},
	{server, enc((*Enc).Number64, 0), "0"},
	{server, enc((*Enc).Number64, 1<<63-1), "9223372036854775807"},
	{server, enc((*Enc).Number64, 1<<63), "!too large"},
	{server, enc((*Enc).NzNumber64, 0), "!0"},
	{server, enc((*Enc).ModSequence, 12), "12"},
	{server, enc((*Enc).ModSequence, 0), "!0"},
	{server, enc((*Enc).ModSequence, 1<<63), "!too large"},
	{server, enc((*Enc).ModSequenceZero, 0), "0"},

	{server, enc((*Enc).Quoted, ""), `""`},
	{server, enc((*Enc).Quoted, `a"b\`), `"a\"b\\"`},
	{server, enc((*Enc).Quoted, "tab\t"), "\"tab\t\""},
	{server, enc((*Enc).Quoted, "a\r"), "!CR, LF, NUL or invalid UTF-8"},
	{server, enc((*Enc).Quoted, "a\x00"), "!CR, LF, NUL or invalid UTF-8"},
	{server, enc((*Enc).Quoted, "ü"), "!UTF-8 is not enabled"},
	{server8, enc((*Enc).Quoted, "ü"), `"ü"`},
	{server8, enc((*Enc).Quoted, "\xfc"), "!CR, LF, NUL or invalid UTF-8"},

	{server, enc((*Enc).String, "abc"), `"abc"`},
	{server, enc((*Enc).String, "0123456789\\"), `"0123456789\\"`},
	{server, enc((*Enc).String, "a\r\nb"), "{4}\r\na\r\nb"},
	{server, enc((*Enc).String, "0123456789\n"), "{11}\r\n0123456789\n"},
	{server, enc((*Enc).String, "ü"), "{2}\r\nü"},
	{server8, enc((*Enc).String, "ü\""), `"ü\""`},
	{rev2, enc((*Enc).String, "ü"), `"ü"`},
	{rev2, enc((*Enc).String, "\xff\""), "{2}\r\n\xff\""},
	{rev2, enc((*Enc).String, "ü\n"), "{3}\r\nü\n"},
	{server, enc((*Enc).String, "a\x00b"), "!NUL"},
	{plus, enc((*Enc).String, "a\n"), "{2+}\r\na\n"},
	{minus, enc((*Enc).String, "a\n"), "{2+}\r\na\n"},
	{minus, enc((*Enc).String, strings.Repeat("\n", 4097)), "{4097}\r\n|sync|" + strings.Repeat("\n", 4097)},
	{client, enc((*Enc).String, "a\n"), "{2}\r\n|sync|a\n"},

	{server, enc((*Enc).AString, "INBOX"), "INBOX"},
	{server, enc((*Enc).AString, "a]"), "a]"},
	{server, enc((*Enc).AString, "NiL"), `"NiL"`},
	{server, enc((*Enc).AString, "NILS"), "NILS"},
	{server, enc((*Enc).AString, "ab"), "ab"},
	{server, enc((*Enc).AString, ""), `""`},
	{server, enc((*Enc).AString, "a b"), `"a b"`},
	{server, enc((*Enc).AString, "a*"), `"a*"`},
	{server, enc((*Enc).AString, "a\\b"), `"a\\b"`},
	{client, enc((*Enc).AString, "ü"), "{2}\r\n|sync|ü"},
	{client, enc((*Enc).AString, "a\x00"), "!NUL"},
	{server, enc((*Enc).Mailbox, "&AOk-"), "&AOk-"},

	{server, enc((*Enc).NString, NString{}), "NIL"},
	{server, enc((*Enc).NString, str("NIL")), `"NIL"`},
	{server, enc((*Enc).NString, str("\x00")), "!NUL"},
	{server, enc((*Enc).NString8, NString{}), "NIL"},
	{server, enc((*Enc).NString8, str("\x00")), "~{1}\r\n\x00"},
	{server, enc((*Enc).NString8, str("x")), `"x"`},
	{plus, enc((*Enc).NString8, str("\x00")), "~{1+}\r\n\x00"},

	{server, enc((*Enc).Literal, NewLiteral("ab")), "{2}\r\nab"},
	{server, enc((*Enc).Literal, NewLiteral("\x00")), "!NUL"},
	{server, enc((*Enc).Literal, Literal{}), "!absent"},
	{server, enc((*Enc).Literal, Literal{Body: strings.NewReader(""), Size: -1, Valid: true}), "!negative size"},
	{server, enc((*Enc).Literal8, NewLiteral("\x00")), "~{1}\r\n\x00"},
	{server, enc((*Enc).StreamLiteral, Literal{Body: strings.NewReader(""), Size: 9, Valid: true}), "{9}\r\n|9|"},
	{client, enc((*Enc).StreamLiteral, Literal{Body: strings.NewReader(""), Size: 9, Valid: true}), "{9}\r\n|sync 9|"},
	{plus, enc((*Enc).StreamLiteral8, Literal{Body: strings.NewReader(""), Size: 9, Valid: true}), "~{9+}\r\n|9|"},
	{server, enc((*Enc).StreamNString, Literal{}), "NIL"},
	{server, enc((*Enc).StreamNString, NewLiteral("a")), "{1}\r\na"},
	{server, enc((*Enc).StreamNString8, Literal{}), "NIL"},
	{server, enc((*Enc).StreamNString8, NewLiteral("a\x00")), "~{2}\r\na\x00"},
	{server, enc((*Enc).StreamNString8, bin("a")), "~{1}\r\na"},
	{server, enc((*Enc).StreamNString8, NewLiteral("a")), "{1}\r\na"},

	{server, enc((*Enc).Delimiter, 0), "NIL"},
	{server, enc((*Enc).Delimiter, '/'), `"/"`},
	{server, enc((*Enc).Delimiter, '\\'), `"\\"`},
	{server, enc((*Enc).Delimiter, '\n'), "!CR, LF or 8-bit"},
	{server, enc((*Enc).Delimiter, 0xfc), "!CR, LF or 8-bit"},

	{server, enc((*Enc).SequenceSet, SequenceSet{Ranges: []NumRange{{1, 1}, {0, 4}, {5, 0}, {0, 0}}}), "1,*:4,5:*,*"},
	{server, enc((*Enc).SequenceSet, SequenceSet{Saved: true}), "$"},
	{server, enc((*Enc).SequenceSet, SequenceSet{}), "!empty"},
	{server, enc((*Enc).SequenceSet, SequenceSet{Saved: true, Ranges: []NumRange{{1, 1}}}), `!"$" with numbers`},
	{server, enc((*Enc).UIDSet, UIDSet{{3, 1}, {4, 4}}), "3:1,4"},
	{server, enc((*Enc).UIDSet, UIDSet{}), "!empty"},
	{server, enc((*Enc).UIDSet, UIDSet{{1, 0}}), "!0"},

	{server, enc((*Enc).Date, Date{1994, 2, 1}), "1-Feb-1994"},
	{server, enc((*Enc).Date, Date{800, 12, 31}), "31-Dec-0800"},
	{server, enc((*Enc).Date, Date{}), "!no such day"},
	{server, enc((*Enc).Date, Date{1994, 2, 29}), "!no such day"},
	{server, enc((*Enc).Date, Date{10000, 2, 2}), "!no such day"},
	{server, enc((*Enc).Date, Date{1994, 16, 2}), "!no such day"},
	{server, enc((*Enc).DateTime, DateTime{1994, 2, 7, 21, 52, 25, -480}), `" 7-Feb-1994 21:52:25 -0800"`},
	{server, enc((*Enc).DateTime, DateTime{1996, 7, 17, 2, 4, 5, 345}), `"17-Jul-1996 02:04:05 +0545"`},
	{server, enc((*Enc).DateTime, DateTime{}), "!no such time"},
	{server, enc((*Enc).DateTime, DateTime{1996, 7, 17, 24, 4, 5, 0}), "!no such time"},

	{client, enc((*Enc).Base64, []byte("a")), "YQ=="},
	{client, enc((*Enc).Base64, nil), ""},
	{client, enc((*Enc).InitialResponse, []byte{}), "="},
	{client, enc((*Enc).InitialResponse, []byte("abc")), "YWJj"},

	{server, enc((*Enc).Rest, Raw(`x (1 "a") y`)), `x (1 "a") y`},
	{server, enc((*Enc).Rest, Raw("x {2+}\r\n\r\n ~{1}\r\n\x00 y")), "x {2}\r\n\r\n ~{1}\r\n\x00 y"},
	{client, enc((*Enc).Rest, Raw("x {2+}\r\n\r\n y")), "x {2}\r\n|sync|\r\n y"},
	{client, enc((*Enc).Rest, Raw("x {02}\r\n\r\n y")), "x {02}\r\n|sync|\r\n y"},
	{plus, enc((*Enc).Rest, Raw("x {2}\r\n\r\n y")), "x {2}\r\n|sync|\r\n y"},
	{plus, enc((*Enc).Rest, Raw("x ~{02+}\r\n\r\n y")), "x ~{02+}\r\n\r\n y"},
	{server, enc((*Enc).Rest, Raw(`it"s`)), `it"s`},
	{server, enc((*Enc).Raw, Raw(`it"s`)), "!a quote that is not closed"},
	{server, enc((*Enc).Rest, Raw("x {2+}")), "!the announcement of a literal at its end"},
	{server, enc((*Enc).Rest, Raw("{x}")), "{x}"},
	{server, enc((*Enc).Rest, Raw("\"{2+}")), "!the announcement of a literal at its end"},
	{server, enc((*Enc).Rest, Raw("x\r\na LOGOUT")), "!CR, LF, NUL or a wrong literal"},
	{server, enc((*Enc).Rest, Raw("x\n")), "!CR, LF, NUL or a wrong literal"},
	{server, enc((*Enc).Rest, Raw("x\x00")), "!CR, LF, NUL or a wrong literal"},
	{server, enc((*Enc).Rest, Raw("{3}\r\nab")), "!CR, LF, NUL or a wrong literal"},
	{server, enc((*Enc).Rest, Raw("\"{2}\r\nab")), "!CR, LF, NUL or a wrong literal"},
	{server, enc((*Enc).Rest, Raw("{2}\r\n\x00b")), "!CR, LF, NUL or a wrong literal"},
}

// show is what was encoded, with its breaks in it; or the reason of the error.
func show(t *testing.T, e *Enc, before string, val encoding) string {
	t.Helper()
	dst := []byte(before)
	start := len(dst)
	dst, err := encode(e, dst, val)
	if s := string(dst[:start]); s != before {
		t.Errorf("%q became %q", before, s)
	}
	if err != nil {
		var ee *EncodeError
		if !errors.As(err, &ee) || len(dst) != start || len(e.Breaks()) != 0 {
			t.Errorf("%v with %q, %v", err, dst, e.Breaks())
		}
		return "!" + ee.Reason
	}
	var out strings.Builder
	at := start
	for _, b := range e.Breaks() {
		out.Write(dst[at:b.Offset])
		at = b.Offset
		out.WriteString(showBreak(b))
	}
	out.Write(dst[at:])
	return out.String()
}

func showBreak(b Break) string {
	s := "|"
	if b.Sync {
		s += "sync"
	}
	if b.Body != nil {
		s += strings.TrimSpace(" " + string(appendNumber(nil, uint64(b.Size))))
		s = strings.Replace(s, "sync", "sync ", 1)
	}
	return s + "|"
}

func TestEncode(t *testing.T) {
	for i, c := range encodeCases {
		e := c.enc
		for _, before := range []string{"", "xyz"} {
			if got := show(t, &e, before, c.val); got != c.want {
				t.Errorf("case %d: %q, want %q", i, got, c.want)
			}
		}
	}
}

func TestEncodeFirstFailureCounts(t *testing.T) {
	e := Enc{Side: Server}
	e.Sites([]SiteInfo{{"fetch", "an item"}})
	dst := append(make([]byte, 0, 100), "abc"...)
	dst, err := encode(&e, dst, func(e *Enc, p Out) Out {
		p = e.UID(e.FailReason(p, NumSites, "why").Text("def"), 0)
		if !e.Failed() {
			t.Error("not failed")
		}
		return p
	})
	if want := "cannot encode fetch: not an item: why"; err == nil || err.Error() != want || string(dst) != "abc" {
		t.Errorf("%q %v", dst, err)
	}
	dst, err = encode(&e, dst, enc((*Enc).Fail, NumSites))
	if want := "cannot encode fetch: not an item"; err == nil || err.Error() != want || string(dst) != "abc" {
		t.Errorf("%q %v", dst, err)
	}
	if dst, err = encode(&e, dst, enc((*Enc).UID, 5)); string(dst) != "abc5" || err != nil {
		t.Error("a failure outlives its unit")
	}
}

func TestNumbersBothWays(t *testing.T) {
	d := Dec{Borrow: true}
	check := func(v uint64) {
		line := appendNumber(nil, v)
		got, next, _, err := decode(&d, lineFrame(string(line)), prim((*Dec).Number64), 0)
		if got != v || next != len(line) || err != nil {
			t.Errorf("%d: %q is %v (%v)", v, line, got, err)
		}
	}
	for v := uint64(0); v < 1<<63; v += v/2 + 1 {
		check(v)
	}
	for v := uint64(1); v < 1e18; v *= 10 {
		check(v - 1)
		check(v)
		check(v + 1)
	}
	for v := range uint64(20000) {
		check(v)
	}
}

// Everything a decoder accepts is written and read again as the same value,
// whatever has been negotiated.
func TestDecodeEncodeDecode(t *testing.T) {
	for _, c := range decodeCases {
		if c.value == nil || c.name == "StreamLiteral" || c.name == "StreamLiteral8" {
			continue
		}
		for _, e := range []Enc{server, server8, plus} {
			dst, err := encode(&e, nil, again(c.name, c.value))
			if err != nil {
				if c.name != "Quoted" {
					t.Errorf("%s(%q): %v", c.name, c.line, err)
				}
				continue
			}
			var d Dec
			got, next, _, err := decode(&d, lineFrame(string(dst)), c.prim, 0)
			if err != nil || next != len(dst) || !cmp.Equal(got, c.value) {
				t.Errorf("%s(%q): %q is %v (%v), want %v", c.name, c.line, dst, got, err, c.value)
			}
		}
	}
}

// again encodes a value with the primitive of a name.
func again(name string, v any) encoding {
	switch v := v.(type) {
	case uint32:
		return enc((*Enc).Number, v)
	case uint64:
		return enc((*Enc).Number64, v)
	case UID:
		return enc((*Enc).UID, v)
	case SeqNum:
		return enc((*Enc).SeqNum, v)
	case ModSeq:
		return enc((*Enc).ModSequenceZero, v)
	case string:
		switch name {
		case "Quoted":
			return enc((*Enc).Quoted, v)
		case "String":
			return enc((*Enc).String, v)
		}
		return enc((*Enc).AString, v)
	case NString:
		return enc((*Enc).NString8, v)
	case Literal:
		return enc((*Enc).StreamNString8, v)
	case byte:
		return enc((*Enc).Delimiter, v)
	case SequenceSet:
		return enc((*Enc).SequenceSet, v)
	case UIDSet:
		return enc((*Enc).UIDSet, v)
	case Date:
		return enc((*Enc).Date, v)
	case DateTime:
		return enc((*Enc).DateTime, v)
	case []byte:
		if name == "Base64" {
			return enc((*Enc).Base64, v)
		}
		return enc((*Enc).InitialResponse, v)
	case Raw:
		return enc((*Enc).Rest, v)
	}
	return enc((*Enc).Fail, siteNone)
}

func TestEncodeAllocations(t *testing.T) {
	set := SequenceSet{Ranges: []NumRange{{1, 5}, {7, 0}}}
	date := DateTime{1994, 2, 7, 21, 52, 25, -480}
	e := Enc{}
	buf := make([]byte, 0, 1024)
	n := testing.AllocsPerRun(1000, func() {
		p := e.UID(e.At(e.Start(buf)), 123456)
		p = e.AString(p, "INBOX")
		p = e.String(p, "some text \" and \\ more")
		p = e.String(p, "a\nb")
		p = e.SequenceSet(p, set)
		p = e.DateTime(p, date)
		p = e.Raw(p, "(a b c)")
		if _, err := e.Finish(p, 0); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
