package imap

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// root is an entry point of the codec, for tests that go through all of them.
type root struct {
	rule   string
	decode func(*Decoder, Frame) (any, error)
	encode func(*Encoder, any) ([]byte, error)
}

var roots = []root{
	{"command", func(d *Decoder, f Frame) (any, error) { return d.TaggedCommand(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendTaggedCommand(nil, v.(*TaggedCommand)) }},
	{"response", func(d *Decoder, f Frame) (any, error) { return d.Response(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendResponse(nil, v.(Response)) }},
	{"greeting", func(d *Decoder, f Frame) (any, error) { return d.Greeting(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendGreeting(nil, v.(*StatusResponse)) }},
	{"auth-challenge", func(d *Decoder, f Frame) (any, error) { return d.AuthChallenge(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendAuthChallenge(nil, v.(*AuthChallenge)) }},
	{"auth-response", func(d *Decoder, f Frame) (any, error) { return d.AuthResponse(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendAuthResponse(nil, v.(*AuthResponse)) }},
	{"idle-done", func(d *Decoder, f Frame) (any, error) { return d.IdleDone(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendIdleDone(nil, v.(*IdleDone)) }},
	{"append-rest", func(d *Decoder, f Frame) (any, error) { return d.AppendRest(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendAppendRest(nil, v.(*AppendRest)) }},
	{"fetch-rest", func(d *Decoder, f Frame) (any, error) { return d.FetchData(f) },
		func(e *Encoder, v any) ([]byte, error) { return e.AppendFetchData(nil, v.(*FetchData)) }},
}

func wholeGrammar(tb testing.TB) *grammar.Grammar {
	tb.Helper()
	g, err := grammar.Load(spec.All()...)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// leafText makes text for the leaves whose ABNF says less than the protocol:
// numbers have bounds, literals are counted, dates exist.
func leafText(r *rand.Rand) func(*grammar.Rule) ([]byte, bool) {
	number := func(bits int, zero uint64) []byte {
		return strconv.AppendUint(nil, max(zero, r.Uint64()>>(64-1-r.IntN(bits))), 10)
	}
	return func(rule *grammar.Rule) ([]byte, bool) {
		switch rule.Name {
		case "number":
			return number(32, 0), true
		case "nz-number", "uniqueid", "seq-num":
			return number(32, 1), true
		case "number64", "mod-sequence-valzer":
			return number(63, 0), true
		case "nz-number64", "mod-sequence-value":
			return number(63, 1), true
		case "literal", "literal8":
			text := make([]byte, r.IntN(6))
			for i := range text {
				text[i] = byte(1 + r.IntN(255))
			}
			mark := ""
			if rule.Name == "literal8" {
				mark = "~"
			}
			plus := []string{"", "+"}[r.IntN(2)]
			return fmt.Appendf(nil, "%s{%d%s}\r\n%s", mark, len(text), plus, text), true
		case "date":
			q := []string{"", `"`}[r.IntN(2)]
			return fmt.Appendf(nil, "%s%d-%s-%04d%s", q, 1+r.IntN(28), month(r), r.IntN(10000), q), true
		case "date-time":
			return fmt.Appendf(nil, `"%2d-%s-%04d %02d:%02d:%02d %c%02d%02d"`, 1+r.IntN(28), month(r), r.IntN(10000), r.IntN(24), r.IntN(60), r.IntN(60), "+-"[r.IntN(2)], r.IntN(12), r.IntN(60)), true
		}
		return nil, false
	}
}

func month(r *rand.Rand) string {
	return []string{"Jan", "feb", "MAR", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}[r.IntN(12)]
}

// decodeLeaf lets the runtime say where a leaf that ABNF cannot describe ends.
func decodeLeaf(rule *grammar.Rule, data []byte, at int) ([]int, bool) {
	var d Decoder
	d.Borrow = true
	end := len(data) - 2
	if end < at || string(data[end:]) != "\r\n" {
		return nil, true
	}
	b, err := d.Begin(Frame{Bytes: data})
	if err != nil {
		return nil, true
	}
	i := -1
	switch rule.Name {
	case "number":
		_, i = d.Number(b, at)
	case "nz-number", "uniqueid", "seq-num":
		_, i = d.NzNumber(b, at)
	case "number64", "mod-sequence-valzer":
		_, i = d.Number64(b, at)
	case "nz-number64", "mod-sequence-value":
		_, i = d.NzNumber64(b, at)
	case "literal":
		_, i = d.Literal(b, at)
	case "literal8":
		_, i = d.Literal8(b, at)
	case "date":
		_, i = d.Date(b, at)
	case "date-time":
		_, i = d.DateTime(b, at)
	case "base64":
		_, i = d.Base64(b, at)
	case "command-rest": // literals in it are counted as a reader counts them
		_, i = d.Rest(b, at)
	case "initial-resp": // an empty one is "=" (RFC 4959 §3), whatever base64 may be
		_, i = d.InitialResponse(b, at)
	default:
		return nil, false
	}
	if i < 0 {
		return nil, true
	}
	return []int{i}, true
}

// committed makes the matcher commit to keywords as decoders do: where an
// alternative begins with a keyword, the generic last alternative of the same
// rule does not get it. Rules with `;@ recover` give it another try on purpose.
func committed(g *grammar.Grammar) func(*grammar.Node, int, []byte, int) bool {
	return committedTo(g, func([]string) bool { return true })
}

// committedTo is committed where only some sections are part of the grammar.
func committedTo(g *grammar.Grammar, allows func(caps []string) bool) func(*grammar.Node, int, []byte, int) bool {
	v := vocabulary{g, allows}
	known := map[*grammar.Node]map[string]bool{}
	items := g.Rules["msg-att-item"].Body // "[" and "<" end the name of one
	for _, r := range g.Order {
		kind := ""
		for _, d := range r.Directives {
			if d.Name == "sum" || d.Name == "set" || d.Name == "recover" {
				kind += d.Name
			}
		}
		if (kind == "sum" || kind == "set") && r.Body.Op == grammar.Alt && v.generic(r.Body.Kids[len(r.Body.Kids)-1]) {
			known[r.Body] = map[string]bool{}
			for _, k := range r.Body.Kids[:len(r.Body.Kids)-1] {
				for w := range v.words(k, 0) {
					if w := word([]byte(w), strings.HasPrefix(w, "UID "), r.Body == items); w != "" {
						known[r.Body][w] = true
					}
				}
			}
		}
	}
	// CATENATE and its like announce the message, and are no options of APPEND.
	if options := known[g.Rules["append-option"].Body]; options != nil {
		for w := range v.words(g.Rules["append-data"].Body, 0) {
			options[word([]byte(w), false, false)] = true
		}
		delete(options, "")
	}
	commands, results := g.Rules["command-body"].Body, g.Rules["search-return-data"].Body
	return func(choice *grammar.Node, i int, data []byte, at int) bool {
		if i != len(choice.Kids)-1 || known[choice] == nil {
			return false
		}
		if choice == commands && uidBroken(data[at:]) || choice == results && indicator.Match(data[:at]) && word(data[at:], false, false) == "UID" {
			return true
		}
		return known[choice][word(data[at:], choice == commands, choice == items)]
	}
}

// generic reports whether no word begins an alternative: it is for any word.
func (v vocabulary) generic(n *grammar.Node) bool {
	for w := range v.words(n, 0) {
		if strings.ContainsFunc(w, unicode.IsLetter) {
			return false
		}
	}
	return true
}

// indicator is what is before a UID that is the indicator of ESEARCH, not a label.
var indicator = regexp.MustCompile(`(?is)^\* ESEARCH (\(TAG ("([^"\\]|\\.)*"|[^ "]*|\{.*)\) )?$`)

// uidBroken: UID is the beginning of a command, never a command by itself.
func uidBroken(text []byte) bool {
	if len(text) < 4 || !strings.EqualFold(string(text[:4]), "UID ") {
		return false
	}
	n := 4 + len(atom(string(text[4:])))
	return n == 4 || n == len(text) || text[n] != ' ' && text[n] != '\r' || text[n] == ' ' && (n+1 == len(text) || text[n+1] == '\r')
}

// vocabulary finds the keywords of the sections that are part of a grammar.
type vocabulary struct {
	g      *grammar.Grammar
	allows func(caps []string) bool
}

// words are the constants that an element can begin with.
func (v vocabulary) words(n *grammar.Node, depth int) map[string]bool {
	out := map[string]bool{}
	if depth > 12 || len(n.Caps) > 0 && !v.allows(n.Caps) {
		return out
	}
	switch n.Op {
	case grammar.Literal:
		out[n.Text] = true
	case grammar.Ref:
		if r := v.g.Rules[n.Name]; len(r.Caps) > 0 && !v.allows(r.Caps) {
			return out
		}
		return v.words(v.g.Rules[n.Name].Body, depth+1)
	case grammar.Alt:
		for _, k := range n.Kids {
			for w := range v.words(k, depth+1) {
				out[w] = true
			}
		}
	case grammar.Seq:
		first := n.Kids[0]
		if first.Op == grammar.Rep && first.Min == 0 && len(n.Kids) > 1 {
			for w := range v.words(n.Kids[1], depth+1) {
				out[w] = true
				out["UID "+w] = true
			}
			return out
		}
		for w := range v.words(first, depth+1) {
			if w == "UID" && len(n.Kids) > 2 {
				for x := range v.words(n.Kids[2], depth+1) {
					out["UID "+x] = true
				}
			}
			out[w] = true
		}
		if s := v.g.Rules[first.Name]; first.Op == grammar.Ref && s != nil && (s.Name == "number" || s.Name == "seq-num" || s.Name == "uniqueid") && len(n.Kids) > 2 {
			for w := range v.words(n.Kids[2], depth+1) {
				out["1 "+w] = true
			}
			return out
		}
	}
	return out
}

// word is the word that a text begins with, with what stands before it: a
// number, which counts as 1, and UID where it matters.
func word(text []byte, uid, item bool) string {
	s, before := string(text), ""
	if t := strings.TrimLeft(s, "0123456789"); len(t) < len(s) && strings.HasPrefix(t, " ") && !uid {
		before, s = "1 ", t[1:]
	}
	if uid && len(s) > 4 && strings.EqualFold(s[:4], "UID ") {
		before, s = "UID ", s[4:]
	}
	name := atom(s)
	if q, ok := strings.CutPrefix(s, `"`); ok { // CHILDINFO may be quoted
		if name = atom(q); !strings.HasPrefix(q[len(name):], `" (`) {
			name = ""
		}
	}
	if item {
		if n := strings.IndexAny(name, "[<"); n >= 0 {
			name = name[:n]
		}
	}
	return before + strings.ToUpper(name)
}

// atom is the atom that a text begins with.
func atom(s string) string {
	n := 0
	for n < len(s) && s[n] > ' ' && s[n] < 0x7f && !strings.ContainsRune(`"%()*\]{`, rune(s[n])) {
		n++
	}
	return s[:n]
}

// TestOracle: for every root, the generated decoder and the interpreter of the
// grammar agree on random sentences and on broken ones.
func TestOracle(t *testing.T) {
	sentences := 1500
	if testing.Short() {
		sentences = 100
	}
	g := wholeGrammar(t)
	for _, root := range roots {
		t.Run(root.rule, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(len(root.rule))))
			s := g.Sampler(r)
			s.Leaf = leafText(r)
			s.Depth, s.Repeat, s.Size = 14, 2, 200
			m := g.Matcher()
			m.Leaf = decodeLeaf
			m.Skip = committed(g)
			failures := 0
			for range sentences {
				text, ok := s.Sentence(root.rule)
				if !ok {
					t.Fatal("no sentence")
				}
				if len(text) > 400 {
					continue
				}
				for n := range 4 {
					in := text
					if n > 0 {
						in = grammar.Mutant(r, text)
					}
					if !agree(t, root, m, in) {
						if failures++; failures > 10 {
							t.Fatal("and more")
						}
					}
				}
			}
		})
	}
}

// agree compares the decoder with the oracle and, where both accept, requires a
// round trip.
func agree(t *testing.T, root root, m *grammar.Matcher, in []byte) bool {
	t.Helper()
	v, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(in)})
	want := m.Match(root.rule, in)
	if (err == nil) != want {
		t.Errorf("%q: the decoder says %v, the grammar %v (up to %d)", in, err, want, m.Longest())
		return false
	}
	if err != nil {
		return true
	}
	e := new(Encoder)
	e.Rev2, e.LiteralPlus = true, true
	out, err := root.encode(e, v)
	if err != nil {
		t.Errorf("%q: encode: %v", in, err)
		return false
	}
	w, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(out)})
	if err != nil {
		t.Errorf("%q: decode of %q: %v", in, out, err)
		return false
	}
	if d := cmp.Diff(v, w); d != "" {
		t.Errorf("%q: %q has another value:\n%s", in, out, d)
		return false
	}
	return true
}
