package wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// within encodes behind texts to destinations in which there is just, and just not, the room
// that a function asks for. It requires the same octets each time, that nothing behind the
// capacity is touched, and that there is room behind what has been written.
func within(t *testing.T, e *Enc, name, want string, encode func(p Out) Out) {
	t.Helper()
	for _, before := range []string{"ab", strings.Repeat("0123456789abcdef", 3)} {
		for room := range len(before) + len(want) + 20 {
			room += spare + most
			back := bytes.Repeat([]byte{'#'}, room+len(want)+200)
			p := e.At(e.Start(back[:0:room]))
			for i := 0; i < len(before); i += MaxText {
				p = p.Text(before[i:min(i+MaxText, len(before))])
			}
			p = encode(p)
			if got := e.Bytes(p); string(got) != before+want || cap(got)-len(got) < spare {
				t.Fatalf("%s with room for %d: %q, want %q; room for %d", name, room, got, before+want, cap(got)-len(got))
			}
			if i := bytes.IndexFunc(back[room:], func(r rune) bool { return r != '#' }); i >= 0 {
				t.Fatalf("%s with room for %d: octet %d behind it is written", name, room, i)
			}
		}
	}
}

// TestStringsOfEveryLength: an octet that must be escaped is found wherever it is.
func TestStringsOfEveryLength(t *testing.T) {
	e := Enc{Side: Server}
	for n := range 70 {
		s := strings.Repeat("xyz]~ !#", 9)[:n]
		within(t, &e, s, `"`+s+`"`, func(p Out) Out { return e.String(p, s) })
		for i := range n {
			for c, want := range map[string]string{`"`: `\"`, `\`: `\\`, "\t": "\t", "\x7f": "\x7f"} {
				odd := s[:i] + c + s[i+1:]
				within(t, &e, odd, `"`+s[:i]+want+s[i+1:]+`"`, func(p Out) Out { return e.String(p, odd) })
			}
			for _, c := range []string{"\r", "\n", "\x80", "\xff"} {
				odd := s[:i] + c + s[i+1:]
				got, _ := encode(&e, nil, enc((*Enc).String, odd))
				if got, want := string(got), fmt.Sprintf("{%d}\r\n%s", n, odd); got != want {
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
		within(t, &e, want, want, func(p Out) Out { return e.NzNumber(p, uint32(v)) })
		within(t, &e, want, "* "+want, func(p Out) Out { return e.SeqNum(p.Text("* "), SeqNum(v)) })
		within(t, &e, want, "12345678"+want, func(p Out) Out {
			return e.Number64(p.Text("12345678"), v)
		})
		within(t, &e, want, want, func(p Out) Out { return e.Number64(p, v) })
		within(t, &e, want, want, func(p Out) Out { return e.ModSequence(p, ModSeq(v)) })
		within(t, &e, want, "."+want+".7", func(p Out) Out { return e.NzNumbers(p, '.', []uint32{uint32(v), 7}) })
	}
	if _, err := encode(&e, nil, func(e *Enc, p Out) Out { return e.NzNumbers(p, ' ', []uint32{1, 0}) }); err == nil {
		t.Error("0 in a list")
	}
	within(t, &e, "none", "UID 0", func(p Out) Out { return e.Number(p.Text("UID "), 0) })
	within(t, &e, "large", "9223372036854775807", func(p Out) Out { return e.NzNumber64(p, 1<<63-1) })
}

func TestBitTable(t *testing.T) {
	names := []string{"a", "bb", `\CccCccCccCcc`, "d", "e", "f", "g", "h", "$i"}
	table := NewBitTable(names)
	e := Enc{}
	for set := range uint64(1) << len(names) {
		want := strings.ReplaceAll(BitNames(set, names), "?", "")
		within(t, &e, want, want, func(p Out) Out { return e.Bits(p, set, table, false) })
		if set != 0 {
			want = " " + want
		}
		within(t, &e, want, want, func(p Out) Out { return e.Bits(p, set, table, true) })
	}
	few := NewBitTable(names[:2])
	within(t, &e, "no name", "", func(p Out) Out { return e.Bits(p, 1<<4, few, false) })
	within(t, &e, "no such bit", "", func(p Out) Out { return e.Bits(p, 1<<60, table, false) })
}

func TestWordsWithoutBit(t *testing.T) {
	e := Enc{Side: Server}
	valid := func(s string) bool { return s != "!" }
	words := []string{"x", "yy"}
	within(t, &e, "first", "x yy", func(p Out) Out { return e.Words(p, words, valid, e.Len(p), siteNone) })
	within(t, &e, "further", "z x yy", func(p Out) Out { return e.Words(p.Text("z"), words, valid, e.Len(p), siteNone) })
	within(t, &e, "led", " x yy", func(p Out) Out { return e.Words(p, words, valid, -1, siteNone) })
	if _, err := encode(&e, nil, func(e *Enc, p Out) Out { return e.Words(p, []string{"x", "!"}, valid, 0, siteNone) }); err == nil {
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
		within(t, &e, want, want, func(p Out) Out { return e.DateTime(p, v) })
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
