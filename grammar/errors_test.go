package grammar_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imapsrv/imapsrv/grammar"
)

// check loads and checks, as whoever changes a grammar does.
func check(text string) error {
	g, err := grammar.Load(grammar.File{Name: "f", Data: []byte(text)})
	if err != nil {
		return err
	}
	return g.Check()
}

func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

const (
	syntaxAdvice   = "; a rule is written name = elements, with / between alternatives"
	conflictAdvice = "; reword the rule, move the generic alternative to the end, " +
		`or acknowledge with ";@ prefer first" that the first one wins`
)

func TestErrors(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		// Syntax.
		{"no equals sign", "foo\nb = \"x\"", []string{"f:2:1: = is missing behind a rule's name, before `b`; write name = elements"}},
		{"name alone", "foo\n", []string{"f:2:1: the file ends in the middle of a rule; complete it"}},
		{"no body", "a = \n", []string{"f:2:1: a: the file ends in the middle of a rule; complete it"}},
		{"empty alternative", "a = / \"x\"\n", []string{"f:1:5: a: unexpected `/`" + syntaxAdvice}},
		{"empty last alternative", "a = \"x\" /\nb = \"y\"", []string{"f:2:1: a: unexpected `b`" + syntaxAdvice}},
		{"empty group", "a = ()\n", []string{"f:1:6: a: the ( is not closed before `)`; close it"}},
		{"group not closed", "a = (\"x\"\nb = \"y\"", []string{"f:2:1: a: the ( is not closed before `b`; close it"}},
		{"option not closed", "a = [\"x\"", []string{"f:1:9: a: the [ is not closed before the end of the file; close it"}},
		{"crossed brackets", "a = [(\"x\"])", []string{"f:1:10: a: the ( is not closed before `]`; close it"}},
		{"repeat without element", "a = 2* / b", []string{"f:1:8: a: unexpected `/`" + syntaxAdvice}},
		{"unknown character", "a = b }", []string{"f:1:7: a: unexpected `}`" + syntaxAdvice}},
		{"not ABNF at all", "{\"a\": 1}", []string{"f:1:1: unexpected `{`" + syntaxAdvice}},
		{"unterminated string", "a = \"x\n", []string{`f:1:5: a: the string "x has no closing quote on its line; add one`}},
		{"string over two lines", "a = \"x\ny\"\n", []string{
			`f:1:5: a: the string "x has no closing quote on its line; add one`,
			`f:2:2: a: the string " has no closing quote on its line; add one`,
		}},
		{"octet in a string", "a = \"\u00fc\"", []string{"f:1:5: a: the string \"\u00fc\" holds an octet that ABNF strings cannot; write it as %x…"}},
		{"tab in a string", "a = \"\t\"", []string{"f:1:5: a: the string \"\t\" holds an octet that ABNF strings cannot; write it as %x…"}},
		{"string prefix", `a = %z"x"`, []string{`f:1:5: a: unknown string prefix "%z"; use %s for case-sensitive text, or none`}},
		{"prose", "a = <any octet>", []string{"f:1:5: a: prose <any octet> cannot be generated from; write the rule in ABNF"}},
		// Numbers.
		{"value too large", "a = %x100", []string{`f:1:5: a: "100" in "%x100" is no octet; write a number of base 16 up to ff`}},
		{"decimal value too large", "a = %d1.256", []string{`f:1:5: a: "256" in "%d1.256" is no octet; write a number of base 10 up to 255`}},
		{"digit of another base", "a = %b102", []string{`f:1:5: a: "102" in "%b102" is no octet; write a number of base 2 up to 11111111`}},
		{"range without end", "a = %x5-", []string{`f:1:5: a: "" in "%x5-" is no octet; write a number of base 16 up to ff`}},
		{"base", "a = %o7", []string{`f:1:5: a: "%o7" is no number; write %x…, %d… or %b…`}},
		{"percent alone", "a = %", []string{`f:1:5: a: "%" is no number; write %x…, %d… or %b…`}},
		{"empty range", "a = %x7A-61", []string{`f:1:5: a: "%x7A-61" is an empty range; swap its ends`}},
		{"minimum above maximum", `a = 5*2"x"`, []string{`f:1:5: a: "5*2" has a minimum above its maximum; swap them`}},
		{"repeat zero times", `a = *0"x"`, []string{`f:1:5: a: "*0" repeats nothing; remove the element or raise the number`}},
		{"repeat too often", `a = 99999999999"x"`, []string{`f:1:5: a: "99999999999" repeats more than 2147483647 times; use a smaller number`}},
		// Rules.
		{"undefined", ";@ root client\na = \"x\"\n  / b\n", []string{"f:3:5: a: rule b is not defined; define it, load the file that does, or correct the name"}},
		{"unused", ";@ root client\na = \"x\"\nb = c\nc = \"y\"\n", []string{
			`f:3:1: b: no root uses the rule; use it, remove it, or make it one with ";@ root"`,
			`f:4:1: c: no root uses the rule; use it, remove it, or make it one with ";@ root"`,
		}},
		{"duplicate", "a = \"x\"\nA = \"y\"", []string{"f:2:1: A: already defined at f:1:1; use =/ to add alternatives, or another name"}},
		{"extension of nothing", "Foo =/ \"x\"", []string{"f:1:1: Foo: =/ extends a rule that no file defines; define it with =, or correct the name"}},
		{"left recursion", ";@ root client\na = a \"x\" / \"y\"", []string{"f:2:1: a: left-recursive: a -> a; rewrite it as a repetition, x *(SP x)"}},
		{"left recursion through others", ";@ root client\na = [\"x\"] b\nb = *c a\nc = \"z\"", []string{
			"f:2:1: a: left-recursive: a -> b -> a; rewrite it as a repetition, x *(SP x)",
			"f:3:1: b: left-recursive: b -> a -> b; rewrite it as a repetition, x *(SP x)",
		}},
		{"nullable loop", ";@ root client\na = \"x\" *(b)\nb = [\"y\"]", []string{
			"f:2:9: a: *b repeats what can be empty; make the repeated part match at least one octet"}},
		{"empty rule", ";@ root client\na = \"\"", []string{`f:2:1: a: the rule is empty; write ";@ hook" before it if extensions are to fill it`}},
		{"full hook", ";@ root client\n;@ hook\na = \"x\"", []string{`f:2:1: a: a hook is empty until extensions fill it; write a = "", or remove the annotation`}},
		// Annotations.
		{"empty annotation", ";@\na = \"x\"", []string{"f:1:1: a: the annotation is empty; name it or remove it"}},
		{"too few arguments", ";@ leaf\na = \"x\"", []string{`f:1:1: a: the annotation "leaf" has 0 arguments; it takes 1 to 2`}},
		{"too many arguments", ";@ null x\na = \"x\"", []string{`f:1:1: a: the annotation "null" has 1 arguments; it takes 0`}},
		{"section without name", ";@ cap\na = \"x\"", []string{`f:1:1: a: the annotation "cap" has 0 arguments; it takes at least 1`}},
		{"section with two sources", ";@ cap X rfc1 rfc2\na = \"x\"", []string{"f:1:1: a: a section has one source; name rfc1 or rfc2"}},
		{"a relation of one", ";@ implies A\na = \"x\"", []string{`f:1:1: a: the annotation "implies" has 1 arguments; it takes at least 2`}},
		{"a relation of three", ";@ conflicts A B C\na = \"x\"", []string{`f:1:1: a: the annotation "conflicts" has 3 arguments; it takes 2`}},
		{"a relation to itself", ";@ implies A B A\na = \"x\"", []string{`f:1:1: a: the annotation "implies" names A twice; name each capability once`}},
		{"twice", ";@ raw\n;@ raw\na = \"x\"", []string{`f:2:1: a: the annotation "raw" is there twice; leave one`}},
		{"contradiction", ";@ raw\n;@ sum X\na = \"x\"", []string{"f:2:1: a: a rule cannot be both raw and sum; leave one"}},
		{"root of nobody", ";@ root both\na = \"x\"", []string{`f:1:1: a: a root is sent by "both"; write client or server`}},
		{"depth", ";@ depth=deep\na = \"x\"", []string{`f:1:1: a: the depth "deep" is no positive number; write one, such as depth=32`}},
		{"prefer", ";@ prefer last\na = \"x\"", []string{`f:1:1: a: prefer "last" is unknown; write prefer first or prefer keyword`}},
		{"annotation of an extension", "a = \"x\"\n;@ raw\na =/ \"y\"", []string{`f:2:1: a: the annotation ";@ raw" belongs to the definition at f:1:1; move it there`}},
		{"annotation inside a rule", "a = \"x\"\n;@ raw\n  / \"y\"", []string{"f:3:3: a: the annotation `;@ raw` stands in the middle of a rule; write it on a line before the rule"}},
		{"annotation at the end", "a = \"x\"\n;@ raw\n", []string{"f:2:1: no rule follows the annotation `;@ raw`; write it directly before its rule"}},
		// Notes.
		{"unknown modifier", "a = \"x\" ;.Foo bar", []string{`f:1:9: a: unknown modifier "bar"; use multi, stream, secret, zero or apart, or write a plain comment`}},
		{"two arguments of a field", "a = \"x\" ;.Foo Bar* Baz", []string{`f:1:9: a: unknown modifier "Baz"; use multi, stream, secret, zero or apart, or write a plain comment`}},
		{"name in small letters", "a = \"x\" ;.foo", []string{`f:1:9: a: "foo" is no name; write a Go name with a capital, or _`}},
		{"empty note", "a = \"x\" ;._", []string{`f:1:9: a: ";._" says nothing; give it a name or a modifier, or remove it`}},
		{"note before any element", "a = ;.Foo\n  \"x\"", []string{"f:1:5: a: the note `;.Foo` has no element before it; write it after an element"}},
		{"note before an alternative's first element", "a = \"x\" / ;=Foo\n  \"y\"", []string{"f:1:11: a: the note `;=Foo` has no element before it; write it after an element"}},
		{"two notes of a kind", "a = \"x\" ;.Foo\n  ;.Bar\n", []string{`f:2:3: a: ";.Bar" is the second note of its kind here; leave one`}},
		{"case inside an alternative", "a = \"x\" ;=Foo\n  \"y\"", []string{`f:1:9: a: ";=Foo" names an alternative; write it after the alternative's last element`}},
		// Several at once.
		{"sorted", "a = %x100 %q \"x\nb = <p>\n c }\nd =/ \"x\"", []string{
			`f:1:5: a: "100" in "%x100" is no octet; write a number of base 16 up to ff`,
			`f:1:11: a: "%q" is no number; write %x…, %d… or %b…`,
			`f:1:14: a: the string "x has no closing quote on its line; add one`,
			"f:3:4: b: unexpected `}`" + syntaxAdvice,
			"f:4:1: d: =/ extends a rule that no file defines; define it with =, or correct the name",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, lines(check(test.text))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestErrorsOfAllFiles(t *testing.T) {
	_, err := grammar.Load(
		grammar.File{Name: "z", Data: []byte("a = (\n")},
		grammar.File{Name: "b", Data: []byte("c = %x\n\nd = \"x\"\n")},
		grammar.File{Name: "a", Data: []byte("d = \"x\"\n")},
	)
	want := []string{
		"a:1:1: d: already defined at b:3:1; use =/ to add alternatives, or another name",
		`b:1:5: c: "" in "%x" is no octet; write a number of base 16 up to ff`,
		"z:2:1: a: the ( is not closed before the end of the file; close it",
	}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var e *grammar.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T holds no *grammar.Error", err)
	}
	if want := (grammar.Pos{File: "a", Line: 1, Column: 1}); e.Pos != want || e.Rule != "d" {
		t.Errorf("the first error is at %v in %s", e.Pos, e.Rule)
	}
}

func TestUnknownAnnotation(t *testing.T) {
	got := lines(check(";@ sun X\na = \"x\""))
	want := `f:1:1: a: unknown annotation "sun"; use one of bits, cap, conflicts, `
	if len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("got %q, want %q…", got, want)
	}
}

func TestManySyntaxErrorsEnd(t *testing.T) {
	err := check(strings.Repeat("a = }\n", 1000))
	if n := len(lines(err)); n < 2 || n > 20 {
		t.Errorf("%d errors of 1000", n)
	}
}

func TestCheckRoots(t *testing.T) {
	g := load(t, "a = b\nb = \"x\"\nc = \"y\"\n")
	if err := g.Check("A", "c"); err != nil {
		t.Errorf("both roots: %v", err)
	}
	want := []string{
		"d: the root is not defined; name a rule of the grammar",
		`test.abnf:3:1: c: no root uses the rule; use it, remove it, or make it one with ";@ root"`,
	}
	if diff := cmp.Diff(want, lines(g.Check("a", "d"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnusedAnnotations(t *testing.T) {
	g := load(t, ";@ root client\n;@ sum X\na = \"x\" b ;.Foo\n  ;=Bar\n  / \"y\" ;. stream\n;@ raw\nb = \"z\"\n")
	want := []string{
		`test.abnf:1:1: a: the annotation ";@ root" changes nothing; remove it`,
		`test.abnf:2:1: a: the annotation ";@ sum" changes nothing; remove it`,
		`test.abnf:3:11: a: the note ";.Foo" changes nothing; remove it`,
		`test.abnf:4:3: a: the note ";=Bar" changes nothing; remove it`,
		`test.abnf:5:9: a: the note ";._" changes nothing; remove it`,
		`test.abnf:6:1: b: the annotation ";@ raw" changes nothing; remove it`,
	}
	if diff := cmp.Diff(want, lines(errors.Join(g.UnusedAnnotations()...))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, r := range g.Order {
		for _, d := range r.Directives {
			d.Used = true
		}
	}
	a := g.Rules["a"].Body.Kids
	a[0].Case.Used, a[0].Kids[1].Field.Used, a[1].Kids[0].Field.Used = true, true, true
	if errs := g.UnusedAnnotations(); errs != nil {
		t.Errorf("after use: %v", errs)
	}
}
