package imap

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
)

// TestInventory: every row of the tables of the protocol is in the codec, in both
// directions, and typed. A row is a keyword of a rule, of which an example or a sample is
// the proof, or has sentences of its own.
func TestInventory(t *testing.T) {
	p := prover{T: t, g: judge(), survey: surveyByHand(t), used: map[string]bool{}, count: new(struct{ rows, examples, samples int })}
	for _, table := range inventoryTables {
		t.Run(table.name, func(t *testing.T) {
			p := p
			p.T = t
			for _, row := range inventory(t, table.name) {
				p.row(table, row)
			}
		})
	}
	t.Logf("%d rows, %d of them exceptions; keywords shown by %d examples and %d samples", p.count.rows, len(rowExceptions), p.count.examples, p.count.samples)
	for _, rows := range []map[string][]string{rowSentences, rowWords} {
		for key := range rows {
			if !p.used[key] {
				t.Errorf("there is no row %q", key)
			}
		}
	}
	for key := range rowValues {
		if !p.used[key] {
			t.Errorf("there is no row %q", key)
		}
	}
	for key := range rowExceptions {
		if !p.used[key] {
			t.Errorf("the exception %q is not needed", key)
		}
	}
	if len(rowExceptions) > 10 {
		t.Errorf("%d exceptions", len(rowExceptions))
	}
}

// inventory is a table, a slice a row, without its header.
func inventory(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/inventory/" + name + ".tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		rows = append(rows, strings.Split(s.Text(), "\t"))
	}
	return rows[1:]
}

// An inventoryTable says what its rows are.
type inventoryTable struct {
	name string
	// word is the column with the keyword; place, if it is not -1, the one that says
	// which rules have it.
	word, place int
	// rules have the keyword: a root, then the rule in which alternatives begin with it.
	rules map[string][]placeOfWord
}

// A placeOfWord is a rule whose alternatives begin with keywords, and a root that
// reaches it.
type placeOfWord struct{ root, rule string }

type prover struct {
	*testing.T
	g      *grammar.Grammar
	survey *survey
	used   map[string]bool
	// rows, examples and samples count what was proved, and by which sentences.
	count *struct{ rows, examples, samples int }
}

// row proves one row.
func (p *prover) row(table inventoryTable, row []string) {
	p.Helper()
	p.count.rows++
	place := ""
	if table.place >= 0 {
		place = row[table.place]
	}
	key := strings.Join(strings.Fields(table.name+": "+place+" "+row[table.word]), " ")
	if sentences := rowSentences[key]; sentences != nil {
		p.used[key] = true
		for _, text := range sentences {
			p.sentence(key, text)
		}
		return
	}
	if values := rowValues[key]; values != nil {
		p.used[key] = true
		for text, want := range values {
			p.value(key, text, want)
		}
		return
	}
	words := rowWords[key]
	if words == nil {
		words = strings.Split(row[table.word], ", ")
	}
	p.used[key] = true
	failed := false
	for _, at := range table.rules[place] {
		for _, word := range words {
			if why := p.keyword(at, word); why != "" {
				failed = true
				if rowExceptions[key] == "" {
					p.Errorf("%s: %s", key, why)
				}
			}
		}
	}
	if len(table.rules[place]) == 0 && rowExceptions[key] == "" {
		p.Errorf("%s: no rule has such rows", key)
	}
	if rowExceptions[key] != "" && !failed && len(table.rules[place]) > 0 {
		p.Errorf("%s is covered: take it off the exceptions", key)
	}
}

// keyword proves that alternatives of a rule begin with a word, and returns why not.
func (p *prover) keyword(at placeOfWord, word string) (why string) {
	h := heads{g: p.g, found: map[string][]*grammar.Node{}, seen: map[string]bool{}}
	h.visit(&grammar.Node{Op: grammar.Ref, Name: at.rule})
	uid := strings.HasPrefix(word, "UID ")
	nodes := append(h.found[strings.ToUpper(strings.TrimPrefix(word, "UID "))], h.found[strings.ToUpper(word)]...)
	if len(nodes) == 0 {
		return fmt.Sprintf("%s has no %q", at.rule, word)
	}
	for _, n := range nodes {
		s, ok := p.show(at.root, n, uid)
		if !ok {
			why = fmt.Sprintf("no sentence of %s has the %q of %s", at.root, word, at.rule)
			continue
		}
		p.survey.m.Match(s.rule, s.text)
		from, to := 0, 0
		p.survey.m.Derivation(s.rule, func(k *grammar.Node, at, end int) {
			if k == n {
				from, to = at, end
			}
		})
		if why = p.typed(s, [][2]int{{from, to}}); why == "" {
			return ""
		}
	}
	return why
}

