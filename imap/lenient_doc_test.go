package imap

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update-lenient", false, "write the table of quirks into docs/lenient.md")

// docs/lenient.md lists every quirk, as the code has it.
func TestLenientDocumentation(t *testing.T) {
	const file, begin, end = "../docs/lenient.md", "<!-- quirks -->\n", "<!-- end of quirks -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	was, tail, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no %q and %q", file, begin, end)
	}
	table := quirkDocumentation()
	if *updateDocs {
		if err := os.WriteFile(file, []byte(head+begin+table+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if was != table {
		t.Errorf("the table of %s is not that of the code: go test ./imap -run TestLenientDocumentation -update-lenient", file)
	}
}

// quirkDocumentation is the table of quirks with an example each, which is the
// first case of the tests.
func quirkDocumentation() string {
	var b strings.Builder
	b.WriteString("| switch | what is read | who sends it | for example |\n|---|---|---|---|\n")
	for _, q := range Lenient.All() {
		line := ""
		for _, c := range lenientCases {
			if c.quirk == q {
				line = strings.Trim(fmt.Sprintf("%+q", c.line), `"`)
				line = strings.ReplaceAll(strings.ReplaceAll(line, `\"`, `"`), `\\`, `\`)
				break
			}
		}
		escape := strings.NewReplacer("|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | `` %s `` |\n", q, escape.Replace(q.Doc()), escape.Replace(q.Servers()), escape.Replace(line))
	}
	return b.String()
}
