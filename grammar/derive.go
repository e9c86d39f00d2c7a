package grammar

import "slices"

// Derivation calls visit for the elements that the text of the last successful
// Match of the rule consists of, each with where it begins and ends. Of several
// derivations it is the one that prefers alternatives that come first. A rule that
// Leaf decides has no elements.
func (m *Matcher) Derivation(rule string, visit func(n *Node, at, end int)) {
	m.derive(&Node{Op: Ref, Name: foldName(rule)}, 0, len(m.data), visit)
}

func (m *Matcher) derive(n *Node, at, end int, visit func(*Node, int, int)) {
	visit(n, at, end)
	switch n.Op {
	case Ref:
		if r := m.g.Rules[n.Name]; !m.decided(r, at) {
			m.derive(r.Body, at, end, visit)
		}
	case Seq:
		m.derivePath(n.Kids, m.path(n.Kids, at, end), visit)
	case Alt:
		for _, k := range m.choices(n, at) {
			if slices.Contains(m.ends(k, at), end) {
				m.derive(k, at, end, visit)
				return
			}
		}
	case Rep:
		turns := m.turns(n, at, end)
		m.derivePath(slices.Repeat(n.Kids, max(0, len(turns)-1)), turns, visit)
	}
}

// derivePath derives elements between the offsets of a path.
func (m *Matcher) derivePath(kids []*Node, path []int, visit func(*Node, int, int)) {
	for i, k := range kids {
		m.derive(k, path[i], path[i+1], visit)
	}
}

// choices are the alternatives that are tried at the offset.
func (m *Matcher) choices(n *Node, at int) []*Node {
	var kids []*Node
	for i, k := range n.Kids {
		if m.allowed(k.Caps) && (m.Skip == nil || !m.Skip(n, i, m.data, at)) {
			kids = append(kids, k)
		}
	}
	return kids
}

// decided reports whether Leaf says where the rule ends.
func (m *Matcher) decided(r *Rule, at int) bool {
	if m.Leaf == nil || r.directive("leaf") == nil {
		return false
	}
	_, ok := m.Leaf(r, m.data, at)
	return ok
}

// path lists where each of the elements of a sequence begins, and its end; the
// first ones are as long as they can be.
func (m *Matcher) path(kids []*Node, at, end int) []int {
	levels := [][]int{{at}}
	for _, k := range kids {
		levels = append(levels, m.after(k, levels[len(levels)-1]))
	}
	return m.back(kids, levels, end)
}

// turns is the path of a repetition.
func (m *Matcher) turns(n *Node, at, end int) []int {
	levels := [][]int{{at}}
	for turn := 0; ; turn++ {
		last := levels[turn]
		if turn >= n.Min && slices.Contains(last, end) {
			return m.back(slices.Repeat(n.Kids, turn), levels, end)
		}
		if len(last) == 0 || turn == n.Max {
			return nil
		}
		levels = append(levels, m.after(n.Kids[0], last))
	}
}

// back finds the path that ends at the offset through what can be reached.
func (m *Matcher) back(kids []*Node, levels [][]int, end int) []int {
	path := make([]int, len(levels))
	path[len(kids)] = end
	for i := len(kids) - 1; i >= 0; i-- {
		for _, at := range slices.Backward(levels[i]) {
			if slices.Contains(m.ends(kids[i], at), path[i+1]) {
				path[i] = at
				break
			}
		}
	}
	return path
}

// Failure calls visit for the elements that had matched something when the text
// of the last Match, which did not succeed, went wrong: that could reach the
// offset Longest and begin before it. Each is visited once.
func (m *Matcher) Failure(rule string, visit func(n *Node, at int)) {
	f := failure{m: m, target: m.Longest(), seen: map[state]bool{}, visit: visit}
	f.reaches(&Node{Op: Ref, Name: foldName(rule)}, 0)
}

// failure looks for the elements that reach an offset.
type failure struct {
	m      *Matcher
	target int
	seen   map[state]bool
	visit  func(*Node, int)
}

func (f *failure) reaches(n *Node, at int) bool {
	s := state{n, at}
	ok, was := f.seen[s]
	if was || at > f.target {
		return ok
	}
	f.seen[s] = false
	if ok = f.find(n, at); ok {
		f.seen[s] = true
		if at < f.target {
			f.visit(n, at)
		}
	}
	return ok
}

func (f *failure) find(n *Node, at int) bool {
	ok := at == f.target || slices.Contains(f.m.ends(n, at), f.target)
	switch n.Op {
	case Ref:
		if r := f.m.g.Rules[n.Name]; r != nil && !f.m.decided(r, at) {
			ok = f.reaches(r.Body, at) || ok
		}
	case Seq:
		from := []int{at}
		for _, k := range n.Kids {
			ok = f.any(k, from) || ok
			from = f.m.after(k, from)
		}
	case Alt:
		for _, k := range f.m.choices(n, at) {
			ok = f.reaches(k, at) || ok
		}
	case Rep:
		from := append([]int{at}, f.m.ends(&Node{Op: Rep, Kids: n.Kids, Max: -1}, at)...)
		ok = f.any(n.Kids[0], from) || ok
	}
	return ok
}

// any looks at an element at each of the offsets.
func (f *failure) any(n *Node, from []int) bool {
	ok := false
	for _, at := range from {
		ok = f.reaches(n, at) || ok
	}
	return ok
}
