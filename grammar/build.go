package grammar

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// A builder turns the syntax of one file into nodes.
type builder struct {
	*report
	lines  []string
	caps   []string // of the section
	source string
	rname  string // the rule at hand, for errors
	// implies and conflicts are what the file says of capabilities.
	implies, conflicts []Relation
}

func place(p lexer.Position) Pos { return Pos{File: p.Filename, Line: p.Line, Column: p.Column} }

// foldName makes the name by which a rule is found: names are case-insensitive
// (RFC 5234 §2.1), and some RFCs write `_` for `-`.
func foldName(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// rule builds a rule, of `=` or of `=/`.
func (b *builder) rule(a *abnfRule) *Rule {
	b.rname = a.Name.Value
	r := &Rule{Name: foldName(a.Name.Value), Spelling: a.Name.Value, Pos: place(a.Name.Pos)}
	for _, d := range a.Directives {
		b.directive(r, d)
	}
	r.Caps, r.Source, r.Doc = b.caps, b.source, b.docAbove(a)
	r.Body = b.alternation(a.Body)
	if r.Body.Op != Alt {
		r.Body.Caps, r.Body.Source = b.caps, b.source
	}
	return r
}

// docAbove joins the comment lines directly above a rule and its annotations, without
// those for readers of the grammar only.
func (b *builder) docAbove(a *abnfRule) string {
	var doc []string
	for i := a.Name.Pos.Line - 2; i >= 0 && strings.HasPrefix(b.lines[i], ";"); i-- {
		if text := b.lines[i][1:]; !strings.HasPrefix(text, "@") && !strings.HasPrefix(text, ";") {
			doc = append(doc, strings.TrimSpace(text))
		}
	}
	slices.Reverse(doc)
	return strings.Join(doc, "\n")
}

// alternation builds the alternatives; a single one stands for itself.
func (b *builder) alternation(a *abnfAlternation) *Node {
	n := &Node{Op: Alt, Pos: place(a.Pos)}
	for _, c := range a.Concatenations {
		n.Kids = append(n.Kids, b.concatenation(c))
	}
	if len(n.Kids) == 1 {
		return n.Kids[0]
	}
	for _, k := range n.Kids {
		k.Caps, k.Source = b.caps, b.source
	}
	return n
}

// concatenation builds a sequence; a single element stands for itself unless a
// note hangs on it.
func (b *builder) concatenation(a *abnfConcatenation) *Node {
	n := &Node{Op: Seq, Pos: place(a.Pos)}
	for i, r := range a.Repetitions {
		k := b.repetition(r)
		n.Kids = append(n.Kids, k)
		for _, note := range r.Notes {
			b.attach(n, k, note, i == len(a.Repetitions)-1)
		}
	}
	if len(n.Kids) == 1 && n.Case == nil && n.Kids[0].Field == nil {
		n = n.Kids[0]
	}
	return n
}

// attach hangs a note on its element, or on the alternative where it names a case.
func (b *builder) attach(seq, elem *Node, a *abnfNote, last bool) {
	note := b.note(a)
	switch {
	case a.Text[1] == '.' && elem.Field == nil:
		elem.Field = note
	case a.Text[1] == '=' && last && seq.Case == nil:
		seq.Case = note
	case a.Text[1] == '=' && !last:
		b.add(note.Pos, b.rname, "%q names an alternative; write it after the alternative's last element", a.Text)
	default:
		b.add(note.Pos, b.rname, "%q is the second note of its kind here; leave one", a.Text)
	}
}

// repetition builds an element and wraps it where it is repeated.
func (b *builder) repetition(a *abnfRepetition) *Node {
	n := b.element(a)
	if a.Repeat == "" {
		return n
	}
	least, most, ok := b.bounds(a)
	if !ok {
		return n
	}
	return &Node{Op: Rep, Min: least, Max: most, Kids: []*Node{n}, Pos: place(a.Pos)}
}

// bounds reads `n`, `n*m`, `n*`, `*m` or `*`.
func (b *builder) bounds(a *abnfRepetition) (least, most int, ok bool) {
	lo, hi, star := strings.Cut(a.Repeat, "*")
	if !star {
		hi = lo
	}
	least, ok1 := repeatCount(lo, 0)
	most, ok2 := repeatCount(hi, -1)
	switch {
	case !ok1 || !ok2:
		b.add(place(a.Pos), b.rname, "%q repeats more than %d times; use a smaller number", a.Repeat, math.MaxInt32)
	case most == 0:
		b.add(place(a.Pos), b.rname, "%q repeats nothing; remove the element or raise the number", a.Repeat)
	case most > 0 && least > most:
		b.add(place(a.Pos), b.rname, "%q has a minimum above its maximum; swap them", a.Repeat)
	default:
		return least, most, true
	}
	return 0, 0, false
}

func repeatCount(s string, unsaid int) (int, bool) {
	if s == "" {
		return unsaid, true
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil
}

// element builds what one element means.
func (b *builder) element(a *abnfRepetition) *Node {
	pos, e := place(a.Element.Pos), a.Element
	var n *Node
	switch {
	case e.Name != "":
		n = &Node{Op: Ref, Name: foldName(e.Name)}
	case e.Group != nil:
		n = b.alternation(e.Group)
	case e.Option != nil:
		n = &Node{Op: Rep, Min: 0, Max: 1, Kids: []*Node{b.alternation(e.Option)}}
	case e.String != "":
		n = b.charVal(pos, e.String)
	case e.Number != "":
		n = b.numVal(pos, e.Number)
	default:
		b.add(pos, b.rname, "prose %s cannot be generated from; write the rule in ABNF", e.Prose)
		n = &Node{Op: Literal}
	}
	n.Pos = pos
	return n
}
