package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// span writes a recogniser of a lexical rule in place.
func (d *decodeEmitter) span(n *grammar.Node) {
	d.settle()
	if set, ok := d.oneByte(n); ok {
		d.oneOf(set)
		return
	}
	switch n.Op {
	case grammar.Literal:
		d.match(n.Text, n.Exact)
		d.settle()
	case grammar.Ref:
		d.spanRule(d.grammar.Rules[n.Name])
	case grammar.Seq:
		for _, k := range n.Kids {
			d.span(k)
		}
	case grammar.Alt:
		d.matchAlt(n, d.span)
	case grammar.Rep:
		d.matchRep(n, d.span)
	}
}

// spanRule writes a recogniser of a lexical rule, which messages name.
func (d *decodeEmitter) spanRule(r *grammar.Rule) {
	d.spans = append(d.spans, r)
	d.span(r.Body)
	d.spans = d.spans[:len(d.spans)-1]
}

// named is the outermost of the lexical rules at hand that has a name for people.
func (d *decodeEmitter) named() *grammar.Rule {
	for _, r := range d.spans {
		if has(r, "name") {
			return r
		}
	}
	return d.rule
}

// failNamed fails for want of that rule.
func (d *decodeEmitter) failNamed() *jen.Statement {
	r := d.named()
	return d.failAt(d.siteID(r.Name, phrase(r)), nil)
}

// oneOf requires one byte of a set.
func (d *decodeEmitter) oneOf(set grammar.ByteSet) {
	failure := d.failNamed()
	if text := describeSet(set); text != "" {
		failure = d.fail(text)
	}
	d.add(jen.If(d.notIn(set, d.byteAt(0))).Block(failure))
	d.add(jen.Id("i").Op("++"))
}

// describeSet names a set of bytes in a message, where it has a name of its own.
func describeSet(s grammar.ByteSet) string {
	if s.Len() == 1 {
		c, _ := s.First()
		return describeText(string(rune(c)))
	}
	switch s {
	case grammar.ByteRange('0', '9'):
		return "a digit"
	case grammar.ByteRange('1', '9'):
		return "a digit other than 0"
	}
	return ""
}

// matchRep writes a repetition of what body recognises.
func (d *decodeEmitter) matchRep(n *grammar.Node, body func(*grammar.Node)) {
	k := n.Kids[0]
	first, _ := d.firstOf(k)
	for range n.Min {
		body(k)
	}
	d.settle()
	switch {
	case n.Max < 0:
		d.add(jen.For(d.in(first, d.byteAt(0))).BlockFunc(d.block(func() { d.matchOne(k, body) })))
	case n.Max == n.Min+1:
		d.add(jen.If(d.in(first, d.byteAt(0))).BlockFunc(d.block(func() { d.matchOne(k, body) })))
	case n.Max > n.Min:
		c := d.temp("n")
		d.add(jen.For(jen.Id(c).Op(":=").Lit(n.Min), jen.Id(c).Op("<").Lit(n.Max).Op("&&").Add(d.in(first, d.byteAt(0))), jen.Id(c).Op("++")).
			BlockFunc(d.block(func() { d.matchOne(k, body) })))
	}
}

// matchOne is body for something whose first byte has been tested.
func (d *decodeEmitter) matchOne(k *grammar.Node, body func(*grammar.Node)) {
	if _, ok := d.oneByte(k); ok {
		d.add(jen.Id("i").Op("++"))
		return
	}
	body(k)
	d.settle()
}

// matchAlt writes a choice by the first byte. Where two alternatives share
// one, the order of the grammar decides, by the whole keyword for constants.
func (d *decodeEmitter) matchAlt(n *grammar.Node, body func(*grammar.Node)) {
	d.settle()
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for _, k := range n.Kids {
			var c *jen.Statement
			if text, ok := d.constText(k); ok && len(text) > 1 {
				c = d.is(text, false)
			} else {
				first, _ := d.firstOf(k)
				c = d.in(first, d.byteAt(0))
			}
			d.add(jen.Case(c).BlockFunc(d.block(func() { body(k); d.settle() })))
		}
		d.add(jen.Default().Block(d.failNamed()))
	})))
}

