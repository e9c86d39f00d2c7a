package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// handled is a case of a sum with `;@ dispatch`: a command with its handler.
type handled struct {
	typ *Type
	// method is the handler's method, group the name of its interface.
	method, group string
	// name is the command on the wire; uid says that UID may stand before it.
	name string
	uid  bool
	caps []string
	// state is the sum within the sum that the case belongs to.
	state string
}

// handlers declares, for each sum with `;@ dispatch`, an interface for each
// capability, a function that calls the right method, and the table of commands.
func (p *packageWriter) handlers() {
	for _, r := range p.grammar.Order {
		if _, ok := directive(r, "dispatch"); !ok {
			continue
		}
		lo := p.rule(r.Name)
		sum := lo.typ.real()
		list := p.handledCases(lo.body, "")
		f := p.file("handlers")
		p.handlerInterfaces(f, list)
		p.everyHandler(f, list)
		p.dispatchFunction(f, sum, list)
		p.caseTable(f, sum, list)
	}
}

// handledCases lists the cases of a sum that a handler can serve: those that
// the grammar knows by a keyword.
func (p *packageWriter) handledCases(alt *Node, state string) []handled {
	var out []handled
	for _, k := range alt.Kids {
		if k.Op != OpCall {
			continue
		}
		lo := p.rule(k.Rule.Name)
		if k.Type.real().Kind == KindSum {
			out = append(out, p.handledCases(lo.body, k.Type.real().Name)...)
			continue
		}
		if alt.Type.real().generic(k.Type) {
			continue
		}
		out = append(out, p.handledCase(k, lo, state))
	}
	return out
}

func (p *packageWriter) handledCase(k *Node, lo *lowered, state string) handled {
	t := k.Type.real()
	caps := k.Source.Caps
	if p.always(caps) {
		caps = k.Rule.Caps
	}
	h := handled{typ: t, method: strings.TrimSuffix(t.Name, "Command"), state: state, group: "Handler"}
	if !p.always(caps) {
		h.caps = caps
		h.group = "Handler" + camel(p.extension(caps))
	}
	body := (&decodeEmitter{emitter: p.emitter}).flat([]*Node{lo.body})
	for _, n := range body {
		if n.Op == OpOpt && n.Type != nil && n.Type.real().Kind == KindBool && h.name == "" {
			h.uid = true
			continue
		}
		if n.Op == OpText {
			h.name = strings.TrimSpace(n.Text)
		}
		break
	}
	return h
}

// extension is the capability that a section is known by: the first that is not
// a revision of the whole protocol, if there is one.
func (p *packageWriter) extension(caps []string) string {
	for _, c := range caps {
		if !slices.Contains(p.revisions(), c) {
			return c
		}
	}
	return caps[0]
}

func (p *packageWriter) handlerInterfaces(f *jen.File, list []handled) {
	groups := map[string][]handled{}
	for _, h := range list {
		groups[h.group] = append(groups[h.group], h)
	}
	for _, g := range sortedKeys(groups) {
		doc := g + " handles the commands that every server has."
		if caps := groups[g][0].caps; len(caps) > 0 {
			doc = g + " handles the commands of " + strings.Join(caps, " or ") + "."
		}
		comment(f, doc)
		f.Type().Id(g).InterfaceFunc(func(i *jen.Group) {
			for _, h := range groups[g] {
				i.Comment("// " + h.method + " handles " + h.wireName() + ".")
				i.Id(h.method).Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("tag").String(), jen.Id("cmd").Op("*").Id(h.typ.Name)).Error()
			}
		})
	}
}

func (h handled) wireName() string {
	if h.uid {
		return h.name + " and UID " + h.name
	}
	return h.name
}

// everyHandler declares the interface of a server that knows the whole grammar.
func (p *packageWriter) everyHandler(f *jen.File, list []handled) {
	groups := map[string]bool{}
	for _, h := range list {
		groups[h.group] = true
	}
	comment(f, "HandlerAll handles every command of the grammar. A server that means to know them all\nasserts that it implements HandlerAll, so that a command which it lacks does not compile.")
	f.Type().Id("HandlerAll").InterfaceFunc(func(i *jen.Group) {
		for _, g := range sortedKeys(groups) {
			i.Id(g)
		}
	})
}

// dispatchFunction calls the method for a value, if the handler has it.
func (p *packageWriter) dispatchFunction(f *jen.File, sum *Type, list []handled) {
	comment(f, "Dispatch calls the method of h for cmd. A handler implements any of the Handler…\ninterfaces; where it lacks the one that cmd needs, and for commands that the grammar does\nnot know, ok is false.")
	f.Func().Id("Dispatch").Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("h").Any(), jen.Id("tag").String(), jen.Id("cmd").Id(sum.Name)).
		Params(jen.Id("ok").Bool(), jen.Id("err").Error()).Block(
		jen.Switch(jen.Id("cmd").Op(":=").Id("cmd").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, h := range list {
				g.Case(jen.Op("*").Id(h.typ.Name)).Block(
					jen.If(jen.List(jen.Id("h"), jen.Id("ok")).Op(":=").Id("h").Assert(jen.Id(h.group)), jen.Id("ok")).Block(
						jen.Return(jen.True(), jen.Id("h").Dot(h.method).Call(jen.Id("ctx"), jen.Id("tag"), jen.Id("cmd")))))
			}
		}),
		jen.Return(jen.False(), jen.Nil()),
	)
}

// caseTable lists the commands with what they need, and names values.
func (p *packageWriter) caseTable(f *jen.File, sum *Type, list []handled) {
	info := sum.Name + "Info"
	comment(f, info+" describes a command of the grammar.")
	f.Type().Id(info).Struct(
		jen.Comment("Name is the command on the wire; UID says that UID may stand before it."), jen.Id("Name").String(), jen.Id("UID").Bool(),
		jen.Comment("State is the group of the grammar that says in which states it is valid, such as CommandAuth."), jen.Id("State").String(),
		jen.Comment("Caps are the capabilities of which the command needs one; nil where every server has it."), jen.Id("Caps").Index().String(),
	)
	comment(f, sum.Name+"s lists the commands of the grammar.")
	f.Var().Id(sum.Name + "s").Op("=").Index().Id(info).ValuesFunc(func(g *jen.Group) {
		for _, h := range list {
			d := jen.Dict{jen.Id("Name"): jen.Lit(h.name), jen.Id("State"): jen.Lit(h.state)}
			if h.uid {
				d[jen.Id("UID")] = jen.True()
			}
			if len(h.caps) > 0 {
				d[jen.Id("Caps")] = jen.Index().String().ValuesFunc(func(g *jen.Group) {
					for _, c := range h.caps {
						g.Lit(c)
					}
				})
			}
			g.Line().Values(d)
		}
		g.Line()
	})
	comment(f, sum.Name+"Name is the name of a command as it stands on the wire, such as UID FETCH; \"\" for one\nthat the grammar does not know.")
	f.Func().Id(sum.Name+"Name").Params(jen.Id("cmd").Id(sum.Name)).String().Block(
		jen.Switch(jen.Id("cmd").Op(":=").Id("cmd").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, h := range list {
				g.Case(jen.Op("*").Id(h.typ.Name)).BlockFunc(func(g *jen.Group) {
					if h.uid {
						g.If(jen.Id("cmd").Dot("UID")).Block(jen.Return(jen.Lit("UID " + h.name)))
					} else {
						g.Id("_").Op("=").Id("cmd")
					}
					g.Return(jen.Lit(h.name))
				})
			}
		}),
		jen.Return(jen.Lit("")),
	)
}
