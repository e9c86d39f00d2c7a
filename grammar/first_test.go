package grammar_test

import (
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

// set makes the set of the octets of a string.
func set(s string) grammar.ByteSet {
	var out grammar.ByteSet
	for i := range len(s) {
		out.Add(s[i])
	}
	return out
}

func TestByteSet(t *testing.T) {
	var empty grammar.ByteSet
	if _, ok := empty.First(); ok || !empty.Empty() || empty.Len() != 0 || len(empty.Bytes()) != 0 {
		t.Error("the zero value is not empty")
	}
	all := grammar.ByteRange(0, 255)
	if all.Len() != 256 || !all.Has(0) || !all.Has(255) {
		t.Errorf("all octets: %d", all.Len())
	}
	a, b := grammar.ByteRange(60, 130), grammar.ByteRange(128, 200)
	tests := []struct {
		name   string
		set    grammar.ByteSet
		lo, hi byte
	}{
		{"union", a.Union(b), 60, 200},
		{"intersection", a.Intersect(b), 128, 130},
		{"difference", a.Minus(b), 60, 127},
		{"one", grammar.ByteRange(255, 255), 255, 255},
	}
	for _, test := range tests {
		if test.set != grammar.ByteRange(test.lo, test.hi) {
			t.Errorf("%s is %v", test.name, test.set.Bytes())
		}
		if first, ok := test.set.First(); !ok || first != test.lo {
			t.Errorf("%s begins with %d", test.name, first)
		}
	}
	if !grammar.ByteRange(9, 3).Empty() {
		t.Error("a reversed range is not empty")
	}
}

func TestSets(t *testing.T) {
	g := load(t, `
start  = *item tail "." / %s"x"
item   = "k" [opt] / %x31-33
opt    = ["Y"] ["z"]
tail   = [item] *(";" last)
last   = 2("A" / %x42.43)
`)
	tests := []struct {
		rule          string
		nullable      bool
		first, follow string
	}{
		{"start", false, "kK123;.x", ""},
		{"item", false, "kK123", "kK123;."},
		{"opt", true, "yYzZ", "kK123;."},
		{"tail", true, "kK123;", "."},
		{"last", false, "aAB", ";."},
	}
	s := g.Sets()
	for _, test := range tests {
		body := g.Rules[test.rule].Body
		if got := s.Nullable(body); got != test.nullable {
			t.Errorf("%s: nullable is %v", test.rule, got)
		}
		if got := s.First(body); got != set(test.first) {
			t.Errorf("%s begins with %q, want %q", test.rule, got.Bytes(), set(test.first).Bytes())
		}
		if got := s.Follow(test.rule); got != set(test.follow) {
			t.Errorf("%s is followed by %q, want %q", test.rule, got.Bytes(), set(test.follow).Bytes())
		}
	}
}

// TestSetsOfBrokenGrammars: undefined rules and recursion end.
func TestSetsOfBrokenGrammars(t *testing.T) {
	s := load(t, "a = a \"x\" / b\nb = missing / [a]\n").Sets()
	if got := s.First(&grammar.Node{Op: grammar.Ref, Name: "a"}); got != set("xX") {
		t.Errorf("a begins with %q", got.Bytes())
	}
}
