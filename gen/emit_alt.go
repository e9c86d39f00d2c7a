package gen

import (
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// alt decodes a choice in the middle of a rule.
func (d *decodeEmitter) alt(n *Node, after grammar.ByteSet) {
	switch {
	case n.Mode == AltSpelling:
		d.spellings(n)
	case n.Mode == AltNull:
		d.nullable(n, after)
	case n.Mode == AltEnum && n.Type.real().Kind == KindEnum && !n.Type.real().Open:
		d.keywords(n, after)
	case n.Mode == AltSum, n.Mode == AltEnum, !d.disjoint(n):
		d.altFunction(n, after)
	default:
		d.branches(n, after)
	}
	d.mark(n.Dest)
}

// disjoint reports whether the first byte tells the alternatives apart.
func (d *decodeEmitter) disjoint(n *Node) bool {
	var seen grammar.ByteSet
	for _, k := range n.Kids {
		s, _ := d.first(k)
		if !seen.Intersect(s).Empty() {
			return false
		}
		seen = seen.Union(s)
	}
	return true
}

// spellings accepts any of several constants that say the same.
func (d *decodeEmitter) spellings(n *Node) {
	d.settle()
	d.known = 0
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for _, k := range n.Kids {
			d.add(jen.Case(d.is(k.Text, k.Exact)).Block(jen.Id("i").Op("+=").Lit(len(k.Text))))
		}
		d.add(jen.Default().Block(d.fail(describeText(n.Kids[0].Text))))
	})))
}

// nullable decodes NIL, or else the value.
func (d *decodeEmitter) nullable(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	var null *Node
	rest := *n
	rest.Kids = nil
	for _, k := range n.Kids {
		if k.Null && k.Op == OpText {
			null = k
			continue
		}
		rest.Kids = append(rest.Kids, k)
	}
	d.add(jen.If(d.is(null.Text, false)).Block(jen.Id("i").Op("+=").Lit(len(null.Text))).Else().BlockFunc(d.block(func() {
		if len(rest.Kids) == 1 {
			d.stepUnmarked(rest.Kids[0], after)
		} else {
			d.branches(&rest, after)
		}
		d.settle()
	})))
}

// stepUnmarked is step for a part of a node that sets the presence bit itself.
func (d *decodeEmitter) stepUnmarked(n *Node, after grammar.ByteSet) { d.step(n, after) }

// keywords decodes a closed set of keywords, the longest first.
func (d *decodeEmitter) keywords(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	kids := append([]*Node(nil), n.Kids...)
	sort.SliceStable(kids, func(a, b int) bool { return len(kids[a].text()) > len(kids[b].text()) })
	t := d.place(n.Dest)
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for _, k := range kids {
			text := k.text()
			d.add(jen.Case(d.is(text, false)).Block(
				t.val().Op("=").Id(k.Case.Name), jen.Id("i").Op("+=").Lit(len(text))))
		}
		d.add(jen.Default().Block(d.fail(describeKeywords(n))))
	})))
	_ = after
}

// describeKeywords lists a few keywords for an error message.
func describeKeywords(n *Node) string {
	var words []string
	for _, k := range n.Kids {
		if text := strings.TrimSpace(k.text()); text != "" {
			words = append(words, describeText(text))
		}
	}
	if len(words) > 6 {
		return strings.Join(words[:5], ", ") + " or another keyword"
	}
	if len(words) > 1 {
		return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	}
	return strings.Join(words, "")
}

// branches decodes alternatives that the first bytes tell apart.
func (d *decodeEmitter) branches(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	_, empty := d.first(n)
	d.add(jen.Switch().BlockFunc(d.block(func() {
		for i, k := range n.Kids {
			d.branch(n, i, k, after)
		}
		if !empty {
			d.add(jen.Default().Block(d.fail(describeChoice(n))))
		}
	})))
}

func (d *decodeEmitter) branch(n *Node, i int, k *Node, after grammar.ByteSet) {
	nodes := d.flat([]*Node{k})
	body := func(known int) func(*jen.Group) {
		return d.block(func() {
			d.known = known
			d.seq(nodes, after)
			d.known = 0
			d.settle()
		})
	}
	if _, empty := d.first(k); empty {
		d.add(jen.Default().BlockFunc(body(0)))
		return
	}
	others := d.othersFirst(n, i)
	c, known := d.cond(nodes, others)
	d.add(jen.Case(and(d.gate(k.Source), c)).BlockFunc(body(known)))
}

// othersFirst is what the other alternatives can begin with.
func (d *decodeEmitter) othersFirst(n *Node, i int) grammar.ByteSet {
	var out grammar.ByteSet
	for j, o := range n.Kids {
		if j != i {
			s, _ := d.first(o)
			out = out.Union(s)
		}
	}
	return out
}

