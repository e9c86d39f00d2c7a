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

// Bits appends the names of the bits that are set and then the other names,
// with a space between them, or before each where lead is set. Others must be
// valid; where valid is nil there may be none.
func (e *Enc) Bits(dst []byte, set uint64, names []string, other []string, valid func(string) bool, lead bool, site Site) []byte {
	space := lead
	for ; set != 0; set &= set - 1 {
		if space {
			dst = append(dst, ' ')
		}
		space = true
		dst = append(dst, names[bits.TrailingZeros64(set)]...)
	}
	for _, s := range other {
		if valid == nil || !valid(s) {
			return e.Fail(dst, site)
		}
		if space {
			dst = append(dst, ' ')
		}
		space = true
		dst = append(dst, s...)
	}
	return dst
}

// BeginCheck starts on text that is part of a unit, to find out whether a rule
// matches all of it. The scratch space keeps its memory for the next check.
func (d *Dec) BeginCheck(scratch *[]byte, s string) (b []byte, ok bool) {
	buf := append(append((*scratch)[:0], s...), '\r', '\n')
	n := len(buf)
	buf = append(buf, make([]byte, Slack)...)
	*scratch = buf
	d.Borrow = true
	b, err := d.Begin(Frame{Bytes: buf[:n]})
	return b, err == nil
}
