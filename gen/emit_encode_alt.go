package gen

import (
	"strconv"

	"github.com/dave/jennifer/jen"
)

func itoa(n int) string { return strconv.Itoa(n) }

// alt encodes a choice: the first alternative that can hold the value.
func (e *encodeEmitter) alt(n *Node) {
	switch n.Mode {
	case AltSpelling:
		e.step(n.Kids[0])
	case AltEnum:
		e.keyword(n)
	case AltNull:
		e.nullable(n)
	case AltSame:
		e.firstFitting(n)
	case AltFields:
		e.fields(n)
	case AltSum:
		e.sum(n)
	case AltKind:
		e.kinds(n)
	}
}

// keyword encodes a value of an enum; an open one may be any string that the
// generic alternative can hold.
func (e *encodeEmitter) keyword(n *Node) {
	t := e.place(n.Dest)
	var generic *Node
	e.add(jen.Switch(t.val()).BlockFunc(e.block(func() {
		for _, k := range n.Kids {
			if k.Case == nil {
				generic = k
				continue
			}
			e.add(jen.Case(jen.Id(k.Case.Name)).BlockFunc(e.block(func() {
				if n.Type.real().Kind == KindEnum {
					e.need(k.Source)
				}
				e.pending += k.text()
			})))
		}
		e.add(jen.Default().BlockFunc(e.block(func() {
			if generic == nil {
				e.fail(anyOf(e.starts(n, nil)))
				return
			}
			g := *generic
			g.Dest = n.Dest
			if e.knownWords[n] != nil {
				e.add(jen.If(jen.Id("e").Dot(e.knownFunction(n, false)).Call(jen.String().Call(t.val()))).Block(
					e.failReason(unknownWord, "a keyword of the grammar in other letters")))
			}
			e.step(&g)
		})))
	})))
}

// nullable encodes NIL for the zero value.
func (e *encodeEmitter) nullable(n *Node) {
	rest := *n
	rest.Kids, rest.Mode = nil, AltSame
	null := ""
	for _, k := range n.Kids {
		if k.Null && k.Op == OpText {
			null = k.Text
			continue
		}
		rest.Kids = append(rest.Kids, k)
	}
	resume := e.takePending()
	e.add(e.branch(e.nonzero(e.place(n.Dest)), func() { resume(); e.firstFitting(&rest) }).
		Else().BlockFunc(e.block(func() { resume(); e.pending += null })))
}

// firstFitting encodes a value by the first spelling that can hold it.
func (e *encodeEmitter) firstFitting(n *Node) {
	if len(n.Kids) == 1 {
		e.needed(n.Kids[0].Source, n.Kids[0])
		return
	}
	var conds []*jen.Statement
	kids := n.Kids
	for i, k := range n.Kids {
		c := e.holds(k, n.Dest)
		if c == nil {
			kids = n.Kids[:i+1]
			break
		}
		conds = append(conds, c)
	}
	e.add(jen.Switch().BlockFunc(e.block(func() {
		for i, k := range kids {
			if i < len(conds) {
				e.add(jen.Case(e.offered(k, conds[i])).BlockFunc(e.block(func() { e.step(k) })))
				continue
			}
			e.add(jen.Default().BlockFunc(e.block(func() { e.needed(k.Source, k) })))
		}
		if len(conds) == len(kids) {
			e.refused(kids, func(i int) *jen.Statement { return conds[i] })
			e.add(jen.Default().BlockFunc(e.block(func() { e.fail("a valid " + e.rule.Name) })))
		}
	})))
}

// holds is the test whether an alternative can hold the value; nil where it
// holds any.
func (e *encodeEmitter) holds(n *Node, dest string) *jen.Statement {
	t := e.place(dest)
	switch {
	case n.Op == OpVal && n.Type.base().Kind == KindSpan:
		return e.spanTest(n.Rule, e.asString(n, t)())
	case textOnly(n):
		return jen.Op("!").Add(t.val()).Dot("Binary")
	case n.Op == OpList && n.Min == 1 && n.Max == 1:
		return jen.Len(t.val()).Op("==").Lit(1)
	case n.Op == OpAlt && n.Mode == AltNull && isSingle(n.Kids[0]):
		return jen.Len(t.val()).Op("<=").Lit(1)
	case n.Op == OpSeq && len(n.Kids) == 1:
		return e.holds(n.Kids[0], dest)
	}
	return nil
}

// textOnly: the node is a literal that cannot hold NUL.
func textOnly(n *Node) bool {
	return n.Op == OpVal && n.Type.base().Kind == KindLeaf && n.Type.base().Prim.text
}

func isSingle(n *Node) bool { return n.Op == OpList && n.Min == 1 && n.Max == 1 }

