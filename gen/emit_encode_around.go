package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// innerSum encodes the cases of a sum within a sum.
func (e *encodeEmitter) innerSum(k *Node, seen map[string]bool) {
	if _, gated := e.gate(k.Source); !gated {
		if alt, r, text := e.wrapped(k.Rule); alt != nil {
			rule, outer := e.rule, e.around
			e.rule = r
			e.around = around{outer.before + text.before, text.after + outer.after}
			e.sumCases(alt, seen)
			e.rule, e.around = rule, outer
			return
		}
	}
	e.add(jen.Case(e.members(k.Type)...).BlockFunc(e.caseBlock(func() {
		e.need(k.Source)
		e.callRuleFunction(k.Rule, jen.Id("c"))
	})))
}

// An around is constant text before and after each case of a sum.
type around struct{ before, after string }

// maxCases is how many cases of a sum may be in one function: in a very large one the
// compiler inlines nothing, and keeps little in registers.
const maxCases = 16

func (e *encodeEmitter) hasMany(t *Type) bool { return len(e.members(t)) > maxCases }

// caseFunction is caseBlock with a call of a function that has the statements, if there
// are many cases.
func (e *encodeEmitter) caseFunction(t *Type, f func()) func(*jen.Group) {
	if !e.manyCases {
		return e.caseBlock(f)
	}
	name, rule, text, noted := e.function+t.Name, e.rule, e.around, slices.Clone(e.noted)
	if !e.done[name] {
		e.done[name] = true
		e.queue = append(e.queue, func() {
			e.rule, e.around, e.noted = rule, text, noted
			e.define(name, jen.Id("c").Add(caseType(t)), func() { e.caseBlock(f)(e.g) })
			e.around, e.noted = around{}, nil
		})
	}
	return e.block(func() { e.callFunction(name, jen.Id("c")) })
}

// caseBlock is block for a case of a sum, with the text that is around each.
func (e *encodeEmitter) caseBlock(f func()) func(*jen.Group) {
	return e.block(func() {
		outer := e.around
		e.around = around{}
		e.pending = outer.before
		f()
		e.pending += outer.after
		e.around = outer
	})
}

// wrapped is the choice of types that a rule consists of, if but for constant text around
// it there is nothing else, with the rule that has it.
func (e *encodeEmitter) wrapped(r *grammar.Rule) (alt *Node, of *grammar.Rule, text around) {
	lo := e.lowerer.rule(r.Name)
	kids := []*Node{lo.body}
	if lo.body.Op == OpSeq {
		kids = lo.body.Kids
	}
	for _, k := range kids {
		switch {
		case k.Op == OpText || k.Op == OpEnd:
			text.add(k, alt != nil)
			continue
		case alt != nil || lo.recursive:
			return nil, nil, around{}
		}
		inner, within, more := e.wrappedIn(r, k)
		if inner == nil {
			return nil, nil, around{}
		}
		alt, of = inner, within
		text.before += more.before
		text.after = more.after
	}
	return alt, of, text
}

// isChoice reports whether a rule consists of a choice of types.
func (e *encodeEmitter) isChoice(r *grammar.Rule) bool {
	alt, _, _ := e.wrapped(r)
	return alt != nil
}

// wrappedIn is wrapped for an element of a rule.
func (e *encodeEmitter) wrappedIn(r *grammar.Rule, k *Node) (*Node, *grammar.Rule, around) {
	_, tried := e.tries[k]
	_, gated := e.gate(k.Source)
	switch {
	case tried || k.Dest != "":
	case k.Op == OpAlt && k.Mode == AltSum:
		return k, r, around{}
	case k.Op == OpCall && k.Type != nil && k.Type.real().Kind == KindSum && !gated:
		return e.wrapped(k.Rule)
	}
	return nil, nil, around{}
}

// add adds constant text before or after the choice.
func (a *around) add(n *Node, after bool) {
	s := n.Text
	if n.Op == OpEnd {
		s = "\r\n"
	}
	if after {
		a.after += s
		return
	}
	a.before += s
}
