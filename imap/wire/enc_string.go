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
func (e *Enc) Quoted(p Out, s string) Out {
	switch q := quotingOf(s); {
	case q >= lines:
		return e.FailReason(p, siteQuoted, "CR, LF, NUL or invalid UTF-8")
	case q == needsUTF8 && !e.utf8():
		return e.FailReason(p, siteQuoted, "UTF-8 is not enabled")
	default:
		return e.resume(appendQuoted(e.Bytes(p), s, q))
	}
}

func (e *Enc) utf8() bool { return e.UTF8 || e.Rev2 }

// appendQuoted appends a string between quotes, with backslashes where needed.
func appendQuoted(dst []byte, s string, q quoting) []byte {
	dst = append(dst, '"')
	if q != plain {
		from := 0
		for i := range len(s) {
			if c := s[i]; c == '"' || c == '\\' {
				dst = append(append(dst, s[from:i]...), '\\')
				from = i
			}
		}
		s = s[from:]
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

// NString appends nstring.
func (e *Enc) NString(p Out, s NString) Out {
	if s.Valid {
		return e.String(p, s.Value)
	}
	return e.null(p, s.Value, siteNString)
}

// Null notes that NIL is to be said of an nstring that has a value.
func (e *Enc) Null(value string) {
	if value != "" {
		e.notValid()
	}
}

//go:noinline
func (e *Enc) notValid() { e.fail(nil, siteNString, notValid) }

// String appends string: quoted where it can be, otherwise a literal.
//
// It looks at words while it copies them, and stores what it has before it knows
// whether the string is plain: what is not is written anew by another function.
func (e *Enc) String(p Out, s string) Out {
	n := len(s)
	if e.left(p) < n {
		return e.slowString(p, s)
	}
	var odd uint64
	p.put8(0, '"')
	switch {
	case n > 16:
		odd = oddOctets(p.quote64(s, 0)) | oddOctets(p.quote64(s, 8)) | oddOctets(p.quote64(s, n-16)) | oddOctets(p.quote64(s, n-8))
		for i := 16; i < n-16; i += 8 {
			odd |= oddOctets(p.quote64(s, i))
		}
	case n >= 4:
		// Four times four octets, of which some are the same: a branch for each length
		// costs more, for it is seldom foreseen.
		i := n >> 3 << 2
		w, x := p.quote32(s, 0), p.quote32(s, i)
		y, z := p.quote32(s, n-4-i), p.quote32(s, n-4)
		odd = oddOctets(uint64(w)|uint64(x)<<32) | oddOctets(uint64(y)|uint64(z)<<32)
	case n > 0:
		a, b, c := s[0], s[n>>1], s[n-1] // each of them, some twice
		p.put8(1, a)
		p.put8(1+n>>1, b)
		p.put8(n, c)
		odd = oddOctets(lows*' '&^0xffffff | uint64(a)<<16 | uint64(b)<<8 | uint64(c))
	}
	if odd&highs != 0 {
		return e.slowString(p, s)
	}
	p.put8(n+1, '"')
	return p.on(n + 2)
}

// slowString is String for any string and any room.
//
//go:noinline
func (e *Enc) slowString(p Out, s string) Out {
	return e.oddString(e.more(p, len(s)), s, quotingOf(s), siteString)
}

// oddOctets is unquotable with bits that mean nothing around the marks. An octet of
// 0x80 or more keeps its highest bit in one of the differences, or in both.
func oddOctets(w uint64) uint64 {
	low := (w ^ lows*0x02) - lows*('"'^0x02+1)
	slash := (w ^ lows*'\\') - lows
	return low | slash
}

// oddString appends a string that need not be plain.
func (e *Enc) oddString(p Out, s string, q quoting, site Site) Out {
	dst := e.Bytes(p)
	switch {
	case q == hasNUL && site == siteNString8:
		dst = e.octets(dst, s, true)
	case q == hasNUL:
		return e.FailReason(p, site, "NUL")
	case q == lines, q == needsUTF8 && !e.utf8():
		dst = e.octets(dst, s, false)
	default:
		dst = appendQuoted(dst, s, q)
	}
	return e.resume(dst)
}

// AString appends astring: an atom where it can be, otherwise a string. "NIL"
// is quoted, for it means something else to many a reader.
func (e *Enc) AString(p Out, s string) Out {
	if isAtom(s) {
		return e.Append(p, s)
	}
	return e.oddString(p, s, quotingOf(s), siteAString)
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
func (e *Enc) Mailbox(p Out, s string) Out { return e.AString(p, s) }

// notValid is why NIL cannot be said.
const notValid = "a value that is not valid"

// null appends NIL; there may be no value then.
func (e *Enc) null(p Out, value string, site Site) Out {
	if value != "" {
		return e.FailReason(p, site, notValid)
	}
	return e.Room(p.Text("NIL"))
}

// NString8 appends nstring, or literal8 where the value holds NUL.
func (e *Enc) NString8(p Out, s NString) Out {
	if !s.Valid {
		return e.null(p, s.Value, siteNString8)
	}
	return e.oddString(p, s.Value, quotingOf(s.Value), siteNString8)
}

// Delimiter appends a hierarchy delimiter: one quoted character, or NIL for 0.
func (e *Enc) Delimiter(p Out, c byte) Out {
	p = e.Room(p)
	p.put8(0, '"')
	switch {
	case c == 0:
		return p.Text("NIL")
	case c == '"' || c == '\\':
		p.put8(1, '\\')
		p = p.on(1)
	case class[c]&classQuoted == 0:
		return e.FailReason(p, siteDelimiter, "CR, LF or 8-bit")
	}
	p.put8(1, c)
	p.put8(2, '"')
	return p.on(3)
}
