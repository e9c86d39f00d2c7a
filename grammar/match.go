package grammar

import "slices"

// A Matcher answers whether text is in the language of a rule, straight from the
// grammar and slowly: it is the oracle that generated decoders are compared with.
type Matcher struct {
	// Leaf, where it is set, says where a rule with a leaf annotation can end
	// that begins at the offset; ok is false where the rule's body is to decide.
	// It is needed for what ABNF cannot say, such as counted octets.
	Leaf func(r *Rule, data []byte, at int) (ends []int, ok bool)
	// Allows, where it is set, says whether a section with the capabilities is
	// part of the grammar. Sections without any always are.
	Allows func(caps []string) bool
	// Skip, where it is set, says that an alternative of a choice is not to be
	// tried at the offset: for the rule that a keyword which the grammar knows
	// is never taken for an unknown one.
	Skip func(choice *Node, alternative int, data []byte, at int) bool

	g    *Grammar
	data []byte
	memo map[state][]int
}

// state is an element at an offset.
type state struct {
	node *Node
	at   int
}

// Matcher returns a matcher for the rules of g, which must be free of undefined
// rules, left recursion and nullable loops.
func (g *Grammar) Matcher() *Matcher { return &Matcher{g: g} }

// Match reports whether the rule of that name matches all of the data. Time and
// memory grow with the product of grammar and data.
func (m *Matcher) Match(rule string, data []byte) bool {
	m.data, m.memo = data, map[state][]int{}
	return slices.Contains(m.ends(&Node{Op: Ref, Name: foldName(rule)}, 0), len(data))
}

// Longest is how many octets a beginning of the rule can match at most: where a
// text that does not match goes wrong.
func (m *Matcher) Longest() int {
	longest := 0
	for s := range m.memo {
		longest = max(longest, s.at)
	}
	return longest
}

// ends lists the offsets at which n can end that begins at the offset, in order.
func (m *Matcher) ends(n *Node, at int) []int {
	s := state{n, at}
	if ends, ok := m.memo[s]; ok {
		return ends
	}
	ends := m.find(n, at)
	slices.Sort(ends)
	ends = slices.Compact(ends)
	m.memo[s] = ends
	return ends
}

func (m *Matcher) find(n *Node, at int) []int {
	switch n.Op {
	case Literal:
		return m.literal(n, at)
	case Class:
		if at < len(m.data) && n.Set.Has(m.data[at]) {
			return []int{at + 1}
		}
		return nil
	case Ref:
		return m.rule(m.g.Rules[n.Name], at)
	case Seq:
		return m.sequence(n.Kids, at)
	case Alt:
		var all []int
		for i, k := range n.Kids {
			if m.allowed(k.Caps) && (m.Skip == nil || !m.Skip(n, i, m.data, at)) {
				all = append(all, m.ends(k, at)...)
			}
		}
		return all
	}
	return m.repetition(n, at)
}

func (m *Matcher) allowed(caps []string) bool {
	return m.Allows == nil || len(caps) == 0 || m.Allows(caps)
}

func (m *Matcher) literal(n *Node, at int) []int {
	end := at + len(n.Text)
	if end > len(m.data) {
		return nil
	}
	for i := range len(n.Text) {
		var c ByteSet
		c.addFold(n.Text[i], n.Exact)
		if !c.Has(m.data[at+i]) {
			return nil
		}
	}
	return []int{end}
}

func (m *Matcher) rule(r *Rule, at int) []int {
	if r == nil || !m.allowed(r.Caps) {
		return nil
	}
	if m.Leaf != nil && r.directive("leaf") != nil {
		if ends, ok := m.Leaf(r, m.data, at); ok {
			return ends
		}
	}
	if r.unfilled(m.allowed) {
		return []int{at}
	}
	if !m.allowed(r.Body.Caps) {
		return nil
	}
	return m.ends(r.Body, at)
}

// unfilled reports whether the rule is a hook of whose alternatives none is
// allowed: then it is as empty as without them.
func (r *Rule) unfilled(allowed func(caps []string) bool) bool {
	if r.directive("hook") == nil {
		return false
	}
	if r.Body.Op != Alt {
		return !allowed(r.Body.Caps)
	}
	return !slices.ContainsFunc(r.Body.Kids, func(k *Node) bool { return allowed(k.Caps) })
}

func (m *Matcher) sequence(kids []*Node, at int) []int {
	ends := []int{at}
	for _, k := range kids {
		ends = m.after(k, ends)
	}
	return ends
}

// after lists where n can end that begins at one of the offsets.
func (m *Matcher) after(n *Node, from []int) []int {
	var all []int
	for _, at := range from {
		all = append(all, m.ends(n, at)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (m *Matcher) repetition(n *Node, at int) []int {
	var all []int
	seen := map[int]bool{}
	ends := []int{at}
	for turn := 0; len(ends) > 0; turn++ {
		if turn >= n.Min {
			ends = slices.DeleteFunc(ends, func(e int) bool { return seen[e] })
			for _, e := range ends {
				seen[e] = true
			}
			all = append(all, ends...)
		}
		if turn == n.Max {
			break
		}
		ends = m.after(n.Kids[0], ends)
	}
	return all
}
