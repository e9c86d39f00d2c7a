package imap

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
)

// wordsOnly are the sections that add but words of open sets, which need nothing.
var wordsOnly = []string{"IMAP4rev2 CHILDREN LIST-EXTENDED", "IMAP4rev2 SPECIAL-USE", "IMAPSIEVE=", "URL-PARTIAL",
	"LOGIN-REFERRALS", "I18NLEVEL=1 I18NLEVEL=2"}

// TestRequires: for sentences of every section, Requires says what an encoder must have been
// told to accept them, and a decoder to read them.
func TestRequires(t *testing.T) {
	g := wholeGrammar(t)
	r := rand.New(rand.NewPCG(7, 1))
	sampler := g.Sampler(r)
	sampler.Leaf, sampler.Depth, sampler.Repeat, sampler.Size = leafText(r), 14, 1, 120
	enough := 12
	if testing.Short() {
		enough = 2
	}
	for _, section := range sections {
		towards := newHunt(g, goalsIn(g, section))
		sampler.Choose = towards.choice(r)
		found := 0
		for n := 0; n < 400*enough && found < enough; n++ {
			root := roots[n%len(roots)]
			if !towards.rules[g.Rules[root.rule]] {
				continue
			}
			text, _ := sampler.Sentence(root.rule)
			v, err := root.decode(new(Decoder), Frame{Bytes: bytes.Clone(text)})
			if err == nil && len(text) < 300 && slices.Contains(strs(proveNeeds(t, root, v, text)), strings.ReplaceAll(section, " ", " or ")) {
				found++
			}
		}
		if found < enough && !slices.Contains(wordsOnly, section) {
			t.Errorf("%d values need %s", found, section)
		}
	}
}

// goalsIn are what a section adds to the grammar.
func goalsIn(g *grammar.Grammar, section string) (out []goal) {
	for _, r := range g.Order {
		if strings.Join(r.Caps, " ") == section {
			out = append(out, goal{node: r.Body})
		}
		for _, k := range append(r.Body.Kids, r.Body) {
			if strings.Join(k.Caps, " ") == section {
				out = append(out, goal{node: k})
			}
		}
	}
	return out
}