// describeChoice names the alternatives of a choice in an error message.
func describeChoice(n *Node) string {
	var names []string
	for _, k := range n.Kids {
		names = append(names, k.begin())
	}
	return strings.Join(names, " or ")
}

// begin names what a node begins with.
func (n *Node) begin() string {
	switch {
	case n.Op == OpText:
		return describeText(n.Text)
	case n.Rule != nil && n.Op != OpAlt:
		return n.Rule.Name
	case len(n.Kids) > 0:
		return n.Kids[0].begin()
	case n.Source != nil && n.Source.Op == grammar.Ref:
		return n.Source.Name
	}
	return "something else"
}

// altFunction decodes a choice by a function of its own, which can try one
// alternative after the other.
func (d *decodeEmitter) altFunction(n *Node, after grammar.ByteSet) {
	d.settle()
	d.known = 0
	name := d.temp("decode" + camel(d.rule.Spelling) + "Choice")
	r := d.rule
	if n.Mode == AltFields {
		t := d.scope.typ
		arg := jen.Id(d.scope.name)
		d.function(name, r, t, false, func() { d.dispatch(n, after) })
		d.call(name, arg)
		return
	}
	t := d.place(n.Dest)
	inner := *n
	inner.Dest = ""
	d.function(name, r, n.Type, false, func() { d.dispatch(&inner, after) })
	d.callInto(name, n.Type, t)
}

// ---- dispatch: a whole function that chooses among alternatives

// entry is a keyword with what follows it.
type entry struct {
	text  string
	exact bool
	gate  *jen.Statement
	// next is what must follow the keyword, because a longer word could; empty
	// where the keyword's own end decides.
	next grammar.ByteSet
	body func()
}

// dispatcher sorts the alternatives of a function by how they are recognised.
type dispatcher struct {
	*decodeEmitter
	mode    AltMode
	node    *Node
	after   grammar.ByteSet
	words   []entry
	numbers []entry  // keywords behind a number
	generic []func() // chosen by the first byte
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
	if set, prefix, ok := s.wordBytes(); ok {
		s.words = s.commit(s.words, set, prefix)
		s.numbers = s.commit(s.numbers, set, " ")
	}
	s.table(s.words)
	if len(s.numbers) > 0 {
		s.behindNumber()
	}
	for _, f := range s.generic {
		f()
	}
	s.add(s.fail(s.expected()))
}

