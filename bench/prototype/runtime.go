package prototype

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"
	"unicode/utf8"
)

const (
	cAtom    = 1 << iota // ATOM-CHAR
	cAString             // ASTRING-CHAR
	cList                // list-char
	cDigit
	cTag
	cText // TEXT-CHAR
)

var class = func() (t [256]uint8) {
	for c := 1; c < 0x80; c++ {
		if c != '\r' && c != '\n' {
			t[c] |= cText
		}
		if c <= 0x20 || c == 0x7f {
			continue
		}
		switch c {
		case '(', ')', '{', '"', '\\':
			continue
		case '%', '*':
			t[c] |= cList
			continue
		case ']':
			t[c] |= cAString | cList | cTag
			continue
		}
		t[c] |= cAtom | cAString | cList
		if c != '+' {
			t[c] |= cTag
		}
		if c >= '0' && c <= '9' {
			t[c] |= cDigit
		}
	}
	return
}()

func le64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

type Rule uint16

const (
	rNone Rule = iota
	rTag
	rCommand
	rSeqSet
	rFetchAtt
	rSection
	rPartial
	rHeaderList
	rFlag
	rFlagList
	rStoreAtt
	rAString
	rNString
	rString
	rQuoted
	rLiteral
	rNumber
	rDate
	rDateTime
	rSearchKey
	rSearchRet
	rList
	rListMailbox
	rCRLF
	rMsgAtt
	rEnvelope
	rAddress
	rBody
	rBodyParam
	rResponse
	rMailboxList
	rDepth
	rPadding
)

var ruleNames = [...]string{"", "tag", "command", "sequence-set", "fetch-att", "section", "partial", "header-list", "flag", "flag-list", "store-att-flags", "astring", "nstring", "string", "quoted", "literal", "number", "date", "date-time",
	"search-key", "search-return-opts", "list", "list-mailbox", "CRLF", "msg-att", "envelope", "address", "body", "body-fld-param", "response", "mailbox-list", "nesting depth", "padding"}

type SyntaxError struct {
	Pos  int
	Rule Rule
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("imap: byte %d: expected %s", e.Pos, ruleNames[e.Rule])
}

var ErrPadding = errors.New("imap: line must end in CRLF")

const maxDepth = 32

type slab[T any] struct {
	buf []T
	n   int
}

func (s *slab[T]) new() *T {
	if s.n == len(s.buf) {
		s.grow()
	}
	p := &s.buf[s.n]
	s.n++
	var z T
	*p = z
	return p
}

//go:noinline
func (s *slab[T]) grow() { s.buf = make([]T, min(32, max(8, 2*len(s.buf)))); s.n = 0 }

// Dec decodes one complete command or response at a time; returned values borrow from the line and
// from the decoder until the next call.
type Dec struct {
	err   SyntaxError
	depth int
	end   int // logical end (index of CR)
	pad   []byte

	ranges []SeqRange
	strs   []Str
	atts   []FetchAtt
	addrs  []Address
	params []Param
	nums   []uint32
	kstack []SearchKey
	karena []SearchKey
	bstack []Body
	barena []Body
	esc    []byte

	sText  slab[SearchText]
	sHdr   slab[SearchHeader]
	sDate  slab[SearchDate]
	sSize  slab[SearchSize]
	sSet   slab[SearchSet]
	sNot   slab[SearchNot]
	sOr    slab[SearchOr]
	sAnd   slab[SearchAnd]
	bPart  slab[BodyPart]
	bMulti slab[BodyMulti]
	envs   slab[Envelope]

	fetch  Fetch
	store  Store
	search Search
	login  Login
	list   List
	fm     FetchData
	ld     ListData
	sd     SearchData
	Own    bool
}

func carve[T any](p *[]T, lowWater, chunk int) {
	s := *p
	if len(s) == 0 && cap(s) >= lowWater {
		return
	}
	if cap(s)-len(s) < lowWater {
		*p = nil
		if len(s) > 0 {
			*p = make([]T, 0, chunk)
		}
		return
	}
	*p = s[len(s):]
}
func (d *Dec) reset() {
	d.depth = 0
	if d.Own { // hand the used part of every arena to the caller, carve on from the rest of the chunk
		carve(&d.ranges, 8, 64)
		carve(&d.strs, 8, 64)
		carve(&d.atts, 8, 32)
		carve(&d.addrs, 8, 32)
		carve(&d.params, 4, 32)
		carve(&d.nums, 16, 256)
		carve(&d.karena, 8, 64)
		carve(&d.barena, 4, 32)
		carve(&d.esc, 16, 256)
		d.kstack = d.kstack[:0]
		d.bstack = d.bstack[:0]
		return
	}
	d.ranges = d.ranges[:0]
	d.strs = d.strs[:0]
	d.atts = d.atts[:0]
	d.addrs = d.addrs[:0]
	d.params = d.params[:0]
	d.nums = d.nums[:0]
	d.karena = d.karena[:0]
	d.barena = d.barena[:0]
	d.esc = d.esc[:0]
	d.kstack = d.kstack[:0]
	d.bstack = d.bstack[:0]
	d.sText.n = 0
	d.sHdr.n = 0
	d.sDate.n = 0
	d.sSize.n = 0
	d.sSet.n = 0
	d.sNot.n = 0
	d.sOr.n = 0
	d.sAnd.n = 0
	d.bPart.n = 0
	d.bMulti.n = 0
	d.envs.n = 0
}

