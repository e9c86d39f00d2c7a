package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
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
	if n.More != nil {
		e.needFurther(n, t)
	}
	if n.Min == 0 {
		e.elements(n, el, t, e.noLead(n))
		return
	}
	lead := e.lead(n)
	elements := func() { e.elements(n, el, t, lead); lead.end() }
	if e.tested == jen.Len(t.val()).Op("!=").Lit(0).GoString() {
		elements()
		return
	}
	e.add(jen.If(jen.Len(t.val()).Op("==").Lit(0)).Block(e.failure(atLeastOne(el))).Else().BlockFunc(e.block(elements)))
}

// elements encodes each value of a list.
func (e *encodeEmitter) elements(n, el *Node, t target, lead *lead) {
	if p := listPrim(el, t); p != "" && (n.Lead || lead.on) && len(n.separator()) == 1 {
		e.add(write(p, byteLit(n.separator()[0]), t.val()))
		return
	}
	j := e.temp("j")
	e.add(jen.For(jen.Id(j).Op(":=").Range().Add(t.val())).BlockFunc(e.loop(func() {
		lead.before(func() *jen.Statement { return jen.Id(j).Op(">").Lit(0) })
		e.element(el, func() *jen.Statement { return t.val().Index(jen.Id(j)) })
	})))
}

// listPrim is the runtime's function that encodes a whole list of a leaf; ""
// where it has none.
func listPrim(el *Node, t target) string {
	if el.Op != OpVal || el.Type.real().Kind != KindLeaf || el.Type.real().Prim.list == "" || t.typ == nil || t.typ.real().Kind != KindList || t.typ.real().Elem.real().Kind != KindLeaf {
		return ""
	}
	return el.Type.real().Prim.list
}

// A lead is how the separators of a list are written: before each element, the
// first one's being replaced by the text that comes before the list. So they need
// no test and join the constant text of the elements.
type lead struct {
	e *encodeEmitter
	n *Node
	// on says that separators are before each element, to be replaced at the variable at.
	on bool
	at string
	c  byte
}

// lead starts a list that is written behind the pending text.
func (e *encodeEmitter) lead(n *Node) *lead {
	l := e.noLead(n)
	if p := e.pending; !n.Lead && len(n.separator()) == 1 && p != "" {
		l.on, l.c = true, p[len(p)-1]
		e.pending = p[:len(p)-1]
		l.at = e.temp("k")
		e.add(jen.Id(l.at).Op(":=").Add(length()))
	}
	return l
}

// noLead is a list with separators as the grammar has them.
func (e *encodeEmitter) noLead(n *Node) *lead { return &lead{e: e, n: n} }

// before writes the separator of an element; further is the test whether it is
// not the first one.
func (l *lead) before(further func() *jen.Statement) {
	sep := l.n.separator()
	switch {
	case sep == "":
	case l.n.Lead, l.on:
		l.e.pending += sep
	default:
		l.e.add(jen.If(further()).BlockFunc(l.e.block(func() { l.e.pending += sep })))
	}
}

// end puts the text in front of a list with at least one element.
func (l *lead) end() {
	if l.on {
		l.e.add(jen.Id("e").Dot("Set").Call(jen.Id("p"), jen.Id(l.at), byteLit(l.c)))
	}
}

// single encodes a list that has exactly one element.
func (e *encodeEmitter) single(n, el *Node) {
	t := e.place(n.Dest)
	fail := jen.Return(jen.Id("e").Dot("Fail").Call(jen.Id("p"), e.siteID(e.rule.Name, "exactly one "+singular(el))))
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
	bits := t.val
	if set.Open {
		bits = func() *jen.Statement { return t.val().Dot("Bits") }
	}
	mask := jen.Lit(0)
	for _, k := range alt.Kids {
		if k.Case != nil {
			mask = mask.Op("|").Id(k.Case.Name)
		}
	}
	e.add(jen.If(bits().Op("&^").Parens(mask).Op("!=").Lit(0)).Block(e.failure("a valid " + el.Rule.Name)))
	if !set.Open {
		e.needBits(alt, bits)
	}
	words := func(lead bool, start string) {
		e.add(write("Bits", jen.Uint64().Call(bits()), jen.Id("bits"+set.Elem.Name), jen.Lit(lead)))
		if set.Open {
			e.otherWords(el, alt, t.val().Dot("Other"), lead, start)
		}
	}
	if n.Min == 0 && (n.Lead || !set.Open) {
		words(n.Lead, "")
		return
	}
	lead := e.lead(n)
	start := lead.at
	if !lead.on {
		start = e.temp("k")
		e.add(jen.Id(start).Op(":=").Add(length()))
	}
	words(n.Lead || lead.on, start)
	if n.Min > 0 {
		e.notEmpty(start, el, lead)
	}
}

