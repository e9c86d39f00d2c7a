package imap

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

var coverageReport = flag.String("coverage", "", "write what of the grammar tests reach to this file, - for standard output")

// A goal is an alternative of the grammar, an element that may be left out, or a
// rule without either.
type goal struct {
	rule *grammar.Rule
	node *grammar.Node
}

func (g goal) String() string {
	text := strings.Join(strings.Fields(g.node.String()), " ")
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	at := g.node.Pos
	if at.File == "" {
		at = g.rule.Pos
	}
	return fmt.Sprintf("%s:%d: %s = %s", at.File, at.Line, g.rule.Name, text)
}

// goals lists what the roots reach, in the order of the grammar. What leaves
// that the runtime decides consist of is left out.
func goals(g *grammar.Grammar) []goal {
	reached := map[*grammar.Rule]bool{}
	for _, r := range roots {
		reachRules(g, g.Rules[ruleOf(r)], reached)
	}
	var out []goal
	for _, r := range g.Order {
		if !reached[r] || empty(r.Body) || r.Name == "crlf" { // nothing can go wrong behind a unit's end
			continue
		}
		own := len(out)
		if !opaque(r) {
			eachChoice(r.Body, func(n *grammar.Node) {
				if n.Op != grammar.Ref || !empty(g.Rules[n.Name].Body) {
					out = append(out, goal{r, n})
				}
			})
		}
		if len(out) == own {
			out = append(out, goal{r, r.Body})
		}
	}
	return out
}

// empty says that an element is nothing, as hooks are until something extends them.
func empty(n *grammar.Node) bool { return n.Op == grammar.Literal && n.Text == "" }

// ruleOf is the grammar's name for a root.
func ruleOf(r root) string { return r.rule }

// opaque reports whether the runtime decides where the rule ends.
func opaque(r *grammar.Rule) bool {
	if !slices.ContainsFunc(r.Directives, func(d *grammar.Directive) bool { return d.Name == "leaf" }) {
		return false
	}
	_, ok := decodeLeaf(r, []byte("\r\n"), 0)
	return ok
}

func reachRules(g *grammar.Grammar, r *grammar.Rule, reached map[*grammar.Rule]bool) {
	if r == nil || reached[r] {
		return
	}
	reached[r] = true
	if opaque(r) {
		return
	}
	eachNode(r.Body, func(n *grammar.Node) {
		if n.Op == grammar.Ref {
			reachRules(g, g.Rules[n.Name], reached)
		}
	})
}

func eachNode(n *grammar.Node, visit func(*grammar.Node)) {
	visit(n)
	for _, k := range n.Kids {
		eachNode(k, visit)
	}
}

// eachChoice visits alternatives, and what can be left out. Sets of bytes are no choice.
func eachChoice(n *grammar.Node, visit func(*grammar.Node)) {
	isClass := func(k *grammar.Node) bool { return k.Op == grammar.Class }
	switch {
	case n.Op == grammar.Alt && !slices.ContainsFunc(n.Kids, func(k *grammar.Node) bool { return !isClass(k) }):
		return
	case n.Op == grammar.Alt:
		for _, k := range n.Kids {
			if !empty(k) {
				visit(k)
			}
		}
	case n.Op == grammar.Rep && n.Min == 0 && !isClass(n.Kids[0]):
		visit(n.Kids[0])
	}
	for _, k := range n.Kids {
		eachChoice(k, visit)
	}
}

// A survey notes which goals texts reach, as part of a text that decodes, and as what had
// matched when one that does not decode went wrong.
type survey struct {
	m                    *grammar.Matcher
	g                    *grammar.Grammar
	accepting, rejecting map[*grammar.Node]bool
	// shown is the first text that has an element.
	shown map[*grammar.Node]sentence
}

// A sentence is a text of a rule.
type sentence struct {
	rule string
	text []byte
}

func newSurvey(g *grammar.Grammar) *survey {
	return &survey{m: newMatcher(g), g: g, accepting: map[*grammar.Node]bool{}, rejecting: map[*grammar.Node]bool{}, shown: map[*grammar.Node]sentence{}}
}

func (s *survey) add(rule string, text []byte) {
	if s.m.Match(rule, text) {
		s.m.Derivation(rule, func(n *grammar.Node, _, _ int) {
			s.mark(s.accepting, n)
			if s.shown[n].text == nil {
				s.shown[n] = sentence{rule, text}
			}
		})
	} else {
		s.m.Failure(rule, func(n *grammar.Node, _ int) { s.mark(s.rejecting, n) })
	}
}

// mark notes an element; a reference notes the body of its rule, which may be opaque.
func (s *survey) mark(seen map[*grammar.Node]bool, n *grammar.Node) {
	seen[n] = true
	if n.Op == grammar.Ref {
		seen[s.g.Rules[n.Name].Body] = true
	}
}

// missing lists the goals that are not in seen.
func missing(all []goal, seen map[*grammar.Node]bool) []goal {
	return slices.DeleteFunc(slices.Clone(all), func(g goal) bool { return seen[g.node] })
}

// surveyByHand surveys the examples of RFCs and the tables of this package, once.
func surveyByHand(tb testing.TB) *survey {
	surveyed.Do(func() { surveyed.survey = makeSurvey(tb, judge()) })
	return surveyed.survey
}

var surveyed struct {
	sync.Once
	survey *survey
}

