package grammar_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imapsrv/imapsrv/grammar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenTree compares everything that is known of a small grammar, places included.
func TestGoldenTree(t *testing.T) {
	data, err := os.ReadFile("testdata/tiny.abnf")
	if err != nil {
		t.Fatal(err)
	}
	g, err := grammar.Load(grammar.File{Name: "tiny.abnf", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Check("command", "tail"); err != nil {
		t.Error(err)
	}
	got := dump(g)
	const golden = "testdata/tiny.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func dump(g *grammar.Grammar) string {
	var b strings.Builder
	for _, r := range g.Order {
		fmt.Fprintf(&b, "%s %s %v %q %s %q\n", r.Name, r.Pos, r.Caps, r.Source, r.Spelling, r.Doc)
		for _, d := range r.Directives {
			fmt.Fprintf(&b, "  @%s %q %s\n", d.Name, d.Args, d.Pos)
		}
		dumpNode(&b, r.Body, "  ")
	}
	return b.String()
}

func dumpNode(b *strings.Builder, n *grammar.Node, indent string) {
	ops := []string{"literal", "class", "ref", "seq", "alt", "rep"}
	fmt.Fprintf(b, "%s%s %s", indent, ops[n.Op], n.Pos)
	switch n.Op {
	case grammar.Literal:
		fmt.Fprintf(b, " %q exact=%v", n.Text, n.Exact)
	case grammar.Class:
		fmt.Fprintf(b, " %d octets", n.Set.Len())
	case grammar.Ref:
		fmt.Fprintf(b, " %s", n.Name)
	case grammar.Rep:
		fmt.Fprintf(b, " %d to %d", n.Min, n.Max)
	}
	dumpNote(b, "field", n.Field)
	dumpNote(b, "case", n.Case)
	if n.Source != "rfc1" && n.Caps != nil || n.Doc != "" {
		fmt.Fprintf(b, " %v %q %q", n.Caps, n.Source, n.Doc)
	}
	b.WriteString("\n")
	for _, k := range n.Kids {
		dumpNode(b, k, indent+"  ")
	}
}

func dumpNote(b *strings.Builder, kind string, n *grammar.Note) {
	if n == nil {
		return
	}
	fmt.Fprintf(b, " %s=%q %q", kind, n.Name, n.Args)
	if n.Multi {
		b.WriteString(" multi")
	}
	if n.Stream {
		b.WriteString(" stream")
	}
	if n.Secret {
		b.WriteString(" secret")
	}
	if n.Zero {
		b.WriteString(" zero")
	}
	if n.Apart {
		b.WriteString(" apart")
	}
	fmt.Fprintf(b, " %s", n.Pos)
}
