package gen

import (
	"github.com/dave/jennifer/jen"
)

// clones declares Clone for every struct, and a clone function for every sum:
// what makes a borrowed value one that may be kept.
func (p *packageWriter) clones() {
	for _, t := range p.types {
		switch t.Kind {
		case KindStruct, KindSet:
			p.cloneStruct(t)
		case KindSum:
			p.cloneSum(t)
		}
	}
}

func (p *packageWriter) cloneStruct(t *Type) {
	f := p.ruleFile(t.Rule)
	comment(f, "Clone returns a copy that shares no memory with v or with what v was decoded from.")
	f.Func().Params(jen.Id("v").Op("*").Id(t.Name)).Id("Clone").Params().Op("*").Id(t.Name).Block(
		jen.If(jen.Id("v").Op("==").Nil()).Block(jen.Return(jen.Nil())),
		jen.Id("c").Op(":=").Op("*").Id("v"),
		jen.Id("c").Dot("own").Call(),
		jen.Return(jen.Op("&").Id("c")),
	)
	comment(f, "own replaces what v shares with other values by copies.")
	f.Func().Params(jen.Id("v").Op("*").Id(t.Name)).Id("own").Params().BlockFunc(func(g *jen.Group) {
		for _, fd := range t.Fields {
			if !fd.Flag {
				p.ownField(g, fd)
			}
		}
	})
}

// ownField copies the memory of one field.
func (p *packageWriter) ownField(g *jen.Group, fd *Field) {
	at := func() *jen.Statement { return jen.Id("v").Dot(fd.Name) }
	switch {
	case fd.Multi:
		p.ownList(g, at, fd.Type)
	case fd.pointer():
		g.Add(at().Op("=").Add(at()).Dot("Clone").Call())
	default:
		if prim := fieldPrim(fd); prim != nil && (fd.Secret || !definedString(fd.Type)) {
			ownPrim(g, at, prim, fd.Secret)
			return
		}
		p.ownValue(g, at, fd.Type)
	}
}

// definedString reports whether the type is a string with a name of its own.
func definedString(t *Type) bool {
	base := t.base()
	return t.real().Kind == KindDefined && (base.Kind == KindSpan || base.Kind == KindLeaf && base.Prim.goType == "string")
}

// ownPrim copies the memory of a leaf.
func ownPrim(g *jen.Group, at func() *jen.Statement, prim *primitive, secret bool) {
	if secret && prim.secret != "" {
		g.Add(at().Op("=").Add(at()).Dot("Clone").Call())
		return
	}
	switch prim.goType {
	case "string":
		g.Add(at().Op("=").Qual("strings", "Clone").Call(at()))
	case "[]byte":
		g.Add(at().Op("=").Qual("bytes", "Clone").Call(at()))
	case "NString", "Literal", "SequenceSet", "UIDSet", "Raw":
		g.Add(at().Op("=").Add(at()).Dot("Clone").Call())
	}
}

// ownValue copies the memory of a value of any type.
func (p *packageWriter) ownValue(g *jen.Group, at func() *jen.Statement, t *Type) {
	r := t.real()
	switch base := t.base(); {
	case base.Kind == KindLeaf && r.Kind != KindDefined:
		ownPrim(g, at, base.Prim, false)
	case base.Kind == KindRaw:
		g.Add(at().Op("=").Add(at()).Dot("Clone").Call())
	case base.Kind == KindSpan && r.Kind != KindDefined:
		g.Add(at().Op("=").Qual("strings", "Clone").Call(at()))
	case r.Kind == KindOpen, definedString(r):
		g.Add(at().Op("=").Id(r.Name).Call(jen.Qual("strings", "Clone").Call(jen.String().Call(at()))))
	case r.Kind == KindSum:
		g.Add(at().Op("=").Id("Clone" + r.Name).Call(at()))
	case r.Kind == KindBits && r.Open:
		g.Add(at().Dot("Other").Op("=").Add(wire("CloneStrings")).Call(at().Dot("Other")))
	case r.Kind == KindList:
		p.ownList(g, at, r.Elem)
	case r.hasFields():
		g.Add(at().Dot("own").Call())
	}
}

// ownList copies a list and what its elements hold.
func (p *packageWriter) ownList(g *jen.Group, at func() *jen.Statement, elem *Type) {
	if goName(elem) == "string" {
		g.Add(at().Op("=").Add(wire("CloneStrings")).Call(at()))
		return
	}
	g.Add(at().Op("=").Qual("slices", "Clone").Call(at()))
	var body []jen.Code
	inner := jen.BlockFunc(func(b *jen.Group) {
		p.ownValue(b, func() *jen.Statement { return at().Index(jen.Id("i")) }, elem)
	})
	body = append(body, inner)
	if !p.holdsMemory(elem) {
		return
	}
	g.For(jen.Id("i").Op(":=").Range().Add(at())).Add(body...)
}

// holdsMemory reports whether a copy of a value shares memory with the value.
func (p *packageWriter) holdsMemory(t *Type) bool {
	base := t.base()
	switch base.Kind {
	case KindBool, KindEnum:
		return false
	case KindLeaf:
		switch base.Prim.goType {
		case "string", "[]byte", "NString", "Literal", "SequenceSet", "UIDSet", "Raw":
			return true
		}
		return false
	case KindBits:
		return base.Open
	}
	return true
}

// cloneSum copies whatever case an interface holds.
func (p *packageWriter) cloneSum(t *Type) {
	f := p.ruleFile(t.Rule)
	name := "Clone" + t.Name
	comment(f, name+" returns a copy of v that shares no memory with it.")
	f.Func().Id(name).Params(jen.Id("v").Id(t.Name)).Id(t.Name).Block(
		jen.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, c := range t.Cases {
				ct := c.Type.real()
				switch {
				case ct.hasFields():
					g.Case(jen.Op("*").Id(ct.Name)).Block(jen.Return(jen.Id("v").Dot("Clone").Call()))
				case ct.Kind == KindSum:
					g.Case(jen.Id(ct.Name)).Block(jen.Return(jen.Id("Clone" + ct.Name).Call(jen.Id("v"))))
				}
			}
		}),
		jen.Return(jen.Id("v")),
	)
}
