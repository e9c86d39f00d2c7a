package spec_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

func TestFiles(t *testing.T) {
	if _, err := spec.Files("core", "rfc0"); err == nil || !strings.Contains(err.Error(), "rfc0") {
		t.Errorf("a missing file: %v", err)
	}
	got, err := spec.Files("rfc9051", "core")
	if err != nil || len(got) != 2 || got[0].Name != "grammar/spec/rfc9051.abnf" || got[1].Name != "grammar/spec/core.abnf" {
		t.Errorf("Files: %v", err)
	}
}

// TestChecksClean: the base alone is right, and so is everything together.
func TestChecksClean(t *testing.T) {
	for name, files := range map[string][]grammar.File{"base": spec.Base(), "all": all(t)} {
		g, err := grammar.Load(files...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := g.Check(); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}

// all is every file.
func all(t *testing.T) []grammar.File {
	t.Helper()
	return spec.All()
}

// TestFilesAlone: an extension needs the base and the files that With names.
func TestFilesAlone(t *testing.T) {
	for _, name := range spec.Names() {
		files, err := spec.Files(spec.With(name)...)
		if err != nil {
			t.Fatal(err)
		}
		g, err := grammar.Load(files...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := g.Check(); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}

var citation = regexp.MustCompile(`RFC [0-9]+ (§|Appendix )[0-9A-Z]`)

// TestDocs: every rule that becomes a type or an alternative says where it comes from.
func TestDocs(t *testing.T) {
	g, err := grammar.Load(all(t)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range g.Order {
		if r.Doc != "" && strings.Contains(r.Doc, "RFC") && !citation.MatchString(r.Doc) {
			t.Errorf("%s: %s: the comment names an RFC without a section: %q", r.Pos, r.Name, r.Doc)
		}
		if r.Doc == "" && slices.ContainsFunc(r.Directives, public) {
			t.Errorf("%s: %s has no comment; say what it is and where it comes from", r.Pos, r.Name)
		}
	}
}

// public reports whether an annotation makes a type or entry point of a rule.
func public(d *grammar.Directive) bool {
	return slices.Contains([]string{"root", "sum", "set", "struct", "bits", "type", "leaf"}, d.Name)
}

// rulesOf are the roots that a kind of example is one of.
var rulesOf = map[string][]string{
	"C command":   {"command"},
	"C data":      {"auth-response"},
	"C idle-done": {"idle-done"},
	"S untagged":  {"response", "greeting"},
	"S tagged":    {"response"},
	"S continue":  {"response", "auth-challenge"},
}

// deviations are examples that the base has no rule for, or that are not what the
// grammar of their own RFC says.
var deviations = map[string]string{
	"* NAMESPACE ((\"INBOX.\" \".\")) NIL  NIL\r\n":                                                        "two spaces",
	"* LIST () \".\"  \"INBOX\"\r\n":                                                                       "two spaces",
	"* LIST (\\Subscribed) \".\"  \"INBOX\"\r\n":                                                           "two spaces",
	"A02 LIST (SUBSCRIBED RECURSIVEMATCH)\"\" % RETURN (STATUS (MESSAGES))\r\n":                            "no space",
	"A01 AUTHENTICATE PLAIN (note that there is a space following the \"+\" in the following line)\r\n":    "a remark",
	"A01 AUTHENTICATE EXTERNAL (note that there is a space following the \"+\" in the following line)\r\n": "a remark",
	"A442 XPIG-LATIN\r\n": "an experimental command",
	"* XPIG-LATIN ow-nay eaking-spay ig-pay atin-lay\r\n":                        "experimental data",
	"a1 SEARCH RETURN (MIN) MODSEQ \"/flags/\\\\draft\" all 620162338\r\n":       "CONDSTORE",
	"a2 SEARCH RETURN (MAX) MODSEQ \"/flags/\\\\draft\" all 620162338\r\n":       "CONDSTORE",
	"a3 SEARCH RETURN (MIN MAX) MODSEQ \"/flags/\\\\draft\" all 620162338\r\n":   "CONDSTORE",
	"a4 SEARCH RETURN (MIN COUNT) MODSEQ \"/flags/\\\\draft\" all 620162338\r\n": "CONDSTORE",
	"t2 CREATE MySpecial (USE (\\Drafts \\Sent))\r\n":                            "CREATE-SPECIAL-USE",
	"t3 CREATE Everything (USE (\\All))\r\n":                                     "CREATE-SPECIAL-USE",
	"t2 GETMETADATA \"MyDrafts\" /private/specialuse\r\n":                        "METADATA",
	"* METADATA \"MyDrafts\" (/private/specialuse \"\\\\Drafts\")\r\n":           "METADATA",
	"t3 SETMETADATA \"SavedDrafts\" (/private/specialuse \"\\\\Drafts\")\r\n":    "METADATA",
	"* METADATA \"MyDrafts\" (/private/specialuse NIL)\r\n":                      "METADATA",
	"t4 SETMETADATA \"SentMail\" (/private/specialuse NIL)\r\n":                  "METADATA",
}

// TestExamplesOfTheRFCs: what the RFCs show is in the language. What an unknown
// command or response would match proves nothing, so these rules are left out.
func TestExamplesOfTheRFCs(t *testing.T) {
	data, err := os.ReadFile("testdata/examples.txt")
	if err != nil {
		t.Fatal(err)
	}
	g := base(t)
	withoutGeneric(g, "command-body", "response-payload", "msg-att-item")
	m := matcher(g)
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, " ", 5)
		text, err := strconv.Unquote(f[4])
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		rules := rulesOf[f[2]+" "+f[3]]
		match := slices.ContainsFunc(rules, func(r string) bool { return m.Match(r, []byte(text)) })
		if _, known := deviations[text]; match == known {
			t.Errorf("RFC %s §%s: %q: match is %v (%d octets)", f[0], f[1], text, match, m.Longest())
		}
	}
}

// withoutGeneric takes the last alternative, which catches the unknown, out of rules.
func withoutGeneric(g *grammar.Grammar, rules ...string) {
	for _, name := range rules {
		kids := g.Rules[name].Body.Kids
		g.Rules[name].Body.Kids = kids[:len(kids)-1]
	}
}
