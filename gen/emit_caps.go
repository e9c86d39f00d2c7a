package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// capabilities writes what the grammar says of capabilities: what implies what, which must not
// be offered together, and what each section adds.
func (p *packageWriter) capabilities(f *jen.File) {
	table := func(name, doc string, of []grammar.Relation) {
		comment(f, doc)
		f.Var().Id(name).Op("=").Index(jen.Op("...")).Index().String().ValuesFunc(func(g *jen.Group) {
			for _, r := range of {
				g.Line().ValuesFunc(func(g *jen.Group) {
					for _, c := range r.Caps {
						g.Lit(c)
					}
				})
			}
		})
	}
	table("implied", "implied lists capabilities, each with those that whoever offers it has.", p.grammar.Implies)
	table("conflicts", "conflicts lists capabilities that must not be offered together.", p.grammar.Conflicts)
	comment(f, "additions are what the sections of the grammar add to rules of others.")
	f.Var().Id("additions").Op("=").Index(jen.Op("...")).Add(wire("Addition")).ValuesFunc(func(g *jen.Group) {
		for _, a := range p.additions() {
			g.Line().Values(jen.Id("Section").Op(":").Lit(a.section), jen.Id("Rule").Op(":").Lit(a.rule), jen.Id("Type").Op(":").Lit(a.typ),
				jen.Id("Text").Op(":").Lit(a.text), jen.Id("Source").Op(":").Lit(a.source))
		}
	})
}

// An addition is an alternative, or an optional part, of another section than the rule around it.
type addition struct {
	section                 int
	rule, typ, text, source string
}

// additions lists what sections add to the rules of others, and the items of the choices that
// they bring, in the order of the grammar.
func (p *packageWriter) additions() []addition {
	var out []addition
	for _, r := range p.grammar.Order {
		if p.done[r.Name] == nil {
			continue // nothing that is generated uses it
		}
		for _, a := range p.additionsTo(r) {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func (p *packageWriter) additionsTo(r *grammar.Rule) (out []addition) {
	add := func(n *grammar.Node) {
		section, _ := p.section(p.needs(n))
		source := n.Source
		if ref := p.firstRule(n); p.always(n.Caps) && ref != nil {
			source = ref.Source
			if p.always(ref.Caps) { // a hook
				n, source = ref.Body, ref.Body.Source
			}
		}
		texts := p.keywordsOf(n)
		if len(texts) == 0 {
			texts = []string{p.opening(n)}
		}
		for _, text := range texts {
			out = append(out, addition{section, r.Name, p.typeOfChoice(r), text, source})
		}
	}
	own := has(r, "set") || has(r, "sum") || has(r, "struct")
	for _, k := range alternatives(r.Body) {
		caps := p.needs(k)
		if r.Body.Op != grammar.Alt {
			caps = k.Caps
		}
		switch {
		case !p.always(caps) && (own || !slices.Equal(caps, r.Caps)):
			add(k)
		case p.always(caps):
			p.gatedParts(k, add)
		}
	}
	return out
}

// gatedParts visits the outermost elements below one that are of other sections.
func (p *packageWriter) gatedParts(n *grammar.Node, f func(*grammar.Node)) {
	for _, k := range n.Kids {
		if k.Op != grammar.Seq && p.needs(k) != nil {
			f(k)
			continue
		}
		p.gatedParts(k, f)
	}
}

// typeOfChoice is the Go type of which the alternatives of a rule are values or parts.
func (p *packageWriter) typeOfChoice(r *grammar.Rule) string {
	for range p.grammar.Order {
		outer := p.choiceAround(r)
		if outer == nil {
			break
		}
		r = outer
	}
	lo := p.done[r.Name]
	if lo == nil || lo.typ == nil {
		return ""
	}
	return goName(lo.typ)
}

// choiceAround is the choice of which a sum is one alternative as a whole.
func (p *packageWriter) choiceAround(r *grammar.Rule) *grammar.Rule {
	if !has(r, "sum") {
		return nil
	}
	for _, o := range p.grammar.Order {
		if has(o, "sum") && slices.ContainsFunc(alternatives(o.Body), func(k *grammar.Node) bool {
			return k.Op == grammar.Ref && k.Name == r.Name
		}) {
			return o
		}
	}
	return nil
}
