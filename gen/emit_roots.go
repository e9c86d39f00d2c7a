package gen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// A rootRule is an entry point of the codec.
type rootRule struct {
	rule *grammar.Rule
	low  *lowered
	// name is that of the methods: Decoder.<name> and Encoder.Append<name>.
	name string
}

// findRoots lists the rules with `;@ root`.
func (p *packageWriter) findRoots() []*rootRule {
	var out []*rootRule
	for _, r := range p.grammar.Order {
		if _, ok := directive(r, "root"); ok {
			lo := p.rule(r.Name)
			name := camel(r.Spelling)
			if has(r, "type") {
				name = typeName(r)
			}
			out = append(out, &rootRule{rule: r, low: lo, name: name})
		}
	}
	return out
}

// rootDecoder writes the exported method that decodes a root.
func (p *packageWriter) rootDecoder(d *decodeEmitter, r *rootRule) {
	f := p.ruleFile(r.rule)
	t := r.low.typ
	fn := d.ruleFunction(r.rule, nil)
	comment(f, fmt.Sprintf("%s decodes one complete unit by the rule %s. The error is a *wire.SyntaxError;\nthe value is then what had been decoded until the error.", r.name, r.rule.Name))
	atEnd := func(i jen.Code) *jen.Statement {
		return jen.If(jen.Id("d").Dot("AtEnd").Call(i)).Block(jen.Return(jen.Id("v"), jen.Nil()))
	}
	head := jen.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(r.name).Params(jen.Id("f").Add(wire("Frame")))
	begin := jen.List(jen.Id("b"), jen.Id("err")).Op(":=").Id("d").Dot("Begin").Call(jen.Id("f"))
	failed := jen.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Id("err")))
	call := jen.Id("d").Dot(fn)
	if returned(t) {
		f.Add(head.Params(p.goType(t), jen.Error()).Block(begin, failed,
			jen.List(jen.Id("v"), jen.Id("i")).Op(":=").Add(call).Call(jen.Id("b"), jen.Lit(0)),
			atEnd(jen.Id("i")),
			jen.Return(jen.Id("v"), jen.Id("d").Dot("finish").Call(jen.Id("i")))))
		return
	}
	f.Add(head.Params(jen.Op("*").Add(p.goType(t)), jen.Error()).Block(begin, failed,
		jen.Id("v").Op(":=").Add(d.newValue(t)),
		jen.Id("i").Op(":=").Add(call).Call(jen.Id("b"), jen.Lit(0), jen.Id("v")),
		atEnd(jen.Id("i")),
		jen.Return(jen.Id("v"), jen.Id("d").Dot("finish").Call(jen.Id("i")))))
}

// rootEncoder writes the method that encodes a root.
func (p *packageWriter) rootEncoder(e *encodeEmitter, r *rootRule) {
	f := p.ruleFile(r.rule)
	param := jen.Id("v").Op("*").Add(p.goType(r.low.typ))
	if byValue(r.low.typ) {
		param = jen.Id("v").Add(p.goType(r.low.typ))
	}
	name := "Append" + r.name
	comment(f, fmt.Sprintf("%s appends one complete unit by the rule %s to dst. The error is a\n*wire.EncodeError; dst then comes back as it was.", name, r.rule.Name))
	f.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id(name).Params(jen.Id("dst").Index().Byte(), param).Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Id("p").Op(":=").Id("e").Dot("At").Call(jen.Id("e").Dot("Start").Call(jen.Id("dst"))),
		jen.Null().Add(e.rootStatements(r)...),
		jen.If(jen.Op("!").Id("e").Dot("Failed").Call()).Block(jen.Return(jen.Id("e").Dot("Bytes").Call(jen.Id("p")), jen.Nil())),
		jen.Id("e").Dot("Sites").Call(jen.Id("decodeSites").Index(jen.Op(":"))),
		jen.Return(jen.Id("e").Dot("Finish").Call(jen.Id("p"), jen.Len(jen.Id("dst")))),
	)
}

// rootStatements encode a root. A choice of many types is in place, for its cases are
// functions of their own; anything else is a call.
func (e *encodeEmitter) rootStatements(r *rootRule) []jen.Code {
	t := r.low.typ
	if t.real().Kind != KindSum || !e.hasMany(t) || !e.isChoice(r.rule) {
		return []jen.Code{write(e.ruleFunction(r.rule), jen.Id("v"))}
	}
	var out jen.Group
	e.rule, e.function, e.scope = r.rule, "append"+camel(r.rule.Spelling), paramScope(t)
	e.block(func() { e.step(r.low.body) })(&out)
	return []jen.Code{&out}
}

// declare writes what the functions refer to: storage, classes, error sites, markers.
func (p *packageWriter) declare() {
	f := p.file("codec")
	p.decoderDecl(f)
	p.encoderDecl(f)
	p.sectionTable(f)
	p.capabilities(p.file("capabilities"))
	p.markers(f)
	p.classTables()
	for _, t := range p.tables {
		p.file("tables").Add(t)
	}
	p.siteTable(p.file("sites"))
}

