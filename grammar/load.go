package grammar

import (
	"slices"
	"strings"
)

// A File is the text of one grammar file and the name by which errors call it.
type File struct {
	Name string
	Data []byte
}

// Load reads the files and merges them into one grammar. Extensions (`=/`) may
// stand before or after the rule they extend, in any file; they are merged in
// the order of the files, before an alternative that is generic.
//
// The errors of all files are reported together, joined; each is an [*Error].
// Load does not look at the meaning of the rules: see [Grammar.Check].
func Load(files ...File) (*Grammar, error) {
	l := &loader{g: &Grammar{Rules: map[string]*Rule{}}}
	for _, f := range files {
		l.file(f)
	}
	for _, x := range l.extensions {
		l.extend(x)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return l.g, nil
}

// A loader merges rules while files are read.
type loader struct {
	report
	g          *Grammar
	extensions []*Rule // of `=/`, waiting until all rules are known
}

// file reads one file. The section of a `cap` annotation ends with it.
func (l *loader) file(f File) {
	parsed := l.parse(f)
	b := &builder{report: &l.report, lines: strings.Split(string(f.Data), "\n")}
	for _, r := range parsed.Rules {
		rule := b.rule(r)
		if r.Defined == "=/" {
			l.extensions = append(l.extensions, rule)
			continue
		}
		l.define(rule)
	}
	l.g.Implies = append(l.g.Implies, b.implies...)
	l.g.Conflicts = append(l.g.Conflicts, b.conflicts...)
	for _, d := range parsed.LeftOver {
		l.add(place(d.Pos), "", "no rule follows the annotation %s; write it directly before its rule", quoteToken(strings.TrimSpace(d.Text)))
	}
}

// define adds a rule that must not exist yet.
func (l *loader) define(r *Rule) {
	if old := l.g.Rules[r.Name]; old != nil {
		l.add(r.Pos, r.Spelling, "already defined at %s; use =/ to add alternatives, or another name", old.Pos)
		return
	}
	if d := r.directive("hook"); d != nil && !r.Body.empty() {
		l.add(d.Pos, r.Spelling, "a hook is empty until extensions fill it; write %s = \"\", or remove the annotation", r.Spelling)
	}
	l.g.Rules[r.Name] = r
	l.g.Order = append(l.g.Order, r)
}

// extend adds the alternatives of an `=/` to the rule it names.
func (l *loader) extend(x *Rule) {
	r := l.g.Rules[x.Name]
	if r == nil {
		l.add(x.Pos, x.Spelling, "=/ extends a rule that no file defines; define it with =, or correct the name")
		return
	}
	for _, d := range x.Directives {
		if d.Name != "prefer" {
			l.add(d.Pos, x.Spelling, "the annotation %q belongs to the definition at %s; move it there", ";@ "+d.Name, r.Pos)
		}
	}
	r.Directives = append(r.Directives, x.Directives...)
	added := alternatives(x.Body)
	for _, n := range added {
		n.Doc = x.Doc
	}
	if r.Body.empty() {
		r.Body = x.Body
		return
	}
	if r.Body.Op != Alt {
		r.Body = &Node{Op: Alt, Kids: []*Node{r.Body}, Pos: r.Body.Pos}
	}
	r.Body.Kids = insert(r.Body.Kids, added, l.g)
}

// insert puts added alternatives at the end, or before the last one where that
// is generic and would hide one of them.
func insert(kids, added []*Node, g *Grammar) []*Node {
	s := g.firstSets()
	i := len(kids)
	last := kids[i-1]
	for _, n := range added {
		if s.generic(last) && !s.First(n).Intersect(s.First(last)).Empty() {
			i = len(kids) - 1
		}
	}
	return slices.Concat(kids[:i], added, kids[i:])
}

// alternatives are the kids of an Alt, or the node itself.
func alternatives(n *Node) []*Node {
	if n.Op == Alt {
		return n.Kids
	}
	return []*Node{n}
}

// empty reports whether the node is the empty string, the body of a hook.
func (n *Node) empty() bool { return n.Op == Literal && n.Text == "" }

var (
	capitals     = ByteRange('A', 'Z')
	smallLetters = ByteRange('a', 'z')
	asciiLetters = capitals.Union(smallLetters)
)

// generic reports whether an alternative is open: any letter can begin it,
// punctuation such as a backslash before that set aside.
func (s *Sets) generic(n *Node) bool {
	first := s.First(n)
	if capitals.Minus(first).Empty() || smallLetters.Minus(first).Empty() {
		return true
	}
	switch {
	case n.Op == Ref && s.g.Rules[n.Name] != nil:
		body := s.g.Rules[n.Name].Body
		return body.Op == Seq && s.generic(body)
	case n.Op == Seq && len(n.Kids) > 1 && first.Intersect(asciiLetters).Empty() && n.Kids[0].Op == Literal:
		return s.generic(&Node{Op: Seq, Kids: n.Kids[1:]})
	}
	return false
}
