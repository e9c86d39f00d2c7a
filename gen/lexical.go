package gen

import (
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// lexical reports whether a rule is made of byte classes only, so that its
// value is the text it matched: no punctuation that structures, no keyword
// table, no leaf inside, and at least one class.
func (l *lowerer) lexical(r *grammar.Rule) bool {
	classes := 0
	return l.bytesOnly(r.Body, map[string]bool{r.Name: true}, &classes) && classes > 0
}

func (l *lowerer) bytesOnly(n *grammar.Node, seen map[string]bool, classes *int) bool {
	switch n.Op {
	case grammar.Class:
		*classes++
		return true
	case grammar.Literal:
		return !structures(n.Text)
	case grammar.Ref:
		r := l.grammar.Rules[n.Name]
		if seen[n.Name] || has(r, "leaf") || has(r, "raw") || has(r, "null") {
			return false
		}
		if text, ok := constBytes(r.Body); ok {
			return !structures(text)
		}
		seen[n.Name] = true
		ok := l.bytesOnly(r.Body, seen, classes)
		delete(seen, n.Name)
		return ok
	}
	for _, k := range n.Kids {
		if n.Op == grammar.Alt && k.Op == grammar.Literal && len(k.Text) > 1 && letters(k.Text) != "" {
			return false
		}
		if !l.bytesOnly(k, seen, classes) {
			return false
		}
	}
	return true
}

// structures reports whether a constant is punctuation that gives a rule parts.
func structures(text string) bool { return strings.ContainsAny(text, " ()\"[]{}\r\n") }

// oneByte is the set of a node that always matches exactly one byte.
func (l *lowerer) oneByte(n *grammar.Node) (grammar.ByteSet, bool) {
	switch n.Op {
	case grammar.Class:
		return n.Set, true
	case grammar.Literal:
		if len(n.Text) != 1 {
			return grammar.ByteSet{}, false
		}
		return firstByte(n.Text, n.Exact), true
	case grammar.Ref:
		return l.oneByte(l.grammar.Rules[n.Name].Body)
	case grammar.Alt:
		var s grammar.ByteSet
		for _, k := range n.Kids {
			a, ok := l.oneByte(k)
			if !ok {
				return s, false
			}
			s = s.Union(a)
		}
		return s, true
	case grammar.Seq:
		if len(n.Kids) == 1 {
			return l.oneByte(n.Kids[0])
		}
	}
	return grammar.ByteSet{}, false
}

// firstByte is the set of bytes that a constant can begin with.
func firstByte(text string, exact bool) grammar.ByteSet {
	var s grammar.ByteSet
	c := text[0]
	s.Add(c)
	if x := c | 0x20; !exact && x >= 'a' && x <= 'z' {
		s.Add(x)
		s.Add(x &^ 0x20)
	}
	return s
}

// minLen is the length of the shortest text that a node matches.
func (l *lowerer) minLen(n *grammar.Node, seen []string) int {
	switch n.Op {
	case grammar.Class:
		return 1
	case grammar.Literal:
		return len(n.Text)
	case grammar.Ref:
		for _, s := range seen {
			if s == n.Name {
				return 0
			}
		}
		return l.minLen(l.grammar.Rules[n.Name].Body, append(seen, n.Name))
	case grammar.Rep:
		return n.Min * l.minLen(n.Kids[0], seen)
	case grammar.Seq:
		sum := 0
		for _, k := range n.Kids {
			sum += l.minLen(k, seen)
		}
		return sum
	}
	shortest := 1 << 30
	for _, k := range n.Kids {
		shortest = min(shortest, l.minLen(k, seen))
	}
	return shortest
}

// weight is the number of nodes below n.
func weight(n *grammar.Node) int {
	w := 1
	for _, k := range n.Kids {
		w += weight(k)
	}
	return w
}
