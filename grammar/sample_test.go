package grammar_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

// TestSentencesMatch: what the sampler makes, the matcher accepts.
func TestSentencesMatch(t *testing.T) {
	g := load(t, `
a = b *("," b) / %s"Z" 2*3%x30-39 [tail]
b = "Word" / "(" [a] ")" / %x41.42
;@ hook
tail = ""
;@ cap ONE
a =/ "one" c
;@ cap TWO
a =/ "two"
c = "c"
`)
	one := func(caps []string) bool { return slices.Contains(caps, "ONE") }
	seen := map[string]bool{}
	s := g.Sampler(rand.New(rand.NewPCG(1, 2)))
	s.Allows = one
	m := g.Matcher()
	m.Allows = one
	for range 2000 {
		text, ok := s.Sentence("A")
		if !ok || !m.Match("a", text) {
			t.Fatalf("%q is no sentence", text)
		}
		seen[string(text)] = true
	}
	for _, want := range []string{"Word", "()", "AB", "Word,AB"} {
		if !seen[want] {
			t.Errorf("no %q among 2000 sentences", want)
		}
	}
	if seen["one"] || seen["onec"] || seen["two"] {
		t.Error("a section is used that is not allowed")
	}
	if text, ok := s.Sentence("c"); ok {
		t.Errorf("a rule of a section that is not allowed gives %q", text)
	}
}

// TestSamplerEnds: recursion ends although every way but one is longer.
func TestSamplerEnds(t *testing.T) {
	g := load(t, "a = \"(\" a a \")\" / \"[\" 3a \"]\" / b\nb = c\nc = \"x\"\nd = \"(\" d \")\"")
	s := g.Sampler(rand.New(rand.NewPCG(3, 4)))
	s.Depth = 6
	for range 100 {
		if text, ok := s.Sentence("a"); !ok || len(text) > 1<<16 {
			t.Fatalf("a sentence of %d octets", len(text))
		}
	}
	if text, ok := s.Sentence("d"); ok {
		t.Errorf("endless rule gives %q", text)
	}
}

func TestSamplerLeaf(t *testing.T) {
	s := load(t, ";@ leaf number\na = 1*%x30-39\nb = a \".\"").Sampler(rand.New(rand.NewPCG(5, 6)))
	s.Leaf = func(r *grammar.Rule) ([]byte, bool) { return []byte(r.Name + "!"), true }
	if text, _ := s.Sentence("b"); string(text) != "a!." {
		t.Errorf("got %q", text)
	}
}
