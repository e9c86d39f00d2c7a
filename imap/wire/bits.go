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
	groups [(64 + bitGroup - 1) / bitGroup]bitNames
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
	for i := range t.groups {
		g, some := &t.groups[i], names[:min(bitGroup, len(names))]
		names = names[len(some):]
		for set := range len(g) - 1 {
			g[set] = uint32(b.Len())
			for i, name := range some {
				if set>>i&1 != 0 {
					b.WriteString(" " + name)
				}
			}
		}
		g[len(g)-1] = uint32(b.Len())
	}
	t.text = b.String() + strings.Repeat(" ", padding+1)
	return t
}

// Bits appends the names of the bits that are set, a space before each; the first
// one's is left out where lead is not set.
func (e *Enc) Bits(p Out, set uint64, names *BitTable, lead bool) Out {
	from, n := names.groups[0].of(set)
	next, more := names.groups[1].of(set >> bitGroup)
	if set>>(2*bitGroup) != 0 || uint(n-1) >= padding || more > padding || e.full(p) {
		return e.manyBits(p, set, names, lead)
	}
	if !lead {
		from, n = from+1, n-1
	}
	p.copy32(names.text, from)
	p = p.on(n)
	if more != 0 {
		p.copy32(names.text, next)
	}
	return p.on(more)
}

// manyBits is Bits for any set and any room.
//
//go:noinline
func (e *Enc) manyBits(p Out, set uint64, names *BitTable, lead bool) Out {
	for g := 0; set != 0 && g < len(names.groups); g++ {
		from, n := names.groups[g].of(set)
		if !lead && n != 0 {
			from, n, lead = from+1, n-1, true
		}
		p = e.Append(p, names.text[from:from+n])
		set >>= bitGroup
	}
	return e.Room(p)
}

// Words appends the words of a bit set that have no bit, a space before each; the
// first one's is left out at the octet start, where the set begins without a space.
// start is -1 where it begins with one. Words that are not valid are refused.
func (e *Enc) Words(p Out, words []string, valid func(string) bool, start int, site Site) Out {
	for _, s := range words {
		if !valid(s) {
			return e.Fail(p, site)
		}
		if e.Len(p) != start {
			p = p.Text(" ")
		}
		p = e.Append(p, s)
	}
	return p
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
