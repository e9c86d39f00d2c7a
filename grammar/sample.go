package grammar

import (
	"math/rand/v2"
)

// A Sampler makes random sentences of a grammar, for tests.
type Sampler struct {
	// Leaf, where it is set, makes the text of a rule with a leaf annotation; ok
	// is false where the rule's body is to be sampled. It is needed for what ABNF
	// cannot say, such as counted octets.
	Leaf func(r *Rule) (text []byte, ok bool)
	// Allows, where it is set, says whether a section with the capabilities is
	// part of the grammar. Sections without any always are.
	Allows func(caps []string) bool
	// Choose, where it is set, picks one of several alternatives, so that a test can
	// ask for those that it has not seen. Nil picks at random.
	Choose func(possible []*Node) *Node
	// Depth is how deep rules nest before the shortest way out is taken.
	Depth int
	// Size, where it is not 0, is how many octets a sentence has before the shortest
	// way out is taken.
	Size int
	// Repeat is how often at most something is repeated beyond its minimum.
	Repeat int

	g      *Grammar
	rand   *rand.Rand
	height map[string]int
}

// Sampler returns a sampler for the rules of g, which must be free of undefined
// rules and left recursion. The same source of randomness gives the same sentences.
func (g *Grammar) Sampler(r *rand.Rand) *Sampler {
	return &Sampler{Depth: 24, Repeat: 3, g: g, rand: r}
}

// never is the height of what has no sentences, or none that are allowed.
const never = 1 << 20

// Sentence makes a sentence of the rule of that name; ok is false where the
// rule has none.
func (s *Sampler) Sentence(rule string) (text []byte, ok bool) {
	if s.height == nil {
		s.measure()
	}
	n := &Node{Op: Ref, Name: foldName(rule)}
	if s.heightOf(n) >= never {
		return nil, false
	}
	return s.append(nil, n, 0), true
}

// measure finds how deep rules must nest at least before everything is text.
func (s *Sampler) measure() {
	s.height = map[string]int{}
	for _, r := range s.g.Order {
		s.height[r.Name] = never
	}
	for changed := true; changed; {
		changed = false
		for _, r := range s.g.Order {
			if h := s.ruleHeight(r); h < s.height[r.Name] {
				s.height[r.Name] = h
				changed = true
			}
		}
	}
}

func (s *Sampler) ruleHeight(r *Rule) int {
	switch {
	case !s.allowed(r.Caps):
		return never
	case r.unfilled(s.allowed):
		return 0
	case !s.allowed(r.Body.Caps):
		return never
	}
	return s.heightOf(r.Body) + 1
}

func (s *Sampler) allowed(caps []string) bool {
	return s.Allows == nil || len(caps) == 0 || s.Allows(caps)
}

func (s *Sampler) heightOf(n *Node) int {
	switch n.Op {
	case Ref:
		if h, ok := s.height[n.Name]; ok {
			return h
		}
		return never
	case Seq:
		h := 0
		for _, k := range n.Kids {
			h = max(h, s.heightOf(k))
		}
		return h
	case Alt:
		h := never
		for _, k := range n.Kids {
			if s.allowed(k.Caps) {
				h = min(h, s.heightOf(k))
			}
		}
		return h
	case Rep:
		if n.Min > 0 {
			return s.heightOf(n.Kids[0])
		}
	}
	return 0
}

// append adds a sentence of n to dst.
func (s *Sampler) append(dst []byte, n *Node, depth int) []byte {
	switch n.Op {
	case Literal:
		return s.literal(dst, n)
	case Class:
		members := n.Set.Bytes()
		return append(dst, members[s.rand.IntN(len(members))])
	case Ref:
		r := s.g.Rules[n.Name]
		if s.Leaf != nil && r.directive("leaf") != nil {
			if text, ok := s.Leaf(r); ok {
				return append(dst, text...)
			}
		}
		if r.unfilled(s.allowed) {
			return dst
		}
		return s.append(dst, r.Body, depth+1)
	case Seq:
		for _, k := range n.Kids {
			dst = s.append(dst, k, depth)
		}
		return dst
	case Alt:
		return s.append(dst, s.choose(n.Kids, s.hurry(dst, depth)), depth)
	}
	for range s.turns(n, s.hurry(dst, depth)) {
		dst = s.append(dst, n.Kids[0], depth)
	}
	return dst
}

// literal writes text as it is, or with the case of letters changed.
func (s *Sampler) literal(dst []byte, n *Node) []byte {
	change := !n.Exact && s.rand.IntN(4) == 0
	for i := range len(n.Text) {
		c := n.Text[i]
		if change && asciiLetters.Has(c) && s.rand.IntN(2) == 0 {
			c ^= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// hurry tells whether a sentence is so deep or long already that the shortest way out
// is to be taken.
func (s *Sampler) hurry(dst []byte, depth int) bool {
	return depth >= s.Depth || s.Size > 0 && len(dst) > s.Size
}

// choose picks an alternative; in a hurry, one of those that end soonest.
func (s *Sampler) choose(kids []*Node, hurry bool) *Node {
	limit := never - 1
	if hurry {
		limit = s.heightOf(&Node{Op: Alt, Kids: kids})
	}
	var possible []*Node
	for _, k := range kids {
		if s.allowed(k.Caps) && s.heightOf(k) <= limit {
			possible = append(possible, k)
		}
	}
	if s.Choose != nil {
		return s.Choose(possible)
	}
	return possible[s.rand.IntN(len(possible))]
}

// turns is how often to repeat; in a hurry, as seldom as possible.
func (s *Sampler) turns(n *Node, hurry bool) int {
	if hurry || s.heightOf(n.Kids[0]) >= never {
		return n.Min
	}
	most := n.Min + s.Repeat
	if n.Max >= 0 {
		most = min(most, n.Max)
	}
	return n.Min + s.rand.IntN(most-n.Min+1)
}
