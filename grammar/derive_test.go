package grammar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

func loadText(t *testing.T, text string) *grammar.Grammar {
	t.Helper()
	g, err := grammar.Load(grammar.File{Name: "f", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestDerivation(t *testing.T) {
	g := loadText(t, `;@ root client
top = *(word SP) end
word = "a" / "ab" / 1*DIGIT
end = "." / word
SP = %x20
DIGIT = %x30-39
`)
	for in, want := range map[string]string{
		".":       `"." end`,
		"ab 12 .": `"ab" word, 1*digit word, "." end`,
		"a":       `word end, "a" word`,
	} {
		m := g.Matcher()
		if !m.Match("top", []byte(in)) {
			t.Fatalf("%q does not match", in)
		}
		var got []string
		m.Derivation("top", func(n *grammar.Node, _, _ int) {
			for _, r := range g.Order {
				if r.Body.Op == grammar.Alt && slices.Contains(r.Body.Kids, n) {
					got = append(got, n.String()+" "+r.Name)
				}
			}
		})
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q consists of %s, want %s", in, text, want)
		}
	}
}

func TestFailure(t *testing.T) {
	g := loadText(t, `;@ root client
top = ("x" one / "y" two / "z") "."
one = "(" 1*DIGIT ")"
two = "()"
DIGIT = %x30-39
`)
	for in, want := range map[string]string{
		"x(1":  `"x" one`,
		"x()":  `"x" one`,
		"y(":   `"y" two`,
		"y().": ``,
		"z":    `"z"`,
		"q":    ``,
	} {
		m := g.Matcher()
		if m.Match("top", []byte(in)) {
			continue
		}
		var got []string
		m.Failure("top", func(n *grammar.Node, at int) {
			for _, k := range g.Rules["top"].Body.Kids[0].Kids {
				if n == k {
					got = append(got, fmt.Sprint(n))
				}
			}
		})
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q fails in %s, want %s", in, text, want)
		}
	}
}
