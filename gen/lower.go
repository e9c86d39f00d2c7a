package gen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// A lowerer turns the rules of a grammar into types and codec trees.
type lowerer struct {
	grammar *grammar.Grammar
	done    map[string]*lowered
	// forward holds the stand-in types of rules that are being lowered.
	forward map[string]*Type
	busy    map[string]bool
	// recursive are the rules that reach themselves.
	recursive map[string]bool
	// ownType are the rules that are an alternative of a sum, or a root: each
	// is a type of its own even where it holds one value or none.
	ownType map[string]bool
	byName  map[string]*Type
	types   []*Type
	// claims are the rules that are structs of a name.
	claims map[string][]*grammar.Rule
	// around is the rule that is being lowered; owner tells for a rule that
	// lowering made up which rule of the grammar it belongs to.
	around *grammar.Rule
	owner  map[string]string
	errs   []error
}

// lowered is what became of a rule.
type lowered struct {
	rule *grammar.Rule
	// body is the rule's tree; destinations are fields of the rule's value.
	body *Node
	typ  *Type
	bag  []*Field
	null bool
	// recursive says that the rule reaches itself; inline that uses copy the body.
	recursive, inline bool
}

// lower lowers everything that the roots of the grammar reach.
func lower(g *grammar.Grammar) (*lowerer, error) {
	l := &lowerer{
		grammar: g, done: map[string]*lowered{}, forward: map[string]*Type{},
		busy: map[string]bool{}, recursive: map[string]bool{}, ownType: map[string]bool{}, owner: map[string]string{}, byName: map[string]*Type{}, claims: map[string][]*grammar.Rule{},
	}
	for _, r := range g.Order {
		if has(r, "root") {
			l.ownType[r.Name] = true
		}
		if has(r, "sum") {
			for _, k := range alternatives(r.Body) {
				if k.Op == grammar.Ref {
					l.ownType[k.Name] = true
				}
			}
		}
	}
	for _, r := range g.Order {
		if has(r, "root") {
			l.rule(r.Name)
		}
	}
	l.checkClaims()
	l.secrets()
	l.checkClashes()
	return l, errors.Join(l.errs...)
}

func (l *lowerer) errorf(pos grammar.Pos, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s:%d: %s", pos.File, pos.Line, fmt.Sprintf(format, args...)))
}

// alternatives are those of a node; a node that is no choice is its only one.
func alternatives(n *grammar.Node) []*grammar.Node {
	if n.Op == grammar.Alt {
		return n.Kids
	}
	return []*grammar.Node{n}
}

// named declares a type, or finds it where several rules share one.
func (l *lowerer) named(kind Kind, name string, r *grammar.Rule) *Type {
	if t := l.byName[name]; t != nil {
		if t.Kind != kind {
			l.errorf(r.Pos, "rule %s: type %s is already used for something else (%s)", r.Name, name, t.Rule.Name)
		}
		return t
	}
	t := &Type{Kind: kind, Name: name, Rule: r}
	l.byName[name] = t
	l.types = append(l.types, t)
	return t
}

// madeUp is a rule for a group that has none in the grammar.
func (l *lowerer) madeUp(name string, n *grammar.Node) *grammar.Rule {
	l.owner[name] = l.around.Name
	return &grammar.Rule{Name: name, Spelling: name, Pos: n.Pos, Body: n}
}

// rule lowers one rule, once.
func (l *lowerer) rule(name string) *lowered {
	if d := l.done[name]; d != nil {
		return d
	}
	r := l.grammar.Rules[name]
	if l.busy[name] {
		l.recursive[name] = true
		if l.forward[name] == nil {
			l.forward[name] = &Type{Kind: kindForward, Name: typeName(r), Rule: r}
		}
		return &lowered{rule: r, typ: l.forward[name], recursive: true}
	}
	l.busy[name] = true
	outer := l.around
	l.around = r
	d := l.lowerRule(r)
	l.around = outer
	d.rule = r
	l.busy[name] = false
	if f := l.forward[name]; f != nil {
		f.Elem = d.typ
	}
	if l.recursive[name] {
		d.recursive, d.inline = true, false
	}
	l.done[name] = d
	return d
}

// known tells uses of a rule from inside itself what type it is, as soon as that is clear.
func (l *lowerer) known(r *grammar.Rule, t *Type) {
	if l.forward[r.Name] == nil && l.busy[r.Name] {
		l.forward[r.Name] = &Type{Kind: kindForward, Name: t.Name, Rule: r, Elem: t}
	}
}

