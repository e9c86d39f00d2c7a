package gen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// typeDecl declares one type of the grammar, with its constants and methods.
func (e *emitter) typeDecl(f *jen.File, t *Type) {
	switch t.Kind {
	case KindStruct, KindSet:
		e.structDecl(f, t)
	case KindSum:
		comment(f, t.Name+" is "+ruleDoc(t.Rule)+"\nIt is one of "+caseList(t)+".")
		f.Type().Id(t.Name).InterfaceFunc(func(g *jen.Group) {
			g.Id("is" + t.Name).Params()
			for _, outer := range e.sumsAround(t) {
				g.Id("is" + outer.Name).Params()
			}
		})
	case KindEnum:
		e.enumDecl(f, t)
	case KindOpen:
		e.openDecl(f, t)
	case KindBits:
		e.bitsDecl(f, t)
	case KindDefined:
		comment(f, t.Name+" is "+ruleDoc(t.Rule))
		f.Type().Id(t.Name).Add(e.goType(t.Elem))
	}
}

// sumsAround are the sums of which a sum is a case, directly or not.
func (e *emitter) sumsAround(t *Type) []*Type {
	var out []*Type
	for _, s := range e.types {
		if s.Kind != KindSum || s == t {
			continue
		}
		for _, c := range s.Cases {
			if c.Type.real() == t {
				out = append(out, s)
				out = append(out, e.sumsAround(s)...)
			}
		}
	}
	return out
}

// comment writes a doc comment of one or more lines.
func comment(f *jen.File, text string) {
	f.Comment("// " + strings.ReplaceAll(text, "\n", "\n// "))
}

// ruleDoc says which rule a type comes from, and what the grammar's own comment says of it.
func ruleDoc(r *grammar.Rule) string {
	s := "the rule " + r.Name
	if r.Doc != "" {
		return s + ".\n" + r.Doc
	}
	return s + "."
}

func caseList(t *Type) string {
	var names []string
	for _, c := range t.Cases {
		n := c.Type.real().Name
		if c.Type.hasFields() {
			n = "*" + n
		}
		names = append(names, n)
	}
	return strings.Join(names, ", ")
}

func (e *emitter) structDecl(f *jen.File, t *Type) {
	bits := presenceBits(t)
	var fields []jen.Code
	if len(bits) > 0 {
		e.presenceDecl(f, t, bits)
		fields = append(fields, jen.Comment("Has tells which of the optional values are there."), jen.Id("Has").Id(t.Name+"Has"))
	}
	for _, fd := range layOut(t) {
		if fd.Flag {
			continue
		}
		for _, note := range []string{fd.Doc, fieldNote(fd)} {
			if note != "" {
				fields = append(fields, jen.Comment("// "+strings.Join(wrap(note), "\n// ")))
			}
		}
		fields = append(fields, jen.Id(fd.Name).Add(e.fieldType(fd)))
	}
	doc := t.Doc
	if doc == "" {
		doc = ruleDoc(t.Rule)
	}
	comment(f, t.Name+" is "+doc)
	f.Type().Id(t.Name).Struct(fields...)
	if t.Secret {
		e.formatter(f, t)
	}
	if t.Part {
		e.partGetter(f, t)
	}
}

// wrap breaks text into lines that fit in a comment.
func wrap(text string) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 90 {
			lines = append(lines, strings.TrimSpace(line))
			line = ""
		}
		line += word + " "
	}
	return append(lines, strings.TrimSpace(line))
}

// fieldNote says what is not plain from a field's name and type.
func fieldNote(f *Field) string {
	switch {
	case f.Key == "" && f.Multi:
		return "Unknown items are kept as they came, and written back verbatim."
	case f.Null && f.bit():
		return fmt.Sprintf("%s may be NIL; Has tells NIL from absent.", f.Name)
	case f.Stream:
		return fmt.Sprintf("%s may be streamed.", f.Name)
	case f.Secret:
		return fmt.Sprintf("%s never appears in logs or errors.", f.Name)
	}
	return ""
}

// presenceBits are the fields of a struct that have a presence bit.
func presenceBits(t *Type) []*Field {
	var out []*Field
	for _, f := range t.Fields {
		if f.bit() {
			out = append(out, f)
		}
	}
	return out
}

func (e *emitter) presenceDecl(f *jen.File, t *Type, bits []*Field) {
	name := t.Name + "Has"
	comment(f, name+" is the set of the values that a "+t.Name+" has.")
	f.Type().Id(name).Add(bitsType(len(bits)))
	f.Const().DefsFunc(func(g *jen.Group) {
		for i, b := range bits {
			c := g.Id(name + b.Name)
			if i == 0 {
				c.Id(name).Op("=").Lit(1).Op("<<").Iota()
			}
		}
	})
}

func bitsType(n int) *jen.Statement {
	if n > 32 {
		return jen.Uint64()
	}
	return jen.Uint32()
}