// otherWords encodes the words of an open bit set that have no bit.
func (e *encodeEmitter) otherWords(el, alt *Node, words *jen.Statement, lead bool, start string) {
	some := jen.If(jen.Len(words).Op("!=").Lit(0))
	g := genericOf(alt)
	if g == nil {
		e.add(some.Block(e.failure("a valid " + el.Rule.Name)))
		return
	}
	from := jen.Id(start)
	if lead {
		from = jen.Lit(-1)
	}
	valid := jen.Id(e.otherFunction(el.Rule, g.Rule, alt))
	e.add(some.Block(write("Words", words, valid, from, e.siteID(el.Rule.Name, "a valid "+el.Rule.Name))))
}

// notEmpty refuses a list of which nothing has been written from start on.
func (e *encodeEmitter) notEmpty(start string, el *Node, lead *lead) {
	c := jen.If(length().Op("==").Id(start)).Block(e.failure(atLeastOne(el)))
	if lead.on {
		c.Else().BlockFunc(e.block(lead.end))
	}
	e.add(c)
}

// otherFunction is the name of the function that tests a keyword which a bit set
// does not know.
func (e *encodeEmitter) otherFunction(r, span *grammar.Rule, alt *Node) string {
	if e.knownWords[alt] == nil {
		return e.spanFunction(span)
	}
	name := "other" + camel(r.Spelling)
	if !e.done[name] {
		e.done[name] = true
		known, valid := e.knownFunction(alt, false), e.spanFunction(span)
		e.queue = append(e.queue, func() {
			e.out(r, jen.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id(name).Params(jen.Id("s").String()).Bool().Block(
				jen.Return(jen.Op("!").Id("e").Dot(known).Call(jen.Id("s")).Op("&&").Id(valid).Call(jen.Id("s")))))
		})
	}
	return "e." + name
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
	lead := e.lead(n)
	start := lead.at
	if !lead.on && (n.Min > 0 || !n.Lead) {
		start = e.temp("k")
		e.add(jen.Id(start).Op(":=").Add(length()))
	}
	items := func() { e.items(lead, alt, start) }
	if el.Type.real().Inline {
		items()
	} else {
		e.inside(e.setScope(n), el.Type, items)
	}
	switch {
	case n.Min > 0:
		e.notEmpty(start, el, lead)
	case lead.on:
		e.add(jen.If(length().Op("==").Id(start)).BlockFunc(e.block(func() { e.pending += string(lead.c) })).
			Else().BlockFunc(e.block(lead.end)))
	case start != "":
		e.add(jen.Id("_").Op("=").Id(start))
	}
}

// setScope is the variable that holds the set of a list.
func (e *encodeEmitter) setScope(n *Node) string {
	if n.Dest == "" {
		return e.scope.name
	}
	t := e.place(n.Dest)
	name := e.temp("g")
	if t.field != nil && t.field.pointer() {
		e.add(jen.Id(name).Op(":=").Add(t.val()))
		e.notNil(name)
	} else {
		e.add(jen.Id(name).Op(":=").Add(t.ptr()))
	}
	return name
}

// item encodes one item of a set, every one of a repeated item.
func (e *encodeEmitter) item(lead *lead, alt, k *Node, start string) {
	f := k.Item
	before := func() {
		lead.before(func() *jen.Statement { return length().Op(">").Id(start) })
	}
	t := e.place(f.Name)
	if !f.Multi {
		e.where(e.there(t), func() { e.need(k.Source); before(); e.step(k) })
		return
	}
	j := e.temp("j")
	e.add(jen.For(jen.Id(j).Op(":=").Range().Add(t.val())).BlockFunc(e.loop(func() {
		e.need(k.Source)
		before()
		each := func() *jen.Statement { return t.val().Index(jen.Id(j)) }
		if k.Type.hasFields() {
			e.refuseKnown(alt, k, each)
		}
		e.multiItem(k, each)
	})))
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
