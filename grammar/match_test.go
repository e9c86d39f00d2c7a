package grammar_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		body    string
		yes, no []string
	}{
		{`"aB"`, []string{"ab", "AB", "aB"}, []string{"", "a", "abb", "xb"}},
		{`%s"aB"`, []string{"aB"}, []string{"ab", "AB"}},
		{`%x41-42`, []string{"A", "B"}, []string{"a", "C", ""}},
		{`%x41.42`, []string{"AB"}, []string{"ab", "A"}},
		{`"a" / "ab"`, []string{"a", "ab"}, []string{"b", "aba"}},
		{`("a" / "ab") ("bc" / "c")`, []string{"ac", "abc", "abbc"}, []string{"ab", "abcc"}},
		{`["a"] "ab"`, []string{"ab", "aab"}, []string{"a", "b"}},
		{`*"a" "a"`, []string{"a", "aaaa"}, []string{"", "ab"}},
		{`2*3"a"`, []string{"aa", "aaa"}, []string{"", "a", "aaaa"}},
		{`2("a" / "b")`, []string{"ab", "ba", "aa"}, []string{"a", "aba"}},
		{`*2("a" / "aa")`, []string{"", "a", "aa", "aaa", "aaaa"}, []string{"aaaaa"}},
		{`2*2["a"]`, []string{"", "a", "aa"}, []string{"aaa"}},
		{`b *(";" b)
b = "(" [a] ")" / "x"`, []string{"x", "x;x", "(x;(x))", "()"}, []string{"", "x;", "(x"}},
	}
	for _, test := range tests {
		m := load(t, "a = "+test.body).Matcher()
		for _, s := range test.yes {
			if !m.Match("A", []byte(s)) {
				t.Errorf("%s does not match %q", test.body, s)
			}
		}
		for _, s := range test.no {
			if m.Match("a", []byte(s)) {
				t.Errorf("%s matches %q", test.body, s)
			}
		}
	}
}

func TestMatchSections(t *testing.T) {
	g := load(t, `
a = "x" / b
;@ cap ONE
a =/ "y" [c]
;@ cap TWO
a =/ "z"
b = "b"
c = "c"
`)
	tests := []struct {
		cap     string
		yes, no []string
	}{
		{"ONE", []string{"x", "y"}, []string{"z", "b", "yc"}},
		{"TWO", []string{"x", "z", "b"}, []string{"y"}},
	}
	for _, test := range tests {
		m := g.Matcher()
		m.Allows = func(caps []string) bool { return slices.Contains(caps, test.cap) }
		for _, s := range append(test.yes, test.no...) {
			if got, want := m.Match("a", []byte(s)), slices.Contains(test.yes, s); got != want {
				t.Errorf("with %s, %q matches: %v", test.cap, s, got)
			}
		}
	}
}

// TestMatchHook: a hook whose extensions are not offered is empty, as it is without them.
func TestMatchHook(t *testing.T) {
	g := load(t, `
;@ root client
a = "x" h "."
;@ hook
h = ""
;@ cap ONE
h =/ "1"
;@ cap TWO
h =/ "2" / "3"
`)
	for caps, yes := range map[string][]string{"": {"x."}, "ONE": {"x1."}, "TWO": {"x2.", "x3."}} {
		m, s := g.Matcher(), g.Sampler(rand.New(rand.NewPCG(1, 2)))
		m.Allows = func(c []string) bool { return slices.Contains(c, caps) }
		s.Allows = m.Allows
		for _, text := range []string{"x.", "x1.", "x2.", "x3."} {
			if got, want := m.Match("a", []byte(text)), slices.Contains(yes, text); got != want {
				t.Errorf("with %q, %q matches: %v", caps, text, got)
			}
		}
		for range 10 {
			if text, ok := s.Sentence("a"); !ok || !slices.Contains(yes, strings.ToLower(string(text))) {
				t.Errorf("with %q, %q is sampled", caps, text)
			}
		}
	}
}

func TestMatchLeaf(t *testing.T) {
	m := load(t, "a = count \".\"\n;@ leaf counted\ncount = %x31-39 *%x00-FF").Matcher()
	m.Leaf = func(r *grammar.Rule, data []byte, at int) ([]int, bool) {
		end := at + 1 + int(data[at]-'0')
		return []int{end}, r.Name == "count"
	}
	if !m.Match("a", []byte("3.x..")) || m.Match("a", []byte("2.x..")) {
		t.Error("the leaf's own count is not honoured")
	}
	if m.Match("a", []byte("3.x.!")) || m.Longest() != 4 {
		t.Errorf("the longest beginning has %d octets", m.Longest())
	}
}

// TestMatchIsPolynomial: ambiguity does not multiply.
func TestMatchIsPolynomial(t *testing.T) {
	m := load(t, "a = *(*1\"x\" \"x\") \"y\"").Matcher()
	data := make([]byte, 2000)
	for i := range data {
		data[i] = 'x'
	}
	if m.Match("a", data) {
		t.Error("matches without the y")
	}
}
