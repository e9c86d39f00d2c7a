package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// entry is a keyword with what follows it.
type entry struct {
	text  string
	exact bool
	gate  *jen.Statement
	// next is what must follow the keyword, because a longer word could; empty
	// where the keyword's own end decides.
	next grammar.ByteSet
	// expected is what could stand behind the keyword by which rule, for messages.
	expected []string
	rule     *grammar.Rule
	body     func()
	// node is the alternative; whole says that it is the keyword and nothing more.
	node  *Node
	whole bool
}

// dispatcher sorts the alternatives of a function by how they are recognised.
type dispatcher struct {
	*decodeEmitter
	mode      AltMode
	node      *Node
	after     grammar.ByteSet
	words     []entry
	numbers   []entry  // keywords behind a number
	fromStart bool     // they ask what the number begins with
	alone     []entry  // constants of the generic alternatives, for messages
	quiet     bool     // nobody reads the message
	generic   []func() // chosen by the first byte
}

// dispatch writes a function body that chooses: by keyword, then by the first
// byte, in the order of the grammar.
func (d *decodeEmitter) dispatch(n *Node, after grammar.ByteSet) {
	s := &dispatcher{decodeEmitter: d, mode: n.Mode, node: n, after: after}
	for _, k := range n.Kids {
		s.sort(k)
	}
	if t := n.Type; t != nil && t.real().Recover && len(s.generic) > 0 {
		s.recovering(t)
		return
	}
	s.all()
}

func (s *dispatcher) all() {
	partials := s.partials()
	if set, prefix, ok := s.wordBytes(); ok {
		words, numbers := len(s.words), len(s.numbers)
		s.words = s.commit(s.words, partials, set, prefix)
		s.numbers = s.commit(s.numbers, partialsOf(s.numbers), set, " ")
		s.remember(s.words[words:], s.numbers[numbers:], prefix)
	} else if s.mode == AltEnum {
		s.remember(s.words, nil, "")
	}
	s.bitTable()
	if len(s.numbers) > 0 { // no keyword begins with a digit
		s.behindNumber()
	}
	s.table(s.words)
	for _, f := range s.generic {
		f()
	}
	if s.quiet {
		partials = nil
	}
	s.add(s.failBehind(s.expected(), partials))
}

// commit keeps the generic alternative from taking a keyword that the grammar
// knows: what follows the keyword is wrong then, not the keyword unknown. Set
// are the bytes of the generic alternative's words, prefix what may stand before.
func (s *dispatcher) commit(words []entry, partials []partial, set grammar.ByteSet, prefix string) []entry {
	known := map[string]bool{}
	out := words[:len(words):len(words)]
	for _, w := range words {
		n := 0
		if len(w.text) > len(prefix) && strings.HasPrefix(w.text, prefix) {
			n = len(prefix)
		}
		for n < len(w.text) && set.Has(w.text[n]) {
			n++
		}
		word := w.text[:n]
		if known[word] || letters(word) == "" {
			continue
		}
		known[word] = true
		p := partial{text: word, expected: []string{describeText(w.text[n:])}, rule: w.rule}
		if i := slices.IndexFunc(partials, func(p partial) bool { return strings.EqualFold(p.text, word) }); i >= 0 {
			p = partials[i]
		}
		out = append(out, entry{
			text: word, gate: w.gate, next: grammar.ByteRange(0, 255).Minus(set),
			body: func() {
				s.about = p.rule
				s.add(s.failBehind(anyOf(p.expected), behind(partials, word, set)))
				s.about = nil
			},
		})
	}
	return out
}

// wordBytes is the set of bytes that the generic alternative's words consist of,
// and the constant that may stand before such a word.
func (s *dispatcher) wordBytes() (set grammar.ByteSet, prefix string, ok bool) {
	if len(s.node.Kids) == 0 || s.mode == AltEnum || s.mode == AltFields {
		return set, "", false
	}
	for _, n := range s.open(s.node.Kids[len(s.node.Kids)-1]) {
		if n.Op == OpCall {
			if inner := s.flat([]*Node{s.ruleOf(n.Rule).body}); len(inner) > 0 {
				n = inner[0]
			}
		}
		if n.Op == OpOpt {
			prefix = n.Kids[0].text()
			continue
		}
		if n.Op != OpVal || n.Type.base().Kind != KindSpan {
			return set, "", false
		}
		runs, ok := s.runs(n.Rule.Body)
		if !ok {
			return set, "", false
		}
		return runs[len(runs)-1].set, prefix, true
	}
	return set, "", false
}

// expected names the choice in a message.
func (s *dispatcher) expected() string {
	r := s.ownRule(s.node)
	if r == nil && s.ruleOf(s.rule).body == s.node {
		r = s.rule
	}
	if r != nil && has(r, "name") {
		return s.suchAs(r, s.node)
	}
	return anyOf(s.starts(s.node, nil))
}

