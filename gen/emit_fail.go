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
}

// fail writes the end of a function: what was expected where, by which rule.
func (d *decodeEmitter) fail(expected string) *jen.Statement {
	return d.failBehind(expected, nil)
}

// failBehind is fail where a beginning of what was expected may be there.
func (d *decodeEmitter) failBehind(expected string, partials []partial) *jen.Statement {
	return d.failAt(d.siteID(d.rule.Name, expected), partials)
}

func (d *decodeEmitter) failAt(site jen.Code, partials []partial) *jen.Statement {
	if len(partials) == 0 {
		return d.ret(jen.Id("d").Dot("Fail").Call(d.at(0), site))
	}
	return d.ret(jen.Id("d").Dot("FailWord").Call(jen.Id("b"), d.at(0), jen.Id(d.wordTable(partials)).Index(jen.Op(":")), site))
}

// wordTable is the name of a table of partials.
func (d *decodeEmitter) wordTable(partials []partial) string {
	var key strings.Builder
	var rows []jen.Code
	for _, p := range partials {
		site := d.siteID(d.rule.Name, anyOf(p.expected))
		rows = append(rows, jen.Line().Values(jen.Dict{jen.Id("Text"): jen.Lit(p.text), jen.Id("Site"): site}))
		fmt.Fprintf(&key, "%q %q %q\n", d.rule.Name, p.text, anyOf(p.expected))
	}
	if name := d.wordTables[key.String()]; name != "" {
		return name
	}
	name := fmt.Sprintf("partial%s%d", camel(d.rule.Spelling), len(d.wordTables))
	d.wordTables[key.String()] = name
	d.out(d.rule, jen.Var().Id(name).Op("=").Index(jen.Op("...")).Add(wire("Partial")).Values(append(rows, jen.Line())...))
	return name
}

// missing writes the failure of a constant, which skipped may precede.
func (d *decodeEmitter) missing(text string) *jen.Statement {
	partials := beginnings(text, d.afterText)
	plain := d.siteID(d.rule.Name, anyOf(slices.Concat(d.goesOn(), []string{d.constant(text, d.afterText)})))
	if c, ok := d.before(); ok {
		skipped := d.says(d.skipped, grammar.ByteSet{})
		both := d.siteID(d.rule.Name, anyOf(append(skipped, describeText(text))))
		plain = wire("Skipped").Call(jen.Id("b"), d.at(0), jen.LitRune(rune(c)), both, plain)
	}
	return d.failAt(plain, partials)
}

// goesOn is the separator of a list in front of a constant: another element could come.
func (d *decodeEmitter) goesOn() []string {
	if n := len(d.skipped); n > 0 {
		if l := d.skipped[n-1]; l.Op == OpList && l.Sep != "" && l.Max != 1 {
			return []string{describeText(l.Sep)}
		}
	}
	return nil
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
func beginnings(text string, behind []*Node) (out []partial) {
	for n := tokenLen(text); n < len(text); n += tokenLen(text[n:]) {
		out = append(out, partial{text[:n], []string{describeText(text[n:])}})
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
func (s *dispatcher) partials() []partial { return partialsOf(s.words) }

// partialsOf are the beginnings of words.
func partialsOf(words []entry) (out []partial) {
	for _, w := range words {
		for n := tokenLen(w.text); n <= len(w.text); n += tokenLen(w.text[n:]) {
			if strings.Trim(w.text[:n], ` "\()[`) == "" && n > 1 {
				continue
			}
			if n == len(w.text) {
				out = addPartial(out, w.text, w.expected)
				break
			}
			expected := []string{describeText(w.text[n:])}
			if w.text[n:] == " " && len(w.expected) > 0 {
				expected = []string{andSpace + anyOf(w.expected)}
			}
			out = addPartial(out, w.text[:n], expected)
		}
	}
	return slices.DeleteFunc(out, func(p partial) bool { return len(unique(p.expected)) == 0 })
}

func addPartial(out []partial, text string, expected []string) []partial {
	for i := range out {
		if strings.EqualFold(out[i].text, text) {
			out[i].expected = append(out[i].expected, expected...)
			return out
		}
	}
	return append(out, partial{text, slices.Clone(expected)})
}