// show finds a sentence that has an element: an example, or else a sample.
func (p *prover) show(root string, n *grammar.Node, uid bool) (sentence, bool) {
	isUID := func(text []byte) bool {
		f := bytes.Fields(text)
		return len(f) > 1 && strings.EqualFold(string(f[1]), "UID")
	}
	if s := p.survey.shown[n]; s.text != nil && s.rule == root && (!uid || isUID(s.text)) {
		p.count.examples++
		return s, true
	}
	r := rand.New(rand.NewPCG(5, 5))
	sampler := p.g.Sampler(r)
	sampler.Leaf, sampler.Depth, sampler.Repeat, sampler.Size = leafText(r), 14, 1, 100
	towards := newHunt(p.g, []goal{{node: n}})
	sampler.Choose = towards.choice(r)
	for range 400 {
		text, ok := sampler.Sentence(root)
		if !ok || uid && !isUID(text) || !p.survey.m.Match(root, text) {
			continue
		}
		has := false
		p.survey.m.Derivation(root, func(k *grammar.Node, _, _ int) { has = has || k == n })
		if has {
			p.count.samples++
			return sentence{root, text}, true
		}
	}
	return sentence{}, false
}

// typed reports why a sentence does not prove its keywords: it must decode and encode, and
// in another case they must say the same. What is kept as it came would not.
func (p *prover) typed(s sentence, keywords [][2]int) (why string) {
	root := rootOf(s.rule)
	v, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(s.text)})
	if err != nil {
		return fmt.Sprintf("%q: %v", s.text, err)
	}
	side := Client
	if s.rule != "command" {
		side = Server
	}
	e := &Encoder{}
	e.Side, e.Rev2, e.LiteralPlus = side, true, true
	out, err := root.encode(e, v)
	if err != nil {
		return fmt.Sprintf("%q: encode: %v", s.text, err)
	}
	again, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(out)})
	if d := cmp.Diff(v, again); err != nil || d != "" {
		return fmt.Sprintf("%q: %q is another value (%v):\n%s", s.text, out, err, d)
	}
	for _, k := range keywords {
		other := swapCase(s.text, k[0], k[1])
		w, err := root.decode(new(Decoder), Frame{Bytes: other})
		if d := cmp.Diff(v, w); err != nil || d != "" {
			return fmt.Sprintf("%q: %q is another value (%v):\n%s", s.text, other, err, d)
		}
	}
	return ""
}

// swapCase makes small letters of capitals and the other way round.
func swapCase(text []byte, from, to int) []byte {
	out := bytes.Clone(text)
	for i := from; i < to; i++ {
		if c := out[i] | 0x20; 'a' <= c && c <= 'z' {
			out[i] ^= 0x20
		}
	}
	return out
}

// sentence proves a row by a text. Keywords in it are marked «so», values that must be in
// the decoded value ‹so›. "unknown:" stands before what must be kept and written as it came,
// "greeting:" before a greeting, "response:" before what is one and does not look so.
func (p *prover) sentence(key, text string) {
	p.Helper()
	text, kept := strings.CutPrefix(text, "unknown: ")
	text, greeting := strings.CutPrefix(text, "greeting: ")
	text, response := strings.CutPrefix(text, "response: ")
	plain, keywords := unmark(text, "«", "»")
	plain, values := unmark(plain, "‹", "›")
	if len(values) > 0 && len(keywords) > 0 {
		p.Fatalf("%s: keywords and values in one sentence", key)
	}
	s := sentence{"command", []byte(plain + "\r\n")}
	switch {
	case greeting:
		s.rule = "greeting"
	case response, strings.HasPrefix(plain, "*"), strings.HasPrefix(plain, "+"):
		s.rule = "response"
	}
	if why := p.typed(s, keywords); why != "" {
		p.Errorf("%s: %s", key, why)
		return
	}
	v, _ := rootOf(s.rule).decode(new(Decoder), Frame{Bytes: bytes.Clone(s.text)})
	for _, k := range values {
		if want := plain[k[0]:k[1]]; !holds(reflect.ValueOf(v), want) {
			p.Errorf("%s: %q: no field is %q", key, plain, want)
		}
	}
	if kept {
		out, err := rootOf(s.rule).encode(new(Encoder), v)
		if err != nil || !bytes.Equal(out, s.text) {
			p.Errorf("%s: %q is written as %q (%v)", key, s.text, out, err)
		}
	}
	if len(keywords)+len(values) == 0 && !kept {
		p.Errorf("%s: %q proves nothing", key, plain)
	}
}

