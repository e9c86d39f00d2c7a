package message

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// ToUTF8 decodes octets in the given charset, which is a name of the IANA registry or
// of the WHATWG, of any case. It is not ok if the charset is unknown; then the text is
// the best guess: what is valid UTF-8 is taken for it and the rest for Windows-1252.
// So is what claims to be US-ASCII or UTF-8 and is not.
func ToUTF8(charset string, octets []byte) (text string, ok bool) {
	e, ok := lookupCharset(charset)
	d := charsetDecoder(e)
	// Charset decoders have no errors: they put U+FFFD in place of what is wrong.
	b, _, err := transform.Bytes(d, octets)
	if err != nil {
		return string(octets), false
	}
	return string(b), ok
}

// lookupCharset returns the encoding with the given name. It is nil for US-ASCII and
// UTF-8, and for an unknown charset, which is not ok.
func lookupCharset(name string) (e encoding.Encoding, ok bool) {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	switch name {
	case "us-ascii", "ascii", "ansi_x3.4-1968", "utf-8", "utf8", "unicode-1-1-utf-8":
		return nil, true
	case "":
		return nil, false
	}
	e, err := htmlindex.Get(name)
	if err == nil && e != encoding.Replacement {
		return e, true
	}
	e, err = ianaindex.MIME.Encoding(name)
	if err != nil || e == nil || e == encoding.Replacement {
		return nil, false
	}
	return e, true
}

// charsetDecoder returns a decoder of e to valid UTF-8.
func charsetDecoder(e encoding.Encoding) transform.Transformer {
	if e == nil {
		return guess{}
	}
	return e.NewDecoder()
}

// guess decodes octets of which the charset is not known.
type guess struct{ transform.NopResetter }

// Transform implements transform.Transformer.
func (guess) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		n := asciiRun(src[nSrc:])
		n = copy(dst[nDst:], src[nSrc:nSrc+n])
		nDst, nSrc = nDst+n, nSrc+n
		if nSrc == len(src) {
			break
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}
