package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// fewItems are so few items that a test for all of them does not pay.
const fewItems = 4

// items encodes the items of a set, some of them behind one test that passes over all.
func (e *encodeEmitter) items(lead *lead, alt *Node, start string) {
	for i := 0; i < len(alt.Kids); {
		if alt.Kids[i].Item.Apart {
			i += e.apart(lead, alt, alt.Kids[i:], start)
			continue
		}
		n := max(e.rareRun(alt, alt.Kids[i:]), e.longRun(alt, alt.Kids[i:]))
		if n < fewItems {
			e.item(lead, alt, alt.Kids[i], start)
			i++
			continue
		}
		run := alt.Kids[i : i+n]
		e.add(jen.If(e.anyOf(run)).BlockFunc(e.block(func() {
			for _, k := range run {
				e.item(lead, alt, k, start)
			}
		})))
		i += n
	}
}

// rareRun is how many items of other sections than the set itself stand together at the
// beginning: they are seldom there.
func (e *encodeEmitter) rareRun(alt *Node, items []*Node) (n int) {
	for n < len(items) && !items[n].Item.Apart && e.rare(alt, items[n]) {
		n++
	}
	return n
}

// longRun is how many items there are from a long one at the beginning to the last one that
// stands with it. Where a long one is there, one more test does not count; where none is, the
// unit is short, and tests are what it costs.
func (e *encodeEmitter) longRun(alt *Node, items []*Node) (n int) {
	if !e.long(items[0]) {
		return 0
	}
	for i, k := range items {
		if k.Item.Apart || k.Item.Multi || e.rare(alt, k) {
			break
		}
		if e.long(k) {
			n = i + 1
		}
	}
	return n
}

// long reports whether an item is a struct of its own or a choice of them.
func (e *encodeEmitter) long(k *Node) bool {
	f := k.Item
	return !f.Flag && !f.Multi && (f.pointer() || f.Type.base().Kind == KindSum)
}

func (e *encodeEmitter) rare(alt, k *Node) bool {
	caps := k.Source.Caps
	return !e.always(caps) && (alt.Rule == nil || !slices.Equal(caps, alt.Rule.Caps))
}

// anyOf is the test whether any of several items is there: first the presence bits, then
// what can be a number, which needs one comparison together, then the rest.
func (e *encodeEmitter) anyOf(items []*Node) *jen.Statement {
	var bits, numbers, others []*jen.Statement
	for _, k := range items {
		t := e.place(k.Item.Name)
		if k.Item.bit() {
			bits = append(bits, jen.Id(e.scope.typ.Name+"Has"+k.Item.Name))
		}
		if k.Item.Flag {
			continue
		}
		n, o := e.measure(t)
		numbers = append(numbers, n...)
		others = append(others, o...)
	}
	var tests []*jen.Statement
	if len(bits) > 0 {
		tests = append(tests, jen.Id(e.scope.name).Dot("Has").Op("&").Parens(joined(bits, "|")).Op("!=").Lit(0))
	}
	if len(numbers) > 0 {
		tests = append(tests, joined(numbers, "|").Op("!=").Lit(0))
	}
	return joined(append(tests, others...), "||")
}

// joined puts an operator between expressions, each on a line of its own.
func joined(parts []*jen.Statement, op string) *jen.Statement {
	out := jen.Add(parts[0])
	for _, p := range parts[1:] {
		out = out.Op(op).Line().Add(p)
	}
	return out
}

// measure tells a value from its zero value by numbers that are 0 then, and by tests.
func (e *encodeEmitter) measure(t target) (numbers, tests []*jen.Statement) {
	number := func(c jen.Code) []*jen.Statement { return []*jen.Statement{jen.Uint64().Call(c)} }
	size := func(c jen.Code) []*jen.Statement { return number(jen.Len(c)) }
	test := func(c *jen.Statement) []*jen.Statement { return []*jen.Statement{c} }
	switch {
	case t.field.Multi:
		return size(t.val()), nil
	case t.field.pointer():
		return nil, test(e.nonzero(t))
	}
	p := fieldPrim(t.field)
	if base := t.typ.base(); p == nil {
		switch base.Kind {
		case KindList, KindSpan, KindRaw, KindOpen:
			return size(t.val()), nil
		case KindLeaf:
			p = base.Prim
		default:
			return nil, test(e.nonzero(t))
		}
	}
	switch p.goType {
	case "string":
		return size(t.val()), nil
	case "uint32", "uint64", "UID", "SeqNum", "ModSeq":
		return number(t.val()), nil
	case "Date", "DateTime":
		return dateNumbers(t), nil
	case "NString":
		return size(t.val().Dot("Value")), test(t.val().Dot("Valid"))
	case "Literal":
		return size(t.val().Dot("Data")), []*jen.Statement{t.val().Dot("Valid"), t.val().Dot("Body").Op("!=").Nil()}
	}
	return nil, test(e.nonzero(t))
}

// dateNumbers tell a date from none: a time of day alone says nothing that could be written.
func dateNumbers(t target) (list []*jen.Statement) {
	for _, part := range []string{"Year", "Month", "Day"} {
		list = append(list, jen.Uint64().Call(t.val().Dot(part)))
	}
	return list
}
