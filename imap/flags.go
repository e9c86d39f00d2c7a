package imap

import (
	"math/bits"
	"slices"
	"strings"
)

// flagBits yields the bit and the name of each flag that the grammar knows: system flags
// (RFC 9051 §2.3.2), then registered keywords, then the two that only servers say. It is
// the order in which String writes them.
func flagBits(yield func(Flag, string) bool) {
	for i, name := range namesFlag {
		if !yield(1<<i, name) {
			return
		}
	}
}

// FlagsOf returns the set of the flags and keywords with these names, in any
// mixture of case.
func FlagsOf(names ...string) FlagSet {
	var s FlagSet
	for _, n := range names {
		s.AddName(n)
	}
	return s
}

// FlagBit returns the bit of the flag or keyword called name, compared without
// regard to case, and whether it has one.
func FlagBit(name string) (Flag, bool) {
	if name == "" || name[0] != '\\' && name[0] != '$' {
		return 0, false
	}
	for bit, known := range flagBits {
		if len(known) == len(name) && strings.EqualFold(known, name) {
			return bit, true
		}
	}
	return 0, false
}

// Has reports whether every flag of f is in the set.
func (s FlagSet) Has(f Flag) bool { return s.Bits&f == f }

// HasName reports whether the flag or keyword called name is in the set.
// Names are compared without regard to case (RFC 9051 §2.3.2).
func (s FlagSet) HasName(name string) bool {
	if bit, ok := FlagBit(name); ok {
		return s.Bits&bit != 0
	}
	return s.index(name) >= 0
}

// IsEmpty reports whether the set holds nothing.
func (s FlagSet) IsEmpty() bool { return s.Bits == 0 && len(s.Other) == 0 }

// Len is the number of flags and keywords in the set.
func (s FlagSet) Len() int {
	return bits.OnesCount64(uint64(s.Bits)) + len(s.Other)
}

// Add puts the flags of f into the set.
func (s *FlagSet) Add(f Flag) { s.Bits |= f }

// Remove takes the flags of f out of the set.
func (s *FlagSet) Remove(f Flag) { s.Bits &^= f }

// AddName puts the flag or keyword called name into the set. A keyword that is
// there already keeps its first spelling. The slice behind Other is not written
// to unless it has room to grow, so Clone first where it is shared.
func (s *FlagSet) AddName(name string) {
	if bit, ok := FlagBit(name); ok {
		s.Bits |= bit
		return
	}
	if s.index(name) < 0 {
		s.Other = append(s.Other, name)
	}
}

// RemoveName takes the flag or keyword called name out of the set. It never
// writes to a slice that another set may share.
func (s *FlagSet) RemoveName(name string) {
	if bit, ok := FlagBit(name); ok {
		s.Bits &^= bit
		return
	}
	if i := s.index(name); i >= 0 {
		rest := make([]string, 0, len(s.Other)-1)
		rest = append(rest, s.Other[:i]...)
		s.Other = append(rest, s.Other[i+1:]...)
	}
}

// Union returns a new set with what is in s or in o. Of two spellings of one
// keyword that of s is kept.
func (s FlagSet) Union(o FlagSet) FlagSet {
	u := s.Clone()
	u.Bits |= o.Bits
	for _, k := range o.Other {
		u.AddName(k)
	}
	return u
}

// Minus returns a new set with what is in s and not in o.
func (s FlagSet) Minus(o FlagSet) FlagSet {
	r := FlagSet{Bits: s.Bits &^ o.Bits}
	for _, k := range s.Other {
		if !o.HasName(k) {
			r.Other = append(r.Other, k)
		}
	}
	return r
}

// Equal reports whether both sets hold the same flags and the same keywords,
// whatever their order and case.
func (s FlagSet) Equal(o FlagSet) bool {
	if s.Bits != o.Bits || len(s.Other) != len(o.Other) {
		return false
	}
	for _, k := range s.Other {
		if o.index(k) < 0 {
			return false
		}
	}
	return true
}

// Clone returns a copy that shares no memory with s except the texts of the
// keywords.
func (s FlagSet) Clone() FlagSet {
	s.Other = slices.Clone(s.Other)
	return s
}

// Normalize moves keywords that have a bit into Bits, drops repeated keywords
// and sorts the rest without regard to case. It leaves the slice it found alone.
func (s *FlagSet) Normalize() {
	n := FlagSet{Bits: s.Bits}
	for _, k := range s.Other {
		n.AddName(k)
	}
	slices.SortFunc(n.Other, func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	*s = n
}

// Names lists the flags in a fixed order, then the keywords in theirs.
func (s FlagSet) Names() []string {
	var names []string
	for bit, name := range flagBits {
		if s.Bits&bit != 0 {
			names = append(names, name)
		}
	}
	return append(names, s.Other...)
}

// String writes the set as IMAP does, with parentheses.
func (s FlagSet) String() string { return "(" + strings.Join(s.Names(), " ") + ")" }

// index is the place of a keyword without a bit, or -1.
func (s FlagSet) index(name string) int {
	return slices.IndexFunc(s.Other, func(k string) bool { return strings.EqualFold(k, name) })
}
