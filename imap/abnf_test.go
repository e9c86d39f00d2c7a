package imap

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	goabnf "github.com/pandatix/go-abnf"

	"github.com/imapsrv/imapsrv/grammar"
)

// countedUpTo is the longest literal that the plain ABNF has a rule for.
const countedUpTo = 20

// plainABNF prints the rules without annotations. A counted literal is no ABNF: it
// becomes one alternative for each length.
func plainABNF(g *grammar.Grammar, allows func([]string) bool) string {
	var b strings.Builder
	for _, r := range g.Order {
		kept := offered(g, r.Body, allows)
		if kept == nil {
			continue // nothing that is left refers to it
		}
		body := kept.String()
		switch r.Name {
		case "literal":
			body = counted(`"{"`, "char8")
		case "literal8":
			body = counted(`"~{"`, "octet")
		}
		fmt.Fprintf(&b, "%s = %s\r\n", r.Spelling, strings.Join(strings.Fields(body), " "))
	}
	return b.String()
}

// offered is what is left of an element where only some sections are part of the grammar;
// nil where nothing is.
func offered(g *grammar.Grammar, n *grammar.Node, allows func([]string) bool) *grammar.Node {
	allowed := func(caps []string) bool { return len(caps) == 0 || allows(caps) }
	if !allowed(n.Caps) || n.Op == grammar.Ref && !allowed(g.Rules[n.Name].Caps) {
		return nil
	}
	out := *n
	out.Kids = nil
	for _, k := range n.Kids {
		switch k = offered(g, k, allows); {
		case k != nil:
			out.Kids = append(out.Kids, k)
		case n.Op == grammar.Rep && n.Min == 0:
			return &grammar.Node{Op: grammar.Literal}
		case n.Op != grammar.Alt:
			return nil
		}
	}
	if n.Op == grammar.Alt && len(out.Kids) == 0 {
		return nil
	}
	return &out
}

func counted(open, octet string) string {
	var alternatives []string
	for n := range countedUpTo + 1 {
		octets := ""
		if n > 0 {
			octets = fmt.Sprintf(" %d%s", n, octet)
		}
		alternatives = append(alternatives, fmt.Sprintf(`%s *"0" "%d" ["+"] "}" CRLF%s`, open, n, octets))
	}
	alternatives[0] = open + ` 1*"0" ["+"] "}" CRLF`
	return strings.Join(alternatives, " / ")
}

// latin1 is the octets as characters, which is what go-abnf's terminals match.
func latin1(in []byte) []byte {
	var out []byte
	for _, c := range in {
		out = append(out, string(rune(c))...)
	}
	return out
}

// An exception is a kind of text that the plain ABNF accepts and decoders do not, for
// a reason. One that no text needs any more fails the test.
type exception struct {
	reason string
	is     func(rule string, in []byte) bool
}

// counting is the interpreter of the ABNF with literals that are counted, and with
// some other leaves as decoders have them.
func counting(g *grammar.Grammar, leaves ...string) *grammar.Matcher {
	leaves = append(leaves, "literal", "literal8")
	m := g.Matcher()
	m.Leaf = func(r *grammar.Rule, data []byte, at int) ([]int, bool) {
		if !slices.Contains(leaves, r.Name) {
			return nil, false
		}
		return decodeLeaf(r, data, at)
	}
	return m
}

// keywords decides whether the generic alternative took what begins with a known keyword.
func keywords(g *grammar.Grammar, allows func([]string) bool) func(string, []byte) bool {
	m := counting(g)
	m.Allows, m.Skip = allows, committedTo(g, allows)
	return func(rule string, in []byte) bool { return !m.Match(rule, in) }
}

// leaves decides whether a leaf says less than its ABNF.
func leaves(g *grammar.Grammar, allows func([]string) bool, names ...string) func(string, []byte) bool {
	m := counting(g, names...)
	m.Allows, m.Skip = allows, committedTo(g, allows)
	return func(rule string, in []byte) bool { return !m.Match(rule, in) }
}

func exceptions(g *grammar.Grammar) []exception {
	return exceptionsWith(g, func([]string) bool { return true })
}

// exceptionsWith is exceptions where only some sections are part of the grammar.
func exceptionsWith(g *grammar.Grammar, allows func([]string) bool) []exception {
	return []exception{
		{"a known keyword is never taken for an unknown one", keywords(g, allows)},
		{"numbers have 32 or 63 bits", leaves(g, allows, "number", "nz-number", "uniqueid", "seq-num", "number64", "nz-number64")},
		{"days and times exist", leaves(g, allows, "date", "date-time")},
	}
}