// enumDecl declares the constants of a closed set of keywords; those of a bit
// set are bits.
func (e *emitter) enumDecl(f *jen.File, t *Type) {
	isBits := e.bitSetOf(t) != nil
	comment(f, t.Name+" is a keyword of "+ruleDoc(t.Rule))
	base := jen.Uint8()
	first := jen.Iota().Op("+").Lit(1)
	if isBits {
		base, first = bitsType(len(t.Cases)), jen.Lit(1).Op("<<").Iota()
	}
	f.Type().Id(t.Name).Add(base)
	comment(f, "The keywords of "+t.Name+".")
	f.Const().DefsFunc(func(g *jen.Group) {
		for i, c := range t.Cases {
			d := g.Id(c.Name)
			if i == 0 {
				d.Id(t.Name).Op("=").Add(first)
			}
			d.Comment("// " + strings.TrimSpace(c.Text) + sourceNote(c.Source))
		}
	})
	e.enumNames(f, t, isBits)
}

// sourceNote names the RFC that a keyword comes from.
func sourceNote(n *grammar.Node) string {
	if n == nil || n.Source == "" {
		return ""
	}
	return " (" + strings.Replace(strings.ToUpper(n.Source), "RFC", "RFC ", 1) + ")"
}

// bitSetOf is the bit set whose keywords t lists.
func (e *emitter) bitSetOf(t *Type) *Type {
	for _, b := range e.types {
		if b.Kind == KindBits && b.Elem == t {
			return b
		}
	}
	return nil
}

func (e *emitter) enumNames(f *jen.File, t *Type, isBits bool) {
	var names []jen.Code
	if !isBits {
		names = append(names, jen.Lit(""))
	}
	for _, c := range t.Cases {
		names = append(names, jen.Lit(strings.Trim(c.Text, " ")))
	}
	f.Var().Id("names" + t.Name).Op("=").Index(jen.Op("...")).String().Values(names...)
	if isBits {
		f.Var().Id("bits" + t.Name).Op("=").Add(wire("NewBitTable")).Call(jen.Id("names" + t.Name).Index(jen.Op(":")))
		comment(f, "String lists the keywords in the set, with a space between.")
		f.Func().Params(jen.Id("v").Id(t.Name)).Id("String").Params().String().Block(
			jen.Return(wire("BitNames").Call(jen.Uint64().Call(jen.Id("v")), jen.Id("names"+t.Name).Index(jen.Op(":")))))
		return
	}
	comment(f, "String is the keyword as it is written on the wire; \"\" for the zero value.")
	f.Func().Params(jen.Id("v").Id(t.Name)).Id("String").Params().String().Block(
		jen.If(jen.Int().Call(jen.Id("v")).Op(">=").Len(jen.Id("names"+t.Name))).Block(jen.Return(jen.Lit("?"))),
		jen.Return(jen.Id("names"+t.Name).Index(jen.Id("v"))))
}

func (e *emitter) openDecl(f *jen.File, t *Type) {
	comment(f, t.Name+" is "+ruleDoc(t.Rule)+"\nKnown keywords decode to the constants, whatever their case.")
	f.Type().Id(t.Name).String()
	comment(f, "The keywords of "+t.Name+" that the grammar knows.")
	f.Const().DefsFunc(func(g *jen.Group) {
		for _, c := range t.Cases {
			g.Id(c.Name).Id(t.Name).Op("=").Lit(c.Text)
		}
	})
}

func (e *emitter) bitsDecl(f *jen.File, t *Type) {
	comment(f, t.Name+" is a list of "+ruleDoc(t.Rule))
	if !t.Open {
		f.Type().Id(t.Name).Op("=").Id(t.Elem.Name)
		return
	}
	f.Type().Id(t.Name).Struct(
		jen.Comment("Bits are the keywords that the grammar knows."), jen.Id("Bits").Id(t.Elem.Name),
		jen.Comment("Other are the rest, in the order in which they came."), jen.Id("Other").Index().String())
}

// markers declares the methods that make types cases of their sums.
func (e *emitter) markers(f *jen.File) {
	byCase := map[string]map[string]bool{}
	for _, t := range e.types {
		if t.Kind == KindSum {
			e.mark(t, "is"+t.Name, byCase)
		}
	}
	for _, c := range sortedKeys(byCase) {
		for _, m := range sortedKeys(byCase[c]) {
			f.Func().Params(jen.Id(c)).Id(m).Params().Block()
		}
	}
}

// mark gives a marker to every case of a sum, and to those of the sums in it.
func (e *emitter) mark(t *Type, marker string, byCase map[string]map[string]bool) {
	for _, c := range t.Cases {
		ct := c.Type.real()
		if ct.Kind == KindSum {
			e.mark(ct, marker, byCase)
			continue
		}
		name := ct.Name
		if ct.hasFields() {
			name = "*" + name
		}
		if byCase[name] == nil {
			byCase[name] = map[string]bool{}
		}
		byCase[name][marker] = true
	}
}
