package wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// within encodes to a destination of each small capacity, and requires the same
// octets each time, and that nothing behind the capacity is touched.
func within(t *testing.T, name, want string, encode func(dst []byte) []byte) {
	t.Helper()
	for room := range len(want) + 20 {
		back := bytes.Repeat([]byte{'#'}, len(want)+60)
		dst := append(back[:0], "ab"...)[: 2 : 2+room]
		if got := string(encode(dst)); got != "ab"+want {
			t.Fatalf("%s with room for %d: %q, want %q", name, room, got, "ab"+want)
		}
		if i := bytes.IndexFunc(back[2+room:], func(r rune) bool { return r != '#' }); i >= 0 {
			t.Fatalf("%s with room for %d: octet %d behind it is written", name, room, i)
		}
	}
}

// TestStringsOfEveryLength: an octet that must be escaped is found wherever it is.
func TestStringsOfEveryLength(t *testing.T) {
	e := Enc{Side: Server}
	for n := range 70 {
		s := strings.Repeat("xyz]~ !#", 9)[:n]
		within(t, s, `"`+s+`"`, func(dst []byte) []byte { return e.String(dst, s) })
		for i := range n {
			for c, want := range map[string]string{`"`: `\"`, `\`: `\\`, "\t": "\t", "\x7f": "\x7f"} {
				odd := s[:i] + c + s[i+1:]
				within(t, odd, `"`+s[:i]+want+s[i+1:]+`"`, func(dst []byte) []byte { return e.String(dst, odd) })
			}
			for _, c := range []string{"\r", "\n", "\x80", "\xff"} {
				odd := s[:i] + c + s[i+1:]
				if got, want := string(e.String(nil, odd)), fmt.Sprintf("{%d}\r\n%s", n, odd); got != want {
					t.Fatalf("%q, want %q", got, want)
				}
			}
		}
	}
}

func TestNumbersOfEveryLength(t *testing.T) {
	e := Enc{}
	for v := uint64(1); v < 1<<32; v = v*3 + 1 {
		want := fmt.Sprint(v)
		within(t, want, want, func(dst []byte) []byte { return e.NzNumber(dst, uint32(v)) })
		within(t, want, "* "+want, func(dst []byte) []byte { return e.SeqNumAfter(dst, '*'|' '<<8, 2, SeqNum(v)) })
		within(t, want, "12345678"+want, func(dst []byte) []byte {
			return e.Number64After(dst, '1'|'2'<<8|'3'<<16|'4'<<24|'5'<<32|'6'<<40|'7'<<48|'8'<<56, 8, v)
		})
		within(t, want, want, func(dst []byte) []byte { return e.Number64(dst, v) })
		within(t, want, want, func(dst []byte) []byte { return e.ModSequence(dst, ModSeq(v)) })
		within(t, want, "."+want+".7", func(dst []byte) []byte { return e.NzNumbers(dst, '.', []uint32{uint32(v), 7}) })
	}
	start := e.Start(nil)
	if _, err := e.Finish(e.NzNumbers(nil, ' ', []uint32{1, 0}), start); err == nil {
		t.Error("0 in a list")
	}
	within(t, "none", "UID 0", func(dst []byte) []byte { return e.NumberAfter(dst, 'U'|'I'<<8|'D'<<16|' '<<24, 4, 0) })
	within(t, "large", "9223372036854775807", func(dst []byte) []byte { return e.NzNumber64(dst, 1<<63-1) })
}

func TestBitTable(t *testing.T) {
	names := []string{"a", "bb", `\CccCccCccCcc`, "d", "e", "f", "g", "h", "$i"}
	table := NewBitTable(names)
	e := Enc{}
	for set := range uint64(1) << len(names) {
		want := strings.ReplaceAll(BitNames(set, names), "?", "")
		within(t, want, want, func(dst []byte) []byte { return e.Bits(dst, set, table, false) })
		if set != 0 {
			want = " " + want
		}
		within(t, want, want, func(dst []byte) []byte { return e.Bits(dst, set, table, true) })
	}
	few := NewBitTable(names[:2])
	within(t, "no name", "", func(dst []byte) []byte { return e.Bits(dst, 1<<4, few, false) })
	if got := e.Bits(nil, 1<<60, table, false); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestWordsWithoutBit(t *testing.T) {
	e := Enc{Side: Server}
	valid := func(s string) bool { return s != "!" }
	words := []string{"x", "yy"}
	within(t, "first", "x yy", func(dst []byte) []byte { return e.Words(dst, words, valid, 2, siteNone) })
	within(t, "further", "z x yy", func(dst []byte) []byte { return e.Words(append(dst, 'z'), words, valid, 2, siteNone) })
	within(t, "led", " x yy", func(dst []byte) []byte { return e.Words(dst, words, valid, -1, siteNone) })
	start := e.Start(nil)
	if _, err := e.Finish(e.Words(nil, []string{"x", "!"}, valid, 0, siteNone), start); err == nil {
		t.Error("a word that is not valid")
	}
}

func TestDateTimeInLittleRoom(t *testing.T) {
	e := Enc{}
	for want, v := range map[string]DateTime{
		`" 3-Sep-1999 01:37:03 +0000"`: {Year: 1999, Month: 9, Day: 3, Hour: 1, Min: 37, Sec: 3},
		`"31-Dec-1987 23:59:59 -1130"`: {Year: 1987, Month: 12, Day: 31, Hour: 23, Min: 59, Sec: 59, Zone: -(11*60 + 30)},
		`"10-Jan-9999 00:00:00 +0530"`: {Year: 9999, Month: 1, Day: 10, Zone: 5*60 + 30},
	} {
		within(t, want, want, func(dst []byte) []byte { return e.DateTime(dst, v) })
	}
}

func TestFindFold(t *testing.T) {
	words := []string{"$ab", "$Cd", `\Seen`}
	for word, want := range map[string]int{
		"$AB": 0, "$cd": 1, `\sEEN`: 2, "": -1, "$": -1, "$abc": -1, `\Seem`: -1, "Seen": -1, "a": -1, "~": -1, "\x00": -1, "$\xff": -1,
	} {
		if got := FindFold(words, word); got != want {
			t.Errorf("%q: %d, want %d", word, got, want)
		}
	}
}
