package gen

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// examples finds for each rule and alternative a line that shows it.
type examples struct {
	l       *lowerer
	matcher *grammar.Matcher
	maker   *sampleMaker
	best    map[*grammar.Node]shown
}

// shown is an example, and which part of it is an element of the grammar.
type shown struct {
	Example
	at, end int
	penalty int
}

// longestExample is how many octets a line has at most that is worth showing.
const longestExample = 400

// newExamples sorts the lines by what they show. Lines that the grammar does not
// have are left out.
func newExamples(l *lowerer, lines []Example) *examples {
	e := &examples{l: l, matcher: l.grammar.Matcher(), best: map[*grammar.Node]shown{}}
	e.matcher.Leaf = literalEnds
	e.maker = newSampleMaker(l, e.matcher)
	seen := map[string]bool{}
	for _, x := range lines {
		if len(x.Text) <= longestExample && !seen[x.Text] {
			seen[x.Text] = true
			e.add(x)
		}
	}
	return e
}

// add matches a line, and keeps it for what it shows better than others.
func (e *examples) add(x Example) {
	for _, r := range e.l.grammar.Order {
		for _, d := range r.Directives {
			if d.Name == "root" && d.Args[0] == x.Side && e.matcher.Match(r.Name, []byte(x.Text)) {
				e.matcher.Derivation(r.Name, func(n *grammar.Node, at, end int) { e.keep(n, shown{x, at, end, 0}) })
				return
			}
		}
	}
}

// keep keeps a line for an element. Short lines are better, one line is better than
// several, and a part of a line that is empty shows nothing.
func (e *examples) keep(n *grammar.Node, s shown) {
	s.penalty = len(s.Text)
	if strings.Count(s.Text, "\n") > 1 {
		s.penalty += 100
	}
	if s.end == s.at {
		s.penalty += 1000
	}
	if source := n.Source; source != "" && source != s.RFC {
		s.penalty += 60
	}
	if old, ok := e.best[n]; !ok || s.penalty < old.penalty {
		e.best[n] = s
	}
	if n.Op == grammar.Ref { // a rule whose end the runtime decides has no elements
		if body := e.l.grammar.Rules[n.Name].Body; body != n {
			e.keepBody(body, s)
		}
	}
}

func (e *examples) keepBody(body *grammar.Node, s shown) {
	if old, ok := e.best[body]; !ok || s.penalty < old.penalty {
		e.best[body] = s
	}
}

// line is a complete line that has the rule in it.
func (e *examples) line(r *grammar.Rule) (Example, bool) {
	if s, ok := e.best[r.Body]; ok {
		return s.Example, true
	}
	s, ok := e.maker.towards(r.Body)
	return s.Example, ok
}

// excerpt is what an alternative looks like.
func (e *examples) excerpt(n *grammar.Node) string {
	const longest = 60
	s, ok := e.best[n]
	if text := s.Text[s.at:s.end]; ok && len(text) <= longest && text != "" && !strings.Contains(text, "\n") {
		return text
	}
	if s, ok = e.maker.towards(n); ok && s.end-s.at <= longest {
		return s.Text[s.at:s.end]
	}
	return ""
}

// literalEnds says where a literal ends: ABNF cannot count.
func literalEnds(r *grammar.Rule, data []byte, at int) (ends []int, ok bool) {
	if p := leafOf(r); p == nil || p.goType != "Literal" || r.Body.Op != grammar.Seq {
		return nil, false
	}
	text, announced := bytes.CutPrefix(data[at:], []byte(r.Body.Kids[0].Text))
	size, _, found := bytes.Cut(text, []byte("}\r\n"))
	if !announced || !found {
		return nil, true
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(string(size), "+"), 10, 31)
	end := len(data) - len(text) + len(size) + len("}\r\n") + int(n)
	if err != nil || end > len(data) {
		return nil, true
	}
	return []int{end}, true
}

// leafOf is the primitive that reads a rule, nil for one that has none.
func leafOf(r *grammar.Rule) *primitive {
	for _, d := range r.Directives {
		if d.Name == "leaf" {
			return primitives[d.Args[0]]
		}
	}
	return nil
}
