package gen

// single reports whether a unit has at most one value of a type.
func (p *packageWriter) single(t *Type) bool {
	for _, r := range p.roots {
		c := &counter{lowerer: p.lowerer, of: t.real(), open: map[*lowered]bool{}}
		if c.calls(r.low, false) > 1 {
			return false
		}
	}
	return true
}

// A counter counts how many values of a type a unit can have; more than one count as two.
type counter struct {
	*lowerer
	of   *Type
	open map[*lowered]bool // rules that are being counted
}

// calls counts what a rule's body has. Counted says that the value of the body itself has
// been counted.
func (c *counter) calls(lo *lowered, counted bool) int {
	if c.open[lo] {
		return 0 // a rule within itself counts below
	}
	c.open[lo] = true
	n := c.count(lo.body, counted)
	delete(c.open, lo)
	if n > 0 && lo.recursive {
		return 2
	}
	return n
}

func (c *counter) count(n *Node, counted bool) int {
	own := 0
	if n.Type != nil && n.Type.real() == c.of && !counted {
		own, counted = 1, true
	}
	if n.Op == OpCall {
		return own + c.calls(c.rule(n.Rule.Name), counted)
	}
	all, most := 0, 0
	for _, k := range n.Kids {
		same := k.Dest == "" || k.Dest == n.Dest && n.Op != OpGroup // a field of the same value, or the same field
		kid := c.count(k, counted && same)
		all, most = all+kid, max(most, kid)
	}
	switch {
	case n.Op == OpAlt:
		return own + most
	case n.Op == OpList && all > 0:
		return 2
	}
	return own + all
}
