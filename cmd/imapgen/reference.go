package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/imapsrv/imapsrv/gen"
	"github.com/imapsrv/imapsrv/grammar"
)

// reference writes the reference of the grammar, if there is to be one.
func (a *arguments) reference(g *grammar.Grammar, sources []grammar.File) error {
	if a.Docs == "" {
		return nil
	}
	options := gen.DocsOptions{Files: sources}
	for _, name := range a.Examples {
		examples, err := readExamples(name)
		if err != nil {
			return err
		}
		options.Examples = append(options.Examples, examples...)
	}
	options.Code = a.fromDocs(a.Out)
	if a.ImportPath != "" { // a part of the module that the grammars are in, too
		options.Grammar = a.fromDocs(filepath.Join(a.Out, ".."))
	}
	pages, err := gen.Docs(g, options)
	if err != nil {
		return err
	}
	return writePages(a.Docs, pages)
}

// fromDocs is the path of a directory as the pages have it; "" where there is none.
func (a *arguments) fromDocs(dir string) string {
	from, err := filepath.Abs(a.Docs)
	if err != nil {
		return ""
	}
	to, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// exampleLine is a line of a file of examples. Examples with a reason why they are no model are left out.
type exampleLine struct {
	RFC                                 int
	Side, Text, Section                 string
	Uncertain, Elided, Pseudo, Obsolete json.RawMessage
	Miscounted                          json.RawMessage `json:"fixed_literal"`
}

func readExamples(name string) ([]gen.Example, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var out []gen.Example
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var x exampleLine
		if err := json.Unmarshal(line, &x); err != nil {
			return nil, fmt.Errorf("%s:%d: %w; write a JSON object a line", name, i+1, err)
		}
		side, known := map[string]string{"C": "client", "S": "server"}[x.Side]
		if !known {
			return nil, fmt.Errorf("%s:%d: the side is %q; write C or S", name, i+1, x.Side)
		}
		if x.Uncertain == nil && x.Elided == nil && x.Pseudo == nil && x.Obsolete == nil && x.Miscounted == nil {
			out = append(out, gen.Example{Side: side, Text: x.Text, RFC: "rfc" + strconv.Itoa(x.RFC), Section: x.Section})
		}
	}
	return out, nil
}
