package wire

// Classes of octets (RFC 9051 §9).
const (
	classAString = 1 << iota // ASTRING-CHAR
	classDigit
	classBase64
	classQuoted // may stand in a quoted string as it is, 7-bit
)

var class = func() (t [256]uint8) {
	for c := 1; c < 0x80; c++ {
		if c != '\r' && c != '\n' && c != '"' && c != '\\' {
			t[c] |= classQuoted
		}
		if c > 0x20 && c < 0x7f && !isSpecial(byte(c)) {
			t[c] |= classAString
		}
		switch {
		case c >= '0' && c <= '9':
			t[c] |= classDigit | classBase64
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '+', c == '/':
			t[c] |= classBase64
		}
	}
	return t
}()

// isSpecial reports whether a printable octet is one of atom-specials, which
// ASTRING-CHAR excludes but for "]".
func isSpecial(c byte) bool {
	switch c {
	case '(', ')', '{', '%', '*', '"', '\\':
		return true
	}
	return false
}

// isNIL reports whether b has NIL at i, in any case.
func isNIL(b Octets, i int) bool {
	const nil3 = 'n' | 'i'<<8 | 'l'<<16
	return uint32(b.Le64(i))&0xffffff|0x202020 == nil3
}
