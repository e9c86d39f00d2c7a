package session

import "strings"

// listPattern is a LIST pattern that is ready to match names: "*" stands for
// any characters, "%" for any but the separator (RFC 9051 §6.3.9).
type listPattern struct {
	text, upper *automaton // as given, and in upper case for INBOX
	suffix      bool       // it ends in "%"
}

// compileListPattern makes a pattern of Net-Unicode text.
func compileListPattern(pattern string) *listPattern {
	return &listPattern{
		text:   compile(pattern),
		upper:  compile(strings.ToUpper(pattern)),
		suffix: strings.HasSuffix(pattern, "%"),
	}
}

// match reports whether the whole name matches. INBOX, and only that name as a
// whole, matches in any case (RFC 9051 §5.1).
func (p *listPattern) match(name string) bool {
	return p.text.match(name) || name == inboxName && p.upper.match(name)
}

// automaton matches in time linear in the name, whatever the pattern: its
// states run as the bits of a few machine words, without backtracking.
//
// State n means that the first n literal octets of the pattern have been
// matched; a wildcard between two of them is a loop on the state.
type automaton struct {
	states int             // number of literal octets
	next   map[byte]bitset // bit n+1: the octet leads from state n to n+1
	any    bitset          // states with a "*" loop
	level  bitset          // states with a "%" loop
}

// bitset is a set of states.
type bitset []uint64

func (b bitset) add(n int)      { b[n>>6] |= 1 << (n & 63) }
func (b bitset) has(n int) bool { return b[n>>6]&(1<<(n&63)) != 0 }

// compile makes the automaton of a pattern.
func compile(pattern string) *automaton {
	literals := len(pattern) - strings.Count(pattern, "*") - strings.Count(pattern, "%")
	words := literals>>6 + 1
	p := &automaton{
		states: literals,
		next:   map[byte]bitset{},
		any:    make(bitset, words),
		level:  make(bitset, words),
	}
	n := 0
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '*':
			p.any.add(n)
		case '%':
			p.level.add(n)
		default:
			n++
			if p.next[c] == nil {
				p.next[c] = make(bitset, words)
			}
			p.next[c].add(n)
		}
	}
	return p
}

// match feeds the name to the automaton.
func (p *automaton) match(name string) bool {
	if len(name) < p.states {
		return false
	}
	now := make(bitset, len(p.any))
	now.add(0)
	for i := range len(name) {
		if !p.step(now, name[i]) {
			return false
		}
	}
	return now.has(p.states)
}

// step moves all states by one octet and reports whether any is left.
func (p *automaton) step(now bitset, c byte) bool {
	next := p.next[c]
	var carry, alive uint64
	for w, states := range now {
		loop := p.any[w]
		if c != separator {
			loop |= p.level[w]
		}
		moved := states<<1 | carry
		carry = states >> 63
		if next == nil {
			moved = 0
		} else {
			moved &= next[w]
		}
		now[w] = moved | states&loop
		alive |= now[w]
	}
	return alive != 0
}

// inboxName and separator are the names' fixed parts, the same in every store.
const (
	inboxName      = "INBOX"
	separator byte = '/'
)
