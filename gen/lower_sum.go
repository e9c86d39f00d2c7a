package gen

import (
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// sumRule lowers a rule with `;@ sum`.
func (l *lowerer) sumRule(r *grammar.Rule, args []string) *lowered {
	_, pattern, _ := nameAndPattern(args)
	name := typeName(r)
	if pattern == "" {
		pattern = name + "*"
	}
	return l.sum(r, name, pattern, r.Body)
}

// sum lowers alternatives to the cases of an interface.
func (l *lowerer) sum(r *grammar.Rule, name, pattern string, n *grammar.Node) *lowered {
	t := l.named(KindSum, name, r)
	_, t.Recover = directive(r, "recover")
	l.known(r, t)
	out := &Node{Op: OpAlt, Mode: AltSum, Type: t, Source: n, Rule: r}
	for _, k := range alternatives(n) {
		c := l.sumCase(t, r, k, func(s string) string { return strings.Replace(pattern, "*", s, 1) })
		out.Kids = append(out.Kids, c)
	}
	return &lowered{rule: r, body: out, typ: t}
}

// sumCase lowers one alternative: a bare keyword, a rule that is a type of its
// own, or a struct made for the case.
func (l *lowerer) sumCase(t *Type, r *grammar.Rule, k *grammar.Node, name func(string) string) *Node {
	c := l.node(k, name(""))
	caseName := use(k.Case)
	switch {
	case !c.yields():
		if caseName == "" {
			caseName = camel(c.text())
		}
		if t.Words == nil {
			t.Words = l.named(KindEnum, name("Word"), r)
			t.Cases = append(t.Cases, &Case{Name: t.Words.Name, Type: t.Words, Source: k})
		}
		c.Case = &Case{Name: name(caseName), Text: c.text(), Source: k}
		l.addCase(t.Words, c.Case)
		return c
	case k.Op == grammar.Ref && c.Op == OpCall && passesThrough(c.Type):
		_, generic := directive(c.Rule, "open")
		l.addCase(t, &Case{Name: c.Type.real().Name, Type: c.Type, Source: k, Generic: generic})
		return c
	}
	if caseName == "" {
		caseName = camel(l.firstKeyword(k))
	}
	if caseName == "" {
		caseName = l.fieldName(c, k)
	}
	s := l.structOf(c, name(caseName), r, k.Case)
	s.Doc = caseDoc(r, k)
	l.addCase(t, &Case{Name: s.Name, Type: s, Source: k})
	return &Node{Op: OpGroup, Kids: []*Node{c}, Type: s, Source: k}
}

// caseDoc says what an alternative is: what the grammar says of it, or of the whole rule.
func caseDoc(r *grammar.Rule, k *grammar.Node) string {
	if k.Doc == "" {
		return ruleDoc(r)
	}
	return "a case of the rule " + r.Name + ".\n" + k.Doc
}

// kindRule lowers `;@ struct`: all alternatives share one struct with a Kind.
func (l *lowerer) kindRule(r *grammar.Rule) *lowered {
	name := typeName(r)
	t := l.named(KindStruct, name, r)
	kind := l.named(KindEnum, name+"Kind", r)
	t.Fields = append(t.Fields, &Field{Name: "Kind", Type: kind})
	out := &Node{Op: OpAlt, Mode: AltKind, Type: t, Source: r.Body, Rule: r}
	for _, k := range alternatives(r.Body) {
		c := l.node(k, name)
		if c.Bag == nil && c.Type != nil {
			l.toBag(c, l.noteOrName(c))
		}
		cs := &Case{Text: c.text(), Source: k}
		if c.Bag != nil {
			cs.Text = l.firstKeyword(k)
		}
		cs.Name = use(k.Case)
		if cs.Name == "" {
			cs.Name = camel(cs.Text)
		}
		cs.Name = name + cs.Name
		for _, f := range c.Bag {
			if f.Name != "Kind" && !f.Opt {
				c.Req = append(c.Req, f.Name)
			}
		}
		l.apart(r, k, c.Bag)
		c.Case = cs
		l.addCase(kind, cs)
		l.merge(t, c.Bag, r)
		out.Kids = append(out.Kids, c)
	}
	smallFirst(t)
	return &lowered{rule: r, body: out, typ: t}
}

// apart makes a struct that an extension adds to a shared one a pointer: it costs the
// values of others no more.
func (l *lowerer) apart(r *grammar.Rule, k *grammar.Node, bag []*Field) {
	for _, f := range bag {
		if f.Type.hasFields() && !slices.Equal(r.Caps, k.Caps) {
			f.Opt = true
		}
	}
}

// smallFirst puts the flags of a struct that alternatives share behind its kind:
// there are lists of them, which every octet less makes smaller.
func smallFirst(t *Type) {
	rank := func(f *Field) int {
		switch {
		case f.Name == "Kind":
			return 0
		case f.Type.real().Kind == KindBool:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(t.Fields, func(a, b *Field) int { return rank(a) - rank(b) })
}

// firstKeyword is the keyword that an alternative begins with, a number before it passed over.
func (l *lowerer) firstKeyword(n *grammar.Node) string {
	if text, ok := l.constText(n); ok {
		if letters(text) == "" {
			return ""
		}
		return strings.Trim(text, `" `)
	}
	switch n.Op {
	case grammar.Seq:
		for _, k := range n.Kids {
			if s := l.firstKeyword(k); s != "" {
				return s
			}
			if _, ok := l.constText(k); !ok && !l.isNumber(k) {
				return ""
			}
		}
	case grammar.Alt:
		return l.firstKeyword(n.Kids[0])
	case grammar.Ref:
		if body := l.grammar.Rules[n.Name].Body; body.Op == grammar.Alt && l.allConstant(body.Kids) {
			return l.firstKeyword(body)
		}
	}
	return ""
}

// allConstant reports whether alternatives are nothing but keywords.
func (l *lowerer) allConstant(kids []*grammar.Node) bool {
	return !slices.ContainsFunc(kids, func(k *grammar.Node) bool {
		_, ok := l.constText(k)
		return !ok
	})
}

// isNumber reports whether a node is a leaf that begins with a digit.
func (l *lowerer) isNumber(n *grammar.Node) bool {
	if n.Op != grammar.Ref {
		return false
	}
	r := l.grammar.Rules[n.Name]
	for _, d := range r.Directives {
		if d.Name == "leaf" && len(d.Args) > 0 {
			p := primitives[d.Args[0]]
			return p != nil && numeric(p)
		}
	}
	return false
}

// numeric reports whether a primitive is written as digits.
func numeric(p *primitive) bool {
	switch p.goType {
	case "uint32", "uint64", "UID", "SeqNum", "ModSeq":
		return true
	}
	return false
}
