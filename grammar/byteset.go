package grammar

import "math/bits"

// A ByteSet is a set of octets. The zero value is empty; sets compare with ==.
type ByteSet [4]uint64

// ByteRange is the set of the octets from lo to hi, both included.
func ByteRange(lo, hi byte) ByteSet {
	var s ByteSet
	for c := int(lo); c <= int(hi); c++ {
		s.Add(byte(c))
	}
	return s
}

// Add puts c into the set.
func (s *ByteSet) Add(c byte) { s[c>>6] |= 1 << (c & 63) }

// Has reports whether c is in the set.
func (s ByteSet) Has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// Union is the set of the octets in s or in t.
func (s ByteSet) Union(t ByteSet) ByteSet {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

// Intersect is the set of the octets in both s and t.
func (s ByteSet) Intersect(t ByteSet) ByteSet {
	for i := range s {
		s[i] &= t[i]
	}
	return s
}

// Minus is the set of the octets in s that are not in t.
func (s ByteSet) Minus(t ByteSet) ByteSet {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

// Empty reports whether the set has no members.
func (s ByteSet) Empty() bool { return s == ByteSet{} }

// Len is the number of members.
func (s ByteSet) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Bytes lists the members in ascending order.
func (s ByteSet) Bytes() []byte {
	out := make([]byte, 0, s.Len())
	for c := range 256 {
		if s.Has(byte(c)) {
			out = append(out, byte(c))
		}
	}
	return out
}

// First is the smallest member; ok is false where there is none.
func (s ByteSet) First() (c byte, ok bool) {
	for i, w := range s {
		if w != 0 {
			return byte(i<<6 + bits.TrailingZeros64(w)), true
		}
	}
	return 0, false
}