// value proves a row by what a text decodes to.
func (p *prover) value(key, text string, want any) {
	p.Helper()
	s := sentence{"command", []byte(text + "\r\n")}
	if text[0] == '*' {
		s.rule = "response"
	}
	if why := p.typed(s, nil); why != "" {
		p.Errorf("%s: %s", key, why)
		return
	}
	v, _ := rootOf(s.rule).decode(new(Decoder), Frame{Bytes: s.text})
	if c, ok := v.(*TaggedCommand); ok {
		v = c.Command
	}
	if d := cmp.Diff(want, v); d != "" {
		p.Errorf("%s: %q is another value:\n%s", key, text, d)
	}
}

// unmark takes marks out of a text and says what was between them.
func unmark(text, open, shut string) (plain string, marked [][2]int) {
	for {
		before, rest, ok := strings.Cut(text, open)
		plain += before
		if !ok {
			return plain, marked
		}
		inner, after, _ := strings.Cut(rest, shut)
		marked = append(marked, [2]int{len(plain), len(plain) + len(inner)})
		plain += inner
		text = after
	}
}

// holds reports whether a string is a field of a value, and not of one that keeps what
// nobody knows.
func holds(v reflect.Value, s string) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && holds(v.Elem(), s)
	case reflect.Slice:
		for i := range v.Len() {
			if holds(v.Index(i), s) {
				return true
			}
		}
	case reflect.Struct:
		switch v.Interface().(type) {
		case ExtItem, UnknownCommand, UnknownData, CodeUnknown:
			return false
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && holds(v.Field(i), s) {
				return true
			}
		}
	case reflect.String:
		return v.String() == s
	}
	return false
}

// heads finds the keywords that the alternatives of a rule begin with.
type heads struct {
	g     *grammar.Grammar
	found map[string][]*grammar.Node
	seen  map[string]bool
}

// visit reports whether an element has text in any case, so that no keyword behind it
// is a head. What may stand directly before a keyword makes another one of it.
func (h *heads) visit(n *grammar.Node) (text bool) {
	switch n.Op {
	case grammar.Literal:
		word := strings.ToUpper(strings.Trim(n.Text, " ("))
		h.found[word] = append(h.found[word], n)
		return strings.Trim(n.Text, ` "(<[`) != ""
	case grammar.Ref:
		r := h.g.Rules[n.Name]
		switch n.Name {
		case "sp", "dquote", "number", "nz-number", "seq-num", "uniqueid":
			return false
		}
		if !h.seen[n.Name] && !opaque(r) {
			h.seen[n.Name] = true
			h.visit(r.Body)
		}
		return true
	case grammar.Alt:
		for _, k := range n.Kids {
			h.visit(k)
		}
		return true
	case grammar.Rep:
		return h.visit(n.Kids[0]) && n.Min > 0
	case grammar.Seq:
		for i, k := range n.Kids {
			if i+2 < len(n.Kids) && k.Op == grammar.Literal && n.Kids[i+1].Name == "sp" && n.Kids[i+2].Op == grammar.Literal {
				word := strings.ToUpper(k.Text + " " + n.Kids[i+2].Text)
				h.found[word] = append(h.found[word], n.Kids[i+2])
			}
			if before := k.Op == grammar.Rep && k.Min == 0 && k.Kids[0].Op == grammar.Literal; before && i+1 < len(n.Kids) && n.Kids[i+1].Op == grammar.Literal {
				word := strings.ToUpper(k.Kids[0].Text + n.Kids[i+1].Text)
				h.found[word] = append(h.found[word], k.Kids[0])
			}
			if h.visit(k) {
				return true
			}
		}
	}
	return false
}