// commit keeps the generic alternative from taking a keyword that the grammar
// knows: what follows the keyword is wrong then, not the keyword unknown. Set
// are the bytes of the generic alternative's words, prefix what may stand before.
func (s *dispatcher) commit(words []entry, set grammar.ByteSet, prefix string) []entry {
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
		word, rest := w.text[:n], w.text[n:]
		if known[word] || letters(word) == "" {
			continue
		}
		known[word] = true
		expected := describeText(rest)
		if rest == "" {
			expected = "nothing more behind " + describeText(strings.TrimSpace(word))
		}
		out = append(out, entry{
			text: word, gate: w.gate, next: grammar.ByteRange(0, 255).Minus(set),
			body: func() { s.add(s.fail(expected)) },
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
			if inner := s.flat([]*Node{s.done2(n.Rule).body}); len(inner) > 0 {
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

// expected names the choice in an error message.
func (s *dispatcher) expected() string {
	if s.mode == AltEnum || s.mode == AltFields {
		if w := describeKeywords(s.node); w != "" && len(s.generic) == 0 {
			return w
		}
	}
	if s.node.Rule != nil {
		return "a valid " + s.node.Rule.Name
	}
	return describeChoice(s.node)
}

// recovering tries the known cases first; if one of them fails behind its
// keyword, the generic case gets another try from the start.
func (s *dispatcher) recovering(t *Type) {
	known := "decode" + camel(s.rule.Spelling) + "Known"
	s.add(jen.Id("start").Op(":=").Id("i"))
	stop := s.in(s.after, jen.Id("b").Index(jen.Id("i")))
	s.add(jen.If(jen.List(jen.Id("v"), jen.Id("i")).Op("=").Id("d").Dot(known).Call(jen.Id("b"), jen.Id("i")), jen.Id("i").Op(">=").Lit(0).Op("&&").Add(stop)).Block(s.ret(jen.Id("i"))))
	s.add(jen.Id("i").Op("=").Id("start"))
	last := s.generic[len(s.generic)-1]
	last()
	s.add(s.fail(s.expected()))
	n, after, r := s.node, s.after, s.rule
	d := s.decodeEmitter
	d.function(known, r, t, false, func() {
		k := &dispatcher{decodeEmitter: d, mode: n.Mode, node: n, after: after}
		for _, alt := range n.Kids[:len(n.Kids)-1] {
			k.sort(alt)
		}
		k.all()
	})
}

// sort files one alternative. A sum within a sum joins the table.
func (s *dispatcher) sort(k *Node) {
	if s.mode == AltSum && k.Op == OpCall && k.Type.real().Kind == KindSum {
		if lo := s.done2(k.Rule); lo.body.Op == OpAlt && !lo.recursive {
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
	switch {
	case keyworded:
		for _, h := range heads {
			s.words = append(s.words, s.entry(k, h, rest, gate))
		}
		return
	case s.numbered(nodes):
		s.sortNumber(k, nodes, gate)
		return
	}
	s.generic = append(s.generic, func() { s.byFirst(k, nodes, gate) })
	for _, h := range heads {
		if strings.Trim(h.text, ` "\()[`) != "" {
			s.words = append(s.words, s.entry(k, h, rest, gate))
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
	case s.mode == AltSum && k.Op == OpCall && k.Type.real().Kind == KindStruct && !s.done2(k.Rule).recursive:
		return s.flat([]*Node{s.done2(k.Rule).body})
	}
	return s.flat([]*Node{k})
}

// begin prepares the value of an alternative: what its nodes will fill.
func (s *dispatcher) begin(k *Node) (restore func()) {
	outer := s.scope
	restore = func() { s.scope = outer }
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
// recognised, and returns.
func (s *dispatcher) finish(k *Node, rest []*Node, binds []func()) {
	restore := s.begin(k)
	defer func() { restore(); s.marked = "" }()
	for _, b := range binds {
		b()
	}
	switch {
	case s.mode == AltEnum && k.Case == nil && s.node.Type.real().Kind == KindBits:
		s.otherKeyword(rest)
	case s.mode == AltSet && k.Item.Multi && k.Op != OpGroup:
		s.multiItem(k)
	case s.mode == AltSum && len(rest) > 0 && k.Type != nil && k.Type.real().Kind == KindStruct && heavy(rest) > 6:
		s.tail(k, rest)
	default:
		s.seq(rest, s.after)
	}
	s.known = 0
	s.end()
}

// otherKeyword keeps a keyword that a bit set does not know.
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
	s.add(jen.Id("d").Dot(store).Dot("Push").Call(jen.Id(x)))
}

// multiItem decodes a set's item that a rule of its own describes.
func (s *dispatcher) multiItem(k *Node) {
	t := s.place(k.Item.Name)
	store := s.arena(k.Type)
	s.add(t.val().Op("=").Id("d").Dot(store).Dot("Extend").Call(jen.Op("&").Id("d").Dot("Dec"), t.val()))
	s.call(s.ruleFunction(k.Rule, nil), jen.Op("&").Add(t.val()).Index(jen.Len(t.val()).Op("-").Lit(1)))
}

// heavy is the number of nodes.
func heavy(nodes []*Node) int {
	w := 0
	for _, n := range nodes {
		n.walk(func(*Node) { w++ })
	}
	return w
}

// tail puts the rest of a case into a function that its spellings share.
func (s *dispatcher) tail(k *Node, rest []*Node) {
	t := k.Type.real()
	r := s.rule
	if k.Op == OpCall {
		r = k.Rule
	}
	name := "decode" + t.Name + "Tail"
	if k.Op == OpCall {
		name = "decode" + camel(r.Spelling) + "Tail"
	}
	d, after := s.decodeEmitter, s.after
	d.function(name, r, t, false, func() {
		d.seq(rest, after)
		d.end()
	})
	s.call(name, jen.Id(s.scope.name))
}

// byFirst chooses an alternative by its first bytes.
func (s *dispatcher) byFirst(k *Node, nodes []*Node, gate *jen.Statement) {
	if s.mode == AltSet && k.Item.Multi && k.Op != OpGroup {
		nodes = []*Node{k}
	}
	all := grammar.ByteRange(0, 255)
	c, known := s.cond(nodes, all)
	s.add(jen.If(and(gate, c)).BlockFunc(s.block(func() {
		s.known = known
		s.finish(k, nodes, nil)
	})))
	s.off, s.known = 0, 0
}

// ---- keywords

// head is a constant beginning of an alternative, with what it stands for.
type head struct {
	text  string
	binds []func()
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
		return expand(hs, n.Text, nil), true
	case n.Op == OpOpt && n.Type != nil && n.Type.real().Kind == KindBool && n.Dest != "":
		set := func() { s.add(s.place(n.Dest).val().Op("=").True()) }
		return append(hs[:len(hs):len(hs)], expand(hs, n.Kids[0].text(), set)...), true
	case n.Op == OpAlt && n.Mode == AltSpelling:
		var out []head
		for _, k := range n.Kids {
			out = append(out, expand(hs, k.Text, nil)...)
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
		alt = s.done2(n.Rule).body
	}
	if alt.Op != OpAlt || alt.Mode != AltEnum || alt.Type.real().Kind != KindEnum || alt.Type.real().Open {
		return nil, false
	}
	var out []head
	for _, k := range alt.Kids {
		c := k.Case
		set := func() { s.add(s.place(n.Dest).val().Op("=").Id(c.Name)); s.mark(n.Dest) }
		out = append(out, expand(hs, k.text(), set)...)
	}
	return out, true
}

func expand(hs []head, text string, bind func()) []head {
	out := make([]head, len(hs))
	for i, h := range hs {
		binds := h.binds[:len(h.binds):len(h.binds)]
		if bind != nil {
			binds = append(binds, bind)
		}
		out[i] = head{h.text + text, binds}
	}
	return out
}

func (s *dispatcher) entry(k *Node, h head, rest []*Node, gate *jen.Statement) entry {
	e := entry{text: h.text, gate: gate, body: func() { s.finish(k, rest, h.binds) }}
	if last := h.text[len(h.text)-1:]; letters(last) != "" || last == "+" || last == "-" { // LITERAL+ is not LITERAL++
		e.next = s.firstOfSeq(rest, s.after)
	}
	return e
}

// table writes the choice by keyword: on a byte that tells many apart, then by
// comparing whole words, the longest first.
func (s *dispatcher) table(words []entry) {
	if len(words) == 0 {
		return
	}
	common := commonStart(words)
	byByte := map[byte][]entry{}
	for _, w := range words {
		c := w.text[common] | 0x20
		byByte[c] = append(byByte[c], w)
	}
	s.add(jen.Switch(s.byteAt(common).Op("|").Lit(0x20)).BlockFunc(s.block(func() {
		for c := range 256 {
			if ws := byByte[byte(c)]; ws != nil {
				s.add(jen.Case(byteLit(byte(c))).BlockFunc(s.block(func() { s.tableCase(ws, common) })))
			}
		}
	})))
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
	s.add(jen.Switch(s.byteAt(pos).Op("|").Lit(0x20)).BlockFunc(s.block(func() {
		for c := range 256 {
			if ws := byByte[byte(c)]; ws != nil {
				s.add(jen.Case(byteLit(byte(c))).BlockFunc(s.block(func() { s.tableCase(ws, common) })))
			}
		}
	})))
	s.compare(short)
}

// distinguishing is the position of the byte that leaves the fewest words to be
// compared, or -1 where comparing them all is as good.
func distinguishing(words []entry, common int) int {
	if len(words) < 3 {
		return -1
	}
	best, pos := len(words)-1, -1
	for p := common + 1; p < len(words[0].text); p++ {
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

// ---- numbers

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
	for _, h := range heads {
		h.binds = append([]func(){func() { s.setNumber(num) }}, h.binds...)
		s.numbers = append(s.numbers, s.entry(k, h, rest, gate))
	}
}

// setNumber stores the number that all alternatives begin with.
func (s *dispatcher) setNumber(num *Node) {
	t := s.place(num.Dest)
	p := num.Type.base().Prim
	if p.zeroAbsent {
		s.add(jen.If(jen.Id("b").Index(jen.Id("start")).Op("==").LitRune('0')).Block(s.ret(jen.Id("d").Dot("Fail").Call(jen.Id("start"), s.siteID(s.rule.Name, "a number that does not begin with 0")))))
	}
	val := jen.Id("n")
	if p.goType != "uint32" {
		val = primType(p.goType, p.wire).Call(val)
	}
	s.add(t.val().Op("=").Add(val))
	s.mark(num.Dest)
}

// behindNumber reads the number once and chooses by the keyword behind it.
func (s *dispatcher) behindNumber() {
	digits := grammar.ByteRange('0', '9')
	s.add(jen.If(s.in(digits, s.byteAt(0))).BlockFunc(s.block(func() {
		s.add(jen.Id("start").Op(":=").Id("i"))
		s.add(jen.List(jen.Id("n"), jen.Id("j")).Op(":=").Id("d").Dot("Number").Call(jen.Id("b"), jen.Id("i")))
		s.add(jen.If(jen.Id("j").Op("<").Lit(0)).Block(s.ret(jen.Id("j"))))
		s.add(jen.Id("i").Op("=").Id("j"))
		s.table(s.numbers)
		if len(s.generic) == 0 {
			s.add(s.fail("a keyword behind the number"))
			return
		}
		s.add(jen.Id("i").Op("=").Id("start"))
	})))
	s.off, s.known = 0, 0
}
