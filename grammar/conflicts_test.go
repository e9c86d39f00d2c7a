package grammar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imapsrv/imapsrv/grammar"
)

// tokens are rules that the grammars of these tests use.
const tokens = `
SP     = %x20
atom   = 1*(%x2D / %x2E / %x30-39 / %x41-5A / %x61-7A)
;@ leaf number
number = 1*%x30-39
;@ leaf nz-number
nz     = %x31-39 *%x30-39
;@ leaf astring
astring = 1*(%x2D / %x2E / %x30-39 / %x41-5A / %x61-7A) / %x22 *%x61-7A %x22
`

func TestDecided(t *testing.T) {
	tests := []string{
		`"A" / "B"`,
		`"BODY" / "BODYSTRUCTURE" / "BODY.PEEK" "[" / "BODY" "["`,
		`"HEADER" / "HEADER.FIELDS" SP atom / "HEADER.FIELDS.NOT" SP atom`,
		`"SEEN" / "SENTON" SP atom / atom`,
		`"\Seen" / "\" atom / atom`,
		`"\Seen" / ["\"] atom`,
		`"\*" / "\" atom`,
		`["UID" SP] "COPY" / ["UID" SP] "MOVE" / "UID" SP "EXPUNGE" / ["UID" SP] atom`,
		`number SP "EXISTS" / nz SP "EXPUNGE"`,
		`number SP "EXISTS" / number SP ("EXPUNGE" / atom)`,
		`%x22 "X" %x22 SP "(" / "X" SP "(" / astring SP number`,
		`astring / "(" astring *(SP astring) ")"`,
		`"(" [atom *(SP atom)] ")"`,
		`"L" [SP "(" atom ")"] SP astring [SP "R"]`,
		`*(SP atom) SP %x7B`,
		`"X" [SP] astring`,
		`"X" *SP`,
		`nz *("." nz) ["." atom2]
atom2 = %x61-7A`,
		`b *(SP b)
b = atom [SP "(" atom ")"]`,
		`b *(SP b)
b = number *("." number)`,
		`%s"a" / %s"A"`,
		`%x41.42 / "AC"`,
		`*"x" "y"`,
		`3"x" / "y"`,
		`c [tail]
;@ hook
tail = ""
c = "X" *(SP nz)`,
		`"(" (1*a / atom) ")"`,
	}
	for _, body := range tests {
		t.Run(strings.ReplaceAll(body, "\n", " "), func(t *testing.T) {
			if err := conflictsOf(body, ""); err != nil {
				t.Errorf("a = %s\n%v", body, err)
			}
			if preferHelps(t, body) {
				t.Error("prefer is used although there is no conflict")
			}
		})
	}
}

// conflictsOf checks a grammar whose rule a has the body; other rules may follow it.
func conflictsOf(body, annotations string) error {
	g, err := grammar.Load(grammar.File{Name: "f", Data: []byte(";@ root client\n" + annotations + "a = " + body + tokens)})
	if err != nil {
		return err
	}
	return g.Check(names(g)...)
}

// names are all rules: that tokens are not used is not what is tested.
func names(g *grammar.Grammar) []string {
	var all []string
	for _, r := range g.Order {
		all = append(all, r.Name)
	}
	return all
}

// preferHelps reports whether the annotation acknowledges anything.
func preferHelps(t *testing.T, body string) bool {
	t.Helper()
	g := load(t, ";@ root client\n;@ prefer first\na = "+body+tokens)
	if err := g.Check(names(g)...); err != nil {
		t.Fatal(err)
	}
	return g.Rules["a"].Directives[1].Used
}

func TestConflicts(t *testing.T) {
	tests := []struct{ body, first, second, sample string }{
		{`atom / "X"`, `atom`, `"X"`, "X"},
		{`atom SP "A" / atom SP "B"`, `atom sp "A"`, `atom sp "B"`, "-"},
		{`astring / atom`, `astring`, `atom`, "-"},
		{`"X" / "X"`, `"X"`, `"X"`, "X"},
		{`"x" / %s"x"`, `"x"`, `%s"x"`, "x"},
		{`"X" SP atom / "X" SP astring`, `"X" sp atom`, `"X" sp astring`, "X -"},
		{`[number SP] atom`, `[number sp]`, `what follows it`, "0"},
		{`"[" atom "]" / (%x21-7E)`, `"[" atom "]"`, `%x21-7E`, "["},
		{`number / nz`, `number`, `nz`, "1"},
		{`"X" [SP atom] [SP atom]`, `[sp atom]`, `what follows it`, " -"},
		{`("A" / "B") / "A"`, `"A" / "B"`, `"A"`, "A"},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			got := lines(conflictsOf(test.body, ""))
			if len(got) == 0 {
				t.Fatal("no conflict is reported")
			}
			_, text, _ := strings.Cut(got[0], ": a: ")
			want := test.first + " and " + test.second + " can both begin with " + `"` + test.sample + `"` + conflictAdvice
			if diff := cmp.Diff(want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := conflictsOf(test.body, ";@ prefer first\n"); err != nil {
				t.Errorf("with prefer: %v", err)
			}
		})
	}
}

// TestConflictPlace: the error names the second alternative's place.
func TestConflictPlace(t *testing.T) {
	got := lines(conflictsOf("\"B\"\n  / atom\n  / \"X\"", ""))
	if want := "f:4:5: a: atom and \"X\" can both begin with \"X\"" + conflictAdvice; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestConflictOverRules: what comes after a rule's use counts.
func TestConflictOverRules(t *testing.T) {
	const rules = "b *(SP b)\nb = atom [SP atom]"
	got := lines(conflictsOf(rules, ""))
	want := "f:3:10: b: [sp atom] and what follows it can both begin with \" -\"" + conflictAdvice
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
