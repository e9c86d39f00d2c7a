package grammar

// Sets tells what the elements of a grammar can begin with, what can follow its
// rules and which of them can be empty. It is of the rules as they were when
// [Grammar.Sets] was called.
type Sets struct {
	g        *Grammar
	first    map[string]ByteSet
	follow   map[string]ByteSet
	nullable map[string]bool
	changed  bool
}

// Sets computes FIRST, FOLLOW and which rules are nullable. Rules that are not
// defined are taken for impossible.
func (g *Grammar) Sets() *Sets {
	s := g.firstSets()
	s.until(func(r *Rule) { s.pushFollow(r.Body, s.follow[r.Name]) })
	return s
}

// firstSets computes FIRST and which rules are nullable.
func (g *Grammar) firstSets() *Sets {
	s := &Sets{g: g, first: map[string]ByteSet{}, follow: map[string]ByteSet{}, nullable: map[string]bool{}}
	s.until(func(r *Rule) {
		first, nullable := s.First(r.Body), s.Nullable(r.Body)
		if first != s.first[r.Name] || nullable != s.nullable[r.Name] {
			s.first[r.Name], s.nullable[r.Name] = first, nullable
			s.changed = true
		}
	})
	return s
}

// until visits all rules again and again until nothing changes.
func (s *Sets) until(visit func(*Rule)) {
	for s.changed = true; s.changed; {
		s.changed = false
		for _, r := range s.g.Order {
			visit(r)
		}
	}
}

// Nullable reports whether n can match nothing.
func (s *Sets) Nullable(n *Node) bool {
	switch n.Op {
	case Literal:
		return n.Text == ""
	case Class:
		return false
	case Ref:
		return s.nullable[n.Name]
	case Rep:
		return n.Min == 0 || s.Nullable(n.Kids[0])
	}
	for _, k := range n.Kids {
		if s.Nullable(k) == (n.Op == Alt) {
			return n.Op == Alt
		}
	}
	return n.Op == Seq
}

// First is the set of octets that n can begin with.
func (s *Sets) First(n *Node) ByteSet {
	switch n.Op {
	case Literal:
		return literalFirst(n)
	case Class:
		return n.Set
	case Ref:
		return s.first[n.Name]
	}
	var all ByteSet
	for _, k := range n.Kids {
		all = all.Union(s.First(k))
		if n.Op == Seq && !s.Nullable(k) {
			break
		}
	}
	return all
}

// Follow is the set of octets that can come after the rule of that lower-case
// name, wherever it is used. Nothing follows a root.
func (s *Sets) Follow(rule string) ByteSet { return s.follow[rule] }

// pushFollow tells n and everything at its end what comes after it.
func (s *Sets) pushFollow(n *Node, after ByteSet) {
	switch n.Op {
	case Ref:
		if union := s.follow[n.Name].Union(after); union != s.follow[n.Name] {
			s.follow[n.Name] = union
			s.changed = true
		}
	case Alt:
		for _, k := range n.Kids {
			s.pushFollow(k, after)
		}
	case Seq:
		for i := len(n.Kids) - 1; i >= 0; i-- {
			s.pushFollow(n.Kids[i], after)
			first := s.First(n.Kids[i])
			if s.Nullable(n.Kids[i]) {
				first = first.Union(after)
			}
			after = first
		}
	case Rep:
		if n.Max != 1 {
			after = after.Union(s.First(n.Kids[0]))
		}
		s.pushFollow(n.Kids[0], after)
	}
}

// literalFirst is the set of octets that can begin a literal.
func literalFirst(n *Node) (s ByteSet) {
	if n.Op == Literal && n.Text != "" {
		s.addFold(n.Text[0], n.Exact)
	}
	return s
}

// addFold adds c, and unless exact is set the letter's other case.
func (s *ByteSet) addFold(c byte, exact bool) {
	s.Add(c)
	if lower := c | 0x20; !exact && lower >= 'a' && lower <= 'z' {
		s.Add(lower)
		s.Add(lower &^ 0x20)
	}
}
