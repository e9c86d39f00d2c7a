package wire

import (
	"slices"
	"strings"
)

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

// An Addition is something that a section of a grammar adds: a keyword of a choice,
// or an optional part of a rule.
type Addition struct {
	// Section is the number of the section.
	Section uint16
	// Rule is the grammar's rule that it is added to, as in "search-key", and Type the
	// Go type of what the rule stands for.
	Rule, Type string
	// Text is its keyword, or what it is called where it has none.
	Text string
	// Source is where it is specified, as in "rfc7162".
	Source string
}

// Implied lists names of capabilities and those that they imply by a table of lists, of
// which the first name implies the others: each name once, in an order in which what
// implies comes first. Names compare without case; one of the table that ends
// with "=" is any that begins with it.
func Implied(table [][]string, names []string) []string {
	out := slices.Clone(names)
	for i := 0; i < len(out); i++ {
		for _, row := range table {
			if !Covers(row[0], out[i]) {
				continue
			}
			for _, name := range row[1:] {
				if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, name) }) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// Conflicting lists the names that a table says must not stand together, in pairs.
func Conflicting(table [][]string, names []string) (pairs [][2]string) {
	for _, row := range table {
		first := slices.IndexFunc(names, func(n string) bool { return Covers(row[0], n) })
		second := slices.IndexFunc(names, func(n string) bool { return Covers(row[1], n) })
		if first >= 0 && second >= 0 {
			pairs = append(pairs, [2]string{names[first], names[second]})
		}
	}
	return pairs
}

// Covers reports whether an offered capability is the one that a grammar names: without
// regard to case, and with any value where the grammar's name ends with "=".
func Covers(name, offered string) bool {
	if n := len(name); strings.HasSuffix(name, "=") && len(offered) > n {
		offered = offered[:n]
	}
	return strings.EqualFold(name, offered)
}
