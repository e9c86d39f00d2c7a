package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// needs are the capabilities of the section that an element comes from: its
// own, or that of the rule it consists of.
func (e *emitter) needs(n *grammar.Node) []string {
	if n == nil {
		return nil
	}
	if !e.always(n.Caps) {
		return n.Caps
	}
	switch n.Op {
	case grammar.Ref:
		r := e.grammar.Rules[n.Name]
		if !e.always(r.Body.Caps) { // of a hook, those of the extension that filled it
			return r.Body.Caps
		}
		if !e.always(r.Caps) {
			return r.Caps
		}
	case grammar.Rep:
		if n.Min == 0 {
			return e.needs(n.Kids[0])
		}
	case grammar.Seq:
		for _, k := range n.Kids {
			if k.Op == grammar.Ref {
				if caps := e.needs(k); caps != nil {
					return caps
				}
			}
		}
	}
	return nil
}

// gate is the section that an element needs beyond the rule around it and what has
// been noted already; ok is false where it needs none.
func (e *encodeEmitter) gate(n *grammar.Node) (section int, ok bool) {
	caps := e.needs(n)
	if caps == nil || slices.Equal(caps, e.rule.Caps) {
		return 0, false
	}
	section, ok = e.section(caps)
	return section, ok && !slices.Contains(e.noted, section)
}

// need notes the section that an element needs, where the peer does not have it.
func (e *encodeEmitter) need(n *grammar.Node) {
	if section, ok := e.gate(n); ok {
		e.needSection(section, e.opening(n))
	}
}

func (e *encodeEmitter) needSection(section int, what string) {
	e.g.Add(jen.If(jen.Op("!").Id("e").Dot("Allows").Call(jen.Lit(section))).Block(
		jen.Id("e").Dot("Need").Call(jen.Lit(section), e.siteID(e.rule.Name, what))))
	e.noted = append(slices.Clone(e.noted), section)
}

// offered is the test for an alternative where a later one may say the same: that it
// holds the value, and that the peer has it.
func (e *encodeEmitter) offered(k *Node, c *jen.Statement) *jen.Statement {
	section, ok := e.gate(k.Source)
	if !ok {
		return c
	}
	return jen.Parens(c).Op("&&").Id("e").Dot("Allows").Call(jen.Lit(section))
}

// needed encodes a node behind noting what it needs.
func (e *encodeEmitter) needed(n *grammar.Node, k *Node) {
	e.need(n)
	e.step(k)
}

// refused encodes what only alternatives can say that the peer does not have.
func (e *encodeEmitter) refused(kids []*Node, holds func(i int) *jen.Statement) {
	for i, k := range kids {
		if _, ok := e.gate(k.Source); ok {
			e.add(jen.Case(holds(i)).BlockFunc(e.block(func() { e.needed(k.Source, k) })))
		}
	}
}

// needFurther notes the section of all elements of a list but the first.
func (e *encodeEmitter) needFurther(n *Node, t target) {
	if section, ok := e.gate(n.More); ok {
		e.add(jen.If(jen.Len(t.val()).Op(">").Lit(1)).BlockFunc(e.block(func() {
			e.needSection(section, "more than one "+singular(n.Kids[0]))
		})))
	}
}

// needBits notes the sections of those words of a closed set that are there.
func (e *encodeEmitter) needBits(alt *Node, bits func() *jen.Statement) {
	for _, k := range alt.Kids {
		if section, ok := e.gate(k.Source); ok && k.Case != nil {
			e.add(jen.If(bits().Op("&").Id(k.Case.Name).Op("!=").Lit(0)).BlockFunc(e.block(func() {
				e.needSection(section, e.opening(k.Source))
			})))
		}
	}
}

// needLeaf notes the section of what an extension added to a leaf, where a value has it.
func (e *encodeEmitter) needLeaf(n *Node, t target) {
	field := n.Type.base().Prim.added
	if field == "" || n.Type.base().Rule == nil {
		return
	}
	for _, k := range alternatives(n.Type.base().Rule.Body) {
		if section, ok := e.gate(k); ok {
			e.add(jen.If(t.val().Dot(field)).BlockFunc(e.block(func() { e.needSection(section, e.opening(k)) })))
			return
		}
	}
}

// opening is what an element begins with, for people: its keywords, or else the name
// of the rule that it consists of.
func (l *lowerer) opening(n *grammar.Node) string {
	var out []string
	for _, text := range l.keywordsOf(n) {
		out = append(out, describeText(text))
	}
	if r := l.firstRule(n); r != nil && len(out) == 0 {
		return phrase(r)
	}
	return orAnother(out)
}

// keywordsOf are the keywords that an element can begin with.
func (l *lowerer) keywordsOf(n *grammar.Node) (out []string) {
	for _, text := range l.openings(n) {
		if text = strings.TrimLeft(text, " ("); strings.Count(text, "(") != strings.Count(text, ")") {
			text, _, _ = strings.Cut(text, "(")
		}
		if text = strings.Trim(text, `" `); letters(text) != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// openings are the constant texts that an element can begin with; what is optional before
// them is passed over.
func (l *lowerer) openings(n *grammar.Node) []string {
	if text, ok := l.constText(n); ok {
		return []string{text}
	}
	switch n.Op {
	case grammar.Ref:
		if r := l.grammar.Rules[n.Name]; !has(r, "leaf") {
			return l.openings(r.Body)
		}
	case grammar.Seq:
		return l.openingsOf(n.Kids)
	case grammar.Alt:
		var out []string
		for _, k := range n.Kids {
			out = append(out, l.openings(k)...)
		}
		return out
	case grammar.Rep:
		if n.Max == 1 {
			return l.openings(n.Kids[0])
		}
	}
	return nil
}

// openingsOf are those of a sequence: the constant text in front, or what the first
// element that says something begins with.
func (l *lowerer) openingsOf(kids []*grammar.Node) []string {
	out := ""
	for i, k := range kids {
		text, ok := l.constText(k)
		switch {
		case ok:
			out += text
		case letters(out) != "":
			return []string{out}
		case k.Op == grammar.Rep && k.Min == 0 && i < len(kids)-1, l.isNumber(k):
		default:
			return l.openings(k)
		}
	}
	return []string{out}
}

// firstRule is the first rule that an element refers to, constants left out.
func (l *lowerer) firstRule(n *grammar.Node) *grammar.Rule {
	if _, constant := l.constText(n); n.Op == grammar.Ref && !constant {
		return l.grammar.Rules[n.Name]
	}
	for _, k := range n.Kids {
		if r := l.firstRule(k); r != nil {
			return r
		}
	}
	return nil
}
