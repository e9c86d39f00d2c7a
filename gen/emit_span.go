package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// A run is one piece of a lexical rule: min to max bytes of a set; max < 0 is unbounded.
type run struct {
	set      grammar.ByteSet
	min, max int
}

// runs flattens a lexical rule to pieces that follow each other; ok is false
// where it has choices that a single byte does not decide.
func (l *lowerer) runs(n *grammar.Node) (out []run, ok bool) {
	if set, ok := l.oneByte(n); ok {
		return []run{{set, 1, 1}}, true
	}
	switch n.Op {
	case grammar.Literal:
		for i := range len(n.Text) {
			out = append(out, run{firstByte(n.Text[i:i+1], n.Exact), 1, 1})
		}
		return out, true
	case grammar.Ref:
		return l.runs(l.grammar.Rules[n.Name].Body)
	case grammar.Rep:
		set, ok := l.oneByte(n.Kids[0])
		return []run{{set, n.Min, n.Max}}, ok
	case grammar.Seq:
		for _, k := range n.Kids {
			r, ok := l.runs(k)
			if !ok {
				return nil, false
			}
			out = append(out, r...)
		}
		return out, true
	}
	return nil, false
}

// spanTest is the test whether a string is what a lexical rule matches.
func (e *encodeEmitter) spanTest(r *grammar.Rule, s jen.Code) *jen.Statement {
	return jen.Id(e.spanFunction(r)).Call(s)
}

// spanFunction is the name of the function that tests strings for a lexical rule.
func (e *encodeEmitter) spanFunction(r *grammar.Rule) string {
	name := "valid" + camel(r.Spelling)
	if e.done[name] {
		return name
	}
	e.done[name] = true
	e.queue = append(e.queue, func() {
		e.rule = r
		runs, ok := e.runs(r.Body)
		if !ok {
			e.failf(r, "the rule is too intricate for a value of bytes only; make it ;@ raw")
			return
		}
		e.out(r, jen.Func().Id(name).Params(jen.Id("s").String()).Bool().BlockFunc(func(g *jen.Group) {
			g.Id("i").Op(":=").Lit(0)
			for _, x := range runs {
				e.runTest(g, x)
			}
			g.Return(jen.Id("i").Op("==").Len(jen.Id("s")))
		}))
	})
	return name
}

// runTest advances i over one piece of a lexical rule.
func (e *encodeEmitter) runTest(g *jen.Group, x run) {
	more := func() *jen.Statement {
		return jen.Id("i").Op("<").Len(jen.Id("s")).Op("&&").Parens(e.in(x.set, jen.Id("s").Index(jen.Id("i"))))
	}
	for range x.min {
		g.If(jen.Op("!").Parens(more())).Block(jen.Return(jen.False()))
		g.Id("i").Op("++")
	}
	switch {
	case x.max < 0:
		g.For(more()).Block(jen.Id("i").Op("++"))
	case x.max > x.min:
		g.For(jen.Id("n").Op(":=").Lit(x.min), jen.Id("n").Op("<").Lit(x.max).Op("&&").Add(more()), jen.Id("n").Op("++")).Block(jen.Id("i").Op("++"))
	}
}