// sameWords compares values without regard to whether a word of an open set is one that
// the decoder knew, nor to how literals are announced in text that is kept as it came.
var sameWords = cmp.Options{sameValue,
	cmp.Comparer(func(a, b Raw) bool {
		return announcement.ReplaceAllString(string(a), "{$1}") == announcement.ReplaceAllString(string(b), "{$1}")
	}),
	cmp.Transformer("Flags", func(s FlagSet) []string { return slices.Sorted(slices.Values(s.Names())) }),
	cmp.Transformer("Attrs", func(a MailboxAttrs) []string {
		names := slices.Clone(a.Other)
		for i, name := range namesAttr {
			if a.Bits>>i&1 != 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	})}

func encoderOf(root root) *Encoder {
	e := new(Encoder)
	e.Rev2 = true
	if root.rule != "command" && root.rule != "append-rest" {
		e.Side = Server
	}
	return e
}

// proveNeeds requires of a decoded value that it is accepted with one capability of each
// need, by encoder and decoder, and by neither where one of the needs is not met.
func proveNeeds(t *testing.T, root root, v any, text []byte) []Need {
	t.Helper()
	needs, err := requiresOf(root, v)
	if err != nil {
		t.Errorf("%q: %v", text, err)
		return nil
	}
	for pick := range 2 {
		var offered []Capability
		for _, n := range needs {
			offered = append(offered, n[pick*(len(n)-1)])
		}
		accepted(t, root, v, text, offered)
	}
	for _, n := range needs {
		refused(t, root, v, text, n)
	}
	return needs
}

// requiresOf is Requires without leaving out what other needs include.
func requiresOf(root root, v any) ([]Need, error) {
	e := encoderOf(root)
	e.SetCapabilities()
	_, err := root.encode(e, v)
	lacked, ok := e.Lacked()
	if err != nil && !ok {
		return nil, err
	}
	var needs []Need
	for _, l := range lacked {
		needs = append(needs, needOf(l))
	}
	return needs, nil
}

func accepted(t *testing.T, root root, v any, text []byte, offered []Capability) {
	t.Helper()
	e := encoderOf(root)
	e.SetCaps(offered...)
	out, err := root.encode(e, v)
	if err != nil {
		t.Errorf("%q with %v: %v", text, offered, err)
		return
	}
	d := new(Decoder)
	d.SetCaps(offered...)
	got, err := root.decode(d, Frame{Bytes: out})
	if diff := cmp.Diff(v, got, sameWords); err != nil || diff != "" {
		t.Errorf("%q with %v: the decoder says %v\n%s", out, offered, err, diff)
	}
}

// refused requires that a value is refused where all is offered but what meets the need.
func refused(t *testing.T, root root, v any, text []byte, need Need) {
	t.Helper()
	var offered []Capability
	for _, s := range sections {
		for _, name := range strings.Fields(s) {
			if !need.Met(Capability(name)) {
				offered = append(offered, Capability(name))
			}
		}
	}
	e := encoderOf(root)
	e.SetCaps(offered...)
	out, err := root.encode(e, v)
	var bad *EncodeError
	named := func(n []string) bool { return slices.Equal(n, capNames(need)) }
	if len(out) != 0 || !errors.As(err, &bad) || !slices.ContainsFunc(bad.Needs, named) {
		t.Errorf("%q without %v: %q, %v", text, need, out, err)
	}
	d := new(Decoder)
	d.SetCaps(offered...)
	if got, err := root.decode(d, Frame{Bytes: bytes.Clone(text)}); err == nil && cmp.Equal(v, got, sameWords) {
		t.Errorf("%q without %v: the decoder has the same value", text, need)
	}
}

// TestRequiresParts: commands, responses and parts of them can be asked about.
func TestRequiresParts(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{&Noop{}, "[]"},
		{&Move{Set: one, Mailbox: "a"}, "[IMAP4rev2 or MOVE]"},
		{&TaggedCommand{Tag: "a", Command: &Idle{}}, "[IMAP4rev2 or IDLE]"},
		{&Fetch{Set: SequenceSet{Saved: true}, Items: []FetchAtt{{Kind: FetchAttUID}}}, "[IMAP4rev2 or SEARCHRES]"},
		{SequenceSet{Saved: true}, "[IMAP4rev2 or SEARCHRES]"},
		{FetchAtt{Kind: FetchAttModSeq}, "[CONDSTORE or QRESYNC]"},
		{StatusItemSize | StatusItemMessages, "[IMAP4rev2 or STATUS=SIZE]"},
		{&SearchNot{Key: &SearchWithin{Op: SearchWithinKeyOlder, Seconds: 5}}, "[WITHIN]"},
		{&CodeHighestModSeq{ModSeq: 5}, "[CONDSTORE or QRESYNC]"},
		{&FetchData{Seq: 1, ModSeq: 5}, "[CONDSTORE or QRESYNC]"},
		{&FetchData{Seq: 1, Flags: FlagSet{Bits: FlagImportant}}, "[]"},
		{&CapabilityData{Caps: []Capability{"IMAP4rev1", "QRESYNC", "XLIST"}}, "[]"},
		{&LSub{Reference: "", Pattern: "*"}, "[IMAP4rev1]"},
		{&StatusResponse{Kind: StatusPreAuth, Text: "a"}, "[]"},
		{&List{Patterns: []string{"a"}}, "[]"},
		{&List{Patterns: []string{"a", "b"}}, "[IMAP4rev2 or LIST-EXTENDED]"},
		{&UnknownCommand{Name: "MOVE", Args: "1 a"}, "[]"}, // to a server that does not know it
		{&Select{Mailbox: "a", Params: &SelectParams{Has: SelectParamsHasCondStore | SelectParamsHasQResync,
			QResync: &SelectParamsQResync{UIDValidity: 1, ModSeq: 1}}}, "[QRESYNC]"},
	} {
		needs, err := Requires(c.v)
		if got := strings.ReplaceAll(strings.Trim(strings.Join(strs(needs), ", "), " "), "  ", " "); "["+got+"]" != c.want || err != nil {
			t.Errorf("%#v: [%s], %v, want %s", c.v, got, err, c.want)
		}
	}
	for _, v := range []any{nil, 5, (*Fetch)(nil), &Fetch{}, &SearchNot{}, &CodeHighestModSeq{}} {
		if needs, err := Requires(v); err == nil {
			t.Errorf("%#v: %v", v, needs)
		}
	}
}

