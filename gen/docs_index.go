package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// index writes the page that leads to all others.
func (d *docsWriter) index() []byte {
	d.head()
	d.printf("# The protocol\n\n" +
		"What the grammar has, and what it is in Go. A page holds a topic, which is one generated file of the\n" +
		"package: each rule with its Go type, where it is described, and a line that shows it. Lines with the\n" +
		"section of an RFC are that RFC's own examples; the others are made of the grammar, and rules of which any\n" +
		"word will do are shown by their names.\n\n")
	d.topicTable()
	d.commandTable()
	d.extensible()
	d.fileTable()
	d.ruleList()
	return d.take()
}

// topicTable lists the pages.
func (d *docsWriter) topicTable() {
	d.printf("## Topics\n\n| topic | rules | files of the grammar |\n|---|---|---|\n")
	for _, topic := range d.topicNames() {
		rules := d.rules(topic)
		var files []string
		for _, f := range d.sourceFiles(rules) {
			files = append(files, baseName(f))
		}
		if n := len(files); n > 6 {
			files = append(files[:5], fmt.Sprintf("and %d more", n-5))
		}
		d.printf("| [%s](%s) | %d | %s |\n", topic, pageOf(topic), len(rules), strings.Join(files, ", "))
	}
	d.printf("\n")
}

func baseName(f grammar.File) string {
	return strings.TrimSuffix(f.Name[strings.LastIndex(f.Name, "/")+1:], ".abnf")
}

// commandTable lists what handlers answer.
func (d *docsWriter) commandTable() {
	for _, r := range d.grammar.Order {
		if !has(r, "dispatch") {
			continue
		}
		d.printf("## Commands\n\n| command | Go | needs | described in |\n|---|---|---|---|\n")
		for _, h := range d.handledCases(d.lowerer.rule(r.Name).body, "") {
			rule := h.typ.Rule
			d.printf("| [%s](%s#%s) | `%s` | %s | %s |\n", h.wireName(), pageOf(d.topicOf(rule)), rule.Name, h.typ.Name, d.needs(h.caps), d.firstLinks(rule.Doc))
		}
		d.printf("\n")
	}
}

// extensible lists the rules that several files add to.
func (d *docsWriter) extensible() {
	d.printf("## What extensions add to\n\n| rule | alternatives | of extensions |\n|---|---|---|\n")
	for _, r := range d.grammar.Order {
		all, others := alternatives(r.Body), 0
		for _, k := range all {
			if k.Pos.File != r.Pos.File || !slices.Equal(k.Caps, r.Caps) {
				others++
			}
		}
		if others > 0 && d.topicOf(r) != "" {
			d.printf("| %s | %d | %d |\n", d.ruleLink(nil, r.Name), len(all), others)
		}
	}
	d.printf("\n")
}

// fileTable lists the files of the grammar with what they are.
func (d *docsWriter) fileTable() {
	if len(d.o.Files) == 0 {
		return
	}
	d.printf("## Files of the grammar\n\n| file | what it is | written from |\n|---|---|---|\n")
	for _, f := range d.o.Files {
		title, note := fileHead(f)
		from := "the text of the RFC"
		if note != "" {
			from = note
		}
		link := strings.ReplaceAll(d.fileLink(f), "](../", "](")
		d.printf("| %s | %s | %s |\n", link, markdown(title), from)
	}
	d.printf("\n")
}

// ruleList lists all rules by name.
func (d *docsWriter) ruleList() {
	d.printf("## All rules\n\n")
	rules := slices.Clone(d.grammar.Order)
	slices.SortFunc(rules, func(a, b *grammar.Rule) int { return strings.Compare(a.Name, b.Name) })
	for i, r := range rules {
		if i > 0 && r.Name[0] != rules[i-1].Name[0] {
			d.printf("\n")
		}
		d.printf("%s\n", d.ruleLink(nil, r.Name))
	}
}
