package imap

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlagsOf(t *testing.T) {
	s := FlagsOf(`\seen`, "$JUNK", "Work", "wOrK", `\Custom`)
	want := FlagSet{Bits: FlagSeen | FlagJunk, Other: []string{"Work", `\Custom`}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	if got, want := s.String(), `(\Seen $Junk Work \Custom)`; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if s.Len() != 4 || s.IsEmpty() || !(FlagSet{}).IsEmpty() {
		t.Errorf("Len() = %d", s.Len())
	}
}

func TestFlagSetHas(t *testing.T) {
	s := FlagsOf(`\Seen`, `\Deleted`, "work")
	for name, want := range map[string]bool{
		`\SEEN`: true, `\Deleted`: true, `\Draft`: false, "WORK": true, "wor": false, "": false, "$Junk": false,
	} {
		if s.HasName(name) != want {
			t.Errorf("HasName(%q) = %v", name, !want)
		}
	}
	if !s.Has(FlagSeen|FlagDeleted) || s.Has(FlagSeen|FlagDraft) || !s.Has(0) {
		t.Error("Has wants every bit of its argument")
	}
}

func TestFlagSetAlgebra(t *testing.T) {
	a, b := FlagsOf(`\Seen`, "Work", "Home"), FlagsOf(`\Draft`, "WORK", "later")
	tests := []struct {
		name      string
		got, want FlagSet
	}{
		{"union", a.Union(b), FlagsOf(`\Seen`, `\Draft`, "Work", "Home", "later")},
		{"minus", a.Minus(b), FlagsOf(`\Seen`, "Home")},
		{"minus itself", a.Minus(a), FlagSet{}},
		{"union with nothing", a.Union(FlagSet{}), a},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, tt.got); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
	if !a.Equal(FlagsOf("HOME", "work", `\seen`)) || a.Equal(b) || a.Equal(FlagsOf(`\Seen`, "Work")) {
		t.Error("Equal ignores order and case, and nothing else")
	}
}

func TestFlagSetShares(t *testing.T) {
	a := FlagsOf("one", "two", "three")
	b := a
	b.RemoveName("ONE")
	c := a.Clone()
	c.AddName("four")
	if d := cmp.Diff([]string{"one", "two", "three"}, a.Other); d != "" {
		t.Error("a copy changed the original:", d)
	}
	if d := cmp.Diff([]string{"two", "three"}, b.Other); d != "" {
		t.Error(d)
	}
	b.RemoveName("absent")
	b.AddName("$junk")
	b.Remove(FlagJunk)
	b.Add(FlagSeen)
	if b.Bits != FlagSeen {
		t.Error("bits", b.Bits)
	}
	b.RemoveName(`\seen`)
	if b.Bits != 0 {
		t.Error("bits", b.Bits)
	}
}

func TestFlagSetNormalize(t *testing.T) {
	found := []string{"b", "A", "$junk", "B", `\SEEN`}
	s := FlagSet{Other: found}
	s.Normalize()
	if d := cmp.Diff(FlagSet{Bits: FlagJunk | FlagSeen, Other: []string{"A", "b"}}, s); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"b", "A", "$junk", "B", `\SEEN`}, found); d != "" {
		t.Error("Normalize wrote to a slice it does not own:", d)
	}
}