func (p *packageWriter) decoderDecl(f *jen.File) {
	fields := []jen.Code{wire("Dec")}
	for _, n := range sortedKeys(p.lists) {
		fields = append(fields, jen.Id(n).Add(wire("Arena")).Types(p.goType(p.lists[n])))
	}
	for _, n := range sortedKeys(p.stacks) {
		fields = append(fields, jen.Id(n).Add(wire("Stack")).Types(p.goType(p.stacks[n])))
	}
	for _, n := range sortedKeys(p.slabs) {
		store := "Slab"
		if p.single(p.slabs[n]) {
			store = "Single"
		}
		fields = append(fields, jen.Id(n).Add(wire(store)).Types(p.goType(p.slabs[n])))
	}
	comment(f, "A Decoder decodes units one after the other. The zero value decodes everything that the\ngrammar has, to values that may be kept; see wire.Dec for its settings. It must not be\nused by two goroutines at once, nor copied.")
	f.Type().Id("Decoder").Struct(fields...)
	comment(f, "finish ends a unit with the index that decoding came to, if that is not its end.")
	f.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id("finish").Params(jen.Id("i").Int()).Error().Block(
		jen.Id("d").Dot("Sites").Call(jen.Id("decodeSites").Index(jen.Op(":"))),
		jen.Return(jen.Id("d").Dot("Finish").Call(jen.Id("i"))),
	)
}

// encoderDecl declares the Encoder. It holds a decoder to check text that is
// written verbatim.
func (p *packageWriter) encoderDecl(f *jen.File) {
	comment(f, "An Encoder encodes units one after the other; see wire.Enc for what it can be told about\nthe peer. It must not be used by two goroutines at once, nor copied.\n\nWhat its methods append to may be overwritten up to its capacity, further than what is appended;\nan encoder refers to it until its next unit.")
	f.Type().Id("Encoder").Struct(wire("Enc"), jen.Id("check").Id("Decoder"), jen.Id("scratch").Index().Byte())
	comment(f, "SetCapabilities tells what the peer knows, as Decoder.SetCapabilities does for a decoder: what needs\nanything else is refused with an error that names it, or said another way where there is one, and a\nkeyword that the peer does not know may stand where any word may. Without a call it knows everything.")
	f.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id("SetCapabilities").Params(jen.Id("names").Op("...").String()).Block(
		jen.Id("e").Dot("check").Dot("SetCapabilities").Call(jen.Id("names").Op("...")),
		jen.Id("e").Dot("Refuse").Call(jen.Id("e").Dot("check").Dot("Refused"), jen.Id("sections").Index(jen.Op(":"))))
	if len(p.matchers) == 0 {
		return
	}
	comment(f, "verbatim appends text kept as it came, if a rule still matches all of it.")
	f.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id("verbatim").Params(
		jen.Id("p").Add(wire("Out")), jen.Id("v").Add(wire("Raw")), jen.Id("match").Func().Params(jen.Op("*").Id("Decoder"), wire("Octets"), jen.Int()).Int(), jen.Id("site").Add(wire("Site"))).Add(wire("Out")).Block(
		jen.List(jen.Id("b"), jen.Id("ok")).Op(":=").Id("e").Dot("check").Dot("BeginCheck").Call(jen.Op("&").Id("e").Dot("scratch"), jen.String().Call(jen.Id("v"))),
		jen.If(jen.Op("!").Id("ok").Op("||").Id("match").Call(jen.Op("&").Id("e").Dot("check"), jen.Id("b"), jen.Lit(0)).Op("!=").Len(jen.Id("v"))).Block(
			jen.Return(jen.Id("e").Dot("Fail").Call(jen.Id("p"), jen.Id("site")))),
		jen.Return(jen.Id("e").Dot("Raw").Call(jen.Id("p"), jen.Id("v"))),
	)
}

func (p *packageWriter) classTables() {
	for t := 0; t*classesPerTable < len(p.classes); t++ {
		group := p.classes[t*classesPerTable : min(len(p.classes), (t+1)*classesPerTable)]
		p.file("tables").Var().Id(fmt.Sprintf("class%d", t)).Op("=").Index(jen.Lit(256)).Uint8().ValuesFunc(func(g *jen.Group) {
			for c := range 256 {
				v := jen.Id(fmt.Sprintf("%#02x", classBits(group, byte(c))))
				if c%16 == 0 {
					v = jen.Line().Add(v)
				}
				g.Add(v)
			}
			g.Line()
		})
	}
}

// classBits are the bits of the classes that a byte is in.
func classBits(group []grammar.ByteSet, c byte) int {
	bits := 0
	for i, s := range group {
		if s.Has(c) {
			bits |= 1 << i
		}
	}
	return bits
}

func (p *packageWriter) siteTable(f *jen.File) {
	f.Var().Id("decodeSites").Op("=").Index(jen.Op("...")).Add(wire("SiteInfo")).ValuesFunc(func(g *jen.Group) {
		for _, s := range p.sites {
			g.Line().Values(jen.Id("Rule").Op(":").Lit(s.rule), jen.Id("Expected").Op(":").Lit(s.expected))
		}
	})
}

// sectionTable lists which capabilities each section of the grammar needs, and
// lets the decoder refuse those that are not offered.
func (p *packageWriter) sectionTable(f *jen.File) {
	comment(f, "sections lists for each section of the grammar the capabilities of which it needs one.")
	f.Var().Id("sections").Op("=").Index(jen.Op("...")).String().ValuesFunc(func(g *jen.Group) {
		for _, s := range p.sections {
			g.Line().Lit(s)
		}
	})
	comment(f, "SetCapabilities lets the decoder know only what the capabilities offer: anything else\ndecodes as if the grammar did not have it. Without a call it knows everything.")
	f.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id("SetCapabilities").Params(jen.Id("names").Op("...").String()).Block(
		jen.Id("d").Dot("Refused").Op("=").Add(wire("RefusedSections")).Call(jen.Id("sections").Index(jen.Op(":")), wire("Implied").Call(jen.Id("implied").Index(jen.Op(":")), jen.Id("names"))))
}
