package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// seq writes nodes that follow each other; after is what can come behind them.
func (d *decodeEmitter) seq(kids []*Node, after grammar.ByteSet) {
	lead := d.lead
	d.lead = ""
	for i, k := range kids {
		d.behind = kids[i+1:]
		d.around(lead, kids, i)
		if i > 0 && k.Op == OpOpt && kids[i-1].Op == OpList && kids[i-1].Lead && kids[i-1].Kids[0].Rule != nil {
			d.ahead = phrase(kids[i-1].Kids[0].Rule)
		}
		d.step(k, d.firstOfSeq(kids[i+1:], after))
		d.ahead = ""
	}
	d.around("", nil, 0)
}

func (d *decodeEmitter) step(n *Node, after grammar.ByteSet) {
	switch n.Op {
	case OpText:
		d.match(n.Text, n.Exact)
	case OpEnd:
		d.known = 0
	case OpSkip:
		d.settle()
		d.add(jen.For(d.is(n.Text, true)).Block(jen.Id("i").Op("+=").Lit(len(n.Text))))
	case OpVal:
		d.value(n)
		d.mark(n.Dest)
	case OpCall:
		d.callRule(n)
		d.mark(n.Dest)
	case OpSeq:
		d.seq(d.flat(n.Kids), after)
	case OpOpt:
		d.optional(n, after)
	case OpList:
		d.list(n, after)
		d.mark(n.Dest)
	case OpGroup:
		d.group(n, after)
		d.mark(n.Dest)
	case OpAlt:
		d.alt(n, after)
	}
}

// around notes what is around the node at hand, for messages; lead is a constant before
// the first node.
func (d *decodeEmitter) around(lead string, kids []*Node, i int) {
	d.front, d.skipped, d.afterText = "", nil, nil
	if i >= len(kids) || kids[i].Op != OpText {
		return
	}
	d.afterText = kids[i+1:]
	j := i
	for j > 0 && kids[j-1].Op != OpText && (kids[j-1].Op == OpOpt || kids[j-1].Op == OpList) {
		j--
	}
	d.skipped = kids[j:i]
	switch {
	case j == 0:
		d.front = lead
	case kids[j-1].Op == OpText:
		d.front = kids[j-1].Text
	}
}

// flat opens sequences and joins constants that follow each other.
func (d *decodeEmitter) flat(kids []*Node) []*Node {
	var out []*Node
	for _, k := range kids {
		switch {
		case k.Op == OpSeq:
			for _, x := range d.flat(k.Kids) {
				out = joinText(out, x)
			}
		case k.Op == OpText && k.Text == "":
		default:
			out = joinText(out, k)
		}
	}
	return out
}

func joinText(out []*Node, k *Node) []*Node {
	if k.Op == OpText && len(out) > 0 {
		last := out[len(out)-1]
		if last.Op == OpText && (last.Exact == k.Exact || letters(last.Text) == "" || letters(k.Text) == "") {
			exact := last.Exact && letters(last.Text) != "" || k.Exact && letters(k.Text) != ""
			out[len(out)-1] = &Node{Op: OpText, Text: last.Text + k.Text, Exact: exact, Source: last.Source}
			return out
		}
	}
	return append(out, k)
}

// is tests for a constant at the current place.
func (d *decodeEmitter) is(text string, exact bool) *jen.Statement {
	return keyword(text, exact, d.at)
}

// match requires a constant.
func (d *decodeEmitter) match(text string, exact bool) {
	whole := text
	if n := min(d.known, len(text)); n > 0 {
		d.known -= n
		d.off += n
		text = text[n:]
	}
	if text == "" {
		return
	}
	is := d.is(text, exact)
	if d.ahead != "" {
		d.add(jen.If(jen.Op("!").Parens(is)).Block(d.fail(d.ahead + " or " + describeText(text))))
		d.ahead = ""
	} else {
		d.add(jen.If(jen.Op("!").Parens(is)).Block(d.missing(whole, len(whole)-len(text))))
	}
	d.off += len(text)
}

