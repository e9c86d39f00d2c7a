package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// optional decodes [x].
func (d *decodeEmitter) optional(n *Node, after grammar.ByteSet) {
	k := n.Kids[0]
	d.settle()
	d.known = 0
	gate := d.gate(n.Source)
	if n.Type != nil && n.Type.real().Kind == KindBool {
		text := k.text()
		d.add(jen.If(and(gate, d.boundedIs(text, after))).Block(
			d.place(n.Dest).val().Op("=").True(), jen.Id("i").Op("+=").Lit(len(text))))
		return
	}
	nodes := d.flat([]*Node{k})
	c, known := d.cond(nodes, after)
	if first, _ := d.first(k); n.Tentative && n.yields() && !first.Intersect(after).Empty() {
		d.tentative(n, nodes, and(gate, d.in(first, d.byteAt(0))), after)
		return
	}
	d.add(jen.If(and(gate, c)).BlockFunc(d.block(func() {
		d.known = known
		d.seq(nodes, after)
		d.known = 0
		d.settle()
	})))
}

// tentative tries an optional part with a function of its own. Where it fails,
// its fields are as if it had not been tried.
func (d *decodeEmitter) tentative(n *Node, nodes []*Node, c *jen.Statement, after grammar.ByteSet) {
	t := d.scope.typ
	if returned(t) {
		d.failf(d.rule, "an optional part that may have to be taken back needs a struct around it")
		return
	}
	name := d.temp("decode" + camel(d.rule.Spelling) + "Try")
	d.tries[n] = tried{name, t}
	d.function(name, d.rule, t, false, func() {
		d.seq(nodes, after)
		d.known = 0
		d.end()
	})
	j := d.temp("j")
	d.add(jen.If(c).BlockFunc(d.block(func() {
		d.add(jen.If(jen.Id(j).Op(":=").Id("d").Dot(name).Call(jen.Id("b"), jen.Id("i"), jen.Id(d.scope.name)), jen.Id(j).Op(">=").Lit(0)).
			Block(jen.Id("i").Op("=").Id(j)).
			Else().BlockFunc(d.block(func() {
			for _, name := range n.fields() {
				d.add(d.place(name).val().Op("=").Op("*").New(d.fieldType(t.field(name))))
			}
		})))
	})))
}

// boundedIs tests for an optional keyword.
func (d *decodeEmitter) boundedIs(text string, after grammar.ByteSet) *jen.Statement {
	if letters(text[len(text)-1:]) == "" {
		return d.is(text, false)
	}
	is, bound := d.is(text, false), d.in(after, d.byteAt(len(text))) // UIDCOUNT is not UID
	if len(text) > ahead {
		return and(bound, is)
	}
	return and(is, bound)
}

// and joins conditions, the first of which may be missing.
func and(gate, c *jen.Statement) *jen.Statement {
	if gate == nil {
		return c
	}
	return jen.Add(c).Op("&&").Add(gate)
}

// both is the test for two gates, each of which may be missing.
func both(a, b *jen.Statement) *jen.Statement {
	if b == nil || a != nil && a.GoString() == b.GoString() {
		return a
	}
	return and(a, b)
}

// addedGate is the gate of a keyword that an extension added to an enumeration.
func (d *decodeEmitter) addedGate(alt, k *Node) *jen.Statement {
	if slices.Equal(k.Source.Caps, alt.Kids[0].Source.Caps) {
		return nil
	}
	return d.gate(k.Source)
}

// gate is the test whether the capabilities that an element needs are there,
// nil where nothing beyond the rule around it is needed.
func (d *decodeEmitter) gate(n *grammar.Node) *jen.Statement {
	caps := d.needs(n)
	if caps == nil || strings.Join(caps, " ") == strings.Join(d.rule.Caps, " ") {
		return nil
	}
	return d.allowed(caps)
}

// cond is the test that chooses nodes where the bytes of others may come
// instead, and how many leading bytes of constant text it tests.
func (d *decodeEmitter) cond(nodes []*Node, others grammar.ByteSet) (*jen.Statement, int) {
	if len(nodes) == 0 {
		return jen.True(), 0
	}
	if inner := d.begins(nodes); inner != nil {
		c, _ := d.cond(inner, others)
		return c, 0
	}
	if nodes[0].Op == OpOpt && len(nodes) > 1 {
		if text := nodes[0].Kids[0].text(); nodes[0].Type != nil && nodes[0].Type.real().Kind == KindBool && len(text) > 1 {
			if s, empty := d.first(&Node{Op: OpSeq, Kids: nodes[1:]}); !empty {
				return jen.Parens(d.in(s, d.byteAt(0)).Op("||").Add(d.is(text, false))), 0
			}
		}
	}
	if nodes[0].Op != OpText {
		s, _ := d.first(&Node{Op: OpSeq, Kids: nodes})
		if nodes[0].Op == OpAlt && !s.Intersect(others).Empty() {
			return d.condAny(nodes[0], others), 0
		}
		return d.in(s, d.byteAt(0)), 0
	}
	text := nodes[0].Text
	first := firstByte(text, nodes[0].Exact)
	switch {
	case first.Intersect(others).Empty():
		return d.in(first, d.byteAt(0)), 1
	case len(text) == 1 && len(nodes) > 1:
		s, empty := d.first(&Node{Op: OpSeq, Kids: nodes[1:]})
		if empty {
			return d.in(first, d.byteAt(0)), 1
		}
		if nodes[1].Op == OpAlt && hasKeywords(nodes[1]) {
			d.off++
			c := d.condAny(nodes[1], others)
			d.off--
			return d.in(first, d.byteAt(0)).Op("&&").Parens(c), 1
		}
		return d.in(first, d.byteAt(0)).Op("&&").Add(d.in(s, d.byteAt(1))), 1
	}
	return d.is(text, nodes[0].Exact), len(text)
}

// begins is what nodes begin with, seen through the call of a rule that begins
// with constant text; nil where they begin otherwise.
func (d *decodeEmitter) begins(nodes []*Node) []*Node {
	n := nodes[0]
	if n.Op != OpCall {
		return nil
	}
	body := d.flat([]*Node{d.ruleOf(n.Rule).body})
	if len(body) == 0 || body[0].Op != OpText {
		return nil
	}
	return append(body[:len(body):len(body)], nodes[1:]...)
}

func hasKeywords(n *Node) bool {
	for _, k := range n.Kids {
		if letters(k.text()) == "" {
			return false
		}
	}
	return len(n.Kids) > 0
}

// condAny is true where any alternative can begin.
func (d *decodeEmitter) condAny(n *Node, others grammar.ByteSet) *jen.Statement {
	var out *jen.Statement
	for _, k := range n.Kids {
		c, _ := d.cond(d.flat([]*Node{k}), others)
		if out == nil {
			out = c
			continue
		}
		out = out.Op("||").Add(c)
	}
	return out
}