// recovering tries the known cases first; if one of them fails behind its
// keyword, the generic case gets another try from the start.
func (s *dispatcher) recovering(t *Type) {
	known := "decode" + camel(s.rule.Spelling) + "Known"
	s.add(jen.Id("start").Op(":=").Id("i"))
	stop := s.in(s.after, jen.Id("b").Dot("At").Call(jen.Id("i")))
	s.add(jen.If(jen.List(jen.Id("v"), jen.Id("i")).Op("=").Id("d").Dot(known).Call(jen.Id("b"), jen.Id("i")), jen.Id("i").Op(">=").Lit(0).Op("&&").Add(stop)).Block(s.ret(jen.Id("i"))))
	s.add(jen.Id("i").Op("=").Id("start"))
	last := s.generic[len(s.generic)-1]
	last()
	s.add(s.fail(s.expected()))
	n, after, r := s.node, s.after, s.rule
	d := s.decodeEmitter
	d.function(known, r, t, false, func() {
		k := &dispatcher{decodeEmitter: d, mode: n.Mode, node: n, after: after, quiet: true}
		for _, alt := range n.Kids[:len(n.Kids)-1] {
			k.sort(alt)
		}
		k.all()
	})
}

// sort files one alternative. A sum within a sum joins the table.
func (s *dispatcher) sort(k *Node) {
	if s.mode == AltSum && k.Op == OpCall && k.Type.real().Kind == KindSum {
		if lo := s.ruleOf(k.Rule); lo.body.Op == OpAlt && !lo.recursive {
			for _, x := range lo.body.Kids {
				s.sort(x)
			}
			return
		}
	}
	nodes := s.open(k)
	heads, rest := s.heads(nodes)
	gate := s.gate(k.Source)
	keyworded := true
	for _, h := range heads {
		keyworded = keyworded && strings.Trim(h.text, ` "\()[`) != ""
	}
	shared := told(heads)
	switch {
	case keyworded:
		for _, h := range heads {
			s.words = append(s.words, s.entry(k, h, rest, gate, shared))
		}
		return
	case s.numbered(nodes):
		s.sortNumber(k, nodes, gate)
		return
	}
	s.noteAlone(k, nodes)
	if i := slices.IndexFunc(heads, func(h head) bool { return h.text == "" }); len(shared) > 0 && i >= 0 && heads[i].gate == nil && len(heads[i].binds) == 0 {
		s.generic = append(s.generic, func() { s.byFirst(k, rest, shared, gate) }) // it does not begin with one of the words
	} else {
		s.generic = append(s.generic, func() { s.byFirst(k, nodes, nil, gate) })
	}
	for _, h := range heads {
		if strings.Trim(h.text, ` "\()[`) != "" {
			s.words = append(s.words, s.entry(k, h, rest, gate, shared))
		}
	}
}

// open is the alternative as nodes that set the fields of its own value.
func (s *dispatcher) open(k *Node) []*Node {
	switch {
	case k.Op == OpGroup && !(k.Item != nil && k.Item.Multi):
		return s.flat(k.Kids)
	case k.Op == OpGroup:
		return s.flat(k.Kids)
	case s.mode == AltSum && k.Op == OpCall && k.Type.real().Kind == KindStruct && !s.ruleOf(k.Rule).recursive:
		return s.flat([]*Node{s.ruleOf(k.Rule).body})
	}
	if inner := s.prefixed(k); inner != nil {
		return inner
	}
	return s.flat([]*Node{k})
}

// prefixed opens the call of a rule that is a constant and then the call of another rule
// with the same value, so that there is one call less; nil for others.
func (s *dispatcher) prefixed(k *Node) []*Node {
	if s.mode != AltSum || k.Op != OpCall || k.Type.real().Kind != KindSum || s.ruleOf(k.Rule).recursive {
		return nil
	}
	inner := s.flat([]*Node{s.ruleOf(k.Rule).body})
	if n := len(inner); n > 0 && inner[n-1].Op == OpEnd {
		inner = inner[:n-1]
	}
	if len(inner) != 2 || inner[0].Op != OpText || inner[1].Op != OpCall || inner[1].Dest != "" {
		return nil
	}
	return inner
}

// begin prepares the value of an alternative: what its nodes will fill.
func (s *dispatcher) begin(k *Node) (restore func()) {
	outer := s.scope
	restore = func() { s.scope = outer }
	if s.mode == AltSet && k.Item.Apart {
		s.beginApart(s.node.Type.Apart)
	}
	switch {
	case s.mode == AltSum && k.Case != nil:
		s.add(s.scope.self.val().Op("=").Id(k.Case.Name))
	case s.mode == AltSum && k.Type.hasFields():
		s.add(jen.Id("c").Op(":=").Add(s.newValue(k.Type)))
		s.add(s.scope.self.val().Op("=").Id("c"))
		s.scope = structScope("c", k.Type)
	case s.mode == AltKind:
		s.add(jen.Id("v").Dot("Kind").Op("=").Id(k.Case.Name))
	case s.mode == AltEnum && k.Case != nil:
		s.setKeyword(k.Case)
	case s.mode == AltSet && k.Op != OpGroup && !k.Item.Multi:
		s.mark(k.Item.Name) // also where the value turns out to be empty
		s.marked = k.Item.Name
	case s.mode == AltSet && k.Op == OpGroup:
		s.beginItem(k)
	}
	return restore
}

