package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// list decodes a repetition: a set, a bit set or a slice.
func (d *decodeEmitter) list(n *Node, after grammar.ByteSet) {
	el := n.Kids[0]
	t := el.Type.real()
	d.settle()
	d.known = 0
	switch t.Kind {
	case KindSet:
		d.setList(n, el, after)
	case KindBits:
		d.bitsList(n, el, after)
	default:
		d.slice(n, el, after)
	}
}

// setList decodes items into the set, or into the struct around an inline one.
func (d *decodeEmitter) setList(n, el *Node, after grammar.ByteSet) {
	if n.Bag != nil || el.Type.real().Inline {
		f := d.ruleFunction(el.Rule, d.scope.typ)
		ptr := d.scope.self.ptr
		d.loop(n, el, after, func() { d.item(); d.call(f, ptr()) })
		return
	}
	t := d.place(n.Dest)
	f := d.ruleFunction(el.Rule, nil)
	ptr := t.ptr
	if t.field != nil && t.field.pointer() {
		d.add(t.val().Op("=").Add(d.newValue(el.Type)))
		ptr = t.val
	}
	d.loop(n, el, after, func() { d.item(); d.call(f, ptr()) })
}

// item counts an element against the limit.
func (d *decodeEmitter) item() {
	d.add(jen.If(jen.Op("!").Id("d").Dot("Item").Call(d.at(0))).Block(d.ret(jen.Lit(-1))))
}

// bitsList decodes keywords into a bit set.
func (d *decodeEmitter) bitsList(n, el *Node, after grammar.ByteSet) {
	t := d.place(n.Dest)
	f := d.ruleFunction(el.Rule, nil)
	if el.Type.real().Open { // the list of an item that came before, which would be copied to be gone on with
		other := func() *jen.Statement { return jen.Parens(t.val()).Dot("Other") }
		d.add(jen.If(jen.Len(other()).Op(">").Lit(0)).Block(other().Op("=").Nil()))
	}
	d.loop(n, el, after, func() { d.item(); d.call(f, t.ptr()) })
}

// stringType is the type of the strings that arenas hold.
var stringType = &Type{Kind: KindSpan, MinLen: 1}

// slice decodes elements into an arena; those of recursive types wait on a stack.
func (d *decodeEmitter) slice(n, el *Node, after grammar.ByteSet) {
	t := d.place(n.Dest)
	recursive := reaches(el.Type, el.Type, map[*Type]bool{})
	store := d.arena(el.Type)
	if recursive {
		delete(d.lists, store)
		store = storageName("stack", el.Type)
		d.stacks[store] = el.Type.real()
	}
	m := d.temp("m")
	d.add(jen.Id(m).Op(":=").Id("d").Dot(store).Dot("Mark").Call(jen.Op("&").Id("d").Dot("Dec")))
	follow := d.followElement(n, el, after)
	d.loop(n, el, after, func() { d.item(); d.element(el, store, recursive, follow) })
	if n.Min > 0 && n.Lead {
		d.add(jen.If(jen.Id("d").Dot(store).Dot("Empty").Call(jen.Id(m))).Block(d.fail(atLeastOne(el))))
	}
	d.add(t.val().Op("=").Id("d").Dot(store).Dot("Take").Call(jen.Id(m)))
}

// followElement is what can follow an element of a list: another one, or what
// follows the list.
func (d *decodeEmitter) followElement(n, el *Node, after grammar.ByteSet) grammar.ByteSet {
	if n.Sep != "" {
		after = after.Union(firstByte(n.Sep, true))
	}
	if n.Sep == "" || n.Loose {
		first, _ := d.first(el)
		after = after.Union(first)
	}
	return after
}

// element decodes one element of a slice.
func (d *decodeEmitter) element(el *Node, store string, recursive bool, follow grammar.ByteSet) {
	t := el.Type.real()
	if t.hasFields() && !recursive && el.Op == OpCall {
		f := d.ruleFunction(el.Rule, nil)
		d.call(f, jen.Id("d").Dot(store).Dot("PushNew").Call())
		return
	}
	if t.hasFields() && !recursive && el.Op == OpGroup {
		name := d.temp("g")
		d.add(jen.Id(name).Op(":=").Id("d").Dot(store).Dot("PushNew").Call())
		d.inside(name, t, func() { d.seq(d.flat(el.Kids), follow) })
		d.settle()
		return
	}
	x := d.temp("x")
	val := func() *jen.Statement { return jen.Id(x) }
	ptr := func() *jen.Statement { return jen.Op("&").Id(x) }
	if recursive && t.hasFields() { // a local would escape through the recursion
		d.add(jen.Id(x).Op(":=").Add(d.newValue(el.Type)))
		ptr = val
		val = func() *jen.Statement { return jen.Op("*").Id(x) }
	} else {
		d.add(jen.Var().Id(x).Add(d.goType(el.Type)))
	}
	outer := d.scope
	d.scope.self = target{val: val, ptr: ptr, typ: el.Type}
	one := *el
	one.Dest = ""
	d.step(&one, follow)
	d.scope = outer
	d.settle()
	d.add(jen.Id("d").Dot(store).Dot("Push").Call(val()))
}