// matcher is the name of a function that recognises a rule without keeping
// anything: for values that are kept raw.
func (d *decodeEmitter) matcher(r *grammar.Rule) string {
	name := "match" + camel(r.Spelling)
	if d.done[name] {
		return name
	}
	d.done[name] = true
	d.queue = append(d.queue, func() {
		own := name
		if d.recursiveRule(r) {
			own = name + inner
			d.out(r, d.matchGuard(name, own))
		}
		d.rule, d.off, d.known, d.tmp = r, 0, 0, 0
		d.scope, d.returns = scope{}, false
		d.out(r, jen.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(own).Params(
			jen.Id("b").Add(wire("Octets")), jen.Id("i").Int()).Int().BlockFunc(d.block(func() {
			d.recognise(r.Body)
			d.end()
		})))
	})
	return name
}

func (d *decodeEmitter) matchGuard(name, own string) jen.Code {
	return jen.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(name).Params(
		jen.Id("b").Add(wire("Octets")), jen.Id("i").Int()).Int().Block(
		jen.If(jen.Op("!").Id("d").Dot("Enter").Call(jen.Id("i")).Op("||").Op("!").Id("d").Dot("Item").Call(jen.Id("i"))).Block(jen.Return(jen.Lit(-1))),
		jen.Id("i").Op("=").Id("d").Dot(own).Call(jen.Id("b"), jen.Id("i")),
		jen.Id("d").Dot("Leave").Call(),
		jen.Return(jen.Id("i")),
	)
}

// recursiveRule reports whether a rule reaches itself.
func (d *decodeEmitter) recursiveRule(r *grammar.Rule) bool { return d.reachesRule(r, r) }

// reachesRule reports whether a rule refers to another, itself or by others.
func (d *decodeEmitter) reachesRule(r, to *grammar.Rule) bool {
	seen := map[string]bool{}
	var visit func(n *grammar.Node) bool
	visit = func(n *grammar.Node) bool {
		if n.Op == grammar.Ref {
			if n.Name == to.Name {
				return true
			}
			if seen[n.Name] {
				return false
			}
			seen[n.Name] = true
			return visit(d.grammar.Rules[n.Name].Body)
		}
		for _, k := range n.Kids {
			if visit(k) {
				return true
			}
		}
		return false
	}
	return visit(r.Body)
}

// recognise writes the recogniser of any element.
func (d *decodeEmitter) recognise(n *grammar.Node) {
	if text, ok := d.constText(n); ok {
		d.match(text, n.Exact)
		return
	}
	switch n.Op {
	case grammar.Class:
		d.settle()
		d.oneOf(n.Set)
	case grammar.Ref:
		d.recogniseRule(d.grammar.Rules[n.Name])
	case grammar.Seq:
		for _, k := range n.Kids {
			d.recognise(k)
		}
	case grammar.Alt:
		d.matchAlt(n, d.recognise)
	case grammar.Rep:
		d.matchRepeated(n)
	}
}

// matchRepeated recognises *(SP x) and the like; the separator and the first
// byte behind it decide whether there is another.
func (d *decodeEmitter) matchRepeated(n *grammar.Node) {
	k := n.Kids[0]
	if k.Op == grammar.Seq && n.Max < 0 && n.Min == 0 {
		if text, ok := d.constText(k.Kids[0]); ok {
			d.settle()
			d.add(jen.For(d.is(text, false)).BlockFunc(d.block(func() {
				d.off = len(text)
				for _, x := range k.Kids[1:] {
					d.recognise(x)
				}
				d.settle()
			})))
			return
		}
	}
	d.matchRep(n, d.recognise)
}

func (d *decodeEmitter) recogniseRule(r *grammar.Rule) {
	if args, ok := directive(r, "leaf"); ok {
		d.results(jen.Id("_"), jen.Id("d").Dot(primitives[args[0]].method).Call(jen.Id("b"), d.at(0)))
		return
	}
	if d.lexical(r) {
		d.spanRule(r)
		return
	}
	d.call(d.matcher(r))
}
