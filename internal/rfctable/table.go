package main

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// A row is what the table says of an RFC.
type row struct {
	// rfc is its number; 0 where there is no RFC.
	rfc int
	// caps are the capabilities that it defines.
	caps []string
	// file is the file of the grammar with most of it; summary says that it was written without the text of the RFC.
	file    string
	summary bool
}

// revisions are capabilities that stand for the whole protocol.
var revisions = []string{"IMAP4rev1", "IMAP4rev2"}

// ofBase are the capabilities that the grammar lists in the base, because commands of the base speak of them.
var ofBase = map[int][]string{
	9051: {"IMAP4rev2", "STARTTLS", "LOGINDISABLED", "AUTH=PLAIN"},
	3501: {"IMAP4rev1"},
	7888: {"LITERAL+", "LITERAL-"},
}

// table is the text between the marks; the engine is in the directory.
func table(engine string) ([]byte, error) {
	offered, err := offered(engine)
	if err != nil {
		return nil, err
	}
	rows, err := rows()
	if err != nil {
		return nil, err
	}
	kept, err := kept()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\n| capability | RFC | codec | engine | store |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		codec := fmt.Sprintf("[%s](grammar/spec/%s.abnf)", r.file, r.file)
		if r.summary {
			codec += ", from a summary"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", codes(r.caps), r.link(), codec, r.engine(offered), cmp.Or(kept[r.rfc], "·"))
	}
	b.WriteString("\n")
	return b.Bytes(), nil
}

func codes(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, "`"+w+"`")
	}
	return strings.Join(out, " ")
}

func (r row) link() string {
	if r.rfc == 0 {
		return "none"
	}
	return fmt.Sprintf("[%d](https://www.rfc-editor.org/rfc/rfc%d)", r.rfc, r.rfc)
}

// engine says which of the capabilities a session may offer.
func (r row) engine(offered map[string]bool) string {
	var yes []string
	for _, c := range r.caps {
		if offered[c] {
			yes = append(yes, c)
		}
	}
	switch {
	case len(r.caps) == 0:
		return "·"
	case len(yes) == 0:
		return "no"
	case len(yes) == len(r.caps):
		return "yes"
	}
	return codes(yes)
}

// rows are those of the table: the two revisions, the other RFCs by number, and what has none.
func rows() ([]row, error) {
	files := spec.All()
	g, err := grammar.Load(files...)
	if err != nil {
		return nil, err
	}
	c := collector{rows: map[string]*row{}, homes: map[string]string{}}
	c.capabilities(g)
	for _, ofBase := range []bool{true, false} {
		for _, r := range g.Order {
			c.section(ofBase, r.Pos.File, r.Caps, r.Source)
			for _, k := range alternatives(r) {
				c.section(ofBase, k.Pos.File, k.Caps, k.Source)
			}
		}
	}
	for _, f := range files {
		head, _, _ := bytes.Cut(f.Data, []byte("\n\n"))
		for _, r := range c.rows {
			if r.file == base(f.Name) {
				r.summary = bytes.Contains(head, []byte("not at hand"))
			}
		}
	}
	return c.sorted(), nil
}

func alternatives(r *grammar.Rule) []*grammar.Node {
	if r.Body.Op == grammar.Alt {
		return r.Body.Kids
	}
	return []*grammar.Node{r.Body}
}

// base is the name of a grammar file without its ending.
func base(file string) string { return strings.TrimSuffix(path.Base(file), ".abnf") }

// A collector finds the rows of a grammar, by their RFC or their file.
type collector struct {
	rows map[string]*row
	// homes are the rows in which capabilities are.
	homes map[string]string
}

// capabilities finds the homes of those that extensions add to the rule for them.
func (c *collector) capabilities(g *grammar.Grammar) {
	rule := g.Rules["capability"]
	for _, k := range alternatives(rule) {
		if k.Pos.File != rule.Pos.File && k.Op == grammar.Literal {
			c.row(k.Pos.File, k.Source)
			c.settle(k.Text, cmp.Or(k.Source, k.Pos.File))
		}
	}
	for rfc, list := range ofBase {
		for _, name := range list {
			c.settle(name, "rfc"+strconv.Itoa(rfc))
		}
	}
}

// settle gives a capability a home, if it has none.
func (c *collector) settle(name, key string) {
	if c.homes[name] == "" {
		c.homes[name] = key
		c.rows[key] = cmp.Or(c.rows[key], &row{})
		c.rows[key].caps = append(c.rows[key].caps, name)
	}
}

// section takes note of a section of the grammar. Capabilities that have no home are of the RFC in whose own file they
// are named; in the base, the first one is meant, and others offer the same.
func (c *collector) section(ofBase bool, file string, caps []string, source string) {
	isBase := slices.Contains([]string{"core", "rfc9051", "rfc3501"}, base(file))
	if ofBase != isBase || source == "" && isBase {
		return
	}
	c.row(file, source)
	own := slices.DeleteFunc(slices.Clone(caps), func(s string) bool { return slices.Contains(revisions, s) })
	if isBase {
		own = own[:min(1, len(own))]
	}
	for _, name := range own {
		c.settle(name, cmp.Or(source, file))
	}
}

// row finds or makes the row of an RFC, or of a file that has none. Its own file counts more than one that mentions it.
func (c *collector) row(file, source string) {
	key := cmp.Or(source, file)
	r := cmp.Or(c.rows[key], &row{})
	c.rows[key] = r
	r.rfc, _ = strconv.Atoi(strings.TrimPrefix(source, "rfc"))
	if r.file == "" || base(file) == source {
		r.file = base(file)
	}
}

func (c *collector) sorted() []row {
	var out []row
	for _, r := range c.rows {
		out = append(out, *r)
	}
	rank := func(r row) int {
		switch r.rfc {
		case 9051:
			return 0
		case 3501:
			return 1
		case 0:
			return 1 << 30
		}
		return r.rfc
	}
	slices.SortFunc(out, func(a, b row) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a.file, b.file)) })
	return out
}