// value decodes a leaf, a span or a raw value.
func (d *decodeEmitter) value(n *Node) {
	d.known = 0
	t := d.place(n.Dest)
	base := n.Type.base()
	if base.Kind != KindLeaf {
		d.text(n, t)
		return
	}
	p := base.Prim
	if t.field != nil {
		if q := fieldPrim(t.field); q != nil && t.field.Stream && p.stream != "" {
			p = primitives[p.stream]
			_ = q
		}
	}
	conv := d.conversion(n.Type, t, p)
	if conv == nil {
		d.results(t.val(), jen.Id("d").Dot(p.method).Call(jen.Id("b"), d.at(0)))
		return
	}
	x, j := d.temp("x"), d.temp("j")
	d.add(jen.List(jen.Id(x), jen.Id(j)).Op(":=").Id("d").Dot(p.method).Call(jen.Id("b"), d.at(0)))
	d.add(jen.If(jen.Id(j).Op("<").Lit(0)).Block(d.ret(jen.Id(j))))
	d.add(t.val().Op("=").Add(conv).Call(jen.Id(x)))
	d.add(jen.Id("i").Op("=").Id(j))
	d.off = 0
}

// conversion is the Go type that a primitive's value must be converted to, nil
// where it fits as it is.
func (d *decodeEmitter) conversion(vt *Type, t target, p *primitive) *jen.Statement {
	if t.field != nil && t.field.Secret && p.secret != "" {
		return wire(p.secret)
	}
	if k := vt.real().Kind; k == KindDefined {
		return d.goType(vt)
	}
	if t.typ != nil && (t.typ.real().Kind == KindOpen || t.typ.real().Kind == KindDefined) {
		return d.goType(t.typ)
	}
	return nil
}

// text decodes a value that is the bytes matched.
func (d *decodeEmitter) text(n *Node, t target) {
	start := d.temp("s")
	d.settle()
	d.add(jen.Id(start).Op(":=").Id("i"))
	if n.Type.base().Kind == KindRaw {
		d.call(d.matcher(n.Rule))
	} else {
		d.spanRule(n.Rule)
	}
	d.settle()
	val := jen.Id("d").Dot("Sub").Call(jen.Id("b"), jen.Id(start), jen.Id("i"))
	switch {
	case n.Type.base().Kind == KindRaw:
		val = wire("Raw").Call(val)
	case d.conversion(n.Type, t, &primitive{}) != nil:
		val = d.conversion(n.Type, t, &primitive{}).Call(val)
	}
	d.add(t.val().Op("=").Add(val))
}

// callRule decodes a rule that has a function of its own.
func (d *decodeEmitter) callRule(n *Node) {
	if n.Type == nil {
		d.seq(d.flat([]*Node{d.ruleOf(n.Rule).body}), d.sets.Follow(n.Rule.Name))
		return
	}
	t := d.place(n.Dest)
	if t.field != nil && t.field.pointer() {
		f := d.ruleFunction(n.Rule, nil)
		d.settle()
		d.add(t.val().Op("=").Add(d.newValue(n.Type)))
		d.call(f, t.val())
		return
	}
	typ := n.Type
	if t.typ != nil && typ.real().Kind == KindSum && t.typ.real().Kind == KindSum {
		typ = t.typ
	}
	d.callInto(d.ruleFunction(n.Rule, typ), typ, t)
}

// group decodes a struct that has no rule of its own.
func (d *decodeEmitter) group(n *Node, after grammar.ByteSet) {
	t := d.place(n.Dest)
	name := d.temp("g")
	d.settle()
	switch {
	case t.field != nil && t.field.Multi:
		store := d.arena(n.Type)
		d.add(t.val().Op("=").Id("d").Dot(store).Dot("Extend").Call(jen.Op("&").Id("d").Dot("Dec"), t.val()))
		d.add(jen.Id(name).Op(":=").Op("&").Add(t.val()).Index(jen.Len(t.val()).Op("-").Lit(1)))
	case t.field != nil && t.field.pointer():
		d.add(jen.Id(name).Op(":=").Add(d.newValue(n.Type)))
		d.add(t.val().Op("=").Id(name))
	default:
		d.add(jen.Id(name).Op(":=").Add(t.ptr()))
	}
	d.inside(name, n.Type, func() { d.seq(d.flat(n.Kids), after) })
}

// arena is the storage for lists of a type.
func (d *decodeEmitter) arena(t *Type) string {
	name := storageName("list", t)
	d.lists[name] = t.real()
	return name
}