// fields encodes the first alternative that has a place for every value there is.
func (e *encodeEmitter) fields(n *Node) {
	e.add(jen.Switch().BlockFunc(e.block(func() {
		open := true
		for _, k := range n.Kids {
			c := e.fits(n, k)
			if c == nil {
				e.add(jen.Default().BlockFunc(e.block(func() { e.needed(k.Source, k) })))
				open = false
				break
			}
			e.add(jen.Case(e.offered(k, c)).BlockFunc(e.block(func() { e.step(k) })))
		}
		if open {
			e.refused(n.Kids, func(i int) *jen.Statement { return e.fits(n, n.Kids[i]) })
			e.add(jen.Default().BlockFunc(e.block(func() { e.fail(anyOf(e.starts(n, nil))) })))
		}
	})))
}

// fits is the test for one alternative: nothing is there that it cannot say,
// and everything that it must say is.
func (e *encodeEmitter) fits(n, k *Node) *jen.Statement {
	var out *jen.Statement
	both := func(c *jen.Statement) {
		if out == nil {
			out = c
			return
		}
		out = out.Op("&&").Add(c)
	}
	own := map[string]bool{}
	for _, f := range k.Bag {
		own[f.Name] = true
	}
	for _, f := range n.Bag {
		if !own[f.Name] {
			both(jen.Op("!").Parens(e.there(e.place(f.Name))))
		}
	}
	for _, name := range k.Req {
		if c := e.required(k, name); c != nil {
			both(c)
		}
	}
	return out
}

// required is the test whether a value that an alternative needs is there and
// is one of those that it can say.
func (e *encodeEmitter) required(k *Node, name string) *jen.Statement {
	t := e.place(name)
	var out *jen.Statement
	k.walk(func(n *Node) {
		if n.Dest != name {
			return
		}
		switch {
		case isSingle(n):
			out = jen.Len(t.val()).Op("==").Lit(1)
		case n.Type != nil && n.Type.real().Kind == KindEnum && !t.typ.real().Open:
			out = e.orCases(out, n, t)
		case textOnly(n):
			out = jen.Op("!").Add(t.val()).Dot("Binary").Op("&&").Parens(e.there(t))
		}
	})
	switch {
	case out != nil:
		return jen.Parens(out)
	case t.field.bit(), t.field.pointer(), zeroAbsent(t.typ):
		return jen.Parens(e.there(t))
	}
	return nil
}

// orCases extends the test whether an enum has one of the values that a node lists.
func (e *encodeEmitter) orCases(out *jen.Statement, n *Node, t target) *jen.Statement {
	alt := n
	if n.Op == OpCall {
		alt = e.lowerer.rule(n.Rule.Name).body
	}
	for _, k := range alt.Kids {
		if k.Case == nil {
			continue
		}
		c := t.val().Op("==").Id(k.Case.Name)
		if out == nil {
			out = c
			continue
		}
		out = out.Op("||").Add(c)
	}
	return out
}

// sum encodes the case of an interface.
func (e *encodeEmitter) sum(n *Node) {
	t := e.place(n.Dest)
	e.manyCases = e.hasMany(n.Type)
	e.add(jen.Switch(jen.Id("c").Op(":=").Add(t.val()).Assert(jen.Type())).BlockFunc(e.block(func() {
		e.sumCases(n, map[string]bool{})
		e.add(jen.Default().BlockFunc(e.block(func() { e.fail("a valid " + n.Type.real().Rule.Name) })))
	})))
}

// sumCases encodes the cases of a sum; those of a sum within it that is nothing
// but a choice join the same switch.
func (e *encodeEmitter) sumCases(n *Node, seen map[string]bool) {
	e.words(n, seen)
	for _, k := range n.Kids {
		if k.Case != nil || seen[k.Type.real().Name] {
			continue
		}
		seen[k.Type.real().Name] = true
		if k.Op == OpCall && k.Type.real().Kind == KindSum {
			e.innerSum(k, seen)
			continue
		}
		if same := sharing(n, k.Type); len(same) > 1 {
			e.sharedCase(n, same)
			continue
		}
		e.sumCase(n, k)
	}
}

// sharing are the alternatives of a sum that have a type in common.
func sharing(n *Node, t *Type) (out []*Node) {
	for _, k := range n.Kids {
		if k.Case == nil && k.Type.real() == t.real() {
			out = append(out, k)
		}
	}
	return out
}

// sharedCase encodes a type that several alternatives of a sum have by the first one that
// can say all of a value.
func (e *encodeEmitter) sharedCase(n *Node, same []*Node) {
	t := same[0].Type.real()
	e.add(jen.Case(caseType(t)).BlockFunc(e.caseFunction(t, func() {
		e.notNil("c")
		e.inside("c", t, func() {
			resume := e.takePending()
			e.add(jen.Switch().BlockFunc(e.block(func() {
				for i, k := range same {
					c := jen.Case(e.offered(k, jen.Op("!").Parens(e.others(e.alternative(k)))))
					if i == len(same)-1 {
						c = jen.Default()
					}
					e.add(c.BlockFunc(e.block(func() { resume(); e.sharedAlternative(k, i == len(same)-1) })))
				}
			})))
		})
	})))
}

