package gen

import (
	"regexp"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

var (
	rfcAndSections = regexp.MustCompile(`RFC ([0-9]+)((?:,? §[0-9A-Z]+(?:\.[0-9]+)*)*)`)
	section        = regexp.MustCompile(`§([0-9A-Z]+(?:\.[0-9]+)*)`)
)

// sectionLink links to a section of an RFC at its publisher's. Where the link leads
// stands at the end of the page.
func (d *docsWriter) sectionLink(rfc, section string) string {
	text, anchor := "RFC "+rfc, ""
	if section != "" {
		text += " §" + section
		anchor = "#section-" + section
		if section[0] >= 'A' {
			anchor = "#appendix-" + section
		}
	}
	d.links[text] = "https://www.rfc-editor.org/rfc/rfc" + rfc + anchor
	return "[" + text + "]"
}

// linkTargets says where the links of the page lead.
func (d *docsWriter) linkTargets() {
	for _, text := range sortedKeys(d.links) {
		d.printf("[%s]: %s\n", text, d.links[text])
	}
	clear(d.links)
}

// rfcLinks are the sections of RFCs that a text names.
func (d *docsWriter) rfcLinks(text string) (out []string) {
	for _, m := range rfcAndSections.FindAllStringSubmatch(text, -1) {
		sections := section.FindAllStringSubmatch(m[2], -1)
		if len(sections) == 0 {
			out = append(out, d.sectionLink(m[1], ""))
		}
		for _, s := range sections {
			out = append(out, d.sectionLink(m[1], s[1]))
		}
	}
	return out
}

// doc is a comment of the grammar as Markdown. Where it does not say so, the source is
// what describes the rule.
func (d *docsWriter) doc(text, source string) string {
	text = withoutPlaces(strings.ReplaceAll(text, "\n", " "))
	number, isRFC := strings.CutPrefix(source, "rfc")
	if !isRFC || rfcAndSections.MatchString(text) {
		return d.linkRFCs(markdown(text))
	}
	return strings.TrimSpace(markdown(text) + " " + d.sectionLink(number, "") + ".")
}

// linkRFCs makes links of the RFCs that a text names.
func (d *docsWriter) linkRFCs(text string) string {
	return rfcAndSections.ReplaceAllStringFunc(text, func(s string) string { return strings.Join(d.rfcLinks(s), ", ") })
}

// placeOf says where an alternative is described: what its own comment names, or what the
// comment of the rule names of the same RFC, or the RFC of its section of the grammar.
func (d *docsWriter) placeOf(r *grammar.Rule, k *grammar.Node) string {
	number, isRFC := strings.CutPrefix(k.Source, "rfc")
	links := rfcAndSections.FindAllString(k.Doc, -1)
	if links == nil && (isRFC || k.Pos.File == r.Pos.File) {
		for _, s := range rfcAndSections.FindAllString(r.Doc, -1) {
			if !isRFC || strings.HasPrefix(s, "RFC "+number+" ") {
				links = append(links, s)
			}
		}
	}
	if links == nil && isRFC {
		return d.sectionLink(number, "")
	}
	return d.firstLinks(strings.Join(links, ", "))
}

// firstLinks are links to the first two of the sections that a text names.
func (d *docsWriter) firstLinks(text string) string {
	links := d.rfcLinks(text)
	return strings.Join(links[:min(2, len(links))], ", ")
}

var markdownEscape = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "]", `\]`, "`", "\\`", "|", `\|`)

// markdown escapes plain text.
func markdown(s string) string { return markdownEscape.Replace(s) }

// cell is text for a code span within a table.
func cell(s string) string {
	return strings.ReplaceAll(printable(strings.ReplaceAll(s, "\r\n", "␍␊")), "|", `\|`)
}

// printable replaces octets that a page cannot show.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '·'
		}
		return r
	}, s)
}

// element prints an element with the names of rules as they are spelled.
func (d *docsWriter) element(n *grammar.Node) string {
	words := tokens(n.String())
	for i, w := range words {
		if !strings.Contains(w, `"`) {
			words[i] = ruleName.ReplaceAllStringFunc(w, d.spelling)
		}
	}
	return strings.Join(words, " ")
}

var ruleName = regexp.MustCompile(`[a-z][a-z0-9-]*`)

func (d *docsWriter) spelling(name string) string {
	if r := d.grammar.Rules[name]; r != nil {
		return r.Spelling
	}
	return name
}

// abnf prints a rule in lines that fit on a page.
func (d *docsWriter) abnf(r *grammar.Rule) string {
	line, b := r.Spelling+" =", strings.Builder{}
	for _, word := range tokens(d.element(r.Body)) {
		if len(line)+1+len(word) > 96 {
			b.WriteString(line + "\n")
			line = "   "
		}
		line += " " + word
	}
	return b.String() + line
}

// tokens splits ABNF at the spaces that are not inside of strings.
func tokens(text string) (out []string) {
	quoted, start := false, 0
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ' ' && !quoted:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}
