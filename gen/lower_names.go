package gen

import "github.com/imapsrv/imapsrv/grammar"

// fieldName is the name that a value gets when no note gives it one.
func (l *lowerer) fieldName(c *Node, n *grammar.Node) string {
	if n == nil {
		return ""
	}
	switch n.Op {
	case grammar.Ref:
		r := l.grammar.Rules[n.Name]
		if h := fieldHint(r); h != "" {
			return h
		}
		if t := c.Type; t != nil && t.real().Name != "" && has(r, "type") {
			return t.real().Name
		}
		return camel(r.Spelling)
	case grammar.Rep:
		return l.repName(c, n)
	case grammar.Literal:
		return camel(n.Text)
	case grammar.Seq:
		return l.seqName(c, n)
	case grammar.Alt:
		for _, k := range n.Kids {
			if k.Op == grammar.Ref && !has(l.grammar.Rules[k.Name], "null") {
				return l.fieldName(c, k)
			}
		}
	}
	return ""
}

func (l *lowerer) repName(c *Node, n *grammar.Node) string {
	if c.Op == OpOpt && c.Type != nil && c.Type.real().Kind == KindBool {
		return camel(c.Kids[0].text())
	}
	s := l.fieldName(c, n.Kids[0])
	if n.Max != 1 && s != "" && c.Type != nil && c.Type.real().Kind == KindList {
		s += "s"
	}
	return s
}

func (l *lowerer) seqName(c *Node, n *grammar.Node) string {
	for _, k := range n.Kids {
		if _, ok := l.constText(k); ok {
			continue
		}
		if k.Field != nil && k.Field.Name != "" {
			return use(k.Field)
		}
		if s := l.fieldName(c, k); s != "" {
			return s
		}
	}
	return ""
}
