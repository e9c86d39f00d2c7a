package grammar

import "slices"

// begin is the set of octets that can begin n, and whether n can be empty, seen
// from the rules as they are now. busy lists the rules that are being looked at.
func (g *Grammar) begin(n *Node, busy []string) (ByteSet, bool) {
	switch n.Op {
	case Literal:
		return literalFirst(n), n.Text == ""
	case Class:
		return n.Set, false
	case Ref:
		r := g.Rules[n.Name]
		if r == nil || slices.Contains(busy, n.Name) {
			return ByteSet{}, false
		}
		return g.begin(r.Body, append(busy, n.Name))
	case Rep:
		first, nullable := g.begin(n.Kids[0], busy)
		return first, nullable || n.Min == 0
	}
	return g.beginAll(n, busy)
}

// beginAll is begin of a sequence or of alternatives.
func (g *Grammar) beginAll(n *Node, busy []string) (all ByteSet, nullable bool) {
	nullable = n.Op == Seq
	for _, k := range n.Kids {
		first, empty := g.begin(k, busy)
		all = all.Union(first)
		if n.Op == Alt {
			nullable = nullable || empty
		} else if !empty {
			return all, false
		}
	}
	return all, nullable
}

// literalFirst is the set of octets that can begin a literal.
func literalFirst(n *Node) (s ByteSet) {
	if n.Text == "" {
		return s
	}
	c := n.Text[0]
	s.Add(c)
	if lower := c | 0x20; !n.Exact && lower >= 'a' && lower <= 'z' {
		s.Add(lower)
		s.Add(lower &^ 0x20)
	}
	return s
}
