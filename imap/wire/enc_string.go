package wire

import (
	"strings"
	"unicode/utf8"
)

// quoting says how a string may be written.
type quoting uint8

const (
	plain     quoting = iota // between quotes as it is
	escaped                  // between quotes, with backslashes
	needsUTF8                // between quotes where UTF-8 is agreed on
	lines                    // not between quotes: CR, LF or wrong UTF-8
	hasNUL                   // in binary literals only
)

// quotingOf looks at every octet.
func quotingOf(s string) quoting {
	q, high := plain, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0:
			return hasNUL
		case c == '\r' || c == '\n':
			q = lines
		case c >= 0x80:
			high = true
		case c == '"' || c == '\\':
			q = max(q, escaped)
		}
	}
	switch {
	case q == lines || high && !utf8.ValidString(s):
		return lines
	case high:
		return needsUTF8
	}
	return q
}

// Quoted appends quoted.
func (e *Enc) Quoted(dst []byte, s string) []byte {
	switch q := quotingOf(s); {
	case q >= lines:
		return e.fail(dst, siteQuoted, "CR, LF, NUL or invalid UTF-8")
	case q == needsUTF8 && !e.utf8():
		return e.fail(dst, siteQuoted, "UTF-8 is not enabled")
	default:
		return appendQuoted(dst, s, q)
	}
}

func (e *Enc) utf8() bool { return e.UTF8 || e.Rev2 }

// appendQuoted appends a string between quotes, with backslashes where needed.
func appendQuoted(dst []byte, s string, q quoting) []byte {
	dst = append(dst, '"')
	if q != plain {
		for {
			i := strings.IndexAny(s, `"\`)
			if i < 0 {
				break
			}
			dst = append(dst, s[:i]...)
			dst = append(dst, '\\', s[i])
			s = s[i+1:]
		}
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

// String appends string: quoted where it can be, otherwise a literal.
func (e *Enc) String(dst []byte, s string) []byte { return e.string(dst, s, true) }

// string appends a string that must be valid.
//
// It looks at words while it copies them. Whatever is not plain, or has no room,
// is left to another function, so that this one calls nothing on its way.
func (e *Enc) string(dst []byte, s string, valid bool) []byte {
	k, n := len(dst), len(s)
	if !valid || cap(dst)-k < n+2+wordSlack {
		return e.slowString(dst, s, valid)
	}
	var odd uint64
	switch {
	case n >= 8:
		w, x := load64(s, 0), load64(s, n-8) // may overlap
		store64(dst, k+1, w)
		store64(dst, k+n-7, x)
		odd = oddOctets(w) | oddOctets(x)
		for i := 8; 2*i < n; i += 8 { // from both ends to the middle
			w, x := load64(s, i), load64(s, n-8-i)
			store64(dst, k+1+i, w)
			store64(dst, k+n-7-i, x)
			odd |= oddOctets(w) | oddOctets(x)
		}
	case n >= 4:
		w, x := load32(s, 0), load32(s, n-4)
		store32(dst, k+1, w)
		store32(dst, k+n-3, x)
		odd = oddOctets(uint64(w) | uint64(x)<<32)
	default:
		return e.tinyString(dst, s)
	}
	if odd&highs != 0 {
		return e.slowString(dst, s, true)
	}
	store8(dst, k, '"')
	store8(dst, k+n+1, '"')
	return dst[:k+n+2]
}

// tinyString is String for less than four octets.
func (e *Enc) tinyString(dst []byte, s string) []byte {
	for i := range len(s) {
		if class[s[i]]&classQuoted == 0 {
			return e.slowString(dst, s, true)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// slowString is String for any string and any destination.
//
//go:noinline
func (e *Enc) slowString(dst []byte, s string, valid bool) []byte {
	if !valid {
		return e.fail(dst, siteNString, notValid)
	}
	return e.oddString(grow(dst, len(s)+2), s, quotingOf(s), siteString)
}

// NString appends nstring.
func (e *Enc) NString(dst []byte, s NString) []byte {
	if s.Valid || s.Value != "" {
		return e.string(dst, s.Value, s.Valid)
	}
	return append(dst, "NIL"...)
}

// oddOctets is unquotable with bits that mean nothing around the marks.
func oddOctets(w uint64) uint64 {
	low := (w ^ lows*0x02) - lows*('"'^0x02+1)
	slash := (w ^ lows*'\\') - lows
	return low | slash | w
}

// oddString appends a string that is not plain.
func (e *Enc) oddString(dst []byte, s string, q quoting, site Site) []byte {
	switch {
	case q == hasNUL && site == siteNString8:
		return e.octets(dst, s, true)
	case q == hasNUL:
		return e.fail(dst, site, "NUL")
	case q == lines, q == needsUTF8 && !e.utf8():
		return e.octets(dst, s, false)
	}
	return appendQuoted(dst, s, q)
}

// AString appends astring: an atom where it can be, otherwise a string. "NIL"
// is quoted, for it means something else to many a reader.
func (e *Enc) AString(dst []byte, s string) []byte {
	if isAtom(s) {
		return append(dst, s...)
	}
	return e.oddString(dst, s, quotingOf(s), siteAString)
}

func isAtom(s string) bool {
	for i := range len(s) {
		if class[s[i]]&classAString == 0 {
			return false
		}
	}
	return len(s) > 3 || len(s) > 0 && !strings.EqualFold(s, "NIL")
}

// Mailbox appends a mailbox name that is in its wire form: an astring.
func (e *Enc) Mailbox(dst []byte, s string) []byte { return e.AString(dst, s) }

// notValid is why NIL cannot be said.
const notValid = "a value that is not valid"

// null appends NIL; there may be no value then.
func (e *Enc) null(dst []byte, value string, site Site) []byte {
	if value != "" {
		return e.fail(dst, site, notValid)
	}
	return append(dst, "NIL"...)
}

// NString8 appends nstring, or literal8 where the value holds NUL.
func (e *Enc) NString8(dst []byte, s NString) []byte {
	if !s.Valid {
		return e.null(dst, s.Value, siteNString8)
	}
	return e.oddString(dst, s.Value, quotingOf(s.Value), siteNString8)
}

// Delimiter appends a hierarchy delimiter: one quoted character, or NIL for 0.
func (e *Enc) Delimiter(dst []byte, c byte) []byte {
	switch {
	case c == 0:
		return append(dst, "NIL"...)
	case c == '"' || c == '\\':
		return append(dst, '"', '\\', c, '"')
	case class[c]&classQuoted == 0:
		return e.fail(dst, siteDelimiter, "CR, LF or 8-bit")
	}
	return append(dst, '"', c, '"')
}
