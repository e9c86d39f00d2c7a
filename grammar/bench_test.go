package grammar_test

import (
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

func BenchmarkLoad(b *testing.B) {
	files := spec.Base()
	for b.Loop() {
		if _, err := grammar.Load(files...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	g, err := grammar.Load(spec.Base()...)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := g.Check(); err != nil {
			b.Fatal(err)
		}
	}
}
