package gen

import "github.com/imapsrv/imapsrv/grammar"

// repeated lowers *x and its relatives: a constant to skip, or a list.
func (l *lowerer) repeated(n *grammar.Node, hint string) *Node {
	if text, ok := l.constText(n.Kids[0]); ok {
		return &Node{Op: OpSkip, Text: text, Source: n}
	}
	lead, el, loose := l.peel(n.Kids[0])
	x := l.list(l.element(el, hint), n.Min, n)
	x.Sep, x.Lead, x.Loose, x.Max = lead, true, loose != "", n.Max
	x.Yield = l.around != nil && prefers(l.around, "keyword")
	if x.Loose {
		x.Sep = loose
	}
	return x
}

// peel takes the constant before an element, as in *(SP x), and the skipped one
// behind it, as in 1*(x *SP), off the element.
func (l *lowerer) peel(n *grammar.Node) (lead string, el *grammar.Node, loose string) {
	if n.Op != grammar.Seq {
		return "", n, ""
	}
	kids := n.Kids
	for len(kids) > 1 {
		text, ok := l.constText(kids[0])
		if !ok || letters(text) != "" {
			break
		}
		lead += text
		kids = kids[1:]
	}
	if last := kids[len(kids)-1]; len(kids) > 1 && last.Op == grammar.Rep && last.Max < 0 {
		if text, ok := l.constText(last.Kids[0]); ok {
			loose = text
			kids = kids[:len(kids)-1]
		}
	}
	if len(kids) == 1 {
		return lead, kids[0], loose
	}
	return lead, &grammar.Node{Op: grammar.Seq, Kids: kids, Case: n.Case, Caps: n.Caps, Pos: n.Pos}, loose
}

// element lowers what a list repeats; several values become a struct.
func (l *lowerer) element(n *grammar.Node, hint string) *Node {
	e := l.node(n, hint)
	if e.Bag == nil {
		return e
	}
	rule := l.madeUp(hint+"Item", n)
	t := l.structOf(e, hint+"Item", rule, nil)
	return &Node{Op: OpGroup, Kids: []*Node{e}, Type: t, Source: n}
}

// list makes the value of a repetition: a set, a bit set or a slice.
func (l *lowerer) list(e *Node, min int, n *grammar.Node) *Node {
	x := &Node{Op: OpList, Kids: []*Node{e}, Min: min, Max: -1, Source: n}
	t := e.Type.real()
	switch {
	case t == nil:
		l.errorf(n.Pos, "a list of constants has no value; a rule with alternatives is an enum")
	case t.Kind == KindSet && t.Inline:
		x.Bag = t.Fields
	case t.Kind == KindSet, t.Kind == KindBits:
		x.Type = t
	default:
		x.Type = &Type{Kind: KindList, Elem: e.Type}
	}
	return x
}
