package grammar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imapsrv/imapsrv/grammar"
)

// load reads one file that must be without errors.
func load(t *testing.T, text string) *grammar.Grammar {
	t.Helper()
	g, err := grammar.Load(grammar.File{Name: "test.abnf", Data: []byte(text)})
	if err != nil {
		t.Fatalf("Load(%q): %v", text, err)
	}
	return g
}

func lit(s string) *grammar.Node   { return &grammar.Node{Op: grammar.Literal, Text: s} }
func exact(s string) *grammar.Node { return &grammar.Node{Op: grammar.Literal, Text: s, Exact: true} }
func ref(s string) *grammar.Node   { return &grammar.Node{Op: grammar.Ref, Name: s} }
func class(lo, hi byte) *grammar.Node {
	return &grammar.Node{Op: grammar.Class, Set: grammar.ByteRange(lo, hi)}
}

func seq(kids ...*grammar.Node) *grammar.Node { return &grammar.Node{Op: grammar.Seq, Kids: kids} }
func alt(kids ...*grammar.Node) *grammar.Node { return &grammar.Node{Op: grammar.Alt, Kids: kids} }

func rep(least, most int, kid *grammar.Node) *grammar.Node {
	return &grammar.Node{Op: grammar.Rep, Min: least, Max: most, Kids: []*grammar.Node{kid}}
}

