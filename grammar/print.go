package grammar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// String prints the element as ABNF, without notes.
func (n *Node) String() string { return (&printer{}).node(n) }

// String prints the grammar as a file that loads to the same rules: sections,
// annotations and comments included. Alternatives of other sections than their
// rule's come after all rules, as `=/`.
func (g *Grammar) String() string {
	p := &printer{notes: true}
	p.relations("implies", g.Implies)
	p.relations("conflicts", g.Conflicts)
	var extensions []extension
	for _, r := range rulesBySection(g.Order) {
		own, more := splitSections(r)
		p.section(r.Caps, r.Source)
		p.rule(r, "=", own)
		extensions = append(extensions, more...)
	}
	for _, x := range extensions {
		p.section(x.nodes[0].Caps, x.nodes[0].Source)
		p.rule(&Rule{Spelling: x.rule.Spelling, Doc: x.nodes[0].Doc}, "=/", x.nodes)
	}
	return p.out.String()
}

func (p *printer) relations(name string, relations []Relation) {
	for _, r := range relations {
		fmt.Fprintf(&p.out, ";@ %s %s\n", name, strings.Join(r.Caps, " "))
	}
}

// rulesBySection lists the rules that need no section first: no annotation ends one.
func rulesBySection(rules []*Rule) []*Rule {
	var outside, inside []*Rule
	for _, r := range rules {
		if len(r.Caps) == 0 && r.Source == "" {
			outside = append(outside, r)
		} else {
			inside = append(inside, r)
		}
	}
	return append(outside, inside...)
}

// An extension is what one `=/` adds.
type extension struct {
	rule  *Rule
	nodes []*Node
}

// splitSections parts the alternatives of a rule's own section from the others.
// A hook has none of its own.
func splitSections(r *Rule) (own []*Node, more []extension) {
	hook := r.directive("hook") != nil
	for _, k := range alternatives(r.Body) {
		last := len(more) - 1
		switch {
		case hook && k == r.Body && k.empty():
		case !hook && sameSection(k, &Node{Caps: r.Caps, Source: r.Source}):
			own = append(own, k)
		case last >= 0 && sameSection(k, more[last].nodes[0]):
			more[last].nodes = append(more[last].nodes, k)
		default:
			more = append(more, extension{r, []*Node{k}})
		}
	}
	if own == nil {
		own = []*Node{{Op: Literal}}
	}
	return own, more
}

func sameSection(a, b *Node) bool {
	return slices.Equal(a.Caps, b.Caps) && a.Source == b.Source && a.Doc == b.Doc
}

// A printer writes ABNF.
type printer struct {
	out    strings.Builder
	notes  bool
	caps   []string
	source string
}

// section writes a `cap` annotation where the section changes.
func (p *printer) section(caps []string, source string) {
	if slices.Equal(caps, p.caps) && source == p.source {
		return
	}
	p.caps, p.source = caps, source
	words := slices.DeleteFunc(append(slices.Clone(caps), source), func(s string) bool { return s == "" })
	fmt.Fprintf(&p.out, ";@ cap %s\n", strings.Join(words, " "))
}

func (p *printer) rule(r *Rule, defined string, alternatives []*Node) {
	if r.Doc != "" {
		p.out.WriteString("; " + strings.ReplaceAll(r.Doc, "\n", "\n; ") + "\n")
	}
	for _, d := range r.Directives {
		p.out.WriteString(strings.Join(append([]string{";@", d.Name}, d.Args...), " ") + "\n")
	}
	text := p.list(alternatives, "\n  / ")
	fmt.Fprintf(&p.out, "%s %s %s\n\n", r.Spelling, defined, strings.TrimRight(text, "\n "))
}