// beyondABNF are texts that samples seldom are: each needs an exception.
var beyondABNF = []string{
	"a FETCH 1 BODY[4294967296]", "a FETCH 1 BODY[]<9223372036854775808.1>", "a SEARCH ON 31-Feb-2026",
	`a APPEND b " 1-Jan-2026 24:00:00 +0000" {1+}` + "\r\nx", "a NOOP x",
	"a NOOP 4294967296", "a SELECT",
}

var announcement = regexp.MustCompile(`\{0*([0-9]+)\+?\}`)

// longLiteral reports whether the plain ABNF has no rule for a literal in the text.
func longLiteral(in []byte) bool {
	for _, m := range announcement.FindAllSubmatch(in, -1) {
		if n, err := strconv.Atoi(string(m[1])); err != nil || n > countedUpTo {
			return true
		}
	}
	return false
}

// abnfConfigurations are what the third voice is asked about: everything, and each revision.
var abnfConfigurations = []struct {
	name string
	caps []Capability // nil for everything
}{{"all", nil}, {"rev1", []Capability{"IMAP4rev1"}}, {"rev2", []Capability{"IMAP4rev2"}}}

// TestABNF: a third voice, which shares no line with this project, reads the same
// grammar: it agrees with decoders and with our interpreter, but for the exceptions.
func TestABNF(t *testing.T) {
	g := wholeGrammar(t)
	rows := exceptions(g)
	used := make([]int, len(rows))
	for _, c := range abnfConfigurations {
		allows := func(caps []string) bool {
			return c.caps == nil || slices.ContainsFunc(caps, func(s string) bool { return slices.Contains(c.caps, Capability(s)) })
		}
		third, err := goabnf.ParseABNF([]byte(plainABNF(g, allows)), goabnf.WithValidation(false), goabnf.WithRedefineCoreRules(true))
		if err != nil {
			t.Fatal(c.name, err)
		}
		sentences := 60
		if testing.Short() {
			sentences = 5
		}
		v := voices{third: third, ours: newMatcher(g), decoder: new(Decoder), rows: rows, used: used}
		if c.caps == nil {
			for _, line := range beyondABNF {
				v.compare(t, rootOf("command"), []byte(line+"\r\n"))
			}
		} else {
			sentences /= 2
			v.decoder.SetCaps(c.caps...)
			v.ours.Allows, v.ours.Skip = allows, committedTo(g, allows)
			v.rows = exceptionsWith(g, allows)
		}
		for _, root := range roots {
			t.Run(c.name+"/"+root.rule, func(t *testing.T) { v.sample(t, g, root, sentences) })
		}
	}
	if testing.Short() {
		return
	}
	for i, row := range rows {
		if used[i] == 0 {
			t.Errorf("no text needs the exception %q: take it off the list", row.reason)
		}
	}
}

// voices are the three that read a text.
type voices struct {
	third   *goabnf.Grammar
	ours    *grammar.Matcher
	decoder *Decoder
	rows    []exception
	used    []int
}

// sample compares them on sentences of the whole grammar, and on mutants.
func (v *voices) sample(t *testing.T, g *grammar.Grammar, root root, sentences int) {
	r := rand.New(rand.NewPCG(3, uint64(len(root.rule))))
	s := g.Sampler(r)
	s.Leaf, s.Depth, s.Repeat = leafText(r), 9, 1
	for n := 0; n < sentences; {
		text, _ := s.Sentence(root.rule)
		if len(text) > 110 {
			continue
		}
		n++
		for i := range 4 {
			in := text
			if i > 0 {
				in = grammar.Mutant(r, text)
			}
			if !longLiteral(in) {
				v.compare(t, root, in)
			}
		}
	}
}

func (v *voices) compare(t *testing.T, root root, in []byte) {
	t.Helper()
	_, err := root.decode(v.decoder, Frame{Bytes: bytes.Clone(in)})
	mine := v.ours.Match(root.rule, in)
	theirs, abnfErr := v.third.IsValid(root.rule, latin1(in))
	if abnfErr != nil {
		t.Fatalf("%q: %v", in, abnfErr)
	}
	if mine == (err == nil) && mine == theirs {
		return
	}
	if theirs && !mine && err != nil {
		for i, row := range v.rows {
			if row.is(root.rule, in) {
				v.used[i]++
				return
			}
		}
	}
	t.Errorf("%q: the decoder says %v, our interpreter %v, go-abnf %v", in, err, mine, theirs)
}
