package wire

import "strings"

// CapSet is a set of sections of a grammar, by the numbers that the generator
// gave them: at most 256.
type CapSet [4]uint64

// Has reports whether the section is in the set.
func (s *CapSet) Has(section uint16) bool { return s[section>>6&3]&(1<<(section&63)) != 0 }

// Add puts a section into the set.
func (s *CapSet) Add(section uint16) { s[section>>6&3] |= 1 << (section & 63) }

// Remove takes a section out of the set.
func (s *CapSet) Remove(section uint16) { s[section>>6&3] &^= 1 << (section & 63) }

// RefusedSections is the set of the sections that none of the capabilities
// offers. A section is given as the capabilities of which it needs one, with a
// space between; names compare without case. One that ends with "=", such as
// "MESSAGELIMIT=", is offered with any value.
func RefusedSections(sections, offered []string) (refused CapSet) {
	has := make(map[string]bool, len(offered))
	for _, name := range offered {
		name = strings.ToUpper(name)
		has[name] = true
		if i := strings.IndexByte(name, '='); i >= 0 {
			has[name[:i+1]] = true
		}
	}
	for i, section := range sections {
		allowed := false
		for _, name := range strings.Fields(section) {
			allowed = allowed || has[strings.ToUpper(name)]
		}
		if !allowed {
			refused.Add(uint16(i))
		}
	}
	return refused
}
