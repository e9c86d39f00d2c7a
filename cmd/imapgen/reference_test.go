package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/gen"
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// inside are the rules of which a line cannot show where they are: the octets of literals.
var inside = map[string]bool{"OCTET": true, "CHAR8": true}

// TestReference: the pages in docs are those that the grammar gives now; they lead somewhere, and every rule is shown.
func TestReference(t *testing.T) {
	examples, err := readExamples(filepath.Join("..", "..", "imap", "testdata", "inventory", "examples.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := grammar.Load(spec.All()...)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := gen.Docs(g, gen.DocsOptions{Files: spec.All(), Examples: examples, Code: "../imap", Grammar: ".."})
	if err != nil {
		t.Fatal(err)
	}
	docs := filepath.Join("..", "..", "docs")
	wanted := map[string]bool{}
	for _, p := range pages {
		name := filepath.Join(docs, filepath.FromSlash(p.Name))
		wanted[name] = true
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, p.Data) {
			t.Errorf("%s is stale; run make generate (%v)", p.Name, err)
		}
		lookAtPage(t, name, string(p.Data))
	}
	names, _ := filepath.Glob(filepath.Join(docs, "protocol", "*.md"))
	for _, name := range names {
		if !wanted[name] {
			t.Errorf("%s is not generated any more; remove it", name)
		}
	}
}

var target = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// lookAtPage follows the links of a page, and looks for what readers stumble over.
func lookAtPage(t *testing.T, name, text string) {
	t.Helper()
	for _, m := range target.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(name), filepath.FromSlash(m[1]))); err != nil {
			t.Errorf("%s: a link leads nowhere: %v", name, err)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if len(line) > 400 {
			t.Errorf("%s: a line of %d octets: %.80s…", name, len(line), line)
		}
	}
	for _, s := range strings.Split(text, "\n## ")[1:] {
		rule, _, _ := strings.Cut(s, "\n")
		if strings.Contains(s, "\nGo: ") && !strings.Contains(s, "\nFor example") && !inside[rule] {
			t.Errorf("%s: nothing shows %s", name, rule)
		}
	}
}

// TestReadExamples: what is wrong with a file of examples is said with its line.
func TestReadExamples(t *testing.T) {
	for text, want := range map[string]string{
		"{\"side\": \"C\"}\n{": ":2: ",
		`{"side": "X"}`:        `:1: the side is "X"; write C or S`,
		`[]`:                   "write a JSON object a line",
	} {
		name := filepath.Join(t.TempDir(), "lines")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readExamples(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}
