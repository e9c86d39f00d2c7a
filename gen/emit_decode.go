package gen

import (
	"fmt"

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
	// front, skipped and afterText are what is around the constant at hand: the constant
	// before, what may be left out between, and what follows.
	front              string
	lead               string // front of the first node of the next sequence
	skipped, afterText []*Node
	// about is the rule whose copy is being written, nil where that is rule.
	about *grammar.Rule
	// spans are the lexical rules that are being written, the innermost last.
	spans []*grammar.Rule
	// tails are the functions of tails, with the sum that they return a value of.
	tails map[string]*Type
	// wordTables are the names of the tables of partials, by what is in them.
	wordTables map[string]string
	// ahead is what a list in front of an optional element could have gone on with.
	ahead string
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
	return &decodeEmitter{emitter: e, done: map[string]bool{}, wordTables: map[string]string{}, tails: map[string]*Type{}, out: out}
}

// run writes all functions that have been asked for.
func (d *decodeEmitter) run() {
	for len(d.queue) > 0 {
		f := d.queue[0]
		d.queue = d.queue[1:]
		f()
	}
}

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
func (d *decodeEmitter) byteAt(k int) *jen.Statement { return jen.Id("b").Dot("At").Call(d.at(k)) }

// settle adds what has been matched to i.
func (d *decodeEmitter) settle() {
	if d.off > 0 {
		d.add(jen.Id("i").Op("+=").Lit(d.off))
		d.off = 0
	}
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
	if dest == "" || dest == d.marked && (d.scope.name == "v" || d.scope.name == "x") {
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

// inner ends the name of the function of a recursive rule that does not count a level.
// It is for calls from outside; those that may be nested count.
const inner = "Inner"

// function queues a function for values of a type once and returns its name.
func (d *decodeEmitter) function(name string, r *grammar.Rule, t *Type, recursive bool, body func()) string {
	if d.done[name] {
		return name
	}
	d.done[name] = true
	d.queue = append(d.queue, func() {
		own := name
		if recursive {
			own = name + inner
			d.out(r, d.depthGuard(r, name, own, t))
		}
		d.write(own, r, t, nil, body)
	})
	return name
}

// functionWith is function for one that takes more than the place to decode at.
func (d *decodeEmitter) functionWith(name string, r *grammar.Rule, t *Type, params []jen.Code, body func()) {
	if !d.done[name] {
		d.done[name] = true
		d.queue = append(d.queue, func() { d.write(name, r, t, params, body) })
	}
}

// write writes a function.
func (d *decodeEmitter) write(name string, r *grammar.Rule, t *Type, params []jen.Code, body func()) {
	d.rule, d.off, d.known, d.tmp = r, 0, 0, 0
	d.scope, d.returns = functionScope(t), returned(t)
	d.out(r, d.header(name, t, params...).BlockFunc(d.block(body)))
}

// header is the signature of a function for values of a type.
func (d *decodeEmitter) header(name string, t *Type, more ...jen.Code) *jen.Statement {
	params := append([]jen.Code{jen.Id("b").Add(wire("Octets")), jen.Id("i").Int()}, more...)
	head := jen.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(name)
	if returned(t) {
		return head.Params(params...).Params(jen.Id("v").Add(d.goType(t)), jen.Id("_").Int())
	}
	return head.Params(append(params, jen.Id("v").Op("*").Add(d.goType(t)))...).Int()
}

// functionScope is the scope of a function for values of a type.
func functionScope(t *Type) scope {
	if !returned(t) {
		return structScope("v", t)
	}
	return valueScope(func() *jen.Statement { return jen.Id("v") }, t)
}

// depthGuard bounds the depth of a recursive rule; `;@ depth=N` sets the bound.
func (d *decodeEmitter) depthGuard(r *grammar.Rule, name, own string, t *Type) jen.Code {
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
		result.Op("=").Id("d").Dot(own).Call(args...),
		jen.Id("d").Dot(leave).Call(),
		d.ret(jen.Id("i")),
	)
}

// ruleFunction is the name of the function that decodes a rule. Items of an
// inline set are decoded into the struct around them, owner; cases of a sum
// within a sum become values of the outer one, owner, at once.
func (d *decodeEmitter) ruleFunction(r *grammar.Rule, owner *Type) string {
	lo := d.ruleOf(r)
	name := "decode" + camel(r.Spelling)
	t := lo.typ
	if owner != nil && t.real() != owner.real() {
		t = owner
		if t.Rule != r && d.grammar.Rules[r.Name] != nil {
			name += "In" + owner.Name
		}
	}
	name = d.function(name, r, t, lo.recursive, func() { d.ruleBody(lo) })
	if lo.recursive && !d.reachesRule(r, d.rule) {
		return name + inner // nothing is nested yet
	}
	return name
}

// ruleOf is the lowered form of a rule that is called.
func (d *decodeEmitter) ruleOf(r *grammar.Rule) *lowered { return d.lowerer.rule(r.Name) }

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
