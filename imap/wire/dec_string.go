package wire

import (
	"math/bits"
	"unicode/utf8"
)

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// unquotable marks, in the high bit of each octet of a word, what ends the
// plain part of a quoted string: `"`, `\`, controls and 8-bit octets. The
// lowest mark is right; an octet above a marked one may be marked wrongly.
//
// Flipping bit 1 puts `"` right above the controls and leaves them in place,
// so that one comparison finds both.
func unquotable(w uint64) uint64 {
	low := (w ^ lows*0x02) - lows*('"'^0x02+1)
	slash := (w ^ lows*'\\') - lows
	return (low | slash | w) & highs
}

// Quoted decodes quoted: 7-bit or UTF-8 (RFC 9051 §9).
func (d *Dec) Quoted(b Octets, i int) (string, int) {
	if b.At(i) != '"' {
		return "", d.Fail(i, siteQuoted)
	}
	return d.quoted(b, i)
}

// quoted decodes from the opening quote at i.
func (d *Dec) quoted(b Octets, i int) (string, int) {
	i++
	s := i
	for {
		m := unquotable(b.Le64(i))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if b.At(i) == '"' {
			return b.text(s, i), i + 1
		}
		return d.quotedRest(b, s, i)
	}
}

// quotedRest goes on at i with a quoted string whose text starts at s.
func (d *Dec) quotedRest(b Octets, s, i int) (string, int) {
	mark := d.octets.Mark(d)
	start := s // of what has not been copied
	for i < d.end {
		switch c := b.At(i); {
		case c == '"':
			if start == s {
				return b.text(s, i), i + 1
			}
			d.octets.pushAll(b.slice(start, i))
			return text(d.octets.Take(mark)), i + 1
		case c == '\\':
			if b.At(i+1) != '"' && b.At(i+1) != '\\' {
				return "", d.Fail(i+1, siteQuotedEscape)
			}
			d.octets.pushAll(b.slice(start, i))
			start = i + 1
			i += 2
		case class[c]&classQuoted != 0:
			i++
		default:
			n := utf8Len(b.slice(i, d.end))
			if n == 0 {
				return "", d.Fail(i, siteQuotedText)
			}
			i += n
		}
	}
	return "", d.Fail(i, siteQuotedEnd)
}

// utf8Len is the length of the character of more than one octet at the start of b, 0 where
// there is none.
func utf8Len(b []byte) int {
	if _, n := utf8.DecodeRune(b); n > 1 {
		return n
	}
	return 0
}

// String decodes string: quoted or literal.
func (d *Dec) String(b Octets, i int) (string, int) {
	switch b.At(i) {
	case '"':
		return d.quoted(b, i)
	case '{':
		return d.literal(b, i)
	}
	return "", d.Fail(i, siteString)
}

// AString decodes astring: an atom that may hold "]", or a string.
func (d *Dec) AString(b Octets, i int) (string, int) {
	switch b.At(i) {
	case '"':
		return d.quoted(b, i)
	case '{':
		return d.literal(b, i)
	}
	s := i
	for class[b.At(i)]&classAString != 0 {
		i++
	}
	if i == s {
		return "", d.Fail(i, siteAString)
	}
	return b.text(s, i), i
}

// Mailbox decodes a mailbox name as it is on the wire: an astring.
func (d *Dec) Mailbox(b Octets, i int) (string, int) { return d.AString(b, i) }

// NString decodes nstring: string or NIL.
func (d *Dec) NString(b Octets, i int) (NString, int) {
	switch {
	case b.At(i) == '"':
		s, j := d.quoted(b, i)
		return NString{s, j >= 0}, j
	case isNIL(b, i):
		return NString{}, i + 3
	}
	return d.nstring(b, i, siteNString)
}

// nstring decodes an nstring that is not quoted.
func (d *Dec) nstring(b Octets, i int, site Site) (NString, int) {
	if isNIL(b, i) {
		return NString{}, i + 3
	}
	if b.At(i) == '{' {
		s, j := d.literal(b, i)
		return NString{s, j >= 0}, j
	}
	return NString{}, d.Fail(i, site)
}

// NString8 decodes nstring or literal8.
func (d *Dec) NString8(b Octets, i int) (NString, int) {
	switch {
	case b.At(i) == '"':
		s, j := d.quoted(b, i)
		return NString{s, j >= 0}, j
	case b.At(i) == '~' && b.At(i+1) == '{':
		l, j := d.Literal8(b, i)
		return NString{l.Data, l.Valid}, j
	}
	return d.nstring(b, i, siteNString8)
}

// Delimiter decodes the hierarchy delimiter of LIST and NAMESPACE: one quoted
// 7-bit character, or NIL, which is 0.
func (d *Dec) Delimiter(b Octets, i int) (byte, int) {
	if b.At(i) != '"' {
		if isNIL(b, i) {
			return 0, i + 3
		}
		return 0, d.Fail(i, siteDelimiter)
	}
	j := i + 1
	if b.At(j) == '\\' {
		j++
		if b.At(j) != '"' && b.At(j) != '\\' {
			return 0, d.Fail(j, siteDelimiter)
		}
	} else if class[b.At(j)]&classQuoted == 0 {
		return 0, d.Fail(j, siteDelimiter)
	}
	if b.At(j+1) != '"' {
		return 0, d.Fail(j+1, siteDelimiter)
	}
	return b.At(j), j + 2
}

// Rest decodes all that is left of the unit, literals included. There must be something.
func (d *Dec) Rest(b Octets, i int) (Raw, int) {
	if i == d.end {
		return "", d.Fail(i, siteRest)
	}
	if k := badText(b.slice(i, d.end)); k >= 0 {
		return "", d.Fail(i+k, siteRest)
	}
	return Raw(text(b.slice(i, d.end))), d.end
}
