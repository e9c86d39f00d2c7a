package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lineFrame makes a frame of a line without CRLF.
func lineFrame(line string) Frame { return Frame{Bytes: []byte(line + "\r\n")} }

// A primitive is a method of Dec in a common form.
type primitive func(d *Dec, b Octets, i int) (any, int)

func prim[T any](f func(*Dec, Octets, int) (T, int)) primitive {
	return func(d *Dec, b Octets, i int) (any, int) { return f(d, b, i) }
}

// decodeCase: a primitive reads line and comes to the index next with value;
// or, where value is nil, fails at the index next.
type decodeCase struct {
	name  string
	prim  primitive
	line  string
	value any
	next  int
}

func str(s string) NString { return NString{Value: s, Valid: true} }

func bin(s string) Literal {
	l := NewLiteral(s)
	l.Binary = true
	return l
}

var decodeCases = []decodeCase{
	{"Number", prim((*Dec).Number), "0", uint32(0), 1},
	{"Number", prim((*Dec).Number), "007)", uint32(7), 3},
	{"Number", prim((*Dec).Number), "1234567 ", uint32(1234567), 7},
	{"Number", prim((*Dec).Number), "12345678", uint32(12345678), 8},
	{"Number", prim((*Dec).Number), "4294967295", uint32(4294967295), 10},
	{"Number", prim((*Dec).Number), "00000000000000000000000001", uint32(1), 26},
	{"Number", prim((*Dec).Number), "4294967296", nil, 0},
	{"Number", prim((*Dec).Number), "18446744073709551617", nil, 0},
	{"Number", prim((*Dec).Number), "36893488147419103233", nil, 0},
	{"Number", prim((*Dec).Number), "", nil, 0},
	{"Number", prim((*Dec).Number), "-1", nil, 0},
	{"Number", prim((*Dec).Number), "\xb11", nil, 0},
	{"Number", prim((*Dec).Number), "1:2", uint32(1), 1},
	{"Number", prim((*Dec).Number), "1/2", uint32(1), 1},
	{"NzNumber", prim((*Dec).NzNumber), "1", uint32(1), 1},
	{"NzNumber", prim((*Dec).NzNumber), "0", nil, 0},
	{"NzNumber", prim((*Dec).NzNumber), "01", nil, 0},
	{"NzNumber", prim((*Dec).NzNumber), "4294967296", nil, 0},
	{"UID", prim((*Dec).UID), "4294967295", UID(4294967295), 10},
	{"UID", prim((*Dec).UID), "0", nil, 0},
	{"SeqNum", prim((*Dec).SeqNum), "12 ", SeqNum(12), 2},
	{"SeqNum", prim((*Dec).SeqNum), "*", nil, 0},
	{"Number64", prim((*Dec).Number64), "9223372036854775807", uint64(1<<63 - 1), 19},
	{"Number64", prim((*Dec).Number64), "0", uint64(0), 1},
	{"Number64", prim((*Dec).Number64), "9223372036854775808", nil, 0},
	{"Number64", prim((*Dec).Number64), "99999999999999999999", nil, 0},
	{"NzNumber64", prim((*Dec).NzNumber64), "9223372036854775807", uint64(1<<63 - 1), 19},
	{"NzNumber64", prim((*Dec).NzNumber64), "0", nil, 0},
	{"NzNumber64", prim((*Dec).NzNumber64), "x", nil, 0},
	{"ModSequence", prim((*Dec).ModSequence), "715194045007", ModSeq(715194045007), 12},
	{"ModSequence", prim((*Dec).ModSequence), "0", nil, 0},
	{"ModSequenceZero", prim((*Dec).ModSequenceZero), "0", ModSeq(0), 1},
	{"ModSequenceZero", prim((*Dec).ModSequenceZero), "9223372036854775808", nil, 0},

	{"Quoted", prim((*Dec).Quoted), `""`, "", 2},
	{"Quoted", prim((*Dec).Quoted), `"abc" x`, "abc", 5},
	{"Quoted", prim((*Dec).Quoted), `"0123456789abcdef0123456789"`, "0123456789abcdef0123456789", 28},
	{"Quoted", prim((*Dec).Quoted), `"a\"b\\c"`, `a"b\c`, 9},
	{"Quoted", prim((*Dec).Quoted), `"\\"`, `\`, 4},
	{"Quoted", prim((*Dec).Quoted), `"\"\""`, `""`, 6},
	{"Quoted", prim((*Dec).Quoted), "\"t\tab\x7f\x01\"", "t\tab\x7f\x01", 8},
	{"Quoted", prim((*Dec).Quoted), `"grün €𝄞"`, "grün €𝄞", 15},
	{"Quoted", prim((*Dec).Quoted), `"ü\"ü"`, `ü"ü`, 8},
	{"Quoted", prim((*Dec).Quoted), `"a\b"`, nil, 3},
	{"Quoted", prim((*Dec).Quoted), `"abc`, nil, 4},
	{"Quoted", prim((*Dec).Quoted), `"abc\`, nil, 5},
	{"Quoted", prim((*Dec).Quoted), `"abc\"`, nil, 6},
	{"Quoted", prim((*Dec).Quoted), "\"a\x00b\"", nil, 2},
	{"Quoted", prim((*Dec).Quoted), "\"a\rb\"", nil, 2},
	{"Quoted", prim((*Dec).Quoted), "\"a\nb\"", nil, 2},
	{"Quoted", prim((*Dec).Quoted), "\"a\xff\"", nil, 2},
	{"Quoted", prim((*Dec).Quoted), "\"a\xc3\"", nil, 2},
	{"Quoted", prim((*Dec).Quoted), "\"\xed\xa0\x80\"", nil, 1},
	{"Quoted", prim((*Dec).Quoted), "\"\xc0\x80\"", nil, 1},
	{"Quoted", prim((*Dec).Quoted), "abc", nil, 0},

	{"String", prim((*Dec).String), `"a b"`, "a b", 5},
	{"String", prim((*Dec).String), "{3}\r\na\r\n)", "a\r\n", 8},
	{"String", prim((*Dec).String), "{3+}\r\nabc", "abc", 9},
	{"String", prim((*Dec).String), "{0}\r\n", "", 5},
	{"String", prim((*Dec).String), "{007}\r\nabcdefg", "abcdefg", 14},
	{"String", prim((*Dec).String), "abc", nil, 0},
	{"String", prim((*Dec).String), "{3}\r\nab", nil, 0},
	{"String", prim((*Dec).String), "{3}\r\na\x00b", nil, 6},
	{"String", prim((*Dec).String), "{3-}\r\nabc", nil, 0},
	{"String", prim((*Dec).String), "{}\r\nabc", nil, 0},
	{"String", prim((*Dec).String), "{3}", nil, 0},
	{"String", prim((*Dec).String), "{3 }\r\nabc", nil, 0},
	{"String", prim((*Dec).String), "{99999999999999999999}\r\nabc", nil, 0},
	{"String", prim((*Dec).String), "{9223372036854775807}\r\nabc", nil, 0},
	{"String", prim((*Dec).String), "{3}\n\rabc", nil, 0},

	{"AString", prim((*Dec).AString), "INBOX", "INBOX", 5},
	{"AString", prim((*Dec).AString), "a]b)", "a]b", 3},
	{"AString", prim((*Dec).AString), "NIL", "NIL", 3},
	{"AString", prim((*Dec).AString), "~{5}", "~", 1},
	{"AString", prim((*Dec).AString), `"NIL"`, "NIL", 5},
	{"AString", prim((*Dec).AString), "{4}\r\nbox \r", "box ", 9},
	{"AString", prim((*Dec).AString), "", nil, 0},
	{"AString", prim((*Dec).AString), "(", nil, 0},
	{"AString", prim((*Dec).AString), "%", nil, 0},
	{"AString", prim((*Dec).AString), "\xc3\xbc", nil, 0},
	{"AString", prim((*Dec).AString), "\x7f", nil, 0},
	{"Mailbox", prim((*Dec).Mailbox), "&U,BTFw-/x ", "&U,BTFw-/x", 10},

	{"NString", prim((*Dec).NString), "NIL)", NString{}, 3},
	{"NString", prim((*Dec).NString), "nIl", NString{}, 3},
	{"NString", prim((*Dec).NString), `"NIL"`, str("NIL"), 5},
	{"NString", prim((*Dec).NString), `""`, str(""), 2},
	{"NString", prim((*Dec).NString), "{2}\r\nab", str("ab"), 7},
	{"NString", prim((*Dec).NString), "abc", nil, 0},
	{"NString", prim((*Dec).NString), "NI", nil, 0},
	{"NString", prim((*Dec).NString), "~{2}\r\nab", nil, 0},
	{"NString", prim((*Dec).NString), `"a`, nil, 2},
	{"NString8", prim((*Dec).NString8), "~{2}\r\na\x00", str("a\x00"), 8},
	{"NString8", prim((*Dec).NString8), "nil", NString{}, 3},
	{"NString8", prim((*Dec).NString8), `"x"`, str("x"), 3},
	{"NString8", prim((*Dec).NString8), "{1}\r\nx", str("x"), 6},
	{"NString8", prim((*Dec).NString8), "~x", nil, 0},
	{"NString8", prim((*Dec).NString8), "~{3}\r\nab", nil, 1},

	{"Literal", prim((*Dec).Literal), "{2}\r\nab c", NewLiteral("ab"), 7},
	{"Literal", prim((*Dec).Literal), `"ab"`, nil, 0},
	{"Literal", prim((*Dec).Literal), "~{2}\r\nab", nil, 0},
	{"Literal8", prim((*Dec).Literal8), "~{2}\r\n\x00b c", bin("\x00b"), 8},
	{"Literal8", prim((*Dec).Literal8), "~{2+}\r\n\x00b c", bin("\x00b"), 9},
	{"Literal8", prim((*Dec).Literal8), "{2}\r\nab", nil, 0},
	{"StreamLiteral", prim((*Dec).StreamLiteral), "{2}\r\nab c", NewLiteral("ab"), 7},
	{"StreamLiteral8", prim((*Dec).StreamLiteral8), "~{2}\r\nab c", bin("ab"), 8},
	{"StreamNString", prim((*Dec).StreamNString), "NIL", Literal{}, 3},
	{"StreamNString", prim((*Dec).StreamNString), `"ab"`, NewLiteral("ab"), 4},
	{"StreamNString", prim((*Dec).StreamNString), "{2}\r\nab", NewLiteral("ab"), 7},
	{"StreamNString", prim((*Dec).StreamNString), "x", nil, 0},
	{"StreamNString8", prim((*Dec).StreamNString8), "~{2}\r\n\x00b", bin("\x00b"), 8},
	{"StreamNString8", prim((*Dec).StreamNString8), "NIL", Literal{}, 3},
	{"StreamNString8", prim((*Dec).StreamNString8), "x", nil, 0},

	{"Delimiter", prim((*Dec).Delimiter), `"/"`, byte('/'), 3},
	{"Delimiter", prim((*Dec).Delimiter), `"\\"`, byte('\\'), 4},
	{"Delimiter", prim((*Dec).Delimiter), `"\""`, byte('"'), 4},
	{"Delimiter", prim((*Dec).Delimiter), "NIL", byte(0), 3},
	{"Delimiter", prim((*Dec).Delimiter), `""`, nil, 1},
	{"Delimiter", prim((*Dec).Delimiter), `"ab"`, nil, 2},
	{"Delimiter", prim((*Dec).Delimiter), `"\a"`, nil, 2},
	{"Delimiter", prim((*Dec).Delimiter), "\"\xc3\xbc\"", nil, 1},
	{"Delimiter", prim((*Dec).Delimiter), `"`, nil, 1},
	{"Delimiter", prim((*Dec).Delimiter), "/", nil, 0},

	{"SequenceSet", prim((*Dec).SequenceSet), "1", SequenceSet{Ranges: []NumRange{{1, 1}}}, 1},
	{"SequenceSet", prim((*Dec).SequenceSet), "2,4:7,9,12:* x", SequenceSet{Ranges: []NumRange{{2, 2}, {4, 7}, {9, 9}, {12, 0}}}, 12},
	{"SequenceSet", prim((*Dec).SequenceSet), "*:4,7:3,*", SequenceSet{Ranges: []NumRange{{0, 4}, {7, 3}, {0, 0}}}, 9},
	{"SequenceSet", prim((*Dec).SequenceSet), "$", SequenceSet{Saved: true}, 1},
	{"SequenceSet", prim((*Dec).SequenceSet), "1,$", nil, 2},
	{"SequenceSet", prim((*Dec).SequenceSet), "0", nil, 0},
	{"SequenceSet", prim((*Dec).SequenceSet), "1,", nil, 2},
	{"SequenceSet", prim((*Dec).SequenceSet), "1:", nil, 2},
	{"SequenceSet", prim((*Dec).SequenceSet), "1:0", nil, 2},
	{"SequenceSet", prim((*Dec).SequenceSet), ",1", nil, 0},
	{"SequenceSet", prim((*Dec).SequenceSet), "1,4294967296", nil, 2},
	{"SequenceSet", prim((*Dec).SequenceSet), "", nil, 0},
	{"UIDSet", prim((*Dec).UIDSet), "300:302,5", UIDSet{{300, 302}, {5, 5}}, 9},
	{"UIDSet", prim((*Dec).UIDSet), "1:*", nil, 2},
	{"UIDSet", prim((*Dec).UIDSet), "*", nil, 0},
	{"UIDSet", prim((*Dec).UIDSet), "$", nil, 0},

	{"Date", prim((*Dec).Date), "1-Feb-1994", Date{1994, 2, 1}, 10},
	{"Date", prim((*Dec).Date), `"01-feb-1994" `, Date{1994, 2, 1}, 13},
	{"Date", prim((*Dec).Date), "29-Feb-2000", Date{2000, 2, 29}, 11},
	{"Date", prim((*Dec).Date), "29-Feb-1900", nil, 0},
	{"Date", prim((*Dec).Date), "31-Apr-2000", nil, 0},
	{"Date", prim((*Dec).Date), "0-Jan-2000", nil, 0},
	{"Date", prim((*Dec).Date), "001-Jan-2000", nil, 0},
	{"Date", prim((*Dec).Date), "1-Jan-20000", nil, 0},
	{"Date", prim((*Dec).Date), "1-Jan-200", nil, 0},
	{"Date", prim((*Dec).Date), "1-Foo-2000", nil, 0},
	{"Date", prim((*Dec).Date), "1-Jan/2000", nil, 0},
	{"Date", prim((*Dec).Date), `"1-Jan-2000`, nil, 0},
	{"Date", prim((*Dec).Date), " 1-Jan-2000", nil, 0},

	{"DateTime", prim((*Dec).DateTime), `"17-Jul-1996 02:44:25 -0700"`, DateTime{1996, 7, 17, 2, 44, 25, -420}, 28},
	{"DateTime", prim((*Dec).DateTime), `" 7-Feb-1994 21:52:25 -0800"`, DateTime{1994, 2, 7, 21, 52, 25, -480}, 28},
	{"DateTime", prim((*Dec).DateTime), `"07-Feb-1994 21:52:25 +1400"`, DateTime{1994, 2, 7, 21, 52, 25, 840}, 28},
	{"DateTime", prim((*Dec).DateTime), `"7-Feb-1994 21:52:60 +0000" x`, DateTime{1994, 2, 7, 21, 52, 60, 0}, 27},
	{"DateTime", prim((*Dec).DateTime), `" 17-Feb-1994 21:52:25 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 24:52:25 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:60:25 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:52:61 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:52:25 +0060"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:52:25 +1401"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:52:25 -1201"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:52:25 00000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994 21:5a:25 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"30-Feb-1994 21:52:25 +0000"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `"17-Feb-1994"`, nil, 0},
	{"DateTime", prim((*Dec).DateTime), `17-Feb-1994 21:52:25 +0000`, nil, 0},

	{"Base64", prim((*Dec).Base64), "AHRlc3QAdGVzdA==", []byte("\x00test\x00test"), 16},
	{"Base64", prim((*Dec).Base64), "", []byte{}, 0},
	{"Base64", prim((*Dec).Base64), "YWJj", []byte("abc"), 4},
	{"Base64", prim((*Dec).Base64), "YWJ", nil, 0},
	{"Base64", prim((*Dec).Base64), "YQ=", nil, 0},
	{"Base64", prim((*Dec).Base64), "=", nil, 0},
	{"InitialResponse", prim((*Dec).InitialResponse), "=", []byte{}, 1},
	{"InitialResponse", prim((*Dec).InitialResponse), "YQ==", []byte("a"), 4},
	{"InitialResponse", prim((*Dec).InitialResponse), "", nil, 0},
	{"InitialResponse", prim((*Dec).InitialResponse), "*", nil, 0},

	{"Rest", prim((*Dec).Rest), `(a "b" {3}` + "\r\na\r\n) x", Raw(`(a "b" {3}` + "\r\na\r\n) x"), 18},
	{"Rest", prim((*Dec).Rest), "", nil, 0},
	{"Rest", prim((*Dec).Rest), "a ~{1}\r\n\x00", Raw("a ~{1}\r\n\x00"), 9},
	{"Rest", prim((*Dec).Rest), "a\rb", nil, 1},
	{"Rest", prim((*Dec).Rest), "a\x00b", nil, 1},
	{"Rest", prim((*Dec).Rest), "a {1}\r\n\x00", nil, 7},
	{"Rest", prim((*Dec).Rest), "a {3}\r\nab", nil, 5},
	{"Rest", prim((*Dec).Rest), "\"a {1}\r\nb", nil, 6},
	{"Rest", prim((*Dec).Rest), "a {1}", nil, 2},
	{"Rest", prim((*Dec).Rest), "\"a ~{12+}", nil, 3},
	{"Rest", prim((*Dec).Rest), "a {1}\r\n{{2}", nil, 8},
	{"Rest", prim((*Dec).Rest), "a {1", Raw("a {1"), 4},
}

func decode(d *Dec, f Frame, p primitive, at int) (v any, next, failed int, err error) {
	b, err := d.Begin(f)
	if err != nil {
		return nil, 0, 0, err
	}
	v, next = p(d, b, at)
	failed, _ = d.Failure()
	return v, next, failed, d.Finish(next)
}

func TestDecode(t *testing.T) {
	for _, mode := range []struct {
		name   string
		borrow bool
	}{{"owned", false}, {"borrow", true}} {
		t.Run(mode.name, func(t *testing.T) {
			d := Dec{Borrow: mode.borrow}
			for _, c := range decodeCases {
				for _, before := range []string{"", "x", "(((((("} {
					check(t, &d, c, before)
				}
			}
		})
	}
}

// check decodes a case's line behind some other text.
func check(t *testing.T, d *Dec, c decodeCase, before string) {
	t.Helper()
	n := len(before)
	v, next, failed, err := decode(d, lineFrame(before+c.line), c.prim, n)
	switch {
	case c.value == nil:
		if next >= 0 || failed != n+c.next || err == nil {
			t.Errorf("%s(%q) = %v, index %d, failed at %d; want failure at %d", c.name, c.line, v, next, failed-n, c.next)
		}
	case next != n+c.next:
		t.Errorf("%s(%q): index %d, want %d (%v)", c.name, c.line, next-n, c.next, err)
	default:
		if diff := cmp.Diff(c.value, v); diff != "" {
			t.Errorf("%s(%q): (-want +got)\n%s", c.name, c.line, diff)
		}
	}
}

// Every strict prefix of what a primitive reads fails or is a value of its own,
// and never reaches beyond the frame.
func TestDecodePrefixes(t *testing.T) {
	d := Dec{Borrow: true}
	for _, c := range decodeCases {
		for n := range c.line {
			b, err := d.Begin(lineFrame(c.line[:n]))
			if err != nil {
				t.Fatal(err)
			}
			if _, next := c.prim(&d, b, 0); next > d.End() {
				t.Errorf("%s(%q): index %d is beyond the end", c.name, c.line[:n], next)
			}
			if i, _ := d.Failure(); i > d.End()+1 {
				t.Errorf("%s(%q): failed at %d", c.name, c.line[:n], i)
			}
		}
	}
}

// What lies behind a frame has no say in what is decoded.
func TestDecodeSlackIsIgnored(t *testing.T) {
	d := Dec{Borrow: true}
	for _, c := range decodeCases {
		for _, slack := range []string{"0123456789", `""""""""`, "\\\"\r\n\r\n", "IL NIL", "{5}\r\naaaa"} {
			line := c.line + "\r\n"
			buf := append([]byte(line+strings.Repeat(slack, 16)), make([]byte, Slack)...)
			v, next, failed, _ := decode(&d, Frame{Bytes: buf[:len(line)]}, c.prim, 0)
			w, next2, failed2, _ := decode(&d, lineFrame(c.line), c.prim, 0)
			if next != next2 || failed != failed2 || !cmp.Equal(v, w) {
				t.Errorf("%s(%q) before %q: %v, %d, %d; want %v, %d, %d", c.name, c.line, slack, v, next, failed, w, next2, failed2)
			}
		}
	}
}

func TestBeginWantsCRLF(t *testing.T) {
	var d Dec
	for _, s := range []string{"", "\n", "a\n", "a\r", "a", "a\r\nb"} {
		_, err := d.Begin(Frame{Bytes: []byte(s)})
		var se *SyntaxError
		if !errors.As(err, &se) || se.Offset != len(s) {
			t.Errorf("Begin(%q): %v", s, err)
		}
	}
}

func TestFinish(t *testing.T) {
	table := []SiteInfo{{"fetch", `"("`}}
	var d Dec
	d.Sites(table)
	if _, err := d.Begin(lineFrame("abc")); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(3); err != nil {
		t.Error(err)
	}
	err := d.Finish(2)
	if want := "syntax error at byte 2: expected the end of the line (CRLF)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	err = d.Finish(d.Fail(1, NumSites))
	if want := `syntax error at byte 1: expected "(" (fetch)`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := d.Finish(d.Fail(3, NumSites)); err == nil {
		t.Error("a unit that ends early has no error")
	}
	if err := d.Finish(d.Fail(1, NumSites+7)); err == nil {
		t.Error("an unknown site has no error")
	}
}

func TestDepthAndItems(t *testing.T) {
	d := Dec{Limits: Limits{Depth: 3, Items: 3}} // the outermost level, and two that are entered
	if _, err := d.Begin(lineFrame("x")); err != nil {
		t.Fatal(err)
	}
	first, second := d.Enter(0), d.Enter(0)
	if !first || !second || d.Enter(7) {
		t.Error("depth is not 3")
	}
	if i, site := d.Failure(); i != 7 || site != SiteDepth {
		t.Error(i, site)
	}
	d.Leave()
	if !d.Enter(0) {
		t.Error("Leave did not leave")
	}
	_, next, failed, _ := decode(&d, lineFrame("1,2,3,4"), prim((*Dec).SequenceSet), 0)
	if next >= 0 || failed != 6 {
		t.Errorf("four items: index %d, failed at %d", next, failed)
	}
	if _, next, _, _ = decode(&d, lineFrame("1,2,3"), prim((*Dec).UIDSet), 0); next != 5 {
		t.Error("three items are too many")
	}
}

func TestOwnedValuesStay(t *testing.T) {
	var d Dec
	var got []string
	var sets []SequenceSet
	var raws [][]byte
	for k := range 1000 {
		line := []byte(fmt.Sprintf("\"a\\\"%d\" %d:%d YWJj\r\n", k, k+1, k+2))
		b, err := d.Begin(Frame{Bytes: line})
		if err != nil {
			t.Fatal(err)
		}
		s, i := d.Quoted(b, 0)
		set, i := d.SequenceSet(b, i+1)
		raw, i := d.Base64(b, i+1)
		if err := d.Finish(i); err != nil {
			t.Fatal(err)
		}
		clear(line)
		got, sets, raws = append(got, s), append(sets, set), append(raws, raw)
	}
	for k := range got {
		want := SequenceSet{Ranges: []NumRange{{uint32(k + 1), uint32(k + 2)}}}
		if got[k] != fmt.Sprintf("a\"%d", k) || !cmp.Equal(sets[k], want) || string(raws[k]) != "abc" {
			t.Fatalf("%d: %q %v %q", k, got[k], sets[k], raws[k])
		}
	}
}

// A decoder that goes from owning to borrowing leaves owned values alone.
func TestBorrowAfterOwned(t *testing.T) {
	var d Dec
	get := func(line string) SequenceSet {
		v, _, _, err := decode(&d, lineFrame(line), prim((*Dec).SequenceSet), 0)
		if err != nil {
			t.Fatal(err)
		}
		return v.(SequenceSet)
	}
	owned := get("1:2")
	d.Borrow = true
	get("3:4")
	again := get("5:6")
	d.Borrow = false
	get("7:8")
	if got := owned.String() + " " + again.String(); got != "1:2 5:6" {
		t.Error(got)
	}
}

func TestCapSet(t *testing.T) {
	var d Dec
	for _, n := range []uint16{0, 63, 64, 200, 255} {
		if !d.Allows(n) {
			t.Error(n, "is refused")
		}
		d.Refused.Add(n)
		if d.Allows(n) || !d.Refused.Has(n) {
			t.Error(n, "is not refused")
		}
		d.Refused.Remove(n)
	}
	if d.Refused != (CapSet{}) {
		t.Error("not empty")
	}
}

// copies reports whether strings are copied, as with the build tag purego.
func copies() bool {
	b := []byte("a")
	s := text(b)
	b[0] = 'b'
	return s == "a"
}

func TestDecodeAllocations(t *testing.T) {
	if copies() {
		t.Skip("strings are copied")
	}
	cases := []struct{ name, line string }{
		{"plain", `"plain text" 1:5,7,9 " 7-Feb-1994 21:52:25 -0800" YWJj`},
		{"escaped", `"esc\"aped" 1:5,7,9 " 7-Feb-1994 21:52:25 -0800" YWJj`},
	}
	for _, c := range cases {
		buf := append([]byte(c.line+"\r\n"), make([]byte, Slack)...)
		f := Frame{Bytes: buf[:len(c.line)+2]}
		for _, borrow := range []bool{true, false} {
			d := Dec{Borrow: borrow}
			n := testing.AllocsPerRun(1000, func() { decodeMixed(t, &d, f) })
			if limit := map[bool]float64{true: 0, false: 1}[borrow]; n > limit {
				t.Errorf("%s, borrow %v: %v allocations", c.name, borrow, n)
			}
		}
	}
}

func decodeMixed(t *testing.T, d *Dec, f Frame) {
	b, err := d.Begin(f)
	if err != nil {
		t.Fatal(err)
	}
	_, i := d.Quoted(b, 0)
	_, i = d.SequenceSet(b, i+1)
	_, i = d.DateTime(b, i+1)
	_, i = d.Base64(b, i+1)
	if err := d.Finish(i); err != nil {
		t.Fatal(err)
	}
}