const padN = 32 // longest fused keyword, so no load can run off the end

// prep checks the CRLF and makes sure word loads may run past it.
func (d *Dec) prep(line []byte) ([]byte, bool) {
	n := len(line)
	if n < 2 || line[n-2] != '\r' || line[n-1] != '\n' {
		return nil, false
	}
	d.reset()
	d.end = n - 2
	if cap(line) < n+padN {
		if d.Own {
			d.pad = nil
		}
		d.pad = append(d.pad[:0], line...)
		d.pad = append(d.pad, make([]byte, padN)...)
		return d.pad, true
	}
	return line[:n+padN], true
}

func (d *Dec) fail(pos int, r Rule) int {
	d.err = SyntaxError{pos, r}
	return -1
}
func (d *Dec) mkErr() error { e := d.err; return &e }

func (d *Dec) number(b []byte, i int) (uint64, int) {
	w := le64(b, i)
	t := w ^ 0x3030303030303030
	m := ((t + 0x7676767676767676) | t) & 0x8080808080808080
	if m == 0 {
		return d.numLong(b, i)
	}
	n := bits.TrailingZeros64(m) &^ 7
	if n == 0 {
		return 0, d.fail(i, rNumber)
	}
	t <<= uint(64-n) & 63
	t = (t*10 + t>>8) & 0x00FF00FF00FF00FF
	t = (t*100 + t>>16) & 0x0000FFFF0000FFFF
	t = (t*10000 + t>>32) & 0xFFFFFFFF
	return t, i + n>>3
}

//go:noinline
func (d *Dec) numLong(b []byte, i int) (uint64, int) {
	s := i
	var v uint64
	for class[b[i]]&cDigit != 0 {
		if i-s >= 18 {
			return 0, d.fail(s, rNumber)
		}
		v = v*10 + uint64(b[i]-'0')
		i++
	}
	return v, i
}
func (d *Dec) num32(b []byte, i int) (uint32, int) {
	v, j := d.number(b, i)
	if v > 0xFFFFFFFF {
		return 0, d.fail(i, rNumber)
	}
	return uint32(v), j
}

const lo, hi = 0x0101010101010101, 0x8080808080808080

// quoted: b[i] is the opening quote.
func (d *Dec) quoted(b []byte, i int) (Str, int) {
	i++
	s := i
	for {
		w := le64(b, i)
		q := w ^ 0x2222222222222222
		e := w ^ 0x5c5c5c5c5c5c5c5c
		m := ((q-lo)&^q | (e-lo)&^e | (w-0x2020202020202020)&^w | w) & hi
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if b[i] == '"' {
			return mk(b[s:i:i]), i + 1
		}
		return d.quotedSlow(b, s, i)
	}
}

//go:noinline
func (d *Dec) quotedSlow(b []byte, s, i int) (Str, int) {
	copied := false
	k := len(d.esc)
	for i < d.end {
		c := b[i]
		switch {
		case c == '"':
			if !copied {
				return mk(b[s:i:i]), i + 1
			}
			return mk(d.esc[k:len(d.esc):len(d.esc)]), i + 1
		case c == '\\':
			if !copied {
				d.esc = append(d.esc, b[s:i]...)
				copied = true
			}
			i++
			c = b[i]
			if c != '"' && c != '\\' {
				return mk(nil), d.fail(i, rQuoted)
			}
			d.esc = append(d.esc, c)
			i++
		case c == 0 || c == '\r' || c == '\n':
			return mk(nil), d.fail(i, rQuoted)
		case c >= 0x80:
			_, n := utf8.DecodeRune(b[i:d.end])
			if n < 2 {
				return mk(nil), d.fail(i, rQuoted)
			}
			if copied {
				d.esc = append(d.esc, b[i:i+n]...)
			}
			i += n
		default:
			if copied {
				d.esc = append(d.esc, c)
			}
			i++
		}
	}
	return mk(nil), d.fail(i, rQuoted)
}