func (e *encodeEmitter) sharedAlternative(k *Node, last bool) {
	if last {
		e.need(k.Source)
		e.refuseOthers(e.alternative(k))
	}
	if k.Op == OpCall {
		e.callRuleFunction(k.Rule, jen.Id("c"))
		return
	}
	e.step(k.Kids[0])
}

// alternative is what an alternative of a sum consists of.
func (e *encodeEmitter) alternative(k *Node) *Node {
	if k.Op == OpCall {
		return e.lowerer.rule(k.Rule.Name).body
	}
	return k.Kids[0]
}

// members lists the types of the values that a sum can have.
func (e *encodeEmitter) members(t *Type) (out []jen.Code) {
	seen := map[string]bool{}
	var list func(t *Type)
	list = func(t *Type) {
		t = t.real()
		switch {
		case seen[t.Name]:
			return
		case t.Kind != KindSum:
			out = append(out, caseType(t))
		}
		seen[t.Name] = true
		for _, c := range t.Cases {
			if t.Kind == KindSum && c.Type != nil {
				list(c.Type)
			}
		}
	}
	list(t)
	return out
}

// caseType is the Go type of a sum's case.
func caseType(t *Type) *jen.Statement {
	if t.hasFields() {
		return jen.Op("*").Id(t.Name)
	}
	return jen.Id(t.Name)
}

// words encodes the bare keywords of a sum.
func (e *encodeEmitter) words(n *Node, seen map[string]bool) {
	w := n.Type.real().Words
	if w == nil {
		return
	}
	seen[w.Name] = true
	e.add(jen.Case(jen.Id(w.Name)).BlockFunc(e.caseBlock(func() {
		e.add(jen.Switch(jen.Id("c")).BlockFunc(e.block(func() {
			for _, k := range n.Kids {
				if k.Case != nil {
					e.add(jen.Case(jen.Id(k.Case.Name)).BlockFunc(e.block(func() { e.need(k.Source); e.pending += k.text() })))
				}
			}
			e.add(jen.Default().BlockFunc(e.block(func() { e.fail("a valid " + w.Name) })))
		})))
	})))
}

func (e *encodeEmitter) sumCase(n, k *Node) {
	t := k.Type.real()
	block := e.caseBlock
	if k.Op != OpCall || e.generic(n) == k {
		block = func(f func()) func(*jen.Group) { return e.caseFunction(t, f) }
	}
	e.add(jen.Case(caseType(t)).BlockFunc(block(func() {
		generic := e.generic(n) == k
		e.need(k.Source)
		if generic || k.Op != OpCall {
			e.notNil("c")
		}
		if generic && n.Type.real().Recover {
			defer e.refuseRead(n, k)()
		} else if generic {
			e.refuseKnown(n, k, func() *jen.Statement { return jen.Id("c") })
		}
		if k.Op == OpCall {
			e.callRuleFunction(k.Rule, jen.Id("c"))
			return
		}
		e.inside("c", t, func() { e.step(k.Kids[0]) })
	})))
}

// kinds encodes a struct by its Kind.
func (e *encodeEmitter) kinds(n *Node) {
	e.add(jen.Switch(jen.Id(e.scope.name).Dot("Kind")).BlockFunc(e.block(func() {
		for _, k := range n.Kids {
			e.add(jen.Case(jen.Id(k.Case.Name)).BlockFunc(e.block(func() { e.kind(k) })))
		}
		e.add(jen.Default().BlockFunc(e.block(func() { e.fail("a valid " + e.rule.Name) })))
	})))
}

// kind encodes one of the alternatives; what it needs may be missing.
func (e *encodeEmitter) kind(k *Node) {
	e.need(k.Source)
	e.refuseOthers(k)
	for _, name := range k.Req {
		if t := e.place(name); t.field.pointer() {
			e.add(jen.If(t.val().Op("==").Nil()).Block(jen.Return(jen.Id("e").Dot("Fail").Call(jen.Id("p"), e.siteID(e.rule.Name, name)))))
		}
	}
	e.step(k)
}

// refuseOthers refuses what other alternatives of a struct have and this one cannot say.
func (e *encodeEmitter) refuseOthers(k *Node) {
	if other := e.others(k); other != nil {
		e.add(jen.If(other).Block(e.failReason(describeText(k.text()), "a value that belongs to another kind")))
	}
}

// others is the test whether a struct has what this alternative cannot say; nil where it
// says everything.
func (e *encodeEmitter) others(k *Node) (out *jen.Statement) {
	own := map[string]bool{}
	k.own(own)
	for _, f := range e.scope.typ.Fields {
		if own[f.Name] || f.Name == "Kind" {
			continue
		}
		c := e.there(e.place(f.Name))
		if out == nil {
			out = c
			continue
		}
		out = out.Op("||").Add(c)
	}
	return out
}

// own collects the names of the fields that a node sets.
func (n *Node) own(names map[string]bool) {
	names[n.Dest] = true
	for _, f := range n.Bag {
		names[f.Name] = true
	}
	if n.Op == OpGroup {
		return
	}
	for _, k := range n.Kids {
		k.own(names)
	}
}
