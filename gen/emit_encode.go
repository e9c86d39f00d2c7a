package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// An encodeEmitter writes the encoding functions from the same trees as the
// decoder. Each writes a value at the wire.Out p and returns the place behind it; of
// several ways to say it, the first alternative that can hold every value there is.
type encodeEmitter struct {
	*emitter
	g *jen.Group
	// pending is constant text that has not been written yet.
	pending string
	// around is the text around the cases of the sum that is being encoded.
	around around
	// function is the name of the function that is being written; manyCases says that each
	// case of the sum in it has one of its own.
	function  string
	manyCases bool
	rule      *grammar.Rule
	scope     scope
	tmp       int
	queue     []func()
	done      map[string]bool
	out       func(r *grammar.Rule, c jen.Code)
	// knownNames are the choices for which functions that know words have been named.
	knownNames map[string]*Node
	// stored is how many octets of text there may be at p since there was room for certain.
	stored int
	// noted are the sections of which the statements so far have noted the need.
	noted []int
	// tested is the innermost test that where has written, as Go.
	tested string
}

func newEncodeEmitter(e *emitter, out func(*grammar.Rule, jen.Code)) *encodeEmitter {
	return &encodeEmitter{emitter: e, done: map[string]bool{}, out: out, knownNames: map[string]*Node{}}
}

func (e *encodeEmitter) run() {
	for len(e.queue) > 0 {
		f := e.queue[0]
		e.queue = e.queue[1:]
		f()
	}
}

// add writes statements behind the pending text.
func (e *encodeEmitter) add(c ...jen.Code) {
	e.flush()
	e.g.Add(c...)
}

// Text is stored where there is room for it without asking. There is room for so much
// behind what a primitive returns that for some more text nobody has to ask, either.
const (
	// maxText is wire.MaxText, the length of the text that is stored at once, and what may be
	// stored at the end of a function, and at either end of a loop's body.
	maxText = 16
	// maxHanded is what may be stored before a function is called.
	maxHanded = 2 * maxText
	// maxStored is what may be stored before a primitive, which sees to the room itself.
	maxStored = 3 * maxText
)

// flush writes the pending text.
func (e *encodeEmitter) flush() {
	if e.pending != "" {
		e.g.Add(to(e.behindText()))
	}
}

// behindText is the place behind the pending text. All of the text but the last part is
// written before.
func (e *encodeEmitter) behindText() *jen.Statement {
	s := e.pending
	e.pending = ""
	for ; len(s) > maxText; s = s[maxText:] {
		e.g.Add(to(e.text(s[:maxText])))
	}
	if s == "" {
		return jen.Id("p")
	}
	return e.text(s)
}

// text is the place behind a short text.
func (e *encodeEmitter) text(s string) *jen.Statement {
	if e.stored+len(s) > maxStored {
		e.room()
	}
	e.stored += len(s)
	return jen.Id("p").Dot("Text").Call(jen.Lit(s))
}

// room makes sure of the room behind p.
func (e *encodeEmitter) room() {
	e.g.Add(to(jen.Id("e").Dot("Room").Call(jen.Id("p"))))
	e.stored = 0
}

// handOn prepares p for what only knows that no more than so much has been stored.
func (e *encodeEmitter) handOn(stored int) {
	e.flush()
	if e.stored > stored {
		e.room()
	}
}

// to goes on at a place.
func to(place jen.Code) *jen.Statement { return jen.Id("p").Op("=").Add(place) }

// write calls a method of the encoder that writes something.
func write(method string, args ...jen.Code) *jen.Statement {
	return to(jen.Id("e").Dot(method).Call(append([]jen.Code{jen.Id("p")}, args...)...))
}

// length is the number of octets so far.
func length() *jen.Statement { return jen.Id("e").Dot("Len").Call(jen.Id("p")) }

