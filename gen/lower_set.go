package gen

import (
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// setRule lowers `;@ set`: a list of keyed items in any order becomes one struct.
func (l *lowerer) setRule(r *grammar.Rule, args []string) *lowered {
	name, pattern, words := nameAndPattern(args)
	if name == "" {
		name = camel(r.Spelling)
	}
	t := &Type{Kind: KindSet, Name: name, Rule: r, Inline: true}
	if !words["inline"] {
		t = l.named(KindSet, name, r)
	}
	t.Prefix = strings.TrimSuffix(pattern, "*")
	if t.Prefix == "" {
		t.Prefix = name
	}
	out := &Node{Op: OpAlt, Mode: AltSet, Type: t, Source: r.Body, Rule: r}
	for _, k := range alternatives(r.Body) {
		c := l.setItem(t, r, k)
		out.Kids = append(out.Kids, c)
		if !c.Item.Apart {
			t.Fields = append(t.Fields, c.Item)
		}
	}
	if slices.ContainsFunc(out.Kids, func(c *Node) bool { return c.Item.Apart }) {
		l.partApart(t, r, out)
	}
	return &lowered{rule: r, body: out, typ: t}
}

// apartName is the field of a set for the items that stand apart.
const apartName = "Ext"

// partApart gives a set a struct for the items that are seldom there, behind one pointer: the
// set stays small, and one test passes over all of them. They come after the others, the
// generic one last.
func (l *lowerer) partApart(t *Type, r *grammar.Rule, items *Node) {
	s := l.named(KindStruct, t.Prefix+apartName, r)
	s.Doc, s.Part = "the part of "+t.Name+" that is seldom there.", true
	var names []string
	for _, c := range items.Kids {
		if c.Item.Apart {
			s.Fields = append(s.Fields, c.Item)
			names = append(names, c.Item.Name)
		}
	}
	t.Apart = &Field{Name: apartName, Type: s, Opt: true,
		Doc: apartName + " holds what is seldom there: " + strings.Join(names, ", ") + "; nil where none of it is."}
	t.Fields = append(t.Fields, t.Apart)
	place := func(c *Node) int {
		switch {
		case c.Item.Key == "":
			return 2
		case c.Item.Apart:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(items.Kids, func(a, b *Node) int { return place(a) - place(b) })
}

// setItem lowers one kind of item to a field of the set. An item without a
// keyword is the generic one: it catches what the grammar does not know.
func (l *lowerer) setItem(t *Type, r *grammar.Rule, k *grammar.Node) *Node {
	c := l.node(k, t.Prefix)
	f := &Field{Key: l.firstKeyword(k)}
	note := k.Case
	if note == nil {
		note = k.Field
	}
	switch {
	case !c.yields():
		f.Flag, f.Key = true, strings.Trim(c.text(), `" `)
		f.Name = camel(f.Key)
	case f.Key == "":
		f.Name, f.Multi, t.Open = "Unknown", true, true
	default:
		f.Name = camel(f.Key)
	}
	l.itemName(f, note)
	c = l.itemValue(t, r, k, c, f)
	f.Type = c.Type
	f.Null = c.Null
	f.Doc = itemDoc(f, k)
	c.Item = f
	return c
}

// itemDoc says what an item is: its keyword, where it comes from, and what the grammar
// says of it.
func itemDoc(f *Field, k *grammar.Node) string {
	if f.Key == "" {
		return ""
	}
	if k.Doc != "" {
		return f.Name + " is " + f.Key + ": " + lowerFirst(strings.ReplaceAll(k.Doc, "\n", " "))
	}
	return f.Name + " is " + f.Key + sourceNote(k) + "."
}

// lowerFirst makes the beginning of a sentence one of a part of it, where that is a word.
func lowerFirst(s string) string {
	if len(s) > 1 && 'A' <= s[0] && s[0] <= 'Z' && ('a' <= s[1] && s[1] <= 'z' || s[1] == ' ') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// itemName applies the note of an item; on a generic item it names the struct only.
func (l *lowerer) itemName(f *Field, note *grammar.Note) {
	if note == nil {
		return
	}
	l.modify(f, note)
	if note.Name != "" && f.Key != "" {
		f.Name = note.Name
	}
}

// itemValue gives an item its single value: its own, or a struct of several.
func (l *lowerer) itemValue(t *Type, r *grammar.Rule, k *grammar.Node, c *Node, f *Field) *Node {
	switch {
	case len(c.Bag) == 1 && (k.Case == nil || len(k.Case.Args) == 0):
		b := c.Bag[0]
		if f.Key != "" && (k.Case == nil || k.Case.Name == "") && noteNames(k, b.Name) {
			f.Name = b.Name
		}
		f.Stream, f.Secret, f.Zero, f.Apart = f.Stream || b.Stream, f.Secret || b.Secret, f.Zero || b.Zero, f.Apart || b.Apart
		c.Type, c.Bag, c.Null = b.Type, nil, b.Null
		rename(c, b.Name, f.Name)
	case c.Bag != nil:
		name := t.Prefix + f.Name
		if f.Key == "" && k.Case != nil && k.Case.Name != "" {
			name = k.Case.Name
		}
		s := l.structOf(c, name, r, nil)
		if s.Doc = caseDoc(r, k); f.Key == "" {
			s.Doc = "an item that the grammar does not know; it is written back as it came."
		}
		return &Node{Op: OpGroup, Kids: []*Node{c}, Type: s, Source: k, Dest: f.Name}
	case c.Type != nil:
		bind(c, f.Name)
	}
	return c
}

// noteNames reports whether the name comes from a ;.Name inside the alternative.
func noteNames(k *grammar.Node, name string) bool {
	for _, x := range k.Kids {
		if x.Field != nil && x.Field.Name == name {
			return true
		}
	}
	return false
}
