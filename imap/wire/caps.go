package wire

// CapSet is a set of sections of a grammar, by the numbers that the generator
// gave them: at most 256.
type CapSet [4]uint64

// Has reports whether the section is in the set.
func (s *CapSet) Has(section uint16) bool { return s[section>>6&3]&(1<<(section&63)) != 0 }

// Add puts a section into the set.
func (s *CapSet) Add(section uint16) { s[section>>6&3] |= 1 << (section & 63) }

// Remove takes a section out of the set.
func (s *CapSet) Remove(section uint16) { s[section>>6&3] &^= 1 << (section & 63) }
