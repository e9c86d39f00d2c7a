package wire

import (
	"math/bits"
	"strings"
)

// BitNames lists the names of the bits that are set, with a space between.
func BitNames(set uint64, names []string) string {
	var b strings.Builder
	for ; set != 0; set &= set - 1 {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if n := bits.TrailingZeros64(set); n < len(names) {
			b.WriteString(names[n])
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}

// bitGroup is how many bits of a set are looked up at once.
const bitGroup = 6

// BitTable has the names of every set of a few bits ready to be copied.
type BitTable struct {
	// text holds the names of all sets, a space before each name.
	text string
	// groups are the bits, a few at a time.
	groups []bitNames
}

// bitNames say where the names of each set of the bits of a group begin in text; they
// end where those of the next set begin.
type bitNames [1<<bitGroup + 1]uint32

// of returns where the names of a set begin, and how many octets they are.
func (g *bitNames) of(set uint64) (from, n int) {
	i := set & (1<<bitGroup - 1)
	return int(g[i]), int(g[i+1] - g[i])
}

// NewBitTable prepares a table for names, at most 64, of the bits from the lowest on.
func NewBitTable(names []string) *BitTable {
	var b strings.Builder
	t := &BitTable{}
	for ; len(names) > 0; names = names[min(bitGroup, len(names)):] {
		var g bitNames
		for set := range len(g) - 1 {
			g[set] = uint32(b.Len())
			for i, name := range names[:min(bitGroup, len(names))] {
				if set>>i&1 != 0 {
					b.WriteString(" " + name)
				}
			}
		}
		g[len(g)-1] = uint32(b.Len())
		t.groups = append(t.groups, g)
	}
	t.text = b.String() + strings.Repeat(" ", padding+1)
	return t
}

// append appends the names of the bits that are set, a space before each.
func (t *BitTable) append(dst []byte, set uint64) []byte {
	for g := 0; set != 0 && g < len(t.groups); g++ {
		if from, n := t.groups[g].of(set); n != 0 {
			dst = appendPadded(dst, t.text, from, from+n)
		}
		set >>= bitGroup
	}
	return dst
}

// Bits appends the names of the bits that are set, a space before each; the first
// one's is left out where lead is not set.
func (e *Enc) Bits(dst []byte, set uint64, names *BitTable, lead bool) []byte {
	k := len(dst)
	if set == 0 || set>>(2*bitGroup) != 0 || len(names.groups) < 2 || k == 0 || cap(dst)-k < 2*padding {
		return e.manyBits(dst, set, names, lead)
	}
	from, n := names.groups[0].of(set)
	next, more := names.groups[1].of(set >> bitGroup)
	if n > padding || more > padding {
		return e.manyBits(dst, set, names, lead)
	}
	before := dst[k-1] // without lead, the first space is in its place for a moment
	at := k
	if !lead {
		at--
	}
	copy32(dst, at, names.text, from)
	if more != 0 {
		copy32(dst, at+n, names.text, next)
	}
	dst[k-1] = before
	return dst[:at+n+more]
}

// manyBits is Bits for any set and any destination.
//
//go:noinline
func (e *Enc) manyBits(dst []byte, set uint64, names *BitTable, lead bool) []byte {
	start := len(dst)
	if lead || set == 0 || start == 0 {
		dst = names.append(dst, set)
		if !lead && len(dst) > start {
			dst = append(dst[:start], dst[start+1:]...)
		}
		return dst
	}
	c := dst[start-1] // in place of the first space, and so written twice
	dst = names.append(dst[:start-1], set)
	dst = dst[:max(len(dst), start)]
	dst[start-1] = c
	return dst
}

// Words appends the words of a bit set that have no bit, a space before each; the
// first one's is left out at the octet start, where the set begins without a space.
// start is -1 where it begins with one. Words that are not valid are refused.
func (e *Enc) Words(dst []byte, words []string, valid func(string) bool, start int, site Site) []byte {
	for _, s := range words {
		if !valid(s) {
			return e.Fail(dst, site)
		}
		if len(dst) != start {
			dst = append(dst, ' ')
		}
		dst = append(dst, s...)
	}
	return dst
}

// BeginCheck starts on text that is part of a unit, to find out whether a rule
// matches all of it. The scratch space keeps its memory for the next check.
func (d *Dec) BeginCheck(scratch *[]byte, s string) (b Octets, ok bool) {
	buf := append(append((*scratch)[:0], s...), '\r', '\n')
	n := len(buf)
	buf = append(buf, make([]byte, Slack)...)
	*scratch = buf
	d.Borrow = true
	b, err := d.Begin(Frame{Bytes: buf[:n]})
	return b, err == nil
}