// loop runs body for each element.
func (d *decodeEmitter) loop(n, el *Node, after grammar.ByteSet, body func()) {
	d.settle()
	first, _ := d.first(el)
	switch {
	case n.Min == 1 && n.Max == 1:
		body()
		d.settle()
	case n.More != nil:
		body()
		d.settle()
		d.add(jen.For(and(d.gate(n.More), d.in(first, d.byteAt(0)))).BlockFunc(d.block(func() {
			body()
			d.settle()
		})))
	case n.Lead && (n.Sep == "" || n.Loose):
		d.adjacent(n, first, body)
	case n.Lead:
		d.separatedBefore(n, first, after, body)
	default:
		d.separated(n, first, after, body)
	}
}

// adjacent elements have nothing, or octets to skip, between them.
func (d *decodeEmitter) adjacent(n *Node, first grammar.ByteSet, body func()) {
	d.add(jen.For(d.in(first, d.byteAt(0))).BlockFunc(d.block(func() {
		body()
		d.settle()
		if n.Loose {
			more := d.is(n.Sep, true).Op("&&").Add(d.in(first, d.byteAt(len(n.Sep))))
			d.add(jen.For(more).Block(jen.Id("i").Op("+=").Lit(len(n.Sep))))
		}
	})))
}

// separatedBefore elements have the separator before each.
func (d *decodeEmitter) separatedBefore(n *Node, first, after grammar.ByteSet, body func()) {
	more := d.is(n.Sep, true)
	if len(n.Sep) == 1 && after.Has(n.Sep[0]) {
		more = more.Op("&&").Add(d.in(first, d.byteAt(1)))
	}
	if n.Yield {
		for _, word := range d.wordsBehind(n) {
			more = more.Op("&&").Op("!").Parens(word)
		}
	}
	d.add(jen.For(more).BlockFunc(d.block(func() {
		d.off = len(n.Sep)
		body()
		d.settle()
	})))
}

// wordsBehind are the tests for the keywords that can follow a list.
func (d *decodeEmitter) wordsBehind(n *Node) (tests []*jen.Statement) {
	if len(d.behind) < 2 || d.behind[0].Op != OpText || d.behind[0].Text != n.Sep || d.behind[1].Op != OpAlt {
		return nil
	}
	for _, k := range d.behind[1].Kids {
		first := d.flat([]*Node{k})[0]
		if first.Op == OpText && letters(first.Text) != "" {
			tests = append(tests, and(d.gate(k.Source), d.is(n.Sep+first.Text, first.Exact)))
		}
	}
	return tests
}

// separated elements have the separator between them.
func (d *decodeEmitter) separated(n *Node, first, after grammar.ByteSet, body func()) {
	d.add(jen.For().BlockFunc(d.block(func() {
		body()
		d.settle()
		stop := jen.Op("!").Parens(d.is(n.Sep, true))
		if after.Has(n.Sep[0]) {
			stop = stop.Op("||").Add(d.notIn(first, d.byteAt(len(n.Sep))))
		}
		d.add(jen.If(stop).Block(jen.Break()))
		d.add(jen.Id("i").Op("+=").Lit(len(n.Sep)))
	})))
}

// reaches reports whether values of a type can hold values of another.
func reaches(from, to *Type, seen map[*Type]bool) bool {
	from = from.real()
	if from == nil || seen[from] {
		return false
	}
	seen[from] = true
	var next []*Type
	for _, f := range from.Fields {
		if f.Type != nil {
			next = append(next, f.Type)
		}
	}
	for _, c := range from.Cases {
		if c.Type != nil {
			next = append(next, c.Type)
		}
	}
	if from.Elem != nil && from.Kind == KindList {
		next = append(next, from.Elem)
	}
	for _, t := range next {
		if t.real() == to.real() || reaches(t, to, seen) {
			return true
		}
	}
	return false
}
