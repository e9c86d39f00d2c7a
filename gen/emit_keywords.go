package gen

import (
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// head is a constant beginning of an alternative, with what it stands for.
type head struct {
	text  string
	binds []binding
	// gate is the test whether what an extension added to an enumeration is there.
	gate *jen.Statement
}

// A binding is a field whose value the beginning of an alternative tells.
type binding struct {
	dest  string
	value jen.Code
	// must is what must hold first, with what happens otherwise; nil for nothing.
	must *jen.Statement
	// marks says that the field may have a presence bit.
	marks bool
}

// heads are the constant beginnings of nodes: constants joined, optional and
// enumerated keywords expanded to one head each. rest is what follows them.
func (s *dispatcher) heads(nodes []*Node) (hs []head, rest []*Node) {
	hs = []head{{}}
	for len(nodes) > 0 {
		next, ok := s.extend(hs, nodes[0])
		if !ok || len(next) > 64 {
			return hs, nodes
		}
		hs, nodes = next, nodes[1:]
	}
	return hs, nil
}

// extend puts a node behind every head.
func (s *dispatcher) extend(hs []head, n *Node) ([]head, bool) {
	switch {
	case n.Op == OpText && !(n.Exact && letters(n.Text) != ""):
		return expand(hs, n.Text, nil, nil), true
	case n.Op == OpOpt && n.Type != nil && n.Type.real().Kind == KindBool && n.Dest != "":
		return append(hs[:len(hs):len(hs)], expand(hs, n.Kids[0].text(), &binding{dest: n.Dest, value: jen.True()}, s.gate(n.Source))...), true
	case n.Op == OpAlt && n.Mode == AltSpelling:
		var out []head
		for _, k := range n.Kids {
			out = append(out, expand(hs, k.Text, nil, nil)...)
		}
		return out, true
	case n.Dest != "":
		return s.extendEnum(hs, n)
	}
	return nil, false
}

// extendEnum expands a closed set of keywords.
func (s *dispatcher) extendEnum(hs []head, n *Node) ([]head, bool) {
	alt := n
	if n.Op == OpCall && n.Type.real().Kind == KindEnum {
		alt = s.ruleOf(n.Rule).body
	}
	if alt.Op != OpAlt || alt.Mode != AltEnum || alt.Type.real().Kind != KindEnum || alt.Type.real().Open {
		return nil, false
	}
	var out []head
	for _, k := range alt.Kids {
		set := &binding{dest: n.Dest, value: jen.Id(k.Case.Name), marks: true}
		out = append(out, expand(hs, k.text(), set, s.addedGate(alt, k))...)
	}
	return out, true
}

func expand(hs []head, text string, b *binding, gate *jen.Statement) []head {
	out := make([]head, len(hs))
	for i, h := range hs {
		binds := h.binds[:len(h.binds):len(h.binds)]
		if b != nil {
			binds = append(binds, *b)
		}
		out[i] = head{h.text + text, binds, both(h.gate, gate)}
	}
	return out
}

// entry is a keyword of an alternative; shared are the fields that its keywords tell, if it
// has several.
func (s *dispatcher) entry(k *Node, h head, rest []*Node, gate *jen.Statement, shared []string) entry {
	e := entry{
		text: h.text, gate: both(h.gate, gate), expected: s.says(rest, s.after), rule: s.aboutRule(k), node: k, whole: len(rest)+len(h.binds) == 0,
		body: func() { s.lead = h.text; s.finish(k, rest, h.binds, shared); s.lead = "" },
	}
	if last := h.text[len(h.text)-1:]; letters(last) != "" || strings.Contains("+-=", last) { // LITERAL+ is not LITERAL++
		e.next = s.firstOfSeq(rest, s.after)
	}
	return e
}

// table writes the choice by keyword: on a byte that tells many apart, then by
// comparing whole words, the longest first.
func (s *dispatcher) table(words []entry) {
	if len(words) < 2 {
		s.compare(words)
		return
	}
	common := commonStart(words)
	byByte := map[byte][]entry{}
	for _, w := range words {
		c := w.text[common] | 0x20
		byByte[c] = append(byByte[c], w)
	}
	s.choose(byByte, common, common)
}

// jumpTable is the number of cases from which the compiler makes a table of jumps of a
// switch. Processors remember the targets of few such jumps, and the ways of very many
// branches: choosing among many by a table takes up to twice the time.
const jumpTable = 8

// choose writes the choice by the byte at pos, in any case.
func (s *dispatcher) choose(words map[byte][]entry, pos, common int) {
	var order []byte
	for c := range 256 {
		if words[byte(c)] != nil {
			order = append(order, byte(c))
		}
	}
	folded := s.byteAt(pos).Op("|").Lit(0x20)
	if len(order) >= jumpTable {
		c := s.temp("c")
		s.add(jen.Id(c).Op(":=").Add(folded))
		folded = jen.Id(c)
	}
	s.halve(folded, order, func(c byte) { s.tableCase(words[c], common) })
}

// halve writes a switch, or several behind comparisons where one would become a table of jumps.
func (s *dispatcher) halve(c jen.Code, order []byte, body func(byte)) {
	if len(order) < jumpTable {
		s.add(jen.Switch(c).BlockFunc(s.block(func() {
			for _, b := range order {
				s.add(jen.Case(byteLit(b)).BlockFunc(s.block(func() { body(b) })))
			}
		})))
		return
	}
	mid := len(order) / 2
	half := func(order []byte) func(*jen.Group) { return s.block(func() { s.halve(c, order, body) }) }
	s.add(jen.If(jen.Add(c).Op("<").Add(byteLit(order[mid]))).BlockFunc(half(order[:mid])).Else().BlockFunc(half(order[mid:])))
}

// commonStart is the length of the punctuation that all words begin with.
func commonStart(words []entry) int {
	text := words[0].text
	for _, w := range words {
		n := 0
		for n < len(text) && n < len(w.text) && text[n] == w.text[n] && letters(text[n:n+1]) == "" {
			n++
		}
		text = text[:n]
	}
	n := len(text)
	for _, w := range words {
		n = min(n, len(w.text)-1)
	}
	return n
}

// tableCase chooses among words that begin alike, on further bytes as long as
// that tells words apart. Words too short to have such a byte come last.
func (s *dispatcher) tableCase(words []entry, common int) {
	sort.SliceStable(words, func(a, b int) bool { return len(words[a].text) > len(words[b].text) })
	pos := distinguishing(words, common)
	if pos < 0 {
		s.compare(words)
		return
	}
	byByte := map[byte][]entry{}
	var short []entry
	for _, w := range words {
		if len(w.text) <= pos {
			short = append(short, w)
			continue
		}
		c := w.text[pos] | 0x20
		byByte[c] = append(byByte[c], w)
	}
	s.choose(byByte, pos, common)
	s.compare(short)
}

// ahead is how far a decoder may look ahead of an octet of the unit, where nothing says yet
// what is there: wire.Slack, less the word that may be loaded from there.
const ahead = 24

// distinguishing is the position of the byte that leaves the fewest words to be
// compared, or -1 where comparing them all is as good.
func distinguishing(words []entry, common int) int {
	if len(words) < 3 {
		return -1
	}
	best, pos := len(words)-1, -1
	for p := common + 1; p < min(len(words[0].text), ahead); p++ {
		same, short := map[byte]int{}, 0
		for _, w := range words {
			if p < len(w.text) {
				same[w.text[p]|0x20]++
			} else {
				short++
			}
		}
		most := 0
		for _, n := range same {
			most = max(most, n)
		}
		if most+short < best {
			best, pos = most+short, p
		}
	}
	return pos
}

// compare tries whole words.
func (s *dispatcher) compare(words []entry) {
	off := s.off
	for _, w := range words {
		c := s.is(w.text, w.exact)
		if !w.next.Empty() {
			c = c.Op("&&").Parens(s.in(w.next, s.byteAt(len(w.text))))
		}
		s.add(jen.If(and(w.gate, c)).BlockFunc(s.block(func() {
			s.off = off + len(w.text)
			w.body()
		})))
		s.off, s.known = off, 0
	}
}

// numbered: the alternative is a number and a keyword behind it.
func (s *dispatcher) numbered(nodes []*Node) bool {
	if len(nodes) < 2 || nodes[0].Op != OpVal || nodes[1].Op != OpText || nodes[0].Dest == "" {
		return false
	}
	t := nodes[0].Type.base()
	return t.Kind == KindLeaf && numeric(t.Prim) && (t.Prim.goType == "uint32" || t.Prim.goType == "SeqNum" || t.Prim.goType == "UID")
}

func (s *dispatcher) sortNumber(k *Node, nodes []*Node, gate *jen.Statement) {
	num := nodes[0]
	heads, rest := s.heads(nodes[1:])
	for i := range heads {
		heads[i].binds = append([]binding{s.number(num)}, heads[i].binds...)
	}
	shared := told(heads)
	for _, h := range heads {
		s.numbers = append(s.numbers, s.entry(k, h, rest, gate, shared))
	}
}

// number is the field for the number that all alternatives begin with.
func (s *dispatcher) number(num *Node) binding {
	p := num.Type.base().Prim
	b := binding{dest: num.Dest, marks: true}
	if p.zeroAbsent {
		s.fromStart = true
		b.must = jen.If(jen.Id("b").Dot("At").Call(jen.Id("start")).Op("==").LitRune('0')).Block(s.ret(jen.Id("d").Dot("Fail").Call(jen.Id("start"), s.siteID(s.rule.Name, "a number that does not begin with 0"))))
	}
	val := jen.Id("n")
	if p.goType != "uint32" {
		val = primType(p.goType, p.wire).Call(val)
	}
	b.value = val
	return b
}

// texts are the keywords of entries, as messages say them.
func texts(entries []entry) (out []string) {
	for _, e := range entries {
		out = append(out, describeText(e.text))
	}
	return out
}

// behindNumber reads the number once and chooses by the keyword behind it.
func (s *dispatcher) behindNumber() {
	digits := grammar.ByteRange('0', '9')
	s.add(jen.If(s.in(digits, s.byteAt(0))).BlockFunc(s.block(func() {
		if s.fromStart || len(s.generic) > 0 {
			s.add(jen.Id("start").Op(":=").Id("i"))
		}
		s.add(jen.List(jen.Id("n"), jen.Id("j")).Op(":=").Id("d").Dot("Number").Call(jen.Id("b"), jen.Id("i")))
		s.add(jen.If(jen.Id("j").Op("<").Lit(0)).Block(s.ret(jen.Id("j"))))
		s.add(jen.Id("i").Op("=").Id("j"))
		s.table(s.numbers)
		if len(s.generic) == 0 {
			s.add(s.fail(anyOf(texts(s.numbers))))
			return
		}
		s.add(jen.Id("i").Op("=").Id("start"))
	})))
	s.off, s.known = 0, 0
}
