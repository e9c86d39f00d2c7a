package grammar_test

import (
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
	"testing"
)

func TestBase(t *testing.T) {
	g, err := grammar.Load(spec.Base()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(g.Order))
}