// since are the octets from an index on.
func since(start string) *jen.Statement {
	return jen.Id("e").Dot("Since").Call(jen.Id("p"), jen.Id(start))
}

// block runs f with its statements going into a block, which may be passed over.
func (e *encodeEmitter) block(f func()) func(*jen.Group) {
	e.flush()
	return func(g *jen.Group) {
		outer, noted, stored := e.g, e.noted, e.stored
		e.g = g
		f()
		e.flush()
		e.g, e.noted, e.stored = outer, noted, max(e.stored, stored)
	}
}

// where writes a branch for values of which test is true. What is in it need not ask again.
func (e *encodeEmitter) where(test *jen.Statement, f func()) {
	if e.tested == test.GoString() {
		f()
		return
	}
	e.add(e.branch(test, f))
}

// branch is where, for an else behind it.
func (e *encodeEmitter) branch(test *jen.Statement, f func()) *jen.Statement {
	return jen.If(test).BlockFunc(e.block(func() {
		outer := e.tested
		e.tested = test.GoString()
		f()
		e.tested = outer
	}))
}

// loop is block for what is run any number of times.
func (e *encodeEmitter) loop(f func()) func(*jen.Group) {
	e.handOn(maxText)
	e.stored = maxText
	return e.block(func() { f(); e.handOn(maxText) })
}

func (e *encodeEmitter) fail(expected string) {
	e.add(e.failure(expected))
}

func (e *encodeEmitter) failure(expected string) *jen.Statement {
	return write("Fail", e.siteID(e.rule.Name, expected))
}

// failReason is failure with a reason.
func (e *encodeEmitter) failReason(expected, reason string) *jen.Statement {
	return write("FailReason", e.siteID(e.rule.Name, expected), jen.Lit(reason))
}

func (e *encodeEmitter) temp(prefix string) string {
	e.tmp++
	return prefix + itoa(e.tmp)
}

func (e *encodeEmitter) place(dest string) target {
	if dest == "" {
		return e.scope.self
	}
	f := e.scope.typ.field(dest)
	if f == nil {
		e.failf(e.rule, "%s has no field %s", e.scope.typ.Name, dest)
		f = &Field{Name: dest, Type: &Type{Kind: KindBool}}
	}
	name := e.scope.name
	return target{
		val:   func() *jen.Statement { return jen.Id(name).Dot(dest) },
		ptr:   func() *jen.Statement { return jen.Op("&").Id(name).Dot(dest) },
		typ:   f.Type,
		field: f,
	}
}

// inside runs f with the fields of a struct as the scope.
func (e *encodeEmitter) inside(name string, t *Type, f func()) {
	outer := e.scope
	e.scope = structScope(name, t)
	f()
	e.scope = outer
}

// byValue reports whether encoding functions take a type by value.
func byValue(t *Type) bool {
	switch t.real().Kind {
	case KindStruct, KindSet:
		return false
	case KindBits:
		return !t.real().Open
	}
	return true
}

// ruleFunction is the name of the function that encodes a rule.
func (e *encodeEmitter) ruleFunction(r *grammar.Rule) string {
	name := "append" + camel(r.Spelling)
	if e.done[name] {
		return name
	}
	e.done[name] = true
	e.queue = append(e.queue, func() {
		lo := e.lowerer.rule(r.Name)
		e.rule, e.scope = r, paramScope(lo.typ)
		e.define(name, e.param(lo.typ), func() {
			if !byValue(lo.typ) {
				e.notNil("v")
			}
			e.step(lo.body)
		})
	})
	return name
}

// define writes a function that encodes its parameter.
func (e *encodeEmitter) define(name string, param jen.Code, body func()) {
	e.tmp, e.function = 0, name
	e.out(e.rule, jen.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id(name).Params(jen.Id("p").Add(wire("Out")), param).Add(wire("Out")).
		BlockFunc(e.block(func() {
			e.stored = maxHanded
			body()
			e.handOn(maxText)
			e.add(jen.Return(jen.Id("p")))
		})))
}

