package gen

import (
	"slices"

	"github.com/imapsrv/imapsrv/grammar"
)

// A sampleMaker makes the shortest lines of a grammar that show an element of it. What
// can be any word is the name of its rule. It needs no chance, so that the same
// grammar always gives the same lines.
type sampleMaker struct {
	l       *lowerer
	matcher *grammar.Matcher
	height  map[string]int
	words   map[string]string
	// to is how far each rule is from the element that is to be shown.
	to     map[string]int
	target *grammar.Node
	// last is the rule that the target was reached through; avoid are those with which
	// it was taken for something else.
	last  string
	avoid map[string]bool
	out   []byte
}

func newSampleMaker(l *lowerer, m *grammar.Matcher) *sampleMaker {
	s := &sampleMaker{l: l, matcher: m, height: map[string]int{}, words: map[string]string{}}
	s.settle(s.height, func(r *grammar.Rule) int { return s.heightOf(r.Body) + 1 })
	return s
}

// far is the distance of what cannot be reached.
const far = 1 << 20

// settle finds the least values of all rules that agree with each other.
func (s *sampleMaker) settle(values map[string]int, value func(*grammar.Rule) int) {
	for _, r := range s.l.grammar.Order {
		values[r.Name] = far
	}
	for changed := true; changed; {
		changed = false
		for _, r := range s.l.grammar.Order {
			if v := value(r); v < values[r.Name] {
				values[r.Name] = v
				changed = true
			}
		}
	}
}

// heightOf is how deep rules nest at least in what an element matches.
func (s *sampleMaker) heightOf(n *grammar.Node) int {
	switch n.Op {
	case grammar.Ref:
		return s.height[n.Name]
	case grammar.Alt:
		return s.heightOf(lowest(n.Kids, s.heightOf))
	case grammar.Rep:
		if n.Min == 0 {
			return 0
		}
	}
	h := 0
	for _, k := range n.Kids {
		h = max(h, s.heightOf(k))
	}
	return h
}

// distance is how many rules stand between an element and the target.
func (s *sampleMaker) distance(n *grammar.Node) int {
	if n == s.target {
		return 0
	}
	if n.Op == grammar.Ref {
		return s.to[n.Name]
	}
	d := far
	for _, k := range n.Kids {
		d = min(d, s.distance(k))
	}
	return d
}

// lowest is the first of the elements with the least value.
func lowest(nodes []*grammar.Node, value func(*grammar.Node) int) *grammar.Node {
	return slices.MinFunc(nodes, func(a, b *grammar.Node) int { return value(a) - value(b) })
}

// detours is how many ways to an element are tried.
const detours = 4

// towards makes a line that shows an element; ok is false where none was found that
// the grammar reads as what it is to show.
func (s *sampleMaker) towards(target *grammar.Node) (x shown, ok bool) {
	s.target, s.avoid = target, map[string]bool{}
	for range detours {
		if x, ok = s.attempt(); ok {
			return x, true
		}
		s.avoid[s.last] = true
	}
	return shown{}, false
}

// attempt makes a line from each of the roots that lead to the target.
func (s *sampleMaker) attempt() (shown, bool) {
	s.to = map[string]int{}
	s.settle(s.to, func(r *grammar.Rule) int {
		if s.avoid[r.Name] {
			return far
		}
		return s.distance(r.Body) + 1
	})
	for _, r := range s.roots() {
		s.out, s.last = nil, r.Name
		s.write(r.Body, true)
		if x, ok := s.check(r); ok {
			return x, true
		}
	}
	return shown{}, false
}

// roots are those that lead to the target: whole units before what only follows another
// one, the nearest first.
func (s *sampleMaker) roots() []*grammar.Rule {
	var roots []*grammar.Rule
	cost := map[*grammar.Rule]int{}
	for _, r := range s.l.grammar.Order {
		if args, ok := directive(r, "root"); ok && s.to[r.Name] < far {
			roots = append(roots, r)
			cost[r] = s.to[r.Name] + far*len(args)
		}
	}
	slices.SortStableFunc(roots, func(a, b *grammar.Rule) int { return cost[a] - cost[b] })
	return roots
}

