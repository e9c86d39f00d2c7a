package imap

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/imapsrv/imapsrv/gen"
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// TestGenerated: the generated files are those that the grammar gives now.
func TestGenerated(t *testing.T) {
	sources := spec.All()
	g, err := grammar.Load(sources...)
	if err != nil {
		t.Fatal(err)
	}
	options := gen.Options{Package: "imap", ImportPath: "github.com/imapsrv/imapsrv/imap"}
	for _, s := range sources {
		options.Sources = append(options.Sources, s.Name)
	}
	files, err := gen.Generate(g, options)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, f := range files {
		want[f.Name] = true
		got, err := os.ReadFile(f.Name)
		if err != nil || !bytes.Equal(got, f.Data) {
			t.Errorf("%s is stale; run make generate (%v)", f.Name, err)
		}
	}
	on, _ := filepath.Glob("z*.go")
	for _, name := range on {
		if !want[name] {
			t.Errorf("%s is not generated any more; remove it", name)
		}
	}
}
