package gen

import (
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// part is an element of a sequence; x *(SP x) is one part, a list. More is the
// hook of a list that has one element until an extension allows others.
type part struct {
	node *grammar.Node
	list bool
	sep  string
	note *grammar.Note
	more *grammar.Node
}

// value is a part that yields something, with the note that names it.
type value struct {
	low    *Node
	source *grammar.Node
	note   *grammar.Note
}

// seq lowers elements that follow each other, and names their values.
func (l *lowerer) seq(n *grammar.Node, hint string) *Node {
	out := &Node{Op: OpSeq, Source: n}
	var vals []*value
	for _, p := range l.parts(n.Kids) {
		k := l.part(p, l.partHint(n, p, hint, len(vals)))
		out.Kids = append(out.Kids, k)
		switch {
		case k.yields():
			vals = append(vals, &value{low: k, source: p.node, note: p.note})
		case p.note != nil && len(vals) > 0: // a note after punctuation names the value before it
			vals[len(vals)-1].note = p.note
		}
	}
	switch {
	case len(vals) == 0:
		return out
	case len(vals) == 1 && vals[0].low.Bag != nil:
		l.onlyBag(out, vals[0], hint, n)
		return out
	case len(vals) == 1 && !named(vals[0], n):
		out.Type, out.Null = vals[0].low.Type, vals[0].low.Null
		return out
	}
	l.nameValues(out, vals, n, hint)
	return out
}

func named(v *value, n *grammar.Node) bool {
	return v.note != nil || n.Case != nil && len(n.Case.Args) > 0
}

// onlyBag passes on the fields of the single part that has any.
func (l *lowerer) onlyBag(out *Node, v *value, hint string, n *grammar.Node) {
	out.Bag = v.low.Bag
	if v.note == nil {
		return
	}
	if len(out.Bag) == 1 && v.note.Name != "" {
		rename(v.low, out.Bag[0].Name, v.note.Name)
		out.Bag[0].Name = v.note.Name
	}
	l.modify(out.Bag[0], v.note)
}

// modify applies the words of a note to a field.
func (l *lowerer) modify(f *Field, note *grammar.Note) {
	if note == nil {
		return
	}
	use(note)
	f.Multi = f.Multi || note.Multi
	f.Secret = f.Secret || note.Secret
	f.Stream = f.Stream || note.Stream
	f.Apart = f.Apart || note.Apart
	if note.Zero {
		f.Zero, f.Opt = true, false
	}
}

// partHint begins the name of an anonymous group's type: the rule's, the
// alternative's and the field's name.
func (l *lowerer) partHint(n *grammar.Node, p part, hint string, index int) string {
	if c := n.Case; c != nil && p.node.Op == grammar.Alt {
		if c.Name != "" && !strings.HasSuffix(hint, c.Name) {
			hint += c.Name
		}
		if index < len(c.Args) && c.Args[index] != "_" {
			hint += c.Args[index]
		}
	}
	if p.note != nil && p.note.Name != "" {
		hint += p.note.Name
	}
	return hint
}

// part lowers one element or list.
func (l *lowerer) part(p part, hint string) *Node {
	if p.list {
		e := l.element(p.node, hint)
		c := l.list(e, 1, p.node)
		c.Sep = p.sep
		return c
	}
	if nt := p.note; nt != nil && nt.Name != "" && len(nt.Args) > 0 {
		pattern := nt.Args[0]
		return l.enum(p.node, nil, strings.TrimSuffix(pattern, "*")+use(nt), pattern, nil)
	}
	c := l.node(p.node, hint)
	if p.more != nil {
		c.Max, c.More = -1, p.more
	}
	return c
}

// parts finds x *(sep x) in a sequence.
func (l *lowerer) parts(kids []*grammar.Node) []part {
	var out []part
	for i := 0; i < len(kids); i++ {
		k := kids[i]
		if i+1 < len(kids) {
			if sep, ok := l.repeats(k, kids[i+1]); ok {
				note := kids[i+1].Field
				if note == nil {
					note = k.Field
				}
				out = append(out, part{node: k, list: true, sep: sep, note: note})
				i++
				continue
			}
			if more := l.extended(k, kids[i+1]); more != nil {
				out = append(out, part{node: k, note: k.Field, more: more})
				i++
				continue
			}
		}
		out = append(out, part{node: k, note: k.Field})
	}
	return out
}

// repeats reports whether next is *(sep k).
func (l *lowerer) repeats(k, next *grammar.Node) (sep string, ok bool) {
	if next.Op != grammar.Rep || next.Max >= 0 || next.Min != 0 || next.Kids[0].Op != grammar.Seq {
		return "", false
	}
	s := next.Kids[0].Kids
	sep, ok = l.constText(s[0])
	return sep, ok && len(s) == 2 && sameNode(s[1], k)
}

// extended is the body of a hook behind 1*1k that an extension filled with *k.
func (l *lowerer) extended(k, next *grammar.Node) *grammar.Node {
	if k.Op != grammar.Rep || k.Min != 1 || k.Max != 1 || next.Op != grammar.Ref {
		return nil
	}
	body := l.grammar.Rules[next.Name].Body
	if body.Op != grammar.Rep || body.Min != 0 || body.Max >= 0 || !sameNode(body.Kids[0], k.Kids[0]) {
		return nil
	}
	return body
}

func sameNode(a, b *grammar.Node) bool {
	if a.Op != b.Op || a.Text != b.Text || a.Name != b.Name || a.Set != b.Set || len(a.Kids) != len(b.Kids) {
		return false
	}
	for i := range a.Kids {
		if !sameNode(a.Kids[i], b.Kids[i]) {
			return false
		}
	}
	return true
}

// nameValues makes fields of the values of a sequence.
func (l *lowerer) nameValues(out *Node, vals []*value, n *grammar.Node, hint string) {
	prefix := l.commonPrefix(vals)
	var args []string
	if n.Case != nil {
		args = n.Case.Args
		use(n.Case)
	}
	for i, v := range vals {
		arg := ""
		if i < len(args) && args[i] != "_" {
			arg = args[i]
		}
		if v.low.Bag != nil && (v.note == nil || v.note.Name == "") {
			out.Bag = append(out.Bag, v.low.Bag...)
			continue
		}
		if v.low.Bag != nil {
			l.group(v.low, hint+v.note.Name, n)
		}
		f := l.fieldOf(v, arg, prefix, hint)
		if n.Case != nil && n.Case.Stream && f.Name == "Data" {
			f.Stream = true
		}
		l.addField(out, f, v, hint)
	}
}

// group closes a named group of several values into a struct of its own.
func (l *lowerer) group(c *Node, name string, n *grammar.Node) {
	rule := l.madeUp(name, n)
	opt := c.Op == OpOpt
	inner := c
	if opt {
		inner = c.Kids[0]
	}
	bag := inner.Bag
	if opt { // inside the group nothing is optional because of the brackets
		for _, f := range bag {
			f.Opt = f.Opt && !requiredBy(inner, f)
		}
	}
	t := l.structOf(inner, name, rule, nil)
	body := *inner
	g := Node{Op: OpGroup, Kids: []*Node{&body}, Type: t, Source: n}
	if opt {
		*c = Node{Op: OpOpt, Kids: []*Node{&g}, Type: t, Source: c.Source}
		return
	}
	*c = g
}

// requiredBy reports whether a sequence always sets the field.
func requiredBy(n *Node, f *Field) bool {
	if n.Op != OpSeq {
		return n.Dest == f.Name && n.Op != OpOpt
	}
	for _, k := range n.Kids {
		if requiredBy(k, f) {
			return true
		}
	}
	return false
}

// fieldOf names one value.
func (l *lowerer) fieldOf(v *value, arg, prefix, hint string) *Field {
	f := &Field{Type: v.low.Type, Null: v.low.Null}
	f.Name = strings.TrimPrefix(l.fieldName(v.low, v.source), prefix)
	if s := strings.TrimPrefix(f.Name, hint); s != "" {
		f.Name = s // fetch-modifiers in fetch
	}
	if arg != "" {
		f.Name = arg
	}
	if v.note != nil && v.note.Name != "" {
		f.Name = v.note.Name
	}
	f.Opt = v.low.Op == OpOpt && v.low.Type.real().Kind != KindBool
	l.modify(f, v.note)
	return f
}

func (l *lowerer) addField(out *Node, f *Field, v *value, hint string) {
	if f.Name == "" {
		l.errorf(v.source.Pos, "a value of %s needs a name; add ;.Name behind it", hint)
	}
	for _, o := range out.Bag {
		if o.Name == f.Name {
			l.errorf(v.source.Pos, "two values of %s would be called %s; add ;.Name behind one", hint, f.Name)
		}
	}
	bind(v.low, f.Name)
	out.Bag = append(out.Bag, f)
}

// commonPrefix is what the names of all sibling rules begin with: env-, addr-.
func (l *lowerer) commonPrefix(vals []*value) string {
	var common []string
	count := 0
	for _, v := range vals {
		n := v.source
		for n.Op == grammar.Rep && n.Max == 1 || n.Op == grammar.Seq {
			n = n.Kids[len(n.Kids)-1]
		}
		if n.Op != grammar.Ref {
			if v.note == nil {
				return ""
			}
			continue
		}
		w := strings.Split(n.Name, "-")
		w = w[:len(w)-1]
		if count++; count == 1 {
			common = w
			continue
		}
		i := 0
		for i < len(common) && i < len(w) && common[i] == w[i] {
			i++
		}
		common = common[:i]
	}
	if count < 2 {
		return ""
	}
	return camel(strings.Join(common, "-"))
}
