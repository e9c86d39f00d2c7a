package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// layOut is the order in which a struct has its fields: that of the grammar. Of what is
// kept small by a part that stands apart, small values come first, so that no room is lost
// between them; the items of a set come in any order, too.
func layOut(t *Type) []*Field {
	if !slices.ContainsFunc(t.Fields, func(f *Field) bool { return !f.Flag && f.Type.real().Part }) {
		return t.Fields
	}
	fields := slices.Clone(t.Fields)
	slices.SortStableFunc(fields, func(a, b *Field) int { return b.small() - a.small() })
	return fields
}

// small is 2 for a number of four bytes, 1 for what else needs no alignment to eight, or 0.
func (f *Field) small() int {
	if f.Flag || f.Multi || f.pointer() {
		return 0
	}
	p := fieldPrim(f)
	switch {
	case p == nil && (f.Type.base().Kind == KindEnum || f.Type.base().Kind == KindBool):
		return 1
	case p == nil:
		return 0
	}
	switch p.goType {
	case "uint32", "UID", "SeqNum":
		return 2
	case "byte", "Date", "DateTime":
		return 1
	}
	return 0
}

// partGetter declares how to read a part that stands apart without a test whether it is there.
func (e *emitter) partGetter(f *jen.File, t *Type) {
	comment(f, "Get returns what v points to, and nothing but zero values where v is nil.")
	f.Func().Params(jen.Id("v").Op("*").Id(t.Name)).Id("Get").Params().Id(t.Name).Block(
		jen.If(jen.Id("v").Op("==").Nil()).Block(jen.Return(jen.Id(t.Name).Values())),
		jen.Return(jen.Op("*").Id("v")))
}

// beginApart makes the struct of the items that stand apart the scope.
func (s *dispatcher) beginApart(f *Field) {
	owner := s.scope.typ.real()
	name := "part" + owner.Name
	if !s.done[name] {
		s.done[name] = true
		at := func() *jen.Statement { return jen.Id("v").Dot(f.Name) }
		r, part := s.rule, s.newValue(f.Type)
		s.queue = append(s.queue, func() {
			comment := jen.Comment("// " + name + " is the part of v that stands apart, which is there from now on.").Line()
			s.out(r, comment.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(name).Params(jen.Id("v").Op("*").Id(owner.Name)).Op("*").Add(s.goType(f.Type)).Block(
				jen.If(at().Op("==").Nil()).Block(at().Op("=").Add(part)),
				jen.Return(at())))
		})
	}
	s.add(jen.Id("x").Op(":=").Id("d").Dot(name).Call(s.scope.self.ptr()))
	s.scope = structScope("x", f.Type)
}

// apart encodes the items at the beginning of a list that stand apart, behind one test, and
// returns how many they are.
func (e *encodeEmitter) apart(lead *lead, alt *Node, items []*Node, start string) (n int) {
	t := e.place(alt.Type.Apart.Name)
	x := e.temp("x")
	e.add(jen.If(jen.Id(x).Op(":=").Add(t.val()), jen.Id(x).Op("!=").Nil()).BlockFunc(e.block(func() {
		e.inside(x, t.typ, func() {
			for n < len(items) && items[n].Item.Apart {
				e.item(lead, alt, items[n], start)
				n++
			}
		})
	})))
	return n
}
