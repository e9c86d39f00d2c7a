package session

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestListPattern(t *testing.T) {
	tests := []struct {
		pattern string
		match   string // separated by spaces
		refuse  string
	}{
		{"*", "INBOX a a/b a/b/c", ""},
		{"%", "INBOX a", "a/b a/"},
		{"a/%", "a/b a/", "a a/b/c b/a"},
		{"a/*", "a/b a/b/c", "a ab"},
		{"%/%", "a/b", "a a/b/c"},
		{"inbox", "INBOX", "INBOX/a inbox/a"},
		{"iNb%", "INBOX", "INBOX/a INBOXES"},
		{"INBOX*", "INBOX INBOX/a INBOXES", "inbox/a"},
		{"a%b*c", "abc axbxc axb/c ab/x/c", "a/bc ab"},
		{"*%", "a a/b", ""},
		{"%*", "a a/b", ""},
		{"a", "a", "A aa b"},
		{"*2", "a2 a/b2", "2a"},
		{"a**b", "ab axb a/b", "a"},
		{"ü%", "ü üx", "u"},
	}
	for _, tt := range tests {
		p := compileListPattern(tt.pattern)
		for _, name := range strings.Fields(tt.match) {
			if !p.match(name) {
				t.Errorf("%q does not match %q", tt.pattern, name)
			}
		}
		for _, name := range strings.Fields(tt.refuse) {
			if p.match(name) {
				t.Errorf("%q matches %q", tt.pattern, name)
			}
		}
	}
}

// TestListPatternRandom compares with regular expressions.
func TestListPatternRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 3000 {
		pattern := word("aab/*%", rng.IntN(90))
		expr := strings.NewReplacer("*", ".*", "%", "[^/]*").Replace(pattern)
		re := regexp.MustCompile("^" + expr + "$")
		p := compileListPattern(pattern)
		for range 10 {
			name := word("aaab/", rng.IntN(90))
			if got, want := p.match(name), re.MatchString(name); got != want {
				t.Fatalf("%q on %q: %v, want %v", pattern, name, got, want)
			}
		}
	}
}

// TestListPatternLinear shows that the wildcards of an attacker cost nothing:
// one pass over the name (security class of CVE-2021-40110).
func TestListPatternLinear(t *testing.T) {
	name := strings.Repeat("a", 1_000_000)
	for _, pattern := range []string{"*a*a*a*a*a*a*b", strings.Repeat("%a*", 500) + "b"} {
		if compileListPattern(pattern).match(name) {
			t.Errorf("%.20q matches", pattern)
		}
	}
}

func BenchmarkListPattern(b *testing.B) {
	p := compileListPattern("*a*a*a*a*a*a*b")
	name := strings.Repeat("a", 200)
	b.ReportAllocs()
	for b.Loop() {
		p.match(name)
	}
}
