package grammar

import (
	"regexp"
	"slices"
	"strings"
)

// knownDirectives are the annotations of rules.
var knownDirectives = []string{"bits", "cap", "depth", "hook", "inline", "leaf", "null", "open", "prefer", "raw",
	"recover", "refines", "root", "secret", "set", "struct", "sum", "type"}

// directive reads a `;@` line. `cap` begins a section; all others belong to the rule.
func (b *builder) directive(r *Rule, a *abnfComment) {
	text, _, _ := strings.Cut(a.Text[2:], ";")
	words := strings.Fields(strings.Replace(text, "=", " ", 1))
	if len(words) == 0 {
		b.add(place(a.Pos), b.rname, "the annotation is empty; name it or remove it")
		return
	}
	d := &Directive{Name: words[0], Args: words[1:], Pos: place(a.Pos)}
	switch {
	case !slices.Contains(knownDirectives, d.Name):
		b.add(d.Pos, b.rname, "unknown annotation %q; use one of %s", d.Name, strings.Join(knownDirectives, ", "))
	case d.Name == "cap":
		b.section(d)
	default:
		r.Directives = append(r.Directives, d)
	}
}

var rfcNumber = regexp.MustCompile(`^rfc[0-9]+$`)

// section begins a section: the capabilities, any of which is needed, and the RFC.
func (b *builder) section(d *Directive) {
	b.caps, b.source = nil, ""
	for _, w := range d.Args {
		switch {
		case !rfcNumber.MatchString(w):
			b.caps = append(b.caps, w)
		case b.source == "":
			b.source = w
		default:
			b.add(d.Pos, b.rname, "a section has one source; name %s or %s", b.source, w)
		}
	}
	if len(d.Args) == 0 {
		b.add(d.Pos, b.rname, "a section needs the names of capabilities; add them after cap")
	}
}

var (
	noteName    = regexp.MustCompile(`^([A-Z][A-Za-z0-9]*|_)$`)
	notePattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*\*?$`)
)

// note reads `;.Name …` or `;=Name …`; a space after the sigil means no name.
func (b *builder) note(a *abnfNote) *Note {
	text, _, _ := strings.Cut(a.Text[2:], ";")
	n := &Note{Pos: place(a.Pos)}
	words := strings.Fields(text)
	if len(words) > 0 && text[0] != ' ' && text[0] != '\t' {
		if !noteName.MatchString(words[0]) {
			b.add(n.Pos, b.rname, "%q is no name; write a Go name with a capital, or _", words[0])
		}
		if words[0] != "_" {
			n.Name = words[0]
		}
		words = words[1:]
	}
	for _, w := range words {
		b.noteWord(n, w, a.Text[1] == '=')
	}
	return n
}

// noteWord reads a modifier or argument. Cases have the names of their values
// as arguments, fields at most the pattern of an enum's names.
func (b *builder) noteWord(n *Note, w string, isCase bool) {
	switch {
	case w == "multi":
		n.Multi = true
	case w == "stream":
		n.Stream = true
	case w == "secret":
		n.Secret = true
	case w == "zero":
		n.Zero = true
	case isCase && noteName.MatchString(w), !isCase && len(n.Args) == 0 && notePattern.MatchString(w):
		n.Args = append(n.Args, w)
	default:
		b.add(n.Pos, b.rname, "unknown modifier %q; use multi, stream, secret or zero, or write a plain comment", w)
	}
}