func TestConstructs(t *testing.T) {
	tests := []struct {
		name, body string
		want       *grammar.Node
	}{
		{"string", `"Abc"`, lit("Abc")},
		{"empty string", `""`, lit("")},
		{"string with semicolon", `";x"`, lit(";x")},
		{"string with backslash", `"\"`, lit(`\`)},
		{"insensitive string", `%i"Abc"`, lit("Abc")},
		{"insensitive string, capital", `%I"Abc"`, lit("Abc")},
		{"sensitive string", `%s"Abc"`, exact("Abc")},
		{"hexadecimal value", `%x41`, class('A', 'A')},
		{"hexadecimal value, capitals", `%XfF`, class(255, 255)},
		{"decimal value", `%d13`, class('\r', '\r')},
		{"binary value", `%b1010`, class('\n', '\n')},
		{"value with leading zeros", `%d0013`, class('\r', '\r')},
		{"range", `%x30-39`, class('0', '9')},
		{"decimal range", `%d48-57`, class('0', '9')},
		{"range of one", `%x30-30`, class('0', '0')},
		{"concatenated values", `%x0D.0A`, exact("\r\n")},
		{"concatenated decimal values", `%d13.10`, exact("\r\n")},
		{"rule", `B`, ref("b")},
		{"rule with underscore", `foo_Bar`, ref("foo-bar")},
		{"concatenation", `b "x" c`, seq(ref("b"), lit("x"), ref("c"))},
		{"alternatives", `b / c / d`, alt(ref("b"), ref("c"), ref("d"))},
		{"concatenation binds tighter", `b c / d`, alt(seq(ref("b"), ref("c")), ref("d"))},
		{"group", `b (c / d)`, seq(ref("b"), alt(ref("c"), ref("d")))},
		{"group of one", `(b)`, ref("b")},
		{"group of a group", `((b c))`, seq(ref("b"), ref("c"))},
		{"option", `[b]`, rep(0, 1, ref("b"))},
		{"option of alternatives", `[b / c d]`, rep(0, 1, alt(ref("b"), seq(ref("c"), ref("d"))))},
		{"any number", `*b`, rep(0, -1, ref("b"))},
		{"at least", `2*b`, rep(2, -1, ref("b"))},
		{"at most", `*3b`, rep(0, 3, ref("b"))},
		{"between", `2*3b`, rep(2, 3, ref("b"))},
		{"exactly", `4b`, rep(4, 4, ref("b"))},
		{"exactly one", `1*1b`, rep(1, 1, ref("b"))},
		{"repeated group", `*(b c)`, rep(0, -1, seq(ref("b"), ref("c")))},
		{"repeated string", `2"x"`, rep(2, 2, lit("x"))},
		{"repeated value", `2%x41-5A`, rep(2, 2, class('A', 'Z'))},
		{"repeated option", `2[b]`, rep(2, 2, rep(0, 1, ref("b")))},
		{"comment", "b ; c\n  d", seq(ref("b"), ref("d"))},
		{"folded line", "b\n  / c\n\t/ d", alt(ref("b"), ref("c"), ref("d"))},
		{"folded line with CRLF", "b\r\n  / c\r\n", alt(ref("b"), ref("c"))},
		{"blank line inside", "b\n\n  c", seq(ref("b"), ref("c"))},
		{"line of spaces inside", "b\n   \n  c", seq(ref("b"), ref("c"))},
		{"continuation in the first column", "b\n/ c", alt(ref("b"), ref("c"))},
		{"no spaces", `b"x"*c(d/e)[f]`, seq(ref("b"), lit("x"), rep(0, -1, ref("c")), alt(ref("d"), ref("e")), rep(0, 1, ref("f")))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, head := range []string{"a = ", "a=", "a =\n  ", "; comment\n\na\t= "} {
				got := load(t, head+test.body).Rules["a"].Body
				if diff := cmp.Diff(test.want, got, ignorePos); diff != "" {
					t.Errorf("%q (-want +got):\n%s", head+test.body, diff)
				}
			}
		})
	}
}

func TestFiles(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"two rules", "a = b\nb = \"x\"", "a b"},
		{"rules on indented lines", "  a = b\n  b = \"x\"\n", "a b"},
		{"names are case-insensitive", "Foo = \"x\"\nfoo =/ \"y\"\nFOO_bar = foo", "foo foo-bar"},
		{"CRLF", "; c\r\na = b\r\n\r\nb = \"x\"\r\n", "a b"},
		{"CR only in comments and blanks", "a = b\r\n  c\r\nb = \"x\"", "a b"},
		{"no newline at the end", "a = \"x\" ; c", "a"},
		{"empty", "", ""},
		{"comments only", "; a = b\n;;; c\n;===\n;. \n;\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var names []string
			for _, r := range load(t, test.text).Order {
				names = append(names, r.Name)
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("rules %q, want %q", got, test.want)
			}
		})
	}
}

func TestExtensions(t *testing.T) {
	const letters = "\nname = 1*%x41-5A\nword = %x41-5A *(%x41-5A / %x61-7A)\n"
	tests := []struct{ name, text, want string }{
		{"adds alternatives", "a = \"x\"\na =/ \"y\" / \"z\"", `"x" / "y" / "z"`},
		{"adds to alternatives", "a = \"x\" / \"y\"\na =/ \"z\"", `"x" / "y" / "z"`},
		{"adds to a sequence", "a = \"x\" b\nb = \"b\"\na =/ \"z\"", `"x" b / "z"`},
		{"may come first", "a =/ \"z\"\na = \"x\"", `"x" / "z"`},
		{"in order", "a = \"x\"\na =/ \"y\"\na =/ \"z\"", `"x" / "y" / "z"`},
		{"fills a hook", ";@ hook\na = \"\"\na =/ \"y\"", `"y"`},
		{"fills a hook twice", ";@ hook\na = \"\"\na =/ \"y\" / \"w\"\na =/ \"z\"", `"y" / "w" / "z"`},
		{"before a generic alternative", "a = \"X\" / name\na =/ \"Y\"" + letters, `"X" / "Y" / name`},
		{"before a generic sequence", "a = \"X\" / [\"U\" %x20] name\na =/ \"Y\"" + letters, `"X" / "Y" / ["U" %x20] name`},
		{"before a generic single alternative", "a = name\na =/ \"Y\"" + letters, `"Y" / name`},
		{"before generic text with a backslash", "a = \"\\Seen\" / \"\\\" name\na =/ \"\\Foo\"" + letters, `"\Seen" / "\Foo" / "\" name`},
		{"before a generic rule with a backslash", "a = ext\next = \"\\\" name\na =/ \"\\Foo\"" + letters, `"\Foo" / ext`},
		{"before a keyword that looks like one", "a = \"X\" / word\na =/ \"Y\"" + letters, `"X" / "Y" / word`},
		{"behind a generic alternative that it cannot meet", "a = name\na =/ \"(\" name \")\"" + letters, `name / "(" name ")"`},
		{"behind a list", "a = \"X\" / \"(\" a \")\"\na =/ \"Y\"", `"X" / "(" a ")" / "Y"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := load(t, test.text).Rules["a"].Body.String(); got != test.want {
				t.Errorf("a = %s, want %s", got, test.want)
			}
		})
	}
}

func TestExtensionAcrossFiles(t *testing.T) {
	g, err := grammar.Load(
		grammar.File{Name: "ext.abnf", Data: []byte(";@ cap EXT rfc2\n; More\n; of it.\na =/ \"y\"\n")},
		grammar.File{Name: "base.abnf", Data: []byte(";@ cap BASE A=B rfc1\na = \"x\" / b\n\n;@ cap OTHER\nb = \"b\"\n")},
		grammar.File{Name: "plain.abnf", Data: []byte("c = \"c\"\n")},
	)
	if err != nil {
		t.Fatal(err)
	}
	type section struct {
		Text, Source, Doc string
		Caps              []string
	}
	var got []section
	for _, n := range append(g.Rules["a"].Body.Kids, g.Rules["b"].Body, g.Rules["c"].Body) {
		got = append(got, section{n.String(), n.Source, n.Doc, n.Caps})
	}
	base := []string{"BASE", "A=B"}
	want := []section{
		{Text: `"x"`, Source: "rfc1", Caps: base},
		{Text: `b`, Source: "rfc1", Caps: base},
		{Text: `"y"`, Source: "rfc2", Caps: []string{"EXT"}, Doc: "More\nof it."},
		{Text: `"b"`, Caps: []string{"OTHER"}},
		{Text: `"c"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
	r := g.Rules["a"]
	if diff := cmp.Diff(base, r.Caps); diff != "" || r.Source != "rfc1" {
		t.Errorf("the rule's section is %q %q", r.Caps, r.Source)
	}
	if want := (grammar.Pos{File: "ext.abnf", Line: 4, Column: 6}); r.Body.Kids[2].Pos != want {
		t.Errorf("the added alternative is at %v, want %v", r.Body.Kids[2].Pos, want)
	}
}
