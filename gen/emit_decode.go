package gen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// A decodeEmitter writes the decoding functions. The functions take the unit b
// and an index i and return the index behind what they matched, or a negative
// one. They fill the struct or set *v, or return any other value before the index.
type decodeEmitter struct {
	*emitter
	// g receives the statements.
	g *jen.Group
	// off is added to i at the next use: matched bytes cost no addition each.
	off int
	// known bytes ahead have been tested by the condition that led here.
	known int
	rule  *grammar.Rule
	scope scope
	// behind are the nodes that follow the one at hand in its sequence.
	behind []*Node
	// returns says that the function returns v.
	returns bool
	// last is a call whose index has not been checked yet.
	last *step
	// marked is the field whose presence bit has been set already.
	marked string
	tmp    int
	queue  []func()
	done   map[string]bool
	// out receives each finished function under the name of its rule.
	out func(r *grammar.Rule, c jen.Code)
}

// A scope is the struct that fields are set in, and the value that a node
// without a destination sets.
type scope struct {
	name string
	typ  *Type
	self target
}

// A target is where a value goes.
type target struct {
	// val can be assigned to, ptr points to it.
	val, ptr func() *jen.Statement
	typ      *Type
	field    *Field
}

func newDecodeEmitter(e *emitter, out func(*grammar.Rule, jen.Code)) *decodeEmitter {
	return &decodeEmitter{emitter: e, done: map[string]bool{}, out: out}
}

// run writes all functions that have been asked for.
func (d *decodeEmitter) run() {
	for len(d.queue) > 0 {
		f := d.queue[0]
		d.queue = d.queue[1:]
		f()
	}
}

// ---- statements and places

func (d *decodeEmitter) add(c ...jen.Code) {
	d.check()
	d.g.Add(c...)
}

// block runs f with its statements going into a block.
func (d *decodeEmitter) block(f func()) func(*jen.Group) {
	d.check()
	return func(g *jen.Group) {
		outer := d.g
		d.g = g
		f()
		d.check()
		d.g = outer
	}
}

// A step is an assignment of a call's results, the index last. Whether that is
// negative is checked before the next statement, unless that returns anyway.
type step struct {
	to   jen.Code // nil where the call returns only the index
	own  bool     // to is the function's value
	call *jen.Statement
}

// check writes the last step with its check.
func (d *decodeEmitter) check() {
	if s := d.last; s != nil {
		d.last = nil
		d.g.Add(jen.If(s.assign(), jen.Id("i").Op("<").Lit(0)).Block(d.ret(jen.Id("i"))))
	}
}

func (s *step) assign() *jen.Statement {
	if s.to == nil {
		return jen.Id("i").Op("=").Add(s.call)
	}
	return jen.List(s.to, jen.Id("i")).Op("=").Add(s.call)
}

// end writes the end of a function.
func (d *decodeEmitter) end() {
	s := d.last
	switch {
	case s == nil || d.off > 0:
		d.check()
		d.g.Add(d.ret(d.at(0)))
	case s.own, s.to == nil && !d.returns:
		d.g.Add(jen.Return(s.call))
	default:
		d.g.Add(s.assign())
		d.g.Add(d.ret(jen.Id("i")))
	}
	d.last, d.off = nil, 0
}

// at is the index k bytes ahead.
func (d *decodeEmitter) at(k int) jen.Code {
	if d.off+k == 0 {
		return jen.Id("i")
	}
	return jen.Id("i").Op("+").Lit(d.off + k)
}

// byteAt is the byte k bytes ahead.
func (d *decodeEmitter) byteAt(k int) *jen.Statement { return jen.Id("b").Index(d.at(k)) }

// settle adds what has been matched to i.
func (d *decodeEmitter) settle() {
	if d.off > 0 {
		d.add(jen.Id("i").Op("+=").Lit(d.off))
		d.off = 0
	}
}

func (d *decodeEmitter) fail(expected string) jen.Code {
	return d.ret(jen.Id("d").Dot("Fail").Call(d.at(0), d.siteID(d.rule.Name, expected)))
}

// ret returns an index, behind the value where the function returns one.
func (d *decodeEmitter) ret(index jen.Code) *jen.Statement {
	if d.returns {
		return jen.Return(jen.Id("v"), index)
	}
	return jen.Return(index)
}

// results calls something whose results are a value, which may be none, and an index.
func (d *decodeEmitter) results(to jen.Code, call *jen.Statement) {
	d.check()
	d.last = &step{to: to, call: call}
	d.off, d.known = 0, 0
}