// param is the parameter of a type's encoding functions. A sum comes as any: a switch
// over the types of a value needs no look-up there, and neither does passing it on.
func (e *encodeEmitter) param(t *Type) *jen.Statement {
	switch {
	case t.real().Kind == KindSum:
		return jen.Id("v").Any()
	case byValue(t):
		return jen.Id("v").Add(e.goType(t))
	}
	return jen.Id("v").Op("*").Add(e.goType(t))
}

// notNil refuses a nil pointer.
func (e *encodeEmitter) notNil(name string) {
	e.g.Add(jen.If(jen.Id(name).Op("==").Nil()).Block(
		jen.Return(jen.Id("e").Dot("Fail").Call(jen.Id("p"), e.siteID(e.rule.Name, "a value that is not nil")))))
}

// paramScope is the scope of the parameter v.
func paramScope(t *Type) scope {
	if !byValue(t) {
		sc := structScope("v", t)
		sc.self.val = sc.self.ptr // a field of *v is written v.F
		return sc
	}
	return valueScope(func() *jen.Statement { return jen.Id("v") }, t)
}

func valueScope(val func() *jen.Statement, t *Type) scope {
	return scope{typ: t.real(), self: target{
		val: val, ptr: func() *jen.Statement { return jen.Op("&").Add(val()) }, typ: t,
	}}
}

func (e *encodeEmitter) step(n *Node) {
	switch n.Op {
	case OpText:
		e.pending += n.Text
	case OpEnd:
		e.pending += "\r\n"
	case OpSkip:
	case OpVal:
		e.value(n)
	case OpCall:
		e.callRule(n)
	case OpSeq:
		for _, k := range n.Kids {
			if try, ok := e.tries[k]; ok {
				defer e.refuseTaken(k, try)()
			}
			e.step(k)
		}
	case OpOpt:
		e.optional(n)
	case OpList:
		e.list(n)
	case OpGroup:
		e.group(n)
	case OpAlt:
		e.alt(n)
	}
}

// value encodes a leaf, a span or a raw value.
func (e *encodeEmitter) value(n *Node) {
	t := e.place(n.Dest)
	base := n.Type.base()
	switch base.Kind {
	case KindRaw:
		e.add(write("verbatim", t.val(), jen.Parens(jen.Op("*").Id("Decoder")).Dot("match"+camel(n.Rule.Spelling)), e.siteID(n.Rule.Name, phrase(n.Rule))))
		e.matchers = append(e.matchers, n.Rule)
		return
	case KindSpan:
		s := e.asString(n, t)
		e.add(jen.If(jen.Op("!").Add(e.spanTest(n.Rule, s()))).Block(write("Fail", e.siteID(n.Rule.Name, phrase(n.Rule)))))
		e.add(write("Append", s()))
		return
	}
	p := base.Prim
	if t.field != nil && t.field.Stream && p.stream != "" {
		p = primitives[p.stream]
	}
	if p.valid != "" {
		e.nstring(p, t)
		return
	}
	val := t.val()
	if conv := e.unconversion(n.Type, t, p); conv != nil {
		val = conv.Call(val)
	}
	e.needLeaf(n, t)
	e.primitive(p.method, val)
}

// primitive encodes a value by a method that sees to the room behind pending text, too.
func (e *encodeEmitter) primitive(method string, val jen.Code) {
	e.g.Add(to(jen.Id("e").Dot(method).Call(e.behindText(), val)))
	e.stored = 0
}

// nstring encodes a string, or NIL without a call.
func (e *encodeEmitter) nstring(p *primitive, t target) {
	resume := e.takePending()
	e.add(jen.If(t.val().Dot("Valid")).BlockFunc(e.block(func() { resume(); e.primitive(p.valid, t.val().Dot("Value")) })).
		Else().BlockFunc(e.block(func() {
		e.add(jen.Id("e").Dot("Null").Call(t.val().Dot("Value")))
		resume()
		e.pending += "NIL"
	})))
}