//go:noinline
func (d *Dec) literal(b []byte, i int) (Str, int) { // b[i]=='{'
	n, j := d.number(b, i+1)
	if j < 0 {
		return mk(nil), j
	}
	if b[j] == '+' {
		j++
	}
	if b[j] != '}' || b[j+1] != '\r' || b[j+2] != '\n' {
		return mk(nil), d.fail(j, rLiteral)
	}
	j += 3
	if j > d.end || n > uint64(d.end-j) {
		return mk(nil), d.fail(j, rLiteral)
	}
	return mk(b[j : j+int(n) : j+int(n)]), j + int(n)
}
func (d *Dec) astring(b []byte, i int) (Str, int) {
	switch b[i] {
	case '"':
		return d.quoted(b, i)
	case '{':
		return d.literal(b, i)
	}
	s := i
	for class[b[i]]&cAString != 0 {
		i++
	}
	if i == s {
		return mk(nil), d.fail(i, rAString)
	}
	return mk(b[s:i:i]), i
}
func (d *Dec) stringv(b []byte, i int) (Str, int) {
	switch b[i] {
	case '"':
		return d.quoted(b, i)
	case '{':
		return d.literal(b, i)
	}
	return mk(nil), d.fail(i, rString)
}
func (d *Dec) nstring(b []byte, i int) (Str, int) {
	if b[i] == '"' {
		return d.quoted(b, i)
	}
	return d.nstring2(b, i)
}
func (d *Dec) nstring2(b []byte, i int) (Str, int) {
	if b[i]|0x20 == 'n' && b[i+1]|0x20 == 'i' && b[i+2]|0x20 == 'l' {
		return mk(nil), i + 3
	}
	if b[i] == '{' {
		return d.literal(b, i)
	}
	return mk(nil), d.fail(i, rNString)
}

type SeqRange struct{ Lo, Hi uint32 } // 0 is "*"

func (d *Dec) seqSet(b []byte, i int) ([]SeqRange, int) {
	k := len(d.ranges)
	for {
		var r SeqRange
		if b[i] == '*' {
			i++
		} else {
			v, j := d.num32(b, i)
			if j < 0 || v == 0 {
				return nil, d.fail(i, rSeqSet)
			}
			r.Lo = v
			i = j
		}
		if b[i] == ':' {
			i++
			if b[i] == '*' {
				i++
			} else {
				v, j := d.num32(b, i)
				if j < 0 || v == 0 {
					return nil, d.fail(i, rSeqSet)
				}
				r.Hi = v
				i = j
			}
		} else {
			r.Hi = r.Lo
		}
		d.ranges = append(d.ranges, r)
		if b[i] != ',' {
			return d.ranges[k:len(d.ranges):len(d.ranges)], i
		}
		i++
	}
}

type Date struct {
	Year       uint16
	Month, Day uint8
}
type DateTime struct {
	Year                       uint16
	Month, Day, Hour, Min, Sec uint8
	Zone                       int16
}

func (t DateTime) Time() time.Time {
	return time.Date(int(t.Year), time.Month(t.Month), int(t.Day), int(t.Hour), int(t.Min), int(t.Sec), 0, time.FixedZone("", int(t.Zone)*60))
}
func month(b []byte, i int) uint8 {
	switch uint32(b[i]|0x20)<<16 | uint32(b[i+1]|0x20)<<8 | uint32(b[i+2]|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// dateTime: fixed 28 bytes  "dd-Mon-yyyy hh:mm:ss +zzzz"
func (d *Dec) dateTime(b []byte, i int) (t DateTime, _ int) {
	if i+28 > d.end {
		return t, d.fail(i, rDateTime)
	}
	p := b[i : i+28 : i+28]
	if p[0] != '"' || p[3] != '-' || p[7] != '-' || p[12] != ' ' || p[15] != ':' || p[18] != ':' || p[21] != ' ' || p[27] != '"' {
		return t, d.fail(i, rDateTime)
	}
	d0 := p[1]
	if d0 == ' ' {
		d0 = '0'
	}
	bad := uint8(0)
	dg := func(c byte) uint8 {
		c -= '0'
		if c > 9 {
			bad = 1
		}
		return c
	}
	t.Day = dg(d0)*10 + dg(p[2])
	t.Month = month(p, 4)
	t.Year = uint16(dg(p[8]))*1000 + uint16(dg(p[9]))*100 + uint16(dg(p[10]))*10 + uint16(dg(p[11]))
	t.Hour = dg(p[13])*10 + dg(p[14])
	t.Min = dg(p[16])*10 + dg(p[17])
	t.Sec = dg(p[19])*10 + dg(p[20])
	z := int16(dg(p[23])*10+dg(p[24]))*60 + int16(dg(p[25])*10+dg(p[26]))
	if p[22] == '-' {
		z = -z
	} else if p[22] != '+' {
		bad = 1
	}
	t.Zone = z
	if bad != 0 || t.Month == 0 || t.Day == 0 || t.Day > 31 || t.Hour > 23 || t.Min > 59 || t.Sec > 60 {
		return t, d.fail(i, rDateTime)
	}
	return t, i + 28
}
func (d *Dec) date(b []byte, i int) (t Date, _ int) {
	s := i
	q := b[i] == '"'
	if q {
		i++
	}
	v, j := d.number(b, i)
	if j < 0 || j-i > 2 || v == 0 || v > 31 || b[j] != '-' {
		return t, d.fail(s, rDate)
	}
	t.Day = uint8(v)
	t.Month = month(b, j+1)
	if t.Month == 0 || b[j+4] != '-' {
		return t, d.fail(s, rDate)
	}
	v, i = d.number(b, j+5)
	if i != j+9 {
		return t, d.fail(s, rDate)
	}
	t.Year = uint16(v)
	if q {
		if b[i] != '"' {
			return t, d.fail(s, rDate)
		}
		i++
	}
	return t, i
}
