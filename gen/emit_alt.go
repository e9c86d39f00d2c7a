package gen

import (
	"sort"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// alt decodes a choice in the middle of a rule.
func (d *decodeEmitter) alt(n *Node, after grammar.ByteSet) {
	switch {
	case n.Mode == AltSpelling:
		d.spellings(n)
	case n.Mode == AltNull:
		d.nullable(n, after)
	case n.Mode == AltEnum && n.Type.real().Kind == KindEnum && !n.Type.real().Open:
		d.keywords(n, after)
	case n.Mode == AltSum, n.Mode == AltEnum, !d.disjoint(n):
		d.altFunction(n, after)
	default:
		d.branches(n, after)
	}
	d.mark(n.Dest)
}

// disjoint reports whether the first byte tells the alternatives apart.
func (d *decodeEmitter) disjoint(n *Node) bool {
	var seen grammar.ByteSet
	for _, k := range n.Kids {
		s, _ := d.first(k)
		if !seen.Intersect(s).Empty() {
			return false
		}
		seen = seen.Union(s)
	}
	return true
}

// spellings accepts any of several constants that say the same.
func (d *decodeEmitter) spellings(n *Node) {
	d.settle()
	d.known = 0
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for _, k := range n.Kids {
			d.add(jen.Case(d.is(k.Text, k.Exact)).Block(jen.Id("i").Op("+=").Lit(len(k.Text))))
		}
		d.add(jen.Default().Block(d.fail(describeText(n.Kids[0].Text))))
	})))
}

// nullable decodes NIL, or else the value.
func (d *decodeEmitter) nullable(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	var null *Node
	rest := *n
	rest.Kids = nil
	for _, k := range n.Kids {
		if k.Null && k.Op == OpText {
			null = k
			continue
		}
		rest.Kids = append(rest.Kids, k)
	}
	d.add(jen.If(d.is(null.Text, false)).Block(jen.Id("i").Op("+=").Lit(len(null.Text))).Else().BlockFunc(d.block(func() {
		if len(rest.Kids) == 1 {
			d.stepUnmarked(rest.Kids[0], after)
		} else {
			d.branches(&rest, after)
		}
		d.settle()
	})))
}

// stepUnmarked is step for a part of a node that sets the presence bit itself.
func (d *decodeEmitter) stepUnmarked(n *Node, after grammar.ByteSet) { d.step(n, after) }

// keywords decodes a closed set of keywords, the longest first.
func (d *decodeEmitter) keywords(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	kids := append([]*Node(nil), n.Kids...)
	sort.SliceStable(kids, func(a, b int) bool { return len(kids[a].text()) > len(kids[b].text()) })
	t := d.place(n.Dest)
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for _, k := range kids {
			text := k.text()
			d.add(jen.Case(and(d.addedGate(n, k), d.is(text, false))).Block(
				t.val().Op("=").Id(k.Case.Name), jen.Id("i").Op("+=").Lit(len(text))))
		}
		d.add(jen.Default().Block(d.fail(anyOf(d.starts(n, nil)))))
	})))
	_ = after
}

// branches decodes alternatives that the first bytes tell apart.
func (d *decodeEmitter) branches(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	_, empty := d.first(n)
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for i, k := range n.Kids {
			d.branch(n, i, k, after)
		}
		if !empty {
			d.add(jen.Default().Block(d.fail(anyOf(d.starts(n, nil)))))
		}
	})))
}

func (d *decodeEmitter) branch(n *Node, i int, k *Node, after grammar.ByteSet) {
	nodes := d.flat([]*Node{k})
	body := func(known int) func(*jen.Group) {
		return d.block(func() {
			d.known = known
			d.seq(nodes, after)
			d.known = 0
			d.settle()
		})
	}
	if _, empty := d.first(k); empty {
		d.add(jen.Default().BlockFunc(body(0)))
		return
	}
	others := d.othersFirst(n, i)
	c, known := d.cond(nodes, others)
	d.add(jen.Case(and(d.gate(k.Source), c)).BlockFunc(body(known)))
}

// othersFirst is what the other alternatives can begin with.
func (d *decodeEmitter) othersFirst(n *Node, i int) grammar.ByteSet {
	var out grammar.ByteSet
	for j, o := range n.Kids {
		if j != i {
			s, _ := d.first(o)
			out = out.Union(s)
		}
	}
	return out
}

// altFunction decodes a choice by a function of its own, which can try one
// alternative after the other.
func (d *decodeEmitter) altFunction(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	name := d.temp("decode" + camel(d.rule.Spelling) + "Choice")
	r := d.rule
	if n.Mode == AltFields {
		t := d.scope.typ
		arg := jen.Id(d.scope.name)
		d.function(name, r, t, false, func() { d.dispatch(n, after) })
		d.call(name, arg)
		return
	}
	t := d.place(n.Dest)
	inner := *n
	inner.Dest = ""
	d.function(name, r, n.Type, false, func() { d.dispatch(&inner, after) })
	d.callInto(name, n.Type, t)
}
