package grammar

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// arity is how many arguments an annotation has.
type arity struct{ least, most int }

// directives are the annotations of rules. What they mean is for the reader of
// the grammar to honour; only cap, conflicts, implies, root, leaf, hook and prefer
// matter here.
var directives = map[string]arity{
	"bits":      {1, 2},           // T P*: a list of these keywords is a bit set T with constants P*
	"cap":       {1, math.MaxInt}, // A B rfcN: what follows in the file needs one of these capabilities
	"conflicts": {2, 2},           // A B: a server must not offer both capabilities
	"depth":     {1, 1},           // =N: how deep the rule may nest
	"dispatch":  {0, 0},           // the alternatives are requests that handlers answer
	"hook":      {0, 0},           // empty until extensions add alternatives
	"implies":   {2, math.MaxInt}, // A B C: a server that offers A has what B and C stand for
	"inline":    {0, 1},           // [T]: the values belong to the rule around
	"leaf":      {1, 2},           // P [Field]: read by the runtime's primitive P
	"name":      {1, math.MaxInt}, // a mailbox name: what messages call it
	"null":      {0, 0},           // the constant that stands for an absent value
	"open":      {0, 1},           // [P*]: the last alternative catches what is unknown
	"prefer":    {1, 1},           // first: acknowledges a conflict; keyword: one that follows a list ends it
	"raw":       {0, 1},           // [Field]: the value is the text that matched
	"recover":   {0, 0},           // a keyword with a bad value is tried as the last alternative
	"refines":   {1, 1},           // R: the typed form of the generic rule R
	"root":      {1, 2},           // client|server [mode]: an entry point
	"secret":    {0, 0},           // never printed
	"set":       {0, 3},           // [T] [inline] [P*]: a list of these items is one struct
	"struct":    {0, 1},           // [T]: all alternatives share one struct
	"sum":       {0, 3},           // [T] [P*] [each]: the alternatives are cases of an interface
	"topic":     {1, 1},           // N: the generated file to which the rule belongs
	"type":      {1, 2},           // T [Field]: the Go name
}

// kinds are the annotations of which a rule can have only one.
var kinds = []string{"bits", "leaf", "raw", "set", "struct", "sum"}

// directive reads a `;@` line. `cap` begins a section, `implies` and `conflicts` are
// about capabilities; all others belong to the rule.
func (b *builder) directive(r *Rule, a *abnfComment) {
	text, _, _ := strings.Cut(a.Text[2:], ";")
	words := strings.Fields(text)
	if len(words) == 0 {
		b.add(place(a.Pos), b.rname, "the annotation is empty; name it or remove it")
		return
	}
	if name, value, ok := strings.Cut(words[0], "="); ok { // depth=32
		words = slices.Insert(words[1:], 0, name, value)
	}
	d := &Directive{Name: words[0], Args: words[1:], Pos: place(a.Pos)}
	want, known := directives[d.Name]
	switch {
	case !known:
		names := slices.Sorted(maps.Keys(directives))
		b.add(d.Pos, b.rname, "unknown annotation %q; use one of %s", d.Name, strings.Join(names, ", "))
	case len(d.Args) < want.least || len(d.Args) > want.most:
		b.add(d.Pos, b.rname, "the annotation %q has %d arguments; it takes %s", d.Name, len(d.Args), want)
	case d.Name == "cap":
		b.section(d)
	case d.Name == "implies":
		b.implies = append(b.implies, b.relation(d))
	case d.Name == "conflicts":
		b.conflicts = append(b.conflicts, b.relation(d))
	default:
		b.fits(r, d)
		r.Directives = append(r.Directives, d)
	}
}

func (a arity) String() string {
	switch {
	case a.most == math.MaxInt:
		return fmt.Sprintf("at least %d", a.least)
	case a.least == a.most:
		return strconv.Itoa(a.least)
	}
	return fmt.Sprintf("%d to %d", a.least, a.most)
}

// fits reports an annotation that makes no sense beside the others of its rule,
// or with its arguments.
func (b *builder) fits(r *Rule, d *Directive) {
	for _, o := range r.Directives {
		switch {
		case o.Name == d.Name && d.Name != "root":
			b.add(d.Pos, b.rname, "the annotation %q is there twice; leave one", d.Name)
		case o.Name != d.Name && slices.Contains(kinds, o.Name) && slices.Contains(kinds, d.Name):
			b.add(d.Pos, b.rname, "a rule cannot be both %s and %s; leave one", o.Name, d.Name)
		}
	}
	switch d.Name {
	case "root":
		if d.Args[0] != "client" && d.Args[0] != "server" {
			b.add(d.Pos, b.rname, "a root is sent by %q; write client or server", d.Args[0])
		}
	case "depth":
		if n, err := strconv.Atoi(d.Args[0]); err != nil || n < 1 {
			b.add(d.Pos, b.rname, "the depth %q is no positive number; write one, such as depth=32", d.Args[0])
		}
	case "prefer":
		if d.Args[0] != "first" && d.Args[0] != "keyword" {
			b.add(d.Pos, b.rname, "prefer %q is unknown; write prefer first or prefer keyword", d.Args[0])
		}
	}
}

// relation reads what an annotation says of several capabilities.
func (b *builder) relation(d *Directive) Relation {
	for i, name := range d.Args {
		if slices.Contains(d.Args[:i], name) {
			b.add(d.Pos, b.rname, "the annotation %q names %s twice; name each capability once", d.Name, name)
		}
	}
	return Relation{d.Args, d.Pos}
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
	if n.Name == "" && len(words) == 0 {
		b.add(n.Pos, b.rname, "%q says nothing; give it a name or a modifier, or remove it", a.Text)
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
	case w == "apart":
		n.Apart = true
	case isCase && noteName.MatchString(w), !isCase && len(n.Args) == 0 && notePattern.MatchString(w):
		n.Args = append(n.Args, w)
	default:
		b.add(n.Pos, b.rname, "unknown modifier %q; use multi, stream, secret, zero or apart, or write a plain comment", w)
	}
}
