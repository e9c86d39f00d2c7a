package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// Code that says what is wrong runs once for a unit that is refused. It looks the place up
// in tables, so that the code which decodes need not keep account.

// A partial is a beginning of what was expected, with what could stand behind it.
type partial struct {
	text     string
	expected []string
	rule     *grammar.Rule // nil for the one at hand
}

// fail writes the end of a function: what was expected where, by which rule.
func (d *decodeEmitter) fail(expected string) *jen.Statement {
	return d.failBehind(expected, nil)
}

// failBehind is fail where a beginning of what was expected may be there.
func (d *decodeEmitter) failBehind(expected string, partials []partial) *jen.Statement {
	return d.failAt(d.siteID(d.ruleName(nil), expected), partials)
}

func (d *decodeEmitter) failAt(site jen.Code, partials []partial) *jen.Statement {
	if len(partials) == 0 {
		return d.ret(jen.Id("d").Dot("Fail").Call(d.at(0), site))
	}
	return d.ret(jen.Id("d").Dot("FailWord").Call(jen.Id("b"), d.at(0), jen.Id(d.wordTable(partials)).Index(jen.Op(":")), site))
}

// ruleName is the rule that a message names.
func (d *decodeEmitter) ruleName(r *grammar.Rule) string {
	switch {
	case r != nil:
		return r.Name
	case d.about != nil:
		return d.about.Name
	}
	return d.rule.Name
}

// wordTable is the name of a table of partials.
func (d *decodeEmitter) wordTable(partials []partial) string {
	var key strings.Builder
	var rows []jen.Code
	for _, p := range partials {
		rule := d.ruleName(p.rule)
		site := d.siteID(rule, anyOf(p.expected))
		rows = append(rows, jen.Line().Values(jen.Id("Text").Op(":").Lit(p.text), jen.Id("Site").Op(":").Add(site)))
		fmt.Fprintf(&key, "%q %q %q\n", rule, p.text, anyOf(p.expected))
	}
	if name := d.wordTables[key.String()]; name != "" {
		return name
	}
	name := fmt.Sprintf("partial%s%d", camel(d.rule.Spelling), len(d.wordTables))
	d.wordTables[key.String()] = name
	d.out(d.rule, jen.Var().Id(name).Op("=").Index(jen.Op("...")).Add(wire("Partial")).Values(append(rows, jen.Line())...))
	return name
}

// missing writes the failure of a constant, which something that was left out may precede.
// The first octets of it, tested before, are there; a keyword is wrong as a whole.
func (d *decodeEmitter) missing(text string, tested int) *jen.Statement {
	if tested > 0 && isWord(text[tested-1]) && isWord(text[tested]) {
		d.off -= tested
		defer func() { d.off += tested }()
	} else {
		text = text[tested:]
	}
	partials := beginnings(text)
	plain := d.siteID(d.ruleName(nil), anyOf(slices.Concat(d.goesOn(), []string{d.constant(text, d.afterText)})))
	if c, ok := d.before(); ok {
		skipped := d.says(d.skipped, grammar.ByteSet{})
		both := d.siteID(d.ruleName(nil), anyOf(append(skipped, describeText(text))))
		plain = wire("Skipped").Call(jen.Id("b"), d.at(0), jen.LitRune(rune(c)), both, plain)
	}
	return d.failAt(plain, partials)
}

// goesOn is the separator of a list in front of a constant: another element could come.
func (d *decodeEmitter) goesOn() []string {
	if len(d.skipped) == 0 {
		return nil
	}
	l := d.skipped[len(d.skipped)-1]
	for l.Op != OpList && len(l.Kids) == 1 {
		l = l.Kids[0]
	}
	switch {
	case l.Op != OpList || l.Sep == "" || l.Max == 1:
		return nil
	case l.Lead:
		return []string{d.constant(l.Sep, l.Kids)}
	}
	return []string{describeText(l.Sep)}
}

// before is the octet in front of what may be left out: where it is in front of the failure,
// that was.
func (d *decodeEmitter) before() (byte, bool) {
	if len(d.skipped) == 0 || d.front == "" {
		return 0, false
	}
	for _, n := range d.skipped {
		if _, empty := d.first(n); !empty {
			return 0, false
		}
	}
	return d.front[len(d.front)-1], true
}

// beginnings are the tokens of a constant, each with what follows it.
func beginnings(text string) (out []partial) {
	for n := tokenLen(text); n < len(text); n += tokenLen(text[n:]) {
		out = append(out, partial{text: text[:n], expected: []string{describeText(text[n:])}})
	}
	return out
}

// behind are the beginnings of what follows a word of the octets of a set.
func behind(partials []partial, word string, set grammar.ByteSet) (out []partial) {
	for _, p := range partials {
		if n := len(word); len(p.text) > n && strings.EqualFold(p.text[:n], word) && !set.Has(p.text[n]) {
			out = append(out, partial{p.text[n:], p.expected, p.rule})
		}
	}
	return out
}

// tokenLen is the length of the keyword that a text begins with, or of one octet.
func tokenLen(text string) int {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return max(n, 1)
}

func isWord(c byte) bool { return letters(string(rune(c))) != "" || strings.IndexByte(".-_", c) >= 0 }

// partials are the beginnings of the words, without repetition.
func (s *dispatcher) partials() []partial { return partialsOf(slices.Concat(s.words, s.alone)) }

// noteAlone notes the constants that an alternative begins with, whose value decides.
func (s *dispatcher) noteAlone(k *Node, nodes []*Node) {
	if inner := s.begins(nodes); inner != nil {
		nodes = inner
	}
	heads, rest := s.heads(nodes)
	for _, h := range heads {
		if h.text != "" {
			s.alone = append(s.alone, entry{text: h.text, expected: s.says(rest, s.after), rule: s.aboutRule(k)})
		}
	}
}

// aboutRule is the rule of an alternative.
func (s *dispatcher) aboutRule(k *Node) *grammar.Rule {
	if k.Op == OpCall {
		return k.Rule
	}
	return nil
}

// partialsOf are the beginnings of words.
func partialsOf(words []entry) (out []partial) {
	for _, w := range words {
		for n := tokenLen(w.text); n <= len(w.text); n += tokenLen(w.text[n:]) {
			if n == len(w.text) {
				out = addPartial(out, w, w.text, w.expected)
				break
			}
			expected := []string{describeText(w.text[n:])}
			if w.text[n:] == " " && len(w.expected) > 0 {
				expected = []string{andSpace + anyOf(w.expected)}
			}
			out = addPartial(out, w, w.text[:n], expected)
		}
	}
	return slices.DeleteFunc(out, func(p partial) bool { return len(unique(p.expected)) == 0 })
}

func addPartial(out []partial, w entry, text string, expected []string) []partial {
	for i := range out {
		if strings.EqualFold(out[i].text, text) {
			out[i].expected = append(out[i].expected, expected...)
			if out[i].rule != w.rule {
				out[i].rule = nil
			}
			return out
		}
	}
	return append(out, partial{text, slices.Clone(expected), w.rule})
}
