package spec_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
