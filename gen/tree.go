package gen

import "github.com/imapsrv/imapsrv/grammar"

// Op says what a codec tree's node does.
type Op uint8

// The operations of the codec tree.
const (
	OpText  Op = iota // constant text
	OpEnd             // the CRLF that ends the unit
	OpVal             // a leaf, span or raw value
	OpCall            // a rule with a function of its own
	OpSeq             // Kids one after the other
	OpOpt             // Kids[0] or nothing
	OpList            // Kids[0], repeated
	OpAlt             // one of Kids, chosen as Mode says
	OpSkip            // octets that the decoder skips and the encoder does not write
	OpGroup           // Kids[0] fills a struct of its own
)

// AltMode says what the alternatives of an OpAlt mean.
type AltMode uint8

// The modes of alternatives.
const (
	AltNone     AltMode = iota
	AltSpelling         // constants that say the same; the encoder writes the first
	AltEnum             // keywords of an enum, open enum or bit set
	AltSame             // several spellings of one type
	AltNull             // a value, or the null constant for the zero value
	AltFields           // each sets some fields of the struct around
	AltSum              // cases of a sum
	AltSet              // items of a set
	AltKind             // cases of a struct with a Kind
)

// A Node is one step of decoding, and of encoding. A node yields a value
// (Type), or fields of the struct around it (Bag), or nothing.
type Node struct {
	Op   Op
	Kids []*Node
	// Text and Exact are the constant of an OpText, Text the octets of an OpSkip.
	Text  string
	Exact bool
	// Tentative says that an optional part is tried, and taken for absent where it fails.
	Tentative bool
	// Written says that an optional constant is written by the encoder.
	Written bool
	Mode    AltMode
	Type    *Type
	Bag     []*Field
	// Dest names the field that the value goes to; "" is the value around it.
	Dest string
	// Null marks the null constant, and values that may be NIL.
	Null bool
	// Rule is the rule of a call, of a span or raw value.
	Rule *grammar.Rule
	// Named is a rule with a name for people whose body the node is a copy of.
	Named *grammar.Rule
	// Case is the keyword of an enum's alternative.
	Case *Case
	// Item is the field of a set's alternative.
	Item *Field
	// Req names the fields that an AltFields alternative always sets.
	Req []string
	// Sep stands between elements of a list, or before each where Lead is set;
	// Loose lets the decoder skip it where the encoder writes nothing.
	Sep         string
	Lead, Loose bool
	// Yield ends a list before a keyword that can follow it, although its
	// element could begin with that word, too.
	Yield bool
	// More is the hook that allows elements behind the first one, with the
	// capabilities that it needs.
	More     *grammar.Node
	Min, Max int
	// Source is the grammar node that the node was made from.
	Source *grammar.Node
}

// yields reports whether the node has a value or fields.
func (n *Node) yields() bool { return n.Type != nil || n.Bag != nil }

// fields names the fields that the node sets.
func (n *Node) fields() []string {
	if n.Bag == nil {
		return []string{n.Dest}
	}
	var out []string
	for _, f := range n.Bag {
		out = append(out, f.Name)
	}
	return out
}

// walk visits the node and everything below it.
func (n *Node) walk(f func(*Node)) {
	f(n)
	for _, k := range n.Kids {
		k.walk(f)
	}
}

// text is the constant text of the node, for names and tables.
func (n *Node) text() string {
	switch n.Op {
	case OpText:
		return n.Text
	case OpAlt:
		if n.Mode == AltSpelling {
			return n.Kids[0].text()
		}
		return ""
	case OpSkip, OpEnd:
		return ""
	}
	s := ""
	for _, k := range n.Kids {
		s += k.text()
	}
	return s
}

// bind sends the single value of a node to a field.
func bind(n *Node, field string) {
	switch n.Op {
	case OpSeq:
		for _, k := range n.Kids {
			if k.Type != nil {
				bind(k, field)
			}
		}
	case OpOpt:
		n.Dest = field
		if n.Type.real().Kind != KindBool {
			bind(n.Kids[0], field)
		}
	case OpAlt:
		n.Dest = field
		if n.Mode == AltSame || n.Mode == AltNull {
			for _, k := range n.Kids {
				if k.Type != nil {
					bind(k, field)
				}
			}
		}
	default:
		n.Dest = field
	}
}

// rename changes the destination of every value below n; groups are scopes of
// their own.
func rename(n *Node, from, to string) {
	if n.Dest == from {
		n.Dest = to
	}
	if n.Op == OpGroup {
		return
	}
	for _, k := range n.Kids {
		rename(k, from, to)
	}
}