// beginItem makes the struct of a set's item the scope.
func (s *dispatcher) beginItem(k *Node) {
	t := s.place(k.Dest)
	s.mark(k.Dest)
	if k.Item.Multi {
		store := s.arena(k.Type)
		s.add(t.val().Op("=").Id("d").Dot(store).Dot("Extend").Call(jen.Op("&").Id("d").Dot("Dec"), t.val()))
		s.add(jen.Id("c").Op(":=").Op("&").Add(t.val()).Index(jen.Len(t.val()).Op("-").Lit(1)))
	} else {
		s.add(jen.Id("c").Op(":=").Add(s.newValue(k.Type)))
		s.add(t.val().Op("=").Id("c"))
	}
	s.scope = structScope("c", k.Type)
}

// setKeyword stores a keyword of an enum, an open enum or a bit set.
func (s *dispatcher) setKeyword(c *Case) {
	t := s.node.Type.real()
	switch {
	case t.Kind == KindBits && t.Open:
		s.add(jen.Id("v").Dot("Bits").Op("|=").Id(c.Name))
	case t.Kind == KindBits:
		s.add(s.scope.self.val().Op("|=").Id(c.Name))
	default:
		s.add(s.scope.self.val().Op("=").Id(c.Name))
	}
}

// finish writes what follows the part of an alternative that has been
// recognised, and returns. Shared are the fields that its keywords tell, if it has several.
func (s *dispatcher) finish(k *Node, rest []*Node, binds []binding, shared []string) {
	if k.Op == OpCall {
		s.about = k.Rule
		defer func() { s.about = nil }()
	}
	if s.hasTail(k, rest, shared) {
		s.tail(k, rest, binds, shared)
		return
	}
	restore := s.begin(k)
	defer func() { restore(); s.marked = "" }()
	for _, b := range binds {
		if b.must != nil {
			s.add(b.must)
		}
		s.bind(b.dest, b.value, b.marks)
	}
	switch {
	case s.mode == AltEnum && k.Case == nil && s.node.Type.real().Kind == KindBits:
		s.otherKeyword(rest)
	case s.mode == AltSet && k.Item.Multi && k.Op != OpGroup:
		s.multiItem(k)
	default:
		s.seq(rest, s.after)
	}
	s.known = 0
	s.end()
}

// bind sets a field.
func (d *decodeEmitter) bind(dest string, value jen.Code, marks bool) {
	d.add(d.place(dest).val().Op("=").Add(value))
	if marks {
		d.mark(dest)
	}
}

// otherKeyword keeps a keyword that a bit set does not know. Most lists have
// none, and pay nothing for those that have.
func (s *dispatcher) otherKeyword(rest []*Node) {
	s.settle()
	store := s.arena(stringType)
	x := s.temp("x")
	s.add(jen.Var().Id(x).String())
	outer := s.scope
	s.scope.self = target{
		val: func() *jen.Statement { return jen.Id(x) },
		ptr: func() *jen.Statement { return jen.Op("&").Id(x) },
	}
	s.seq(rest, s.after)
	s.scope = outer
	other := func() *jen.Statement { return jen.Id("v").Dot("Other") }
	s.add(other().Op("=").Id("d").Dot(store).Dot("Extend").Call(jen.Op("&").Id("d").Dot("Dec"), other()))
	s.add(other().Index(jen.Len(other()).Op("-").Lit(1)).Op("=").Id(x))
}

// multiItem decodes a set's item that a rule of its own describes.
func (s *dispatcher) multiItem(k *Node) {
	t := s.place(k.Item.Name)
	store := s.arena(k.Type)
	s.add(t.val().Op("=").Id("d").Dot(store).Dot("Extend").Call(jen.Op("&").Id("d").Dot("Dec"), t.val()))
	s.call(s.ruleFunction(k.Rule, nil), jen.Op("&").Add(t.val()).Index(jen.Len(t.val()).Op("-").Lit(1)))
}

// byFirst chooses an alternative by its first bytes.
func (s *dispatcher) byFirst(k *Node, nodes []*Node, shared []string, gate *jen.Statement) {
	if s.mode == AltSet && k.Item.Multi && k.Op != OpGroup {
		nodes = []*Node{k}
	}
	all := grammar.ByteRange(0, 255)
	c, known := s.cond(nodes, all)
	s.add(jen.If(and(gate, c)).BlockFunc(s.block(func() {
		s.known = known
		s.finish(k, nodes, nil, shared)
	})))
	s.off, s.known = 0, 0
}
