package gen

import (
	"github.com/dave/jennifer/jen"
)

// list encodes a repetition.
func (e *encodeEmitter) list(n *Node) {
	el := n.Kids[0]
	switch t := el.Type.real(); {
	case t.Kind == KindSet:
		e.setList(n, el)
	case t.Kind == KindBits:
		e.bitsList(n, el)
	case isSingle(n):
		e.single(n, el)
	default:
		e.slice(n, el)
	}
}

// separator is what the encoder writes between, or before, the elements.
func (n *Node) separator() string {
	if n.Loose {
		return ""
	}
	return n.Sep
}

// slice encodes a list of values.
func (e *encodeEmitter) slice(n, el *Node) {
	t := e.place(n.Dest)
	j := e.temp("j")
	if n.Min > 0 {
		e.add(jen.If(jen.Len(t.val()).Op("==").Lit(0)).Block(e.failure(atLeastOne(el))))
	}
	e.add(jen.For(jen.Id(j).Op(":=").Range().Add(t.val())).BlockFunc(e.block(func() {
		e.between(n, j)
		e.element(el, func() *jen.Statement { return t.val().Index(jen.Id(j)) })
	})))
}

// between writes the separator of a list.
func (e *encodeEmitter) between(n *Node, j string) {
	sep := n.separator()
	switch {
	case sep == "":
	case n.Lead:
		e.pending += sep
	default:
		e.add(jen.If(jen.Id(j).Op(">").Lit(0)).BlockFunc(e.block(func() { e.pending += sep })))
	}
}

// single encodes a list that has exactly one element.
func (e *encodeEmitter) single(n, el *Node) {
	t := e.place(n.Dest)
	fail := jen.Return(jen.Id("e").Dot("Fail").Call(jen.Id("dst"), e.siteID(e.rule.Name, "exactly one "+singular(el))))
	e.add(jen.If(jen.Len(t.val()).Op("!=").Lit(1)).Block(fail))
	e.element(el, func() *jen.Statement { return t.val().Index(jen.Lit(0)) })
}

func (e *encodeEmitter) element(el *Node, val func() *jen.Statement) {
	one := *el
	one.Dest = ""
	outer := e.scope
	e.scope = scope{name: outer.name, typ: outer.typ, self: valueScope(val, el.Type).self}
	e.step(&one)
	e.flush()
	e.scope = outer
}

// bitsList encodes a bit set: the keywords that this list can say, then the others.
func (e *encodeEmitter) bitsList(n, el *Node) {
	t := e.place(n.Dest)
	set := el.Type.real()
	alt := e.lowerer.rule(el.Rule.Name).body
	bits, other := t.val, jen.Nil()
	if set.Open {
		bits = func() *jen.Statement { return t.val().Dot("Bits") }
		other = t.val().Dot("Other")
	}
	mask := jen.Lit(0)
	for _, k := range alt.Kids {
		if k.Case != nil {
			mask = mask.Op("|").Id(k.Case.Name)
		}
	}
	valid := jen.Nil()
	if g := genericOf(alt); g != nil {
		valid = jen.Id(e.spanFunction(g.Rule))
	}
	e.add(jen.If(bits().Op("&^").Parens(mask).Op("!=").Lit(0)).Block(e.failure("a valid " + el.Rule.Name)))
	start := e.temp("k")
	if n.Min > 0 {
		e.add(jen.Id(start).Op(":=").Len(jen.Id("dst")))
	}
	e.add(jen.Id("dst").Op("=").Id("e").Dot("Bits").Call(jen.Id("dst"), jen.Uint64().Call(bits()), jen.Id("names"+set.Elem.Name).Index(jen.Op(":")), other, valid, jen.Lit(n.Lead), e.siteID(el.Rule.Name, "a valid "+el.Rule.Name)))
	if n.Min > 0 {
		e.add(jen.If(jen.Len(jen.Id("dst")).Op("==").Id(start)).Block(e.failure(atLeastOne(el))))
	}
}

// genericOf is the alternative of an open bit set that is no keyword.
func genericOf(alt *Node) *Node {
	for _, k := range alt.Kids {
		if k.Case == nil {
			return valueOf(k)
		}
	}
	return nil
}

// setList encodes the items of a set that are there, in the grammar's order.
func (e *encodeEmitter) setList(n, el *Node) {
	alt := e.lowerer.rule(el.Rule.Name).body
	start := e.temp("k")
	e.add(jen.Id(start).Op(":=").Len(jen.Id("dst")))
	items := func() {
		for _, k := range alt.Kids {
			e.item(n, k, start)
		}
	}
	if el.Type.real().Inline {
		items()
	} else {
		t := e.place(n.Dest)
		name := e.temp("g")
		if n.Dest == "" {
			name = e.scope.name
		} else {
			from := t.ptr()
			if t.field != nil && t.field.pointer() {
				from = t.val()
			}
			e.add(jen.Id(name).Op(":=").Add(from))
		}
		e.inside(name, el.Type, items)
	}
	if n.Min > 0 {
		e.add(jen.If(jen.Len(jen.Id("dst")).Op("==").Id(start)).Block(e.failure(atLeastOne(el))))
		return
	}
	e.add(jen.Id("_").Op("=").Id(start))
}

// item encodes one item of a set, every one of a repeated item.
func (e *encodeEmitter) item(n, k *Node, start string) {
	f := k.Item
	sep := n.separator()
	before := func() {
		if sep == "" {
			return
		}
		if n.Lead {
			e.pending += sep
			return
		}
		e.add(jen.If(jen.Len(jen.Id("dst")).Op(">").Id(start)).BlockFunc(e.block(func() { e.pending += sep })))
	}
	t := e.place(f.Name)
	switch {
	case f.Flag:
		e.add(jen.If(e.there(t)).BlockFunc(e.block(func() { before(); e.step(k) })))
	case f.Multi:
		j := e.temp("j")
		e.add(jen.For(jen.Id(j).Op(":=").Range().Add(t.val())).BlockFunc(e.block(func() {
			before()
			e.multiItem(k, func() *jen.Statement { return t.val().Index(jen.Id(j)) })
		})))
	default:
		e.add(jen.If(e.there(t)).BlockFunc(e.block(func() { before(); e.step(k) })))
	}
}

func (e *encodeEmitter) multiItem(k *Node, val func() *jen.Statement) {
	if k.Op == OpGroup {
		name := e.temp("g")
		e.add(jen.Id(name).Op(":=").Op("&").Add(val()))
		e.inside(name, k.Type, func() { e.step(k.Kids[0]) })
		return
	}
	e.element(k, val)
}