// call emits `if i = d.f(b, i, args); i < 0 { return i }`.
func (d *decodeEmitter) call(f string, args ...jen.Code) {
	args = append([]jen.Code{jen.Id("b"), d.at(0)}, args...)
	d.results(nil, jen.Id("d").Dot(f).Call(args...))
}

// callInto is call for a function of a type, whose value goes to a target.
func (d *decodeEmitter) callInto(f string, typ *Type, t target) {
	if !returned(typ) {
		d.call(f, t.ptr())
		return
	}
	d.results(t.val(), jen.Id("d").Dot(f).Call(jen.Id("b"), d.at(0)))
	d.last.own = d.returns && t.field == nil && d.scope.name == ""
}

// returned reports whether functions return values of a type; they fill
// structs, sets and bit sets, which several of them may share, in place.
func returned(t *Type) bool {
	switch t.real().Kind {
	case KindStruct, KindSet, KindBits:
		return false
	}
	return true
}

func (d *decodeEmitter) temp(prefix string) string {
	d.tmp++
	return fmt.Sprintf("%s%d", prefix, d.tmp)
}

func (d *decodeEmitter) place(dest string) target {
	if dest == "" {
		return d.scope.self
	}
	f := d.scope.typ.field(dest)
	if f == nil {
		d.failf(d.rule, "%s has no field %s", d.scope.typ.Name, dest)
		f = &Field{Name: dest, Type: &Type{Kind: KindBool}}
	}
	name := d.scope.name
	return target{
		val:   func() *jen.Statement { return jen.Id(name).Dot(dest) },
		ptr:   func() *jen.Statement { return jen.Op("&").Id(name).Dot(dest) },
		typ:   f.Type,
		field: f,
	}
}

// mark sets the presence bit of a destination that has one.
func (d *decodeEmitter) mark(dest string) {
	if dest == "" || dest == d.marked && d.scope.name == "v" {
		return
	}
	if f := d.scope.typ.field(dest); f != nil && f.bit() {
		d.add(jen.Id(d.scope.name).Dot("Has").Op("|=").Id(d.scope.typ.Name + "Has" + dest))
	}
}

// newValue allocates a struct from its slab.
func (d *decodeEmitter) newValue(t *Type) *jen.Statement {
	t = t.real()
	name := storageName("slab", t)
	d.slabs[name] = t
	return jen.Id("d").Dot(name).Dot("New").Call(jen.Op("&").Id("d").Dot("Dec"))
}

// inside runs f with the fields of a struct as the scope.
func (d *decodeEmitter) inside(name string, t *Type, f func()) {
	outer := d.scope
	d.scope = structScope(name, t)
	f()
	d.scope = outer
}

// structScope is the scope of a pointer to a struct.
func structScope(name string, t *Type) scope {
	t = t.real()
	return scope{name: name, typ: t, self: target{
		val: func() *jen.Statement { return jen.Op("*").Id(name) },
		ptr: func() *jen.Statement { return jen.Id(name) },
		typ: t,
	}}
}

// ---- functions

// function queues a function for values of a type once and returns its name.
func (d *decodeEmitter) function(name string, r *grammar.Rule, t *Type, recursive bool, body func()) string {
	if d.done[name] {
		return name
	}
	d.done[name] = true
	d.queue = append(d.queue, func() {
		inner := name
		if recursive {
			inner = name + "Inner"
			d.out(r, d.depthGuard(r, name, inner, t))
		}
		d.rule, d.off, d.known, d.tmp = r, 0, 0, 0
		d.scope, d.returns = functionScope(t), returned(t)
		d.out(r, d.header(inner, t).BlockFunc(d.block(body)))
	})
	return name
}

// header is the signature of a function for values of a type.
func (d *decodeEmitter) header(name string, t *Type) *jen.Statement {
	head := jen.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(name)
	if returned(t) {
		return head.Params(jen.Id("b").Index().Byte(), jen.Id("i").Int()).Params(jen.Id("v").Add(d.goType(t)), jen.Id("_").Int())
	}
	return head.Params(jen.Id("b").Index().Byte(), jen.Id("i").Int(), jen.Id("v").Op("*").Add(d.goType(t))).Int()
}

// functionScope is the scope of a function for values of a type.
func functionScope(t *Type) scope {
	if !returned(t) {
		return structScope("v", t)
	}
	return valueScope(func() *jen.Statement { return jen.Id("v") }, t)
}