// takePending returns a function that makes the pending text pending once more, for each
// branch of a choice that begins with it. It is for text so short that this costs no more
// than to write it before.
func (e *encodeEmitter) takePending() (resume func()) {
	if len(e.pending) > maxText {
		return func() {}
	}
	s := e.pending
	e.pending = ""
	return func() { e.pending = s }
}

// asString is the value of a span as a string.
func (e *encodeEmitter) asString(n *Node, t target) func() *jen.Statement {
	if goName(n.Type) == "string" && (t.typ == nil || goName(t.typ) == "string") && (t.field == nil || !t.field.Secret) {
		return t.val
	}
	return func() *jen.Statement { return jen.String().Call(t.val()) }
}

// unconversion is the primitive's type where the field has another.
func (e *encodeEmitter) unconversion(vt *Type, t target, p *primitive) *jen.Statement {
	secret := t.field != nil && t.field.Secret && p.secret != ""
	defined := vt.real().Kind == KindDefined || t.typ != nil && (t.typ.real().Kind == KindDefined || t.typ.real().Kind == KindOpen)
	if !secret && !defined {
		return nil
	}
	c := primType(p.goType, p.wire)
	if p.goType == "[]byte" {
		c = jen.Parens(c)
	}
	return c
}

// callRule encodes a rule that has a function of its own.
func (e *encodeEmitter) callRule(n *Node) {
	if n.Type == nil {
		e.step(e.lowerer.rule(n.Rule.Name).body)
		return
	}
	t := e.place(n.Dest)
	arg := t.ptr()
	if byValue(n.Type) || t.field != nil && t.field.pointer() {
		arg = t.val()
	}
	if t.field != nil && t.field.pointer() && !t.field.Opt && !t.field.Null && t.field.Key == "" {
		arg = t.val()
	}
	e.callRuleFunction(n.Rule, arg)
}

// callRuleFunction calls the function that encodes a rule.
func (e *encodeEmitter) callRuleFunction(r *grammar.Rule, arg jen.Code) {
	e.callFunction(e.ruleFunction(r), arg)
}

func (e *encodeEmitter) callFunction(name string, arg jen.Code) {
	e.handOn(maxHanded)
	e.add(write(name, arg))
	e.stored = maxText
}

// group encodes a struct that has no rule of its own.
func (e *encodeEmitter) group(n *Node) {
	t := e.place(n.Dest)
	name := e.temp("g")
	if t.field != nil && t.field.pointer() {
		e.add(jen.Id(name).Op(":=").Add(t.val()))
		e.notNil(name)
	} else {
		e.add(jen.Id(name).Op(":=").Add(t.ptr()))
	}
	e.inside(name, n.Type, func() { e.step(n.Kids[0]) })
}

// optional encodes [x] where there is something to write.
func (e *encodeEmitter) optional(n *Node) {
	k := n.Kids[0]
	switch {
	case n.Written:
		e.step(k)
		return
	case n.Type != nil && n.Type.real().Kind == KindBool:
		e.add(jen.If(e.place(n.Dest).val()).BlockFunc(e.block(func() { e.needed(n.Source, k) })))
		return
	}
	e.where(e.present(n), func() { e.needed(n.Source, k) })
}

// present is the test whether any value of a node is there.
func (e *encodeEmitter) present(n *Node) *jen.Statement {
	if n.Bag == nil {
		t := e.place(n.Dest)
		if t.field != nil && t.field.Key != "" { // the bit is the set's: the item is there, its value may be empty
			return e.nonzero(t)
		}
		return e.there(t)
	}
	var out *jen.Statement
	for _, f := range n.Bag {
		c := e.there(e.place(f.Name))
		if out == nil {
			out = c
			continue
		}
		out = out.Op("||").Add(c)
	}
	return out
}

