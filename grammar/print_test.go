package grammar_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// ignorePos leaves out what printing cannot keep: places, and the order of rules.
var ignorePos = cmp.Options{
	cmpopts.IgnoreTypes(grammar.Pos{}),
	cmpopts.IgnoreFields(grammar.Grammar{}, "Order"),
	cmpopts.EquateEmpty(),
}

func TestStringLoadsToTheSameGrammar(t *testing.T) {
	want, err := grammar.Load(spec.Base()...)
	if err != nil {
		t.Fatal(err)
	}
	text := want.String()
	got, err := grammar.Load(grammar.File{Name: "printed", Data: []byte(text)})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(want, got, ignorePos); diff != "" {
		t.Errorf("the printed grammar differs (-want +got):\n%s", diff)
	}
	if again := got.String(); again != text {
		t.Error("printing twice gives two texts")
	}
}
