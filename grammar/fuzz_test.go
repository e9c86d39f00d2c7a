package grammar_test

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imapsrv/imapsrv/grammar"
)

// FuzzLoad: no input makes the reader panic or loop, every error is an *Error,
// and what loads prints to something that loads to the same.
func FuzzLoad(f *testing.F) {
	tiny, err := os.ReadFile("testdata/tiny.abnf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tiny)
	for _, s := range []string{
		"a = b\r\n", "a =/ b", ";@ cap X\na = \"\"", "a = (b / [c]) ;.X\n", "a = 2*3%x41-5A %d1.2 <p>", "a = *(*(*b))\nb = [b]",
		"a = a / b\nb = a", ";@ root client\na = 1*b [b] b\nb = 1*%x41-5A", "\x00\xff", "a = \"\xff", "a = ( \n;@ b",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		g, err := grammar.Load(grammar.File{Name: "f", Data: data})
		if err != nil {
			checkErrors(t, err)
			return
		}
		text := g.String()
		again, err := grammar.Load(grammar.File{Name: "f", Data: []byte(text)})
		if err != nil {
			t.Fatalf("the printed grammar does not load: %v\n%s", err, text)
		}
		if diff := cmp.Diff(g, again, ignorePos); diff != "" {
			t.Errorf("printing changed the grammar (-want +got):\n%s", diff)
		}
		if err := g.Check(); err != nil {
			checkErrors(t, err)
		}
	})
}

// checkErrors: every one of the joined errors is an *Error with a place.
func checkErrors(t *testing.T, err error) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T is not joined", err)
	}
	for _, err := range joined.Unwrap() {
		var e *grammar.Error
		if !errors.As(err, &e) || e.Text == "" || e.Pos.Line < 1 || e.Pos.Column < 1 {
			t.Errorf("%#v", err)
		}
	}
}