// depthGuard bounds the depth of a recursive rule; `;@ depth=N` sets the bound.
func (d *decodeEmitter) depthGuard(r *grammar.Rule, name, inner string, t *Type) jen.Code {
	enter, leave := jen.Id("d").Dot("Enter").Call(jen.Id("i")), "Leave"
	if args, ok := directive(r, "depth"); ok {
		enter, leave = jen.Id("d").Dot("EnterDeep").Call(jen.Id("i"), jen.Op(args[0])), "LeaveDeep"
	}
	d.returns = returned(t)
	result, args := jen.Id("i"), []jen.Code{jen.Id("b"), jen.Id("i")}
	if d.returns {
		result = jen.List(jen.Id("v"), jen.Id("i"))
	} else {
		args = append(args, jen.Id("v"))
	}
	return d.header(name, t).Block(
		jen.If(jen.Op("!").Add(enter)).Block(d.ret(jen.Lit(-1))),
		result.Op("=").Id("d").Dot(inner).Call(args...),
		jen.Id("d").Dot(leave).Call(),
		d.ret(jen.Id("i")),
	)
}

// ruleFunction is the name of the function that decodes a rule. Items of an
// inline set are decoded into the struct around them, owner; cases of a sum
// within a sum become values of the outer one, owner, at once.
func (d *decodeEmitter) ruleFunction(r *grammar.Rule, owner *Type) string {
	lo := d.done2(r)
	name := "decode" + camel(r.Spelling)
	t := lo.typ
	if owner != nil && t.real() != owner.real() {
		t = owner
		if t.Rule != r && d.grammar.Rules[r.Name] != nil {
			name += "In" + owner.Name
		}
	}
	return d.function(name, r, t, lo.recursive, func() { d.ruleBody(lo) })
}

// done2 is the lowered form of a rule that is called.
func (d *decodeEmitter) done2(r *grammar.Rule) *lowered { return d.lowerer.rule(r.Name) }

// ruleBody writes the body of a rule's function.
func (d *decodeEmitter) ruleBody(lo *lowered) {
	n := lo.body
	if n.Op == OpAlt && n.Mode >= AltEnum && n.Mode != AltSame && n.Mode != AltNull && n.Mode != AltFields {
		d.dispatch(n, d.sets.Follow(lo.rule.Name))
		return
	}
	d.step(n, d.sets.Follow(lo.rule.Name))
	d.end()
}

// ---- steps

// seq writes nodes that follow each other; after is what can come behind them.
func (d *decodeEmitter) seq(kids []*Node, after grammar.ByteSet) {
	for i, k := range kids {
		d.behind = kids[i+1:]
		d.step(k, d.firstOfSeq(kids[i+1:], after))
	}
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
	if n := min(d.known, len(text)); n > 0 {
		d.known -= n
		d.off += n
		text = text[n:]
	}
	if text == "" {
		return
	}
	d.add(jen.If(jen.Op("!").Parens(d.is(text, exact))).Block(d.fail(describeText(text))))
	d.off += len(text)
}

// describeText names a constant in an error message.
func describeText(text string) string {
	switch text {
	case " ":
		return "a space"
	case `"`:
		return "a quote"
	}
	return `"` + strings.ReplaceAll(text, `"`, `'`) + `"`
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
		d.span(n.Rule.Body)
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
		d.seq(d.flat([]*Node{d.done2(n.Rule).body}), d.sets.Follow(n.Rule.Name))
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
	return and(d.is(text, false), d.in(after, d.byteAt(len(text)))) // UIDCOUNT is not UID
}

// and joins conditions, the first of which may be missing.
func and(gate, c *jen.Statement) *jen.Statement {
	if gate == nil {
		return c
	}
	return jen.Add(c).Op("&&").Add(gate)
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

// needs are the capabilities of the section that an element comes from: its
// own, or that of the rule it consists of.
func (d *decodeEmitter) needs(n *grammar.Node) []string {
	if n == nil {
		return nil
	}
	if !d.always(n.Caps) {
		return n.Caps
	}
	switch n.Op {
	case grammar.Ref:
		r := d.grammar.Rules[n.Name]
		if !d.always(r.Caps) {
			return r.Caps
		}
		if !d.always(r.Body.Caps) { // a hook that an extension filled
			return r.Body.Caps
		}
	case grammar.Rep:
		if n.Min == 0 {
			return d.needs(n.Kids[0])
		}
	case grammar.Seq:
		for _, k := range n.Kids {
			if k.Op == grammar.Ref {
				if caps := d.needs(k); caps != nil {
					return caps
				}
			}
		}
	}
	return nil
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
	body := d.flat([]*Node{d.done2(n.Rule).body})
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
