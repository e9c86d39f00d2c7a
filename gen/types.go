package gen

import "github.com/imapsrv/imapsrv/grammar"

// Kind says what sort of Go type a Type is.
type Kind uint8

// The kinds of types that a grammar can mean.
const (
	KindLeaf    Kind = iota // a runtime primitive: Prim
	KindSpan                // string: the bytes that a lexical rule matched
	KindRaw                 // wire.Raw: the bytes that any rule matched
	KindBool                // bool: an optional keyword
	KindStruct              // struct with Fields
	KindSet                 // struct made from a list of keyed items in any order
	KindSum                 // interface with Cases
	KindEnum                // closed set of keywords: an integer with constants
	KindOpen                // open set of keywords: a string with constants
	KindBits                // list of keywords: a bit set, with Other where Open
	KindList                // []Elem
	KindDefined             // type Name Elem
	kindForward             // stands for Elem until a recursive rule is lowered
)

// A Type is a Go type that the grammar means.
type Type struct {
	Kind Kind
	// Name is the Go name; "" for types that need no declaration.
	Name string
	// Prim is the runtime primitive of a leaf.
	Prim *primitive
	// Rule is where the type comes from.
	Rule *grammar.Rule
	// Elem is the element of a list, the base of a defined type, the keyword
	// type of a bit set.
	Elem *Type
	// Fields are those of a struct or set, in wire order.
	Fields []*Field
	// Cases are those of a sum, or the keywords of an enum, open enum or bit set.
	Cases []*Case
	// Prefix begins the names of the presence bits of a struct or set.
	Prefix string
	// Open says that a bit set or enum has a generic last alternative.
	Open bool
	// Inline says that a set's fields belong to the struct around the list.
	Inline bool
	// Recover says that a known keyword with a bad value is retried as the generic case.
	Recover bool
	// Apart is the field of a set whose struct holds the items that stand apart, nil
	// where none does.
	Apart *Field
	// Part says that the type is the struct of such items.
	Part bool
	// Secret says that a plain value is never to be printed, or that a struct holds such a value.
	Secret bool
	// Words is the enum of a sum's bare keywords, nil where it has none.
	Words *Type
	// MinLen is the length of the shortest text of a span or raw type.
	MinLen int
	// Doc is the first line of the Go doc comment, without the name.
	Doc string
}

// A Field is one value of a struct or set.
type Field struct {
	Name string
	Type *Type
	// Opt says that the value may be absent.
	Opt bool
	// Null says that the value may be NIL on the wire.
	Null bool
	// Zero says that the Go zero value means "absent" although the rule could say it.
	Zero bool
	// Multi items of a set are kept in a slice.
	Multi bool
	// Stream values may be read from, or written by, a stream.
	Stream bool
	Secret bool
	// Apart says that a set keeps the item in a struct of its own.
	Apart bool
	// Key is the keyword of a set's item; Flag says that it has no value.
	Key  string
	Flag bool
	// Doc is an additional comment.
	Doc string
}

// A Case is an alternative of a sum or a keyword of an enum.
type Case struct {
	// Name is the Go name of the constant or the struct.
	Name string
	// Text is the keyword on the wire.
	Text string
	// Type is the type of a sum's case.
	Type   *Type
	Source *grammar.Node
	// Generic marks the case of what the grammar does not know.
	Generic bool
}

// real follows the stand-ins of recursive rules, as far as they are known.
func (t *Type) real() *Type {
	for t != nil && t.Kind == kindForward && t.Elem != nil {
		t = t.Elem
	}
	return t
}

// base is the type without the names given to it.
func (t *Type) base() *Type {
	t = t.real()
	for t.Kind == KindDefined {
		t = t.Elem.real()
	}
	return t
}

// field finds a field by name.
func (t *Type) field(name string) *Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// generic reports whether a case of a sum is the one of what the grammar does not know.
func (t *Type) generic(c *Type) bool {
	for _, k := range t.Cases {
		if k.Generic && k.Type.real() == c.real() {
			return true
		}
	}
	return false
}

// hasFields reports whether values of the type are structs of the generated package.
func (t *Type) hasFields() bool {
	k := t.real().Kind
	return k == KindStruct || k == KindSet
}

// same reports whether two types are one in Go.
func same(a, b *Type) bool {
	a, b = a.real(), b.real()
	if a.Kind == KindList && b.Kind == KindList {
		return same(a.Elem, b.Elem)
	}
	return a == b || goName(a) == goName(b)
}

// zeroAbsent reports whether the Go zero value is outside of what the rule can
// say, so that it can stand for "absent".
func zeroAbsent(t *Type) bool {
	t = t.base()
	switch t.Kind {
	case KindLeaf:
		return t.Prim.zeroAbsent
	case KindSpan, KindRaw:
		return t.MinLen > 0
	case KindStruct, KindSet:
		return false
	}
	return true
}

// pointer reports whether the field is a pointer to its struct.
func (f *Field) pointer() bool {
	return f.Type.hasFields() && !f.Multi && (f.Opt || f.Null || f.Key != "")
}

// bit reports whether the field has a presence bit: where "absent" and the zero
// value would look the same.
func (f *Field) bit() bool {
	switch {
	case f.Flag || f.Key != "" && !f.Multi:
		return true
	case f.Zero || f.Multi || f.Type.real().Kind == KindBool:
		return false
	case f.pointer():
		return f.Opt && f.Null
	}
	return f.Opt && (!zeroAbsent(f.Type) || f.Null)
}