// check looks where in the line the element is.
func (s *sampleMaker) check(root *grammar.Rule) (x shown, ok bool) {
	args, _ := directive(root, "root")
	x = shown{Example: Example{Side: args[0], Text: string(s.out)}}
	if !s.matcher.Match(root.Name, s.out) {
		return x, false
	}
	s.matcher.Derivation(root.Name, func(n *grammar.Node, at, end int) {
		isLeaf := n.Op == grammar.Ref && s.l.grammar.Rules[n.Name].Body == s.target
		if !ok && (n == s.target || isLeaf) {
			x.at, x.end, ok = at, end, true
		}
	})
	return x, ok
}

// write writes text of an element; with lead, text that the target is in.
func (s *sampleMaker) write(n *grammar.Node, lead bool) {
	if n == s.target {
		lead = false
	}
	switch n.Op {
	case grammar.Literal:
		s.out = append(s.out, n.Text...)
	case grammar.Class:
		s.out = append(s.out, friendly(n.Set))
	case grammar.Ref:
		s.rule(s.l.grammar.Rules[n.Name], lead)
	case grammar.Alt:
		if lead {
			s.write(lowest(n.Kids, s.distance), true)
			return
		}
		s.write(lowest(n.Kids, s.heightOf), false)
	case grammar.Seq:
		s.sequence(n.Kids, lead)
	case grammar.Rep:
		turns := n.Min
		if lead {
			turns = max(1, turns)
		}
		for i := range turns {
			s.write(n.Kids[0], lead && i == 0)
		}
	}
}

// sequence leads to the target through one of the elements.
func (s *sampleMaker) sequence(kids []*grammar.Node, lead bool) {
	var through *grammar.Node
	if lead {
		through = lowest(kids, s.distance)
	}
	for _, k := range kids {
		s.write(k, k == through)
	}
}

// rule writes text of a rule.
func (s *sampleMaker) rule(r *grammar.Rule, lead bool) {
	if lead && s.target != r.Body {
		s.last = r.Name
		s.write(r.Body, true)
		return
	}
	if word := s.word(r); word != "" {
		s.out = append(s.out, word...)
		return
	}
	s.write(r.Body, false)
}

// word is the text of a rule without structure: what a reader knows for its
// primitive, or the name of the rule; "" for other rules.
func (s *sampleMaker) word(r *grammar.Rule) string {
	if word, ok := s.words[r.Name]; ok {
		return word
	}
	s.words[r.Name] = ""
	for _, word := range []string{s.known(r), r.Name, `"` + r.Name + `"`} {
		if word != "" && s.free(r) && s.matcher.Match(r.Name, []byte(word)) {
			s.words[r.Name] = word
			break
		}
	}
	return s.words[r.Name]
}

// free reports whether a rule takes any word.
func (s *sampleMaker) free(r *grammar.Rule) bool {
	return leafOf(r) != nil || s.l.lexical(r) || r.Body.Op == grammar.Ref && s.free(s.l.grammar.Rules[r.Body.Name])
}

func (s *sampleMaker) known(r *grammar.Rule) string {
	for _, d := range r.Directives {
		if d.Name == "leaf" {
			return samples[d.Args[0]]
		}
	}
	if r.Body.Op == grammar.Ref {
		if p := leafOf(s.l.grammar.Rules[r.Body.Name]); p != nil && p.goType != "string" && p.goType != "NString" {
			return s.known(s.l.grammar.Rules[r.Body.Name])
		}
	}
	return ""
}

// samples are texts that primitives read.
var samples = map[string]string{
	"number": "3", "nz-number": "3", "number64": "44827", "nz-number64": "44827", "uid": "4827313", "seq-num": "12",
	"mod-sequence": "12121231000", "mod-sequence-zero": "12121231000", "quoted": `"text"`, "string": `"text"`,
	"astring": "text", "mailbox": "INBOX", "nstring": `"text"`, "nstring8": `"text"`, "literal": "{5}\r\nHello",
	"literal8": "~{5}\r\nHello", "delimiter": `"/"`, "sequence-set": "2:4,7", "uid-set": "304,319:320", "date": "1-Feb-1994",
	"date-time": `"17-Jul-1996 02:44:25 -0700"`, "base64": "dGVzdAB0ZXN0AHRlc3Q=", "initial-resp": "dGVzdAB0ZXN0AHRlc3Q=",
}

// friendly is the octet of a set that a reader would expect.
func friendly(s grammar.ByteSet) byte {
	for _, c := range []byte("a1A ") {
		if s.Has(c) {
			return c
		}
	}
	c, _ := s.First()
	return c
}