func strs(needs []Need) (out []string) {
	for _, n := range needs {
		out = append(out, n.String())
	}
	return out
}

// TestCapabilityNames: what the grammar says of capabilities, it says of some that it knows.
func TestCapabilityNames(t *testing.T) {
	known := map[string]bool{}
	for _, s := range append(sections[:], additionsTo("capability")...) {
		for _, name := range strings.Fields(s) {
			known[name] = true
		}
	}
	for _, c := range []Capability{CapIMAP4rev1, CapIMAP4rev2, CapLiteralPlus, CapLiteralMinus, "RIGHTS=", "SAVELIMIT="} {
		known[string(c)] = true
	}
	for _, row := range append(implied[:], conflicts[:]...) {
		for _, name := range row {
			if !known[name] {
				t.Errorf("%v: no grammar knows %s", row, name)
			}
		}
	}
}

func additionsTo(rule string) (out []string) {
	for _, a := range additions {
		if a.Rule == rule {
			out = append(out, a.Text)
		}
	}
	return out
}

// TestAdds: each section adds something, and says where it comes from.
func TestAdds(t *testing.T) {
	for _, s := range sections {
		name := Capability(strings.Fields(s)[len(strings.Fields(s))-1])
		adds := name.Adds()
		if len(adds) == 0 && !slices.Contains(wordsOnly, s) {
			t.Errorf("%s adds nothing", name)
		}
		for _, a := range adds {
			if a.Rule == "" || a.Text == "" || len(a.Caps) == 0 || !a.Caps.Met(name) || !strings.HasPrefix(a.RFC, "rfc") && a.RFC != "" {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
	if a := Capability("thread=references").Adds(); len(a) == 0 {
		t.Error("names have no case")
	}
	if a := Capability("X-NONE").Adds(); a != nil {
		t.Error(a)
	}
}

func TestImplied(t *testing.T) {
	got := Implied("qresync", "RIGHTS=kxte", "CONDSTORE")
	if want := []Capability{"qresync", "RIGHTS=kxte", "CONDSTORE", "ENABLE", "ACL"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Implied(); got != nil {
		t.Error(got)
	}
	if got := Conflicts("IMAP4rev2", "LITERAL+"); got != nil { // which implies LITERAL-
		t.Error(got)
	}
}

// TestSaidAnotherWay: a value that can be said without what is not offered is.
func TestSaidAnotherWay(t *testing.T) {
	e := new(Encoder)
	e.SetCaps("IMAP4rev1")
	if out, err := e.AppendCommand(nil, "a", &Append{Mailbox: "b", Messages: []AppendMessage{{Literal: NewLiteral("c")}}}); err != nil {
		t.Errorf("%q %v", out, err)
	}
	before := []byte("before")
	out, err := e.AppendCommand(before, "a", &Append{Mailbox: "b", Messages: []AppendMessage{{Literal: NewLiteral("c")}, {Literal: NewLiteral("d")}}})
	var bad *EncodeError
	if string(out) != "before" || len(e.Breaks()) != 0 || !errors.As(err, &bad) || len(bad.Needs) != 1 || bad.Needs[0][0] != "MULTIAPPEND" {
		t.Errorf("%q %v", out, err)
	}
	if want := `cannot encode append: more than one message needs MULTIAPPEND, which has not been offered`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if out, err := e.AppendCommand(nil, "a", &Noop{}); string(out) != "a NOOP\r\n" || err != nil {
		t.Errorf("a refusal outlives its unit: %q %v", out, err)
	}
	if e.SetCaps("IMAP4rev2"); e.LiteralPlus || !e.LiteralMinus {
		t.Error("IMAP4rev2 has LITERAL-")
	}
}