// list prints alternatives with a separator; a note before it ends the line.
func (p *printer) list(nodes []*Node, sep string) string {
	var b strings.Builder
	for i, n := range nodes {
		switch {
		case i > 0 && strings.HasSuffix(b.String(), "\n"):
			b.WriteString(strings.TrimLeft(sep, "\n"))
		case i > 0:
			b.WriteString(sep)
		}
		if n.Op == Alt {
			b.WriteString("(" + p.bare(n) + ")" + p.notesOf(n))
			continue
		}
		b.WriteString(p.node(n))
	}
	return b.String()
}

// node prints an element and its notes.
func (p *printer) node(n *Node) string { return p.bare(n) + p.notesOf(n) }

func (p *printer) bare(n *Node) string {
	switch n.Op {
	case Literal:
		return literalText(n)
	case Class:
		return classText(n.Set)
	case Ref:
		return n.Name
	case Seq:
		return p.sequence(n.Kids)
	case Alt:
		return p.list(n.Kids, " / ")
	}
	if n.Min == 0 && n.Max == 1 {
		return "[" + p.node(n.Kids[0]) + "]"
	}
	return repeatText(n) + p.grouped(n.Kids[0])
}

func (p *printer) sequence(kids []*Node) string {
	var b strings.Builder
	for i, k := range kids {
		if i > 0 && !strings.HasSuffix(b.String(), "\n") {
			b.WriteString(" ")
		}
		if k.Op == Seq || k.Op == Alt {
			b.WriteString("(" + p.bare(k) + ")" + p.notesOf(k))
			continue
		}
		b.WriteString(p.node(k))
	}
	return b.String()
}

// grouped prints an element that is repeated, in parentheses where it is not one token.
func (p *printer) grouped(n *Node) string {
	if n.Op == Literal || n.Op == Ref || n.Op == Class && !strings.Contains(classText(n.Set), " ") {
		return p.node(n)
	}
	return "(" + p.node(n) + ")"
}

func (p *printer) notesOf(n *Node) string {
	if !p.notes {
		return ""
	}
	return note(".", n.Field) + note("=", n.Case)
}

// note prints a note with the newline that ends it.
func note(sigil string, n *Note) string {
	if n == nil {
		return ""
	}
	words := append([]string{n.Name}, n.Args...)
	if n.Name == "" && len(n.Args) > 0 {
		words[0] = "_"
	}
	for _, m := range []struct {
		name string
		set  bool
	}{{"multi", n.Multi}, {"stream", n.Stream}, {"secret", n.Secret}, {"zero", n.Zero}, {"apart", n.Apart}} {
		if m.set {
			words = append(words, m.name)
		}
	}
	return " ;" + sigil + strings.Join(words, " ") + "\n"
}

func repeatText(n *Node) string {
	lo, hi := "", ""
	if n.Min > 0 {
		lo = strconv.Itoa(n.Min)
	}
	if n.Max >= 0 {
		hi = strconv.Itoa(n.Max)
	}
	return lo + "*" + hi
}

// literalText prints a string, as numbers where it holds what strings cannot.
func literalText(n *Node) string {
	quotable := !strings.ContainsFunc(n.Text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' })
	switch {
	case quotable && n.Exact:
		return `%s"` + n.Text + `"`
	case quotable:
		return `"` + n.Text + `"`
	}
	var parts []string
	for i := range len(n.Text) {
		parts = append(parts, fmt.Sprintf("%02X", n.Text[i]))
	}
	return "%x" + strings.Join(parts, ".")
}

// classText prints a set as ranges. Sets of several ranges come from no single
// element; they are printed for error messages.
func classText(s ByteSet) string {
	var parts []string
	for lo := 0; lo < 256; lo++ {
		if !s.Has(byte(lo)) {
			continue
		}
		hi := lo
		for hi < 255 && s.Has(byte(hi+1)) {
			hi++
		}
		part := fmt.Sprintf("%%x%02X", lo)
		if hi > lo {
			part += fmt.Sprintf("-%02X", hi)
		}
		parts = append(parts, part)
		lo = hi
	}
	return strings.Join(parts, " / ")
}
