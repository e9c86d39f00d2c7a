package gen

import (
	"fmt"
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// wirePath is the import path of the runtime that generated code calls.
const wirePath = "github.com/imapsrv/imapsrv/imap/wire"

// An emitter holds what the emitters of one package share.
type emitter struct {
	*lowerer
	sets *grammar.Sets
	// sites are the places where decoding can fail, without repetition.
	sites   []site
	siteIDs map[site]int
	classes []grammar.ByteSet
	classID map[grammar.ByteSet]int
	// lists, stacks and slabs are the Go types for which the decoder needs
	// storage, by the name of the Decoder's field.
	lists, stacks, slabs map[string]*Type
	// tables are the declarations of perfect hashes.
	tables []jen.Code
	// sections are the lists of capabilities that alternatives can depend on.
	sections   []string
	sectionIDs map[string]int
	// knownWords are, for each choice with a generic alternative, the words that the
	// decoder does not take for it; tries are its functions that try an optional part.
	knownWords map[*Node]*knownWords
	tries      map[*Node]tried
	// matchers are the rules whose recogniser the encoder needs.
	matchers []*grammar.Rule
	errs     []error
}

// site is what was expected where, for error messages.
type site struct{ rule, expected string }

func newEmitter(l *lowerer) *emitter {
	for _, r := range l.grammar.Order {
		directive(r, "name") // it is right whether a message needs it today or not
	}
	return &emitter{
		lowerer: l, sets: l.grammar.Sets(), siteIDs: map[site]int{}, classID: map[grammar.ByteSet]int{},
		lists: map[string]*Type{}, stacks: map[string]*Type{}, slabs: map[string]*Type{}, sectionIDs: map[string]int{},
		knownWords: map[*Node]*knownWords{}, tries: map[*Node]tried{},
	}
}

func (e *emitter) failf(r *grammar.Rule, format string, args ...any) {
	e.errs = append(e.errs, fmt.Errorf("%s:%d: rule %s: %s", r.Pos.File, r.Pos.Line, r.Name, fmt.Sprintf(format, args...)))
}

// wire names something of the runtime.
func wire(name string) *jen.Statement { return jen.Qual(wirePath, name) }

// siteID is the number of an error site, as an expression.
func (e *emitter) siteID(rule, expected string) jen.Code {
	s := site{rule, expected}
	id, ok := e.siteIDs[s]
	if !ok {
		id = len(e.sites)
		e.siteIDs[s] = id
		e.sites = append(e.sites, s)
	}
	return wire("NumSites").Op("+").Lit(id)
}

// class is the constant that tests a byte for membership of a set, with the
// table that it is to be looked up in.
func (e *emitter) class(s grammar.ByteSet) int {
	id, ok := e.classID[s]
	if !ok {
		id = len(e.classes)
		e.classID[s] = id
		e.classes = append(e.classes, s)
	}
	return id
}

// classesPerTable is how many classes share a table: a bit each.
const classesPerTable = 8

// in tests the byte of an expression for membership of a set.
func (e *emitter) in(s grammar.ByteSet, b jen.Code) *jen.Statement {
	list := s.Bytes()
	switch {
	case len(list) == 1:
		return jen.Add(b).Op("==").Add(byteLit(list[0]))
	case len(list) == 256:
		return jen.True()
	case len(list) == 2 && list[0]|0x20 == list[1] && list[1] >= 'a' && list[1] <= 'z':
		return jen.Add(b).Op("|").Lit(0x20).Op("==").Add(byteLit(list[1]))
	case len(list) > 0 && int(list[len(list)-1]-list[0]) == len(list)-1:
		if list[0] == 0 {
			return jen.Add(b).Op("<").Lit(len(list))
		}
		return jen.Add(b).Op("-").Add(byteLit(list[0])).Op("<").Lit(len(list))
	}
	id := e.class(s)
	return jen.Id(fmt.Sprintf("class%d", id/classesPerTable)).Index(jen.Add(b)).Op("&").Lit(1 << (id % classesPerTable)).Op("!=").Lit(0)
}

// byteLit is a byte as a reader would write it.
func byteLit(c byte) *jen.Statement {
	if c < 0x80 {
		return jen.LitRune(rune(c))
	}
	return jen.Lit(int(c))
}

// notIn is the negation of in.
func (e *emitter) notIn(s grammar.ByteSet, b jen.Code) *jen.Statement {
	return jen.Op("!").Parens(e.in(s, b))
}

// keyword compares len(text) bytes at b[at] with a constant, eight at a time;
// letters match in either case unless exact.
func keyword(text string, exact bool, at func(int) jen.Code) *jen.Statement {
	if len(text) == 1 && (exact || letters(text) == "" || text[0] <= '9') {
		return jen.Id("b").Dot("At").Call(at(0)).Op("==").Add(byteLit(text[0]))
	}
	out := jen.Null()
	for o := 0; o < len(text); o += 8 {
		chunk := text[o:min(o+8, len(text))]
		if o > 0 {
			out.Op("&&")
		}
		out.Add(compare8(chunk, exact, at(o)))
	}
	return out
}

// compare8 is the fused compare of up to eight bytes: (load | fold) & mask == want.
func compare8(chunk string, exact bool, at jen.Code) *jen.Statement {
	mask, fold, want := masked(chunk, exact)
	load := jen.Id("b").Dot("Le64").Call(at)
	if fold != 0 {
		load = jen.Parens(load.Op("|").Id(fmt.Sprintf("%#x", fold)))
	}
	if mask != 1<<64-1 {
		load.Op("&").Id(fmt.Sprintf("%#x", mask))
	}
	return load.Op("==").Id(fmt.Sprintf("%#x", want))
}

// masked are the constants of a fused compare.
func masked(chunk string, exact bool) (mask, fold, want uint64) {
	for k := range len(chunk) {
		c := chunk[k]
		mask |= 0xff << (8 * k)
		if x := c | 0x20; !exact && x >= 'a' && x <= 'z' {
			fold |= 0x20 << (8 * k)
			c = x
		}
		want |= uint64(c) << (8 * k)
	}
	return mask, fold, want
}

// section is the number of a list of capabilities; ok is false for what every
// configuration of the grammar has.
func (e *emitter) section(caps []string) (id int, ok bool) {
	if e.always(caps) {
		return 0, false
	}
	key := strings.Join(caps, " ")
	id, found := e.sectionIDs[key]
	if !found {
		id = len(e.sections)
		e.sectionIDs[key] = id
		e.sections = append(e.sections, key)
	}
	return id, true
}

// always reports whether a section belongs to the base: it names no capability,
// or every revision that the grammar has.
func (e *emitter) always(caps []string) bool {
	if len(caps) == 0 {
		return true
	}
	named := map[string]bool{}
	for _, c := range caps {
		named[c] = true
	}
	for _, r := range e.revisions() {
		if !named[r] {
			return false
		}
	}
	return len(e.revisions()) > 0
}

// revisions are the capabilities of the section in which the roots stand.
func (e *emitter) revisions() []string {
	for _, r := range e.grammar.Order {
		if has(r, "root") {
			return r.Caps
		}
	}
	return nil
}

// allowed is the test whether the decoder accepts what needs the capabilities.
func (e *emitter) allowed(caps []string) *jen.Statement {
	id, ok := e.section(caps)
	if !ok {
		return nil
	}
	return jen.Id("d").Dot("Allows").Call(jen.Lit(id))
}

// goType is the Go type of a value.
func (e *emitter) goType(t *Type) *jen.Statement {
	t = t.real()
	switch t.Kind {
	case KindLeaf:
		return primType(t.Prim.goType, t.Prim.wire)
	case KindSpan:
		return jen.String()
	case KindRaw:
		return wire("Raw")
	case KindBool:
		return jen.Bool()
	case KindList:
		return jen.Index().Add(e.goType(t.Elem))
	}
	return jen.Id(t.Name)
}

func primType(name string, isWire bool) *jen.Statement {
	switch {
	case isWire:
		return wire(name)
	case name == "[]byte":
		return jen.Index().Byte()
	}
	return jen.Id(name)
}

// fieldType is the Go type of a field.
func (e *emitter) fieldType(f *Field) *jen.Statement {
	switch {
	case f.Multi:
		return jen.Index().Add(e.goType(f.Type))
	case f.pointer():
		return jen.Op("*").Add(e.goType(f.Type))
	}
	if p := fieldPrim(f); p != nil {
		if f.Secret && p.secret != "" {
			return wire(p.secret)
		}
		if f.Type.real().Kind == KindLeaf {
			return primType(p.goType, p.wire)
		}
	}
	return e.goType(f.Type)
}

// fieldPrim is the primitive of a leaf's field: the streaming one where the
// field may be streamed.
func fieldPrim(f *Field) *primitive {
	t := f.Type.base()
	if t.Kind != KindLeaf {
		return nil
	}
	if f.Stream && t.Prim.stream != "" {
		return primitives[t.Prim.stream]
	}
	return t.Prim
}

// storageName is the name of a Decoder field that stores values of a type.
func storageName(kind string, t *Type) string {
	n := strings.NewReplacer("[]", "List", ".", "").Replace(goName(t))
	return kind + strings.ToUpper(n[:1]) + n[1:]
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
