package gen

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
)

const docsGrammar = `; Kites: things that fly.
;
; The text was not at hand: written from a summary.

;@ cap KITE rfc1
;@ root client
;@ topic kite
line = "fly" SP colour [SP height] CRLF
; How high, in metres (RFC 1 §2.3, RFC 2 §A).
height = 1*DIGIT
; A colour (A7) with a | in it.
;@ open Colour*
colour = "RED" / "BLUE|GREEN" ;=Both
  / name
name = 1*%x61-7A
SP = " "
CRLF = %x0D.0A
DIGIT = %x30-39
`

// TestDocs: a page says of each rule what it is in Go, where it is described, and shows it.
func TestDocs(t *testing.T) {
	files := []grammar.File{{Name: "a/kite.abnf", Data: []byte(docsGrammar)}}
	pages := func() []File {
		g, err := grammar.Load(files...)
		if err != nil {
			t.Fatal(err)
		}
		pages, err := Docs(g, DocsOptions{Files: files, Code: "../kite", Grammar: "..", Examples: []Example{
			{Side: "client", Text: "fly red 300\r\n", RFC: "rfc1", Section: "4"}, {Side: "server", Text: "fly red 5\r\n"}, {Side: "client", Text: "walk\r\n"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	first := pages()
	if d := cmp.Diff(first, pages()); d != "" {
		t.Errorf("the second time is another:\n%s", d)
	}
	text := map[string]string{}
	for _, p := range first {
		text[p.Name] = string(p.Data)
	}
	for page, wants := range map[string][]string{
		"protocol.md": {"| [kite](protocol/kite.md) |", "| [kite.abnf](../a/kite.abnf) | Kites: things that fly. | The text of the RFC was not at hand"},
		"protocol/kite.md": {
			"How high, in metres ([RFC 1 §2.3], [RFC 2 §A]).\n", "[RFC 1 §2.3]: https://www.rfc-editor.org/rfc/rfc1#section-2.3\n",
			"[RFC 2 §A]: https://www.rfc-editor.org/rfc/rfc2#appendix-A\n",
			"For example ([RFC 1 §4]):\n\n    C: fly red 300\n", "A colour with a \\| in it. [RFC 1].\n",
			"| `\"BLUE\\|GREEN\"` | `ColourBoth` |", "| `` BLUE\\|GREEN `` |", "For example (made of the grammar):\n\n    C: fly name\n",
			"line = \"fly\" SP colour [SP height] CRLF\n", "[`Line`](../../kite/zkite.go), a struct: `Colour Colour`, `Height string`",
			"**The text of the RFC was not at hand: written from a summary.**",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(text[page], want) {
				t.Errorf("%s has no %q:\n%s", page, want, text[page])
			}
		}
	}
}
