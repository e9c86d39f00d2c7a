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

// shortWord is a word of the octets of a string shorter than a word. Some may
// come twice; what is left over is plain.
func shortWord(s string) uint64 {
	switch n := len(s); {
	case n >= 4:
		return uint64(le32s(s, 0)) | uint64(le32s(s, n-4))<<32
	case n > 0:
		return 0x6161616161000000 | uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	}
	return lows * 'a'
}

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

// le32s loads four octets of a string.
func le32s(s string, i int) uint32 {
	s = s[i : i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// le64s loads eight octets of a string.
func le64s(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
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
func (e *Enc) String(dst []byte, s string) []byte {
	var odd uint64
	if last := len(s) - 8; last >= 0 {
		odd = unquotable(le64s(s, last)) // may overlap the word before it
		for i := 0; i < last; i += 8 {
			odd |= unquotable(le64s(s, i))
		}
	} else {
		odd = unquotable(shortWord(s))
	}
	if odd != 0 {
		return e.oddString(dst, s, quotingOf(s), siteString)
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
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

// NString appends nstring.
func (e *Enc) NString(dst []byte, s NString) []byte {
	if !s.Valid {
		return append(dst, "NIL"...)
	}
	return e.String(dst, s.Value)
}

// NString8 appends nstring, or literal8 where the value holds NUL.
func (e *Enc) NString8(dst []byte, s NString) []byte {
	if !s.Valid {
		return append(dst, "NIL"...)
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