// lowerRule chooses by annotation, then by what the body yields.
func (l *lowerer) lowerRule(r *grammar.Rule) *lowered {
	if args, ok := directive(r, "sum"); ok {
		return l.sumRule(r, args)
	}
	if args, ok := directive(r, "set"); ok {
		return l.setRule(r, args)
	}
	if _, ok := directive(r, "struct"); ok {
		return l.kindRule(r)
	}
	if args, ok := directive(r, "bits"); ok {
		name, pattern, _ := nameAndPattern(args)
		body := l.bits(r, name, pattern)
		return &lowered{body: body, typ: body.Type}
	}
	args, inline := directive(r, "inline")
	hint := typeName(r)
	if len(args) > 0 {
		hint = args[0]
	}
	own := l.ownType[r.Name]
	if inline && !own {
		body := l.node(r.Body, hint)
		return &lowered{body: body, typ: body.Type, bag: body.Bag, inline: true}
	}
	body := l.node(r.Body, hint)
	switch t := body.Type; {
	case t != nil && own && !has(r, "type") && passesThrough(t):
		return &lowered{body: body, typ: t}
	case body.Bag != nil || own || t == nil && has(r, "type"):
		t := l.structOf(body, hint, r, nil)
		if !inline {
			l.claims[t.Name] = append(l.claims[t.Name], r)
		}
		return &lowered{body: body, typ: t}
	case t == nil:
		return &lowered{body: body, inline: true}
	}
	typ := hide(r, l.defined(r, body.Type))
	return &lowered{body: body, typ: typ, null: body.Null, inline: weight(r.Body) <= 6}
}

// passesThrough: a rule around a single struct or sum is that struct or sum.
func passesThrough(t *Type) bool {
	k := t.real().Kind
	return k == KindSum || k == KindStruct
}

// defined gives a rule of one plain value the Go type that `;@ type` asks for.
func (l *lowerer) defined(r *grammar.Rule, t *Type) *Type {
	name, ok := directive(r, "type")
	if !ok || t.hasFields() || t.real().Kind == KindSum || t.real().Kind == KindEnum || t.real().Kind == KindOpen {
		return t
	}
	d := l.named(KindDefined, name[0], r)
	d.Elem = t
	return d
}

// node lowers one element of a rule. The hint begins the names of types that
// the element needs and nobody names.
func (l *lowerer) node(n *grammar.Node, hint string) *Node {
	if _, ok := constBytes(n); ok {
		return constant(n)
	}
	switch n.Op {
	case grammar.Class:
		l.errorf(n.Pos, "a byte class in the middle of a structure; give it a rule of its own")
		return &Node{Op: OpSeq, Source: n}
	case grammar.Ref:
		return l.ref(n)
	case grammar.Seq:
		return l.seq(n, hint)
	case grammar.Alt:
		return l.alt(n, hint)
	}
	if n.Min == 0 && n.Max == 1 {
		return l.optional(n, hint)
	}
	return l.repeated(n, hint)
}

// constant is the node of a constant; CRLF is the end of the unit.
func constant(n *grammar.Node) *Node {
	text, _ := constBytes(n)
	if text == "\r\n" {
		return &Node{Op: OpEnd, Source: n}
	}
	return &Node{Op: OpText, Text: text, Exact: n.Exact || n.Op == grammar.Class, Source: n}
}

// constBytes is the text of an element that is a constant by itself.
func constBytes(n *grammar.Node) (string, bool) {
	switch {
	case n.Op == grammar.Literal:
		return n.Text, true
	case n.Op == grammar.Class && n.Set.Len() == 1:
		c, _ := n.Set.First()
		return string([]byte{c}), true
	}
	return "", false
}

// ref lowers the use of a rule.
func (l *lowerer) ref(n *grammar.Node) *Node {
	r := l.grammar.Rules[n.Name]
	if _, ok := directive(r, "null"); ok {
		text, _ := l.constText(r.Body)
		return &Node{Op: OpText, Text: text, Null: true, Source: n}
	}
	if k, ok := l.constKid(r); ok && !l.ownType[n.Name] {
		return k
	}
	if t := hide(r, l.plain(r)); t != nil {
		return &Node{Op: OpVal, Type: t, Rule: r, Source: n}
	}
	d := l.rule(n.Name)
	if d.inline && !d.recursive {
		return l.expand(d, n)
	}
	return &Node{Op: OpCall, Type: d.typ, Null: d.null, Rule: r, Source: n}
}

// constKid is the node of a rule that is one constant, such as SP.
func (l *lowerer) constKid(r *grammar.Rule) (*Node, bool) {
	if _, ok := constBytes(r.Body); !ok {
		return nil, false
	}
	directive(r, "hook")
	directive(r, "inline") // for what extensions fill the hook with
	return constant(r.Body), true
}

// expand lowers a rule again in the place where it is used.
func (l *lowerer) expand(d *lowered, n *grammar.Node) *Node {
	args, _ := directive(d.rule, "inline")
	hint := typeName(d.rule)
	if len(args) > 0 {
		hint = args[0]
	}
	outer := l.around
	l.around = d.rule
	body := l.node(d.rule.Body, hint)
	l.around = outer
	if has(d.rule, "name") {
		body.Named = d.rule
	}
	out := &Node{Op: OpSeq, Kids: []*Node{body}, Bag: body.Bag, Null: body.Null, Source: n}
	if body.Bag == nil && body.Type != nil {
		out.Type = d.typ
		if !same(out.Type, body.Type) {
			retype(body, d.typ)
		}
	}
	return out
}

// retype gives the value node of a transparent rule its defined type.
func retype(n *Node, t *Type) {
	if n.Op == OpSeq || n.Op == OpAlt || n.Op == OpOpt {
		for _, k := range n.Kids {
			if k.Type != nil {
				retype(k, t)
			}
		}
	}
	n.Type = t
}

