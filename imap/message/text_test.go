package message

import (
	"strings"
	"testing"
)

func TestDecodeText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		// RFC 2047 §8.
		{`=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>`, `Keith Moore <moore@cs.utk.edu>`},
		{`=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>`, `Keld Jørn Simonsen <keld@dkuug.dk>`},
		{`=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>`, `André Pirard <PIRARD@vm1.ulg.ac.be>`},
		{
			"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
			`If you can read this you understand the example.`,
		},
		{`=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=`, `םולש ןב ילטפנ`},
		{`(=?ISO-8859-1?Q?a?=)`, `(a)`},
		{`(=?ISO-8859-1?Q?a?= b)`, `(a b)`},
		{`(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)`, `(ab)`},
		{"(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)", `(ab)`},
		{`(=?ISO-8859-1?Q?a_b?=)`, `(a b)`},
		{`(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)`, `(a b)`},
		// RFC 2231 §5.
		{`=?US-ASCII*EN?Q?Keith_Moore?=`, `Keith Moore`},
		// A character split between words, and other charsets.
		{`=?utf-8?Q?=C3?= =?UTF-8?B?pA==?=`, `ä`},
		{`=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=`, `日本語`},
		{`=?gb2312?B?1tDOxA==?=`, `中文`},
		{`=?koi8-r?Q?=F0=D2=C9?=`, `При`},
		{`=?windows-1252?Q?=80?=`, `€`},
		{`=?iso-8859-15?Q?=A4?=`, `€`},
		{`=?cp437?Q?=84?=`, `ä`},
		{`=?x-unknown?Q?=C3=A4=E4?=`, `ää`},
		// In quotes, touching, with spaces, without padding, in lower case.
		{`"=?utf-8?q?a=2c?=" <x@y>`, `"a," <x@y>`},
		{`x=?utf-8?Q?b?=y=?utf-8?Q?c?=`, `xbyc`},
		{`=?utf-8?Q?a b?=`, `a b`},
		{`=?utf-8?B?w6Q?=`, `ä`},
		// What is none.
		{`=?`, `=?`},
		{`=?utf-8?Q?abc`, `=?utf-8?Q?abc`},
		{`=?utf-8?X?abc?= =?utf-8?Q?d?=`, `=?utf-8?X?abc?= d`},
		{`=??Q?abc?=`, `=??Q?abc?=`},
		{`=?utf-8?Q`, `=?utf-8?Q`},
		{`=?=?utf-8?Q?a?=`, `=?a`},
		{`?==?`, `?==?`},
		{`=?utf-8?Q??=`, ``},
		{`=?utf-8?Q?=4?=`, `=4`},
		{"raw \xe4 \u00e4", `raw ä ä`},
		{"raw \xe4 =?utf-8?Q?b?= \xe4", `raw ä b ä`},
		{``, ``},
	} {
		if got := DecodeText(test.text); got != test.want {
			t.Errorf("%q is %q, want %q", test.text, got, test.want)
		}
	}
}

func TestToUTF8(t *testing.T) {
	for _, test := range []struct {
		charset, octets, want string
		ok                    bool
	}{
		{"UTF-8", "a\u00e4", "aä", true},
		{"utf8", "a\xe4", "aä", true},
		{"us-ascii", "a\xe4\u20ac", "aä€", true},
		{"", "\xe4", "ä", false},
		{"ISO-8859-1", "\xe4", "ä", true},
		{" \"latin1\" ", "\xe4", "ä", true},
		{"utf-16be", "\x00a\x20\xac", "a€", true},
		{"shift_jis", "\x93\xfa", "日", true},
		{"hz-gb-2312", "~{VPND~}", "中文", true},
		{"nonsense", "x\xff", "xÿ", false},
		{"replacement", "x", "x", false},
	} {
		got, ok := ToUTF8(test.charset, []byte(test.octets))
		if got != test.want || ok != test.ok {
			t.Errorf("%s %q is %q, %v; want %q, %v", test.charset, test.octets, got, ok, test.want, test.ok)
		}
	}
}

func TestFold(t *testing.T) {
	for _, test := range []struct {
		text, needle string
		want         bool
	}{
		{"Hello World", "LO w", true},
		{"ÄÖÜ", "äöü", true},
		{"STRASSE", "straße", true},
		{"Straße", "STRASSE", true},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"ПРИВЕТ", "привет", true},
		{"re\u0301sume\u0301", "RÉSUMÉ", true},
		{"résumé", "RE\u0301SUME\u0301", true},
		{"resume", "résumé", false},
		{"日本語", "本", true},
		{"ﬁsh", "FISH", true},
		{"\xff", "ÿ", true},
		{"abc", "", true},
		{"", "a", false},
	} {
		if got := NewNeedle(test.needle).in(test.text); got != test.want {
			t.Errorf("%q in %q: %v", test.needle, test.text, got)
		}
		for size := 1; size < 9; size++ {
			if got := findInPieces(test.text, test.needle, size); got != test.want {
				t.Errorf("%q in %q, in pieces of %d: %v", test.needle, test.text, size, got)
			}
		}
	}
}

// findInPieces gives a finder so many characters at a time.
func findInPieces(text, needle string, size int) bool {
	text, _ = ToUTF8("utf-8", []byte(text))
	f := finder{needle: NewNeedle(needle).folded}
	runes := []rune(text)
	for len(runes) > 0 {
		n := min(size, len(runes))
		if f.find([]byte(string(runes[:n])), false) {
			return true
		}
		runes = runes[n:]
	}
	return f.find(nil, true)
}

// TestFoldInPieces checks that it makes no difference how a text is cut.
func TestFoldInPieces(t *testing.T) {
	text := strings.Repeat("Ä e\u0301 日本 x ", 40) + strings.Repeat("я", 3*maxHeldText) + "e\u0301" + strings.Repeat("A", 50)
	want := string(foldText(text))
	for _, size := range []int{1, 2, 3, 7, 100, 5000} {
		var f folder
		var got []byte
		for runes := []rune(text); len(runes) > 0; {
			n := min(size, len(runes))
			got = f.fold(got, []byte(string(runes[:n])), false)
			runes = runes[n:]
			if len(f.held) > maxHeldText+4 {
				t.Fatalf("%d octets held", len(f.held))
			}
		}
		if got = f.fold(got, nil, true); string(got) != want {
			t.Errorf("pieces of %d give something else", size)
		}
	}
}
