package spec_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// TestAllInOrder: the base comes first, every file is there once, and what an
// extension needs is before it.
func TestAllInOrder(t *testing.T) {
	var names []string
	for _, f := range spec.All() {
		names = append(names, strings.TrimSuffix(filepath.Base(f.Name), ".abnf"))
	}
	if !slices.Equal(names[:3], []string{"core", "rfc9051", "rfc3501"}) || len(names) != len(spec.Names()) {
		t.Errorf("All: %v", names)
	}
	for _, name := range names[3:] {
		for _, before := range spec.With(name) {
			if slices.Index(names, before) > slices.Index(names, name) {
				t.Errorf("%s stands before %s, which it needs", name, before)
			}
		}
	}
}

// hooks are rules of the base that extensions add alternatives to although no annotation
// says that they have any.
var hooks = map[string]string{
	"append-data":     "append-data-ext of RFC 4466 §3",
	"store-att-flags": "RFC 5257 §5 extends it",
	"store-item":      "labels of X-GM-EXT-1, with the operations of flags",
	"search-date-key": "a part of search-key, for what has the same arguments",
}

// TestExtensionsOnlyAdd: every rule is defined once, and what extensions say of rules of the
// base is more alternatives of those that are made for it. Order and meaning of what the
// base has by itself stay.
func TestExtensionsOnlyAdd(t *testing.T) {
	base, whole := base(t), whole(t)
	used := map[string]bool{}
	for _, r := range base.Order {
		got := whole.Rules[r.Name]
		if got.Pos != r.Pos || got.Source != r.Source || !slices.Equal(got.Caps, r.Caps) || got.Doc != r.Doc {
			t.Errorf("%s is another rule with extensions", r.Name)
		}
		kids := texts(got)
		for _, k := range texts(r) {
			i := slices.Index(kids, k)
			if i < 0 {
				t.Errorf("%s has no %s with extensions, or at another place", r.Name, k)
				break
			}
			kids = slices.Delete(kids, 0, i+1)
		}
		if len(texts(got)) == len(texts(r)) {
			continue
		}
		used[r.Name] = true
		if !slices.ContainsFunc(r.Directives, extensible) && hooks[r.Name] == "" {
			t.Errorf("extensions add to %s, which is no hook", r.Name)
		}
	}
	for name := range hooks {
		if !used[name] {
			t.Errorf("nothing extends %s", name)
		}
	}
}

func whole(t *testing.T) *grammar.Grammar {
	t.Helper()
	g, err := grammar.Load(spec.All()...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// extensible reports whether an annotation makes a rule one of alternatives.
func extensible(d *grammar.Directive) bool {
	return slices.Contains([]string{"sum", "set", "struct", "bits", "open", "hook"}, d.Name)
}

// texts are the alternatives of a rule; an empty hook has none.
func texts(r *grammar.Rule) []string {
	kids := []*grammar.Node{r.Body}
	if r.Body.Op == grammar.Alt {
		kids = r.Body.Kids
	}
	var out []string
	for _, k := range kids {
		if k.Op != grammar.Literal || k.Text != "" {
			out = append(out, k.String())
		}
	}
	return out
}

// TestDefinedTwice: a rule that two files define is an error that names both places.
func TestDefinedTwice(t *testing.T) {
	twice := grammar.File{Name: "x.abnf", Data: []byte("idle = \"IDLE\"\n")}
	_, err := grammar.Load(append(spec.All(), twice)...)
	if err == nil || !strings.Contains(err.Error(), "x.abnf:1") || !strings.Contains(err.Error(), "rfc9051.abnf:") {
		t.Errorf("error %v", err)
	}
}