// plain is the type of a rule that is a leaf, is kept raw, or consists of bytes only.
func (l *lowerer) plain(r *grammar.Rule) *Type {
	if args, ok := directive(r, "leaf"); ok {
		p := primitives[args[0]]
		if p == nil {
			l.errorf(r.Pos, "rule %s: no primitive is called %s", r.Name, args[0])
			p = primitives["astring"]
		}
		return l.defined(r, &Type{Kind: KindLeaf, Prim: p, Rule: r})
	}
	if _, ok := directive(r, "raw"); ok {
		return &Type{Kind: KindRaw, Rule: r, MinLen: l.minLen(r.Body, nil)}
	}
	if l.lexical(r) {
		return l.defined(r, &Type{Kind: KindSpan, Rule: r, MinLen: l.minLen(r.Body, nil)})
	}
	return nil
}

// optional lowers [x].
func (l *lowerer) optional(n *grammar.Node, hint string) *Node {
	c := l.node(n.Kids[0], hint)
	o := &Node{Op: OpOpt, Kids: []*Node{c}, Source: n, Tentative: l.around != nil && prefers(l.around, "first")}
	switch {
	case c.Bag != nil:
		for _, f := range c.Bag {
			f.Opt = !f.Zero
		}
		o.Bag = c.Bag
	case c.Type != nil:
		o.Type, o.Null = c.Type, c.Null
	case len(c.Kids) == 0 && c.text() == "": // a hook that nobody extended
		return c
	case letters(c.text()) != "" || n.Field != nil && n.Field.Name != "" || kidNamed(n):
		o.Type = &Type{Kind: KindBool}
	default:
		o.Written = true
	}
	return o
}

// kidNamed: ["*" ;.Cancel] names the presence of a constant from inside.
func kidNamed(n *grammar.Node) bool {
	k := n.Kids[0]
	for k.Op == grammar.Seq && len(k.Kids) == 1 {
		k = k.Kids[0]
	}
	return k.Op == grammar.Literal && k.Field != nil && k.Field.Name != ""
}

// structOf makes a struct type of what a node yields.
func (l *lowerer) structOf(c *Node, name string, r *grammar.Rule, note *grammar.Note) *Type {
	t := l.named(KindStruct, name, r)
	if c.Bag == nil && c.Type != nil {
		v := valueOf(c)
		field := l.fieldName(v, v.Source)
		if note != nil && len(note.Args) > 0 && note.Args[0] != "_" {
			field = note.Args[0]
		}
		l.toBag(c, field)
	}
	l.merge(t, c.Bag, r)
	return t
}

// valueOf is the part of a sequence that carries its single value.
func valueOf(c *Node) *Node {
	if c.Op == OpSeq {
		for _, k := range c.Kids {
			if k.Type != nil {
				return valueOf(k)
			}
		}
	}
	return c
}

// toBag turns a node with one value into one with one field.
func (l *lowerer) toBag(c *Node, field string) {
	if field == "" && c.Source != nil {
		l.errorf(c.Source.Pos, "a value needs a name; add ;.Name")
	}
	f := &Field{Name: field, Type: c.Type, Null: c.Null}
	if c.Op != OpSeq {
		inner := *c
		*c = Node{Op: OpSeq, Kids: []*Node{&inner}, Source: inner.Source}
	}
	for _, k := range c.Kids {
		if k.Type != nil {
			bind(k, field)
			if k.Op == OpOpt && k.Type.real().Kind != KindBool {
				f.Opt = true
			}
		}
	}
	c.Type, c.Null, c.Bag = nil, false, []*Field{f}
}

// merge adds fields to a struct that several rules or alternatives may share.
func (l *lowerer) merge(t *Type, bag []*Field, r *grammar.Rule) {
	for _, f := range bag {
		if f.Apart {
			l.errorf(r.Pos, "rule %s: %s cannot stand apart; only items of a set can", r.Name, f.Name)
		}
		old := t.field(f.Name)
		if old == nil {
			if t.Rule != r && f.Doc == "" && r.Doc != "" {
				f.Doc = f.Name + " is there by the rule " + r.Name + ": " + lowerFirst(strings.ReplaceAll(r.Doc, "\n", " "))
			}
			t.Fields = append(t.Fields, f)
			continue
		}
		if !same(old.Type, f.Type) {
			l.errorf(r.Pos, "rule %s: field %s.%s would have two types, %s and %s; rename one with ;.Name", r.Name, t.Name, f.Name, goName(old.Type), goName(f.Type))
		}
		old.Opt = old.Opt || f.Opt
	}
}

// constText is the text of an element that is constant, rules followed.
func (l *lowerer) constText(n *grammar.Node) (string, bool) {
	if text, ok := constBytes(n); ok {
		return text, true
	}
	switch n.Op {
	case grammar.Ref:
		return constBytes(l.grammar.Rules[n.Name].Body)
	case grammar.Seq:
		var b strings.Builder
		for _, k := range n.Kids {
			s, ok := l.constText(k)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}