// there is the test whether a value is there: its presence bit, or any value
// other than zero.
func (e *encodeEmitter) there(t target) *jen.Statement {
	if t.field == nil || !t.field.bit() {
		return e.nonzero(t)
	}
	bit := jen.Id(e.scope.name).Dot("Has").Op("&").Id(e.scope.typ.Name + "Has" + t.field.Name).Op("!=").Lit(0)
	if t.field.Flag {
		return bit
	}
	return bit.Op("||").Add(e.nonzero(t))
}

// nonzero is the test whether a value is other than its type's zero value.
func (e *encodeEmitter) nonzero(t target) *jen.Statement {
	if f := t.field; f != nil {
		switch {
		case f.Multi:
			return jen.Len(t.val()).Op("!=").Lit(0)
		case f.pointer():
			return t.val().Op("!=").Nil()
		}
		if p := fieldPrim(f); p != nil {
			return nonzeroPrim(p, t)
		}
	}
	return e.nonzeroType(t.typ.base(), t)
}

func (e *encodeEmitter) nonzeroType(base *Type, t target) *jen.Statement {
	switch base.Kind {
	case KindLeaf:
		return nonzeroPrim(base.Prim, t)
	case KindBool:
		return t.val()
	case KindList:
		return jen.Len(t.val()).Op("!=").Lit(0)
	case KindSum:
		return t.val().Op("!=").Nil()
	case KindEnum:
		return t.val().Op("!=").Lit(0)
	case KindBits:
		if base.Open {
			return t.val().Dot("Bits").Op("!=").Lit(0).Op("||").Len(t.val().Dot("Other")).Op("!=").Lit(0)
		}
		return t.val().Op("!=").Lit(0)
	case KindStruct, KindSet:
		return jen.Op("!").Id(e.zeroFunction(base)).Call(t.ptr())
	}
	return t.val().Op("!=").Lit("")
}

func nonzeroPrim(p *primitive, t target) *jen.Statement {
	switch p.goType {
	case "string":
		return t.val().Op("!=").Lit("")
	case "[]byte":
		if p.zeroAbsent {
			return t.val().Op("!=").Nil()
		}
		return jen.Len(t.val()).Op("!=").Lit(0)
	case "NString":
		return t.val().Dot("Valid").Op("||").Add(t.val()).Dot("Value").Op("!=").Lit("")
	case "Literal":
		return t.val().Dot("Valid").Op("||").Add(t.val()).Dot("Data").Op("!=").Lit("").Op("||").Add(t.val()).Dot("Body").Op("!=").Nil()
	case "SequenceSet":
		return t.val().Dot("Saved").Op("||").Len(t.val().Dot("Ranges")).Op("!=").Lit(0)
	case "UIDSet":
		return jen.Len(t.val()).Op("!=").Lit(0)
	case "Date", "DateTime":
		return joined(dateNumbers(t), "|").Op("!=").Lit(0)
	case "Raw":
		return t.val().Op("!=").Lit("")
	}
	return t.val().Op("!=").Lit(0)
}

// zeroFunction is the name of a function that tells whether a struct is empty.
func (e *encodeEmitter) zeroFunction(t *Type) string {
	name := "zero" + t.Name
	if e.done[name] {
		return name
	}
	e.done[name] = true
	e.queue = append(e.queue, func() {
		e.rule, e.tmp, e.scope = t.Rule, 0, structScope("v", t)
		var any *jen.Statement
		for _, f := range t.Fields {
			c := e.there(e.place(f.Name))
			if any == nil {
				any = c
				continue
			}
			any = any.Op("||").Add(c)
		}
		e.out(t.Rule, jen.Func().Id(name).Params(jen.Id("v").Op("*").Id(t.Name)).Bool().Block(
			jen.Return(jen.Op("!").Parens(any))))
	})
	return name
}
