package message

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Needle is a string to be searched for, folded: letters match whatever their case, in
// all of Unicode, and characters match whether they are composed or not.
type Needle struct {
	folded []byte
}

// NewNeedle returns the needle for s, which is UTF-8.
func NewNeedle(s string) Needle { return Needle{foldText(s)} }

// in reports whether text has the needle in it.
func (n Needle) in(text string) bool { return bytes.Contains(foldText(text), n.folded) }

// inField reports whether the text of a header field, in which a fold may have left a
// tab where there is meant to be a space, has the needle in it.
func (n Needle) inField(text string) bool {
	return n.in(text) || strings.Contains(text, "\t") && n.in(strings.ReplaceAll(text, "\t", " "))
}

// foldText folds a text that is whole.
func foldText(s string) []byte {
	octets := []byte(s)
	if asciiRun(octets) == len(octets) {
		return appendLower(nil, octets)
	}
	text, _ := ToUTF8("UTF-8", octets)
	var f folder
	return f.fold(make([]byte, 0, len(text)+8), []byte(text), true)
}

// folder folds text that comes in pieces: it composes characters (Unicode NFC) and then
// applies full case folding. ASCII, which most text is, has a path of its own.
type folder struct {
	held     []byte // the end of the text so far, to which the next piece may add an accent
	text     []byte
	composed []byte
	caser    *cases.Caser // not shared: a Caser may have state
}

// maxHeldText bounds the run of characters that are taken to depend on each other.
const maxHeldText = 4 << 10

// fold appends the next piece of the text, folded, to dst. The text is UTF-8, and
// pieces have whole characters. What the last piece has at its end comes at the next
// call.
func (f *folder) fold(dst, piece []byte, last bool) []byte {
	text := piece
	if len(f.held) > 0 {
		f.text = append(append(f.text[:0], f.held...), piece...)
		text = f.text
	}
	for len(text) > 0 {
		n := asciiRun(text)
		wide := n + wideRun(text[n:])
		if wide == len(text) && !last {
			break
		}
		ascii := n
		if wide > n {
			ascii = max(n-1, 0) // the last one may get an accent
		}
		dst = appendLower(dst, text[:ascii])
		dst = f.foldWide(dst, text[ascii:wide])
		text = text[wide:]
	}
	return f.hold(dst, text)
}

// hold keeps text, a run of ASCII and a run of other characters, for the next piece,
// and appends what is too long to keep to dst.
func (f *folder) hold(dst, text []byte) []byte {
	n := asciiRun(text)
	from := max(n-1, 0)
	dst = appendLower(dst, text[:from])
	if len(text)-from > maxHeldText {
		end := len(text) - 1
		for !utf8.RuneStart(text[end]) {
			end--
		}
		dst = f.foldWide(dst, text[from:end])
		from = end
	}
	f.held = append(f.held[:0], text[from:]...)
	return dst
}

// foldWide appends text, folded with all that Unicode has for it.
func (f *folder) foldWide(dst, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	f.composed = norm.NFC.Append(f.composed[:0], text...)
	if f.caser == nil {
		caser := cases.Fold()
		f.caser = &caser
	}
	folded, _, err := transform.Append(f.caser, dst, f.composed)
	if err != nil {
		return append(dst, f.composed...) // not for UTF-8, which text is
	}
	return folded
}

// asciiRun returns how many octets at the start of b are ASCII.
func asciiRun(b []byte) int {
	const high = 0x8080808080808080 // the bits that ASCII does not have, of eight octets
	i := 0
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&high == 0 {
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// wideRun returns how many octets at the start of b are not ASCII.
func wideRun(b []byte) int {
	for i, c := range b {
		if c < utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}

// appendLower appends ASCII text in lower case.
func appendLower(dst, text []byte) []byte {
	start := len(dst)
	dst = append(dst, text...)
	for i, c := range dst[start:] {
		if 'A' <= c && c <= 'Z' {
			dst[start+i] = c + 'a' - 'A'
		}
	}
	return dst
}
