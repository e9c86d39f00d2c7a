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
func plainABNF(g *grammar.Grammar) string {
	var b strings.Builder
	for _, r := range g.Order {
		body := r.Body.String()
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
func keywords(g *grammar.Grammar) func(string, []byte) bool {
	m := counting(g)
	m.Skip = committed(g)
	return func(rule string, in []byte) bool { return !m.Match(rule, in) }
}

// leaves decides whether a leaf says less than its ABNF.
func leaves(g *grammar.Grammar, names ...string) func(string, []byte) bool {
	m := counting(g, names...)
	m.Skip = committed(g)
	return func(rule string, in []byte) bool { return !m.Match(rule, in) }
}

func exceptions(g *grammar.Grammar) []exception {
	return []exception{
		{"a known keyword is never taken for an unknown one", keywords(g)},
		{"numbers have 32 or 63 bits", leaves(g, "number", "nz-number", "uniqueid", "seq-num", "number64", "nz-number64")},
		{"days and times exist", leaves(g, "date", "date-time")},
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

// TestABNF: a third voice, which shares no line with this project, reads the same
// grammar: it agrees with decoders and with our interpreter, but for the exceptions.
func TestABNF(t *testing.T) {
	g := wholeGrammar(t)
	third, err := goabnf.ParseABNF([]byte(plainABNF(g)), goabnf.WithValidation(false), goabnf.WithRedefineCoreRules(true))
	if err != nil {
		t.Fatal(err)
	}
	sentences := 60
	if testing.Short() {
		sentences = 5
	}
	rows := exceptions(g)
	used := make([]int, len(rows))
	for _, line := range beyondABNF {
		compareThree(t, rootOf("command"), third, newMatcher(g), []byte(line+"\r\n"), rows, used)
	}
	for _, root := range roots {
		t.Run(root.rule, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(len(root.rule))))
			s := g.Sampler(r)
			s.Leaf, s.Depth, s.Repeat, s.Size = leafText(r), 9, 1, 60
			ours := newMatcher(g)
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
						compareThree(t, root, third, ours, in, rows, used)
					}
				}
			}
		})
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

func compareThree(t *testing.T, root root, third *goabnf.Grammar, ours *grammar.Matcher, in []byte, rows []exception, used []int) {
	t.Helper()
	_, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(in)})
	mine := ours.Match(root.rule, in)
	theirs, abnfErr := third.IsValid(root.rule, latin1(in))
	if abnfErr != nil {
		t.Fatalf("%q: %v", in, abnfErr)
	}
	if mine == (err == nil) && mine == theirs {
		return
	}
	if theirs && !mine && err != nil {
		for i, row := range rows {
			if row.is(root.rule, in) {
				used[i]++
				return
			}
		}
	}
	t.Errorf("%q: the decoder says %v, our interpreter %v, go-abnf %v", in, err, mine, theirs)
}
