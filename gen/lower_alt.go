package gen

import (
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// alt lowers a choice in the middle of a rule. What it means follows from what
// the alternatives yield.
func (l *lowerer) alt(n *grammar.Node, hint string) *Node {
	if l.keywordsOnly(n) {
		return l.keywords(n, hint)
	}
	out := &Node{Op: OpAlt, Source: n}
	var null *Node
	fields, constants := false, 0
	for _, k := range n.Kids {
		c := l.node(k, hint)
		out.Kids = append(out.Kids, c)
		switch {
		case c.Null && c.Op == OpText:
			null = c
		case c.Bag != nil:
			fields = true
		case c.Type == nil:
			constants++
		}
		fields = fields || namedInside(k)
	}
	switch {
	case fields:
		l.fieldsAlt(out, hint)
	case constants > 0 && null == nil && l.texts(out):
		return l.openEnum(n, hint)
	case constants == 0 && l.oneType(out):
		out.Mode = AltSame
		if null != nil {
			out.Mode, out.Null = AltNull, true
		}
	default: // a sum that nobody named
		rule := l.madeUp(hint, n)
		return l.sum(rule, hint, hint+"*", n).body
	}
	return out
}

// namedInside: a note on an element of an alternative names a field of the
// struct around the choice.
func namedInside(k *grammar.Node) bool {
	if k.Field != nil && k.Field.Name != "" {
		return true
	}
	if k.Op != grammar.Seq {
		return false
	}
	for _, x := range k.Kids {
		if x.Field != nil && x.Field.Name != "" {
			return true
		}
	}
	return false
}

// keywordsOnly reports whether every alternative is a constant.
func (l *lowerer) keywordsOnly(n *grammar.Node) bool {
	for _, k := range n.Kids {
		if _, ok := l.constText(k); !ok || l.isNull(k) {
			return false
		}
	}
	return true
}

func (l *lowerer) isNull(n *grammar.Node) bool {
	return n.Op == grammar.Ref && has(l.grammar.Rules[n.Name], "null")
}

// keywords is an enum, unless all alternatives have the same letters: then the
// spelling carries no information.
func (l *lowerer) keywords(n *grammar.Node, hint string) *Node {
	first, _ := l.constText(n.Kids[0])
	for _, k := range n.Kids[1:] {
		text, _ := l.constText(k)
		if letters(text) != letters(first) || letters(text) == "" {
			return l.enum(n, nil, hint, hint+"*", nil)
		}
	}
	out := &Node{Op: OpAlt, Mode: AltSpelling, Source: n}
	for _, k := range n.Kids {
		text, _ := l.constText(k)
		out.Kids = append(out.Kids, &Node{Op: OpText, Text: text, Source: k})
	}
	return out
}

// texts reports whether the values among the alternatives are all strings.
func (l *lowerer) texts(n *Node) bool {
	for _, k := range n.Kids {
		if k.Type != nil && goName(k.Type) != "string" {
			return false
		}
	}
	return true
}

// openEnum is a choice of keywords and strings; `;@ open` may name its constants.
func (l *lowerer) openEnum(n *grammar.Node, hint string) *Node {
	pattern := hint + "*"
	for _, r := range l.grammar.Order {
		if r.Body == n {
			if args, ok := directive(r, "open"); ok && len(args) > 0 {
				_, pattern, _ = nameAndPattern(args)
			}
		}
	}
	return l.enum(n, nil, hint, pattern, nil)
}

// oneType settles the type of a choice between values: the same for all, or a
// list where some alternatives are a single element of it.
func (l *lowerer) oneType(out *Node) bool {
	var list *Type
	for _, k := range out.Kids {
		if k.Type != nil && k.Type.real().Kind == KindList {
			list = k.Type
		}
	}
	for _, k := range out.Kids {
		if k.Type == nil {
			continue
		}
		if list != nil && k.Type.real().Kind != KindList {
			if !l.single(k, list) {
				return false
			}
			out.Null = out.Null || k.Null
		}
		if out.Type == nil {
			out.Type = k.Type
		}
		if !same(out.Type, k.Type) {
			return false
		}
	}
	return out.Type != nil
}

// single turns an alternative of one element into a list of one. A nullable
// string is NIL for the empty list.
func (l *lowerer) single(k *Node, list *Type) bool {
	elem := list.real().Elem
	one := *k
	if k.Op == OpVal && goName(k.Type) == "NString" && goName(elem) == "string" {
		one.Type = &Type{Kind: KindLeaf, Prim: primitives["string"], Rule: k.Type.Rule}
		lst := &Node{Op: OpList, Kids: []*Node{&one}, Type: list, Min: 1, Max: 1, Source: k.Source}
		null := &Node{Op: OpText, Text: "NIL", Null: true, Source: k.Source}
		*k = Node{Op: OpAlt, Mode: AltNull, Kids: []*Node{lst, null}, Type: list, Null: true, Source: k.Source}
		return true
	}
	if !same(k.Type, elem) {
		return false
	}
	*k = Node{Op: OpList, Kids: []*Node{&one}, Type: list, Min: 1, Max: 1, Source: k.Source}
	return true
}

// fieldsAlt: the alternatives set fields of the struct around the choice.
func (l *lowerer) fieldsAlt(out *Node, hint string) {
	out.Mode = AltFields
	for _, k := range out.Kids {
		if k.Bag == nil && k.Type != nil {
			l.toBag(k, l.noteOrName(k))
		}
	}
	lists := map[string]*Type{}
	for _, k := range out.Kids {
		for _, f := range k.Bag {
			if k.Source != nil && k.Source.Doc != "" && f.Doc == "" {
				f.Doc = f.Name + " is " + lowerFirst(strings.ReplaceAll(k.Source.Doc, "\n", " "))
			}
			if f.Type.real().Kind == KindList {
				lists[f.Name] = f.Type
			}
		}
	}
	for _, k := range out.Kids {
		for _, f := range k.Bag {
			if t := lists[f.Name]; t != nil && f.Type.real().Kind != KindList {
				l.singleField(k, f, t)
			}
			if !f.Opt && !l.emptyIn(k, f) {
				k.Req = append(k.Req, f.Name)
			}
		}
	}
	out.Bag = l.union(out.Kids, hint)
}

// emptyIn reports whether an alternative can say the zero value of a field that
// it always sets: a keyword that is not there, an empty list.
func (l *lowerer) emptyIn(k *Node, f *Field) bool {
	switch f.Type.real().Kind {
	case KindBool:
		return true
	case KindList, KindBits:
		empty := false
		k.walk(func(n *Node) { empty = empty || n.Dest == f.Name && n.Type != nil && l.canBeEmpty(n) })
		return empty
	}
	return false
}

// canBeEmpty reports whether a node of a list can say the list without elements.
func (l *lowerer) canBeEmpty(n *Node) bool {
	switch n.Op {
	case OpList:
		return n.Min == 0
	case OpOpt:
		return true
	case OpCall:
		return !l.busy[n.Rule.Name] && l.canBeEmpty(l.rule(n.Rule.Name).body)
	case OpAlt:
		return slices.ContainsFunc(n.Kids, l.canBeEmpty)
	case OpSeq:
		for _, k := range n.Kids {
			if k.Type != nil {
				return l.canBeEmpty(k)
			}
		}
	}
	return n.Null
}

func (l *lowerer) noteOrName(k *Node) string {
	if k.Source == nil {
		return ""
	}
	if nt := k.Source.Field; nt != nil && nt.Name != "" {
		return use(nt)
	}
	if k.Op == OpSeq {
		for _, x := range k.Kids {
			if x.Type != nil {
				return l.noteOrName(x)
			}
		}
	}
	return l.fieldName(k, k.Source)
}

// singleField makes a list of one of the value that goes to a field.
func (l *lowerer) singleField(k *Node, f *Field, list *Type) {
	k.walk(func(n *Node) {
		if n.Dest != f.Name || n.Type == nil || n.Type.real().Kind == KindList || n.Op == OpOpt {
			return
		}
		n.Dest = ""
		if l.single(n, list) {
			n.Dest = f.Name
		}
	})
	f.Type = list
}

// union is the fields of all alternatives; one that every alternative sets is
// always there.
func (l *lowerer) union(kids []*Node, hint string) []*Field {
	var bag []*Field
	byName := map[string]*Field{}
	count := map[string]int{}
	for _, k := range kids {
		for _, f := range k.Bag {
			if !f.Opt {
				count[f.Name]++
			}
			old := byName[f.Name]
			if old == nil {
				byName[f.Name] = f
				bag = append(bag, f)
				continue
			}
			if !same(old.Type, f.Type) {
				l.errorf(k.Source.Pos, "alternatives of %s give %s two types, %s and %s", hint, f.Name, goName(old.Type), goName(f.Type))
			}
			old.Null = old.Null || f.Null
			old.Stream = old.Stream || f.Stream
		}
	}
	for _, f := range bag {
		f.Opt = count[f.Name] < len(kids)
	}
	return bag
}
