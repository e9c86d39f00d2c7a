package spec_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// inventory is a table of the protocol's surface, without its header.
func inventory(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("../../imap/testdata/inventory", name+".tsv"))
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

// keywords are the constants that a rule and all it reaches consist of, in capitals.
func keywords(g *grammar.Grammar, rule string) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	var visit func(*grammar.Node)
	visit = func(n *grammar.Node) {
		if n.Op == grammar.Literal {
			for _, word := range strings.Fields(strings.ToUpper(n.Text)) {
				out[strings.Trim(word, "()")] = true
			}
		}
		if r := g.Rules[n.Name]; n.Op == grammar.Ref && r != nil && !seen[n.Name] {
			seen[n.Name] = true
			visit(r.Body)
		}
		for _, k := range n.Kids {
			visit(k)
		}
	}
	visit(&grammar.Node{Op: grammar.Ref, Name: rule})
	return out
}

// obsolete are words of the inventory that no file has, with the reason.
var obsolete = map[string]string{
	"PARTIAL": "a command of RFC 1730", "FIND": "a command of IMAP2bis", "SUBSCRIBE MAILBOX": "a command of IMAP2bis",
	"MAILBOX": "a response of IMAP2bis", "COPY": "a response of IMAP2bis", "GREETING": "a root of its own", "PREAUTH": "in the greeting, which is a root of its own",
	"STORE": "a response of IMAP2bis", "UNKEYWORD": `["UN"] "KEYWORD"`,
	"NEWNAME": "a code of RFC 2060", "NOT-UTF-8": "a code of RFC 5738", "UTF-8-ONLY": "a code of RFC 5738",
	"MODSEQ": "no sort key, says the inventory", `\NOUTF8`: "an attribute of RFC 5738", `\UTF8ONLY`: "an attribute of RFC 5738",
	"IMAP4": "RFC 1730", "UTF8": "RFC 5738", "UTF8=ALL": "RFC 5738", "UTF8=APPEND": "RFC 5738", "UTF8=USER": "RFC 5738",
}

// TestInventory: every keyword of the inventory is in the grammar, where it belongs.
func TestInventory(t *testing.T) {
	g, err := grammar.Load(spec.All()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		table  string
		column int
		rule   string
		only   string // of the first column
	}{
		{"commands", 0, "command-body", ""},
		{"responses", 0, "response", ""},
		{"response-codes", 0, "resp-text-code", ""},
		{"search-keys", 0, "search-key", ""},
		{"sort-thread", 1, "sort-criterion", "sort-"},
		{"sort-thread", 1, "thread-alg", "thread-"},
		{"status-items", 0, "status-att", ""},
		{"flags-and-attributes", 1, "flag", "keyword"},
		{"flags-and-attributes", 1, "flag", "system flag"},
		{"flags-and-attributes", 1, "mbx-list-flag", "mailbox attribute"},
		{"flags-and-attributes", 1, "mbx-list-flag", "special-use attribute"},
		{"capabilities", 0, "capability", ""},
	} {
		known := keywords(g, test.rule)
		used := 0
		for _, row := range inventory(t, test.table) {
			if !strings.HasPrefix(row[0], test.only) {
				continue
			}
			for _, word := range rowWords(row[test.column]) {
				used++
				if _, gone := obsolete[word]; !known[word] && !gone {
					t.Errorf("%s: %s has no %q", test.table, test.rule, word)
				}
			}
		}
		t.Logf("%s: %d words in %s", test.table, used, test.rule)
	}
}

// rowWords are the keywords of a row's name; placeholders and punctuation are none.
func rowWords(name string) []string {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == ' ' || r == ',' || r == '/' })
	return slices.DeleteFunc(words, func(w string) bool {
		return strings.ContainsAny(w, "<>()+*$.") && w[0] != '$' || w == "$" || w == `\RECENT` || w == "XLIST"
	})
}

// TestAllInOrder: the base comes first, every file is there once, and what an
// extension needs is before it.
func TestAllInOrder(t *testing.T) {
	var names []string
	for _, f := range spec.All() {
		names = append(names, strings.TrimSuffix(filepath.Base(f.Name), ".abnf"))
	}
	if !slices.Equal(names[:3], []string{"core", "rfc9051", "rfc3501"}) || len(names) != len(spec.Names()) {
		t.Errorf("All: %v", names)
	}
	for _, name := range names[3:] {
		for _, before := range spec.With(name) {
			if slices.Index(names, before) > slices.Index(names, name) {
				t.Errorf("%s stands before %s, which it needs", name, before)
			}
		}
	}
}