func makeSurvey(tb testing.TB, g *grammar.Grammar) *survey {
	s := newSurvey(g)
	// A broken command that begins with UID is none, so that this has never begun to match;
	// and what takes all that is left is the end of what matches.
	eachChoice(g.Rules["command-ext"].Body, func(n *grammar.Node) { s.rejecting[n] = true })
	s.rejecting[g.Rules["command-rest"].Body] = true
	shapes := map[string]string{"command": "command", "data": "auth-response", "idle-done": "idle-done"}
	for _, v := range vectors(tb) {
		rule, ok := shapes[v.Shape]
		if !ok {
			rule = "response"
		}
		s.add(rule, []byte(v.Text))
	}
	for _, line := range brokenLines {
		s.add(line.root, []byte(line.text+"\r\n"))
	}
	return s
}

// surveySamples surveys random sentences until all goals are reached, or many have been tried.
func surveySamples(g *grammar.Grammar, all []goal, hand *survey) *survey {
	s := newSurvey(g)
	r := rand.New(rand.NewPCG(7, 7))
	sampler := g.Sampler(r)
	sampler.Leaf, sampler.Depth, sampler.Repeat, sampler.Size = leafText(r), 14, 2, 150
	for range 4000 {
		open := append(missing(all, s.accepting), missing(missing(all, s.rejecting), hand.rejecting)...)
		if len(open) == 0 {
			break
		}
		towards := newHunt(g, open)
		sampler.Choose = towards.choice(r)
		for _, root := range roots {
			if !towards.rules[g.Rules[root.rule]] {
				continue
			}
			if text, _ := sampler.Sentence(root.rule); len(text) < 300 {
				s.sample(root.rule, text, all)
			}
		}
	}
	return s
}

// A hunt knows which elements of the grammar lead to goals.
type hunt struct {
	g     *grammar.Grammar
	goals map[*grammar.Node]bool
	rules map[*grammar.Rule]bool
}

func newHunt(g *grammar.Grammar, goals []goal) *hunt {
	h := &hunt{g: g, goals: map[*grammar.Node]bool{}, rules: map[*grammar.Rule]bool{}}
	for _, goal := range goals {
		h.goals[goal.node] = true
	}
	for found := true; found; {
		found = false
		for _, r := range g.Order {
			if !h.rules[r] && h.reaches(r.Body) {
				h.rules[r], found = true, true
			}
		}
	}
	return h
}

// choice picks mostly what leads to a goal, where anything does.
func (h *hunt) choice(r *rand.Rand) func([]*grammar.Node) *grammar.Node {
	return func(possible []*grammar.Node) *grammar.Node {
		if h.any(possible) && r.IntN(16) > 0 {
			possible = slices.DeleteFunc(slices.Clone(possible), func(k *grammar.Node) bool { return !h.reaches(k) })
		}
		return possible[r.IntN(len(possible))]
	}
}

// reaches reports whether a sentence of the element can have a goal in it.
func (h *hunt) reaches(n *grammar.Node) bool {
	r := h.g.Rules[n.Name]
	return h.goals[n] || n.Op == grammar.Ref && r != nil && h.rules[r] || h.any(n.Kids)
}

func (h *hunt) any(nodes []*grammar.Node) bool { return slices.ContainsFunc(nodes, h.reaches) }

// sample adds a sentence, and breaks it behind every goal that it reaches for the first time.
func (s *survey) sample(rule string, text []byte, all []goal) {
	s.add(rule, text)
	wanted := map[*grammar.Node]bool{}
	for _, g := range missing(all, s.rejecting) {
		wanted[g.node] = true
	}
	var ends []int
	s.m.Derivation(rule, func(n *grammar.Node, at, end int) {
		if end > at && (wanted[n] || n.Op == grammar.Ref && wanted[s.g.Rules[n.Name].Body]) {
			ends = append(ends, end)
		}
	})
	for _, end := range ends {
		s.add(rule, slices.Concat(text[:end], []byte{0}, text[end:]))
	}
}

// TestCoverage: every alternative of the grammar is part of a text that decodes, and
// has begun to match in one that does not; the sampler by itself finds all of them.
func TestCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("surveys many sentences")
	}
	g := judge()
	all := goals(g)
	hand := surveyByHand(t)
	samples := surveySamples(g, all, hand)
	for _, m := range missing(all, samples.accepting) {
		t.Errorf("no sample has %v", m)
	}
	for _, m := range missing(all, samples.rejecting) {
		if !hand.rejecting[m.node] {
			t.Errorf("nothing that is refused has %v", m)
		}
	}
	if *coverageReport != "" {
		writeCoverage(t, all, hand, samples)
	}
}

func writeCoverage(t *testing.T, all []goal, hand, samples *survey) {
	t.Helper()
	out := io.Writer(os.Stdout)
	if *coverageReport != "-" {
		f, err := os.Create(*coverageReport)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out = f
	}
	for _, s := range []struct {
		name       string
		hand, more map[*grammar.Node]bool
	}{
		{"accepted", hand.accepting, samples.accepting},
		{"refused", hand.rejecting, samples.rejecting},
	} {
		byHand, bySamples := missing(all, s.hand), missing(all, s.more)
		fmt.Fprintf(out, "%s: of %d alternatives, examples and tables reach %d, samples %d\n",
			s.name, len(all), len(all)-len(byHand), len(all)-len(bySamples))
		for _, g := range byHand {
			by := "only samples reach"
			if !s.more[g.node] {
				by = "nothing reaches"
			}
			fmt.Fprintf(out, "  %s %v\n", by, g)
		}
	}
}
