package gen

import (
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// enum lowers a choice of keywords. With a string-like alternative it is open:
// a string with constants. Bits collects the keywords of a bit set instead.
func (l *lowerer) enum(n *grammar.Node, r *grammar.Rule, name, pattern string, bits *Type) *Node {
	out := &Node{Op: OpAlt, Mode: AltEnum, Source: n, Rule: r}
	var cases []*Case
	open := false
	l.eachKeyword(n, name, func(k *grammar.Node, c *Node) {
		out.Kids = append(out.Kids, c)
		if c.Type != nil {
			open = true
			return
		}
		c.Case = &Case{Name: strings.Replace(pattern, "*", l.keywordName(k, c), 1), Text: c.text(), Source: k}
		cases = append(cases, c.Case)
	})
	kind := KindEnum
	if open && bits == nil {
		kind = KindOpen
	}
	switch {
	case r == nil && l.around != nil && l.around.Body == n:
		r = l.around
	case r == nil:
		r = l.madeUp(name, n)
	}
	t := l.named(kind, name, r)
	t.Open = t.Open || open
	for _, c := range cases {
		l.addCase(t, c)
	}
	out.Type = t
	return out
}

// eachKeyword visits the alternatives; a rule with `;@ bits` among them stands
// for its own alternatives.
func (l *lowerer) eachKeyword(n *grammar.Node, hint string, f func(*grammar.Node, *Node)) {
	for _, k := range alternatives(n) {
		if k.Op == grammar.Ref {
			if r := l.grammar.Rules[k.Name]; has(r, "bits") {
				l.eachKeyword(r.Body, hint, f)
				continue
			}
		}
		f(k, l.node(k, hint))
	}
}

func (l *lowerer) keywordName(k *grammar.Node, c *Node) string {
	if name := use(k.Case); name != "" {
		return name
	}
	if name := use(k.Field); name != "" {
		return name
	}
	return camel(c.text())
}

// addCase adds a case to a type, once: several rules and alternatives can be one.
func (l *lowerer) addCase(t *Type, c *Case) {
	for _, o := range t.Cases {
		if o.Name == c.Name {
			if !strings.EqualFold(o.Text, c.Text) {
				l.errorf(c.Source.Pos, "%q and %q would both be called %s; name one of them with ;=Name", o.Text, c.Text, c.Name)
			}
			return
		}
	}
	t.Cases = append(t.Cases, c)
}

// bits lowers a rule whose lists are bit sets. Rules that name the same set share its keywords.
func (l *lowerer) bits(r *grammar.Rule, name, pattern string) *Node {
	if pattern == "" {
		pattern = typeName(r) + "*"
	}
	set := l.named(KindBits, name, r)
	prefix := strings.TrimSuffix(pattern, "*")
	out := l.enum(r.Body, r, prefix, pattern, set)
	set.Elem = out.Type
	set.Open = set.Open || out.Type.Open
	out.Type = set
	return out
}
