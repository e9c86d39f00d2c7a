package spec_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

// TestRevisions: what each revision allows, with and without the extension that
// brought it to IMAP4rev1. Unknown commands and responses do not count.
func TestRevisions(t *testing.T) {
	tests := []struct {
		rule, text string
		rev1, rev2 bool
		cap        string // makes it valid in IMAP4rev1
	}{
		{"command-body", "CAPABILITY", true, true, ""},
		{"command-body", "noop", true, true, ""},
		{"command-body", "CHECK", true, false, ""},
		{"command-body", `LSUB "" *`, true, false, ""},
		{"command-body", "IDLE", false, true, "IDLE"},
		{"command-body", "UNSELECT", false, true, "UNSELECT"},
		{"command-body", "NAMESPACE", false, true, "NAMESPACE"},
		{"command-body", "ENABLE CONDSTORE X", false, true, "ENABLE"},
		{"command-body", "UID EXPUNGE 1:*", false, true, "UIDPLUS"},
		{"command-body", "MOVE 1 x", false, true, "MOVE"},
		{"command-body", "UID MOVE 1,$ x", false, false, ""},
		{"command-body", "UID MOVE $ x", false, true, ""},
		{"command-body", "FETCH $ FLAGS", false, true, "SEARCHRES"},
		{"command-body", "AUTHENTICATE PLAIN", true, true, ""},
		{"command-body", "AUTHENTICATE PLAIN AGEAYg==", false, true, "SASL-IR"},
		{"command-body", "AUTHENTICATE EXTERNAL =", false, true, "SASL-IR"},
		{"command-body", "FETCH 1 RFC822", true, false, ""},
		{"command-body", "FETCH 1 (RFC822.HEADER RFC822.TEXT)", true, false, ""},
		{"command-body", "FETCH 1 RFC822.SIZE", true, true, ""},
		{"command-body", "FETCH 1 BODY.PEEK[1.2.HEADER.FIELDS.NOT (a b)]<0.1>", true, true, ""},
		{"command-body", "FETCH 1 (BINARY.PEEK[1]<0.5> BINARY[] BINARY.SIZE[2.3])", false, true, "BINARY"},
		{"command-body", "FETCH 1 FULL (CHANGEDSINCE 5)", true, true, ""},
		{"command-body", "SEARCH NEW OLD RECENT", true, false, ""},
		{"command-body", "SEARCH RETURN () ALL", false, true, "ESEARCH"},
		{"command-body", "SEARCH RETURN (MIN MAX COUNT) CHARSET utf-8 OR SEEN (NOT UID 1:* 5)", false, true, "ESEARCH"},
		{"command-body", "SEARCH CHARSET {5}\r\nUTF-8 TEXT {1}\r\nx", true, true, ""},
		{"command-body", "STATUS x (MESSAGES RECENT)", true, false, ""},
		{"command-body", "STATUS x (SIZE)", false, true, "STATUS=SIZE"},
		{"command-body", "STATUS x (DELETED)", false, true, "QUOTA=RES-MESSAGE"},
		{"command-body", `LIST "" %`, true, true, ""},
		{"command-body", `LIST (SUBSCRIBED REMOTE) "" * RETURN (CHILDREN X (y))`, false, true, "LIST-EXTENDED"},
		{"command-body", `LIST "" (a% "b")`, false, true, "LIST-EXTENDED"},
		{"command-body", "APPEND x (\\Seen $x) \" 1-Jan-2020 00:00:00 +0000\" {1}\r\nx", true, true, ""},
		{"command-body", "APPEND x LABEL (y z) {1}\r\nx", true, true, ""},
		{"command-body", "APPEND x ~{1}\r\n\x00", false, false, "BINARY"},
		{"append-rest", "\r\n", true, true, ""},
		{"append-rest", " {1}\r\nx\r\n", false, false, "MULTIAPPEND"},
		{"response", "* 3 RECENT\r\n", true, false, ""},
		{"response", "* SEARCH 1 2 3\r\n", true, false, ""},
		{"response", "* LSUB () \"/\" x\r\n", true, false, ""},
		{"response", "* FLAGS (\\Recent \\X a)\r\n", true, true, ""},
		{"response", "* ESEARCH (TAG \"a\") UID MIN 1 ALL 1,3:5 X (1 (2))\r\n", false, true, "ESEARCH"},
		{"response", "* NAMESPACE ((\"\" \"/\" \"X\" (\"y\"))) NIL NIL\r\n", false, true, "NAMESPACE"},
		{"response", "* ENABLED X Y\r\n", false, true, "ENABLE"},
		{"response", "* LIST (\\HasChildren) NIL NIL\r\n", true, true, ""},
		{"response", "* LIST () \"\\\\\" x (\"CHILDINFO\" (\"SUBSCRIBED\") X 1)\r\n", false, true, "LIST-EXTENDED"},
		{"response", "* STATUS x ()\r\n", true, true, ""},
		{"response", "* STATUS x (MESSAGES 1 UIDNEXT 2 NEW (a))\r\n", true, true, ""},
		{"response", "* 1 FETCH (FLAGS (\\Recent) UID 5 X-GM (a b))\r\n", true, true, ""},
		{"response", "* 1 FETCH (BODY[TEXT]<0> {2}\r\n\r\n RFC822.SIZE 44)\r\n", true, true, ""},
		{"response", "* OK [UIDNEXT 5] x\r\n", true, true, ""},
		{"response", "* OK [X]\r\n", true, true, ""},
		{"response", "a OK\r\n", true, true, ""},
		{"response", "+\r\n", true, true, ""},
		{"greeting", "* PREAUTH hi\r\n", true, true, ""},
	}
	g := base(t)
	withoutGeneric(g, "command-body", "response-payload")
	for _, test := range tests {
		text := []byte(test.text)
		if got := matcher(g, "IMAP4rev1").Match(test.rule, text); got != test.rev1 {
			t.Errorf("IMAP4rev1: %s %q: match is %v", test.rule, text, got)
		}
		if got := matcher(g, "IMAP4rev2").Match(test.rule, text); got != test.rev2 {
			t.Errorf("IMAP4rev2: %s %q: match is %v", test.rule, text, got)
		}
		if test.cap != "" && !matcher(g, "IMAP4rev1", test.cap).Match(test.rule, text) {
			t.Errorf("IMAP4rev1 and %s: %s %q does not match", test.cap, test.rule, text)
		}
	}
}

// TestRefused: near misses that neither revision has.
func TestRefused(t *testing.T) {
	tests := map[string][]string{
		"command": {
			"", "\r\n", "a\r\n", "a NOOP", "a NOOP\n", "a  NOOP\r\n", "a NOOP \r\n", "+a NOOP\r\n", "a* NOOP\r\n",
			"a LOGIN x\r\n", "a LOGIN x y z\r\n", "a LOGIN \"\\x\" y\r\n", "a LOGIN {1}\r\nab c\r\n", "a LOGIN {2}\r\n\x00a b\r\n",
			"a LOGIN \"\xff\" b\r\n", "a LOGIN \xc3\xa4 b\r\n",
			"a SELECT\r\n", "a SELECT x ()\r\n", "a SELECT x (1)\r\n",
			"a FETCH 0 FLAGS\r\n", "a FETCH 1: FLAGS\r\n", "a FETCH 1 (ALL)\r\n", "a FETCH 1 ()\r\n", "a FETCH 1 BODY []\r\n",
			"a FETCH 1 BODY[MIME]\r\n", "a FETCH 1 BODY[1.]\r\n", "a FETCH 1 BODY[0]\r\n", "a FETCH 1 BODY[]<0>\r\n",
			"a FETCH 1 BODY[]<0.0>\r\n", "a FETCH 4294967296 FLAGS\r\n", "a FETCH 1 BODYSTRUCTURE[1]\r\n",
			"a STORE 1 FLAGS\r\n", "a STORE 1 *FLAGS ()\r\n", "a STORE 1 FLAGS (\\)\r\n", "a STORE 1 FLAGS (\\*)\r\n",
			"a SEARCH\r\n", "a SEARCH ()\r\n", "a SEARCH NOT\r\n", "a SEARCH CHARSET utf-8\r\n", "a SEARCH ON 1-Foo-2020\r\n",
			"a SEARCH LARGER 9223372036854775808\r\n", "a SEARCH KEYWORD \\Seen\r\n",
			"a APPEND x\r\n", "a APPEND x \"\"\r\n", "a APPEND x \"1-Jan-2020 00:00:00 +0000\" {1}\r\nx\r\n", "a APPEND x {1}\r\nx {1}\r\nx\r\n",
			"a STATUS x ()\r\n", "a LIST \"\"\r\n", "a LIST () \"\" ()\r\n", "a UID NOOP\r\n", "a UID UID FETCH 1 FLAGS\r\n",
			"a AUTHENTICATE PLAIN a\r\n", "a AUTHENTICATE PLAIN \r\n", "a ENABLE\r\n", "a IDLE\r\nDONE\r\n",
		},
		"response": {
			"*\r\n", "* \r\n", "*OK\r\n", "* 0 EXPUNGE\r\n", "* 0 FETCH (UID 1)\r\n", "* 1 FETCH ()\r\n", "* 1 FETCH (UID 0)\r\n",
			"* 1 FETCH (FLAGS (\\*))\r\n", "* 1 FETCH (BODY[] x)\r\n", "* 1 FETCH (UID 1 )\r\n", "* FLAGS \\Seen\r\n",
			"* PREAUTH x\r\n", "* CAPABILITY\r\n", "* SEARCH 0\r\n", "* SEARCH 1 \r\n", "* LIST (x) \"/\" y\r\n",
			"* LIST () \"//\" y\r\n", "* LIST () / y\r\n", "* STATUS x (MESSAGES)\r\n", "* STATUS x (UIDNEXT 0)\r\n",
			"* ESEARCH MIN 0\r\n", "* NAMESPACE NIL NIL\r\n", "* NAMESPACE () NIL NIL\r\n",
			"a PREAUTH x\r\n", "a BYE x\r\n",
			"* 1 FETCH (ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL))\r\n",
			"* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" () NIL NIL \"7BIT\" 1 1))\r\n",
			"* 1 FETCH (INTERNALDATE \"1-Jan-2020 00:00:00 +0000\")\r\n",
		},
		"greeting":  {"* NO x\r\n", "a OK x\r\n", "* OK x"},
		"idle-done": {"DONE", "DONE \r\n", "a DONE\r\n"},
	}
	g := base(t)
	withoutGeneric(g, "command-body", "response-payload", "msg-att-item", "status-att-val", "search-return-data")
	m := matcher(g, "IMAP4rev1", "IMAP4rev2")
	for rule, texts := range tests {
		for _, text := range texts {
			if m.Match(rule, []byte(text)) {
				t.Errorf("%s matches %q", rule, text)
			}
		}
	}
}

// TestUnknown: commands and data that nobody knows are read whole, also where
// they are known to another revision.
func TestUnknown(t *testing.T) {
	m := matcher(base(t), "IMAP4rev2")
	for rule, texts := range map[string][]string{
		"command":  {"a XPIG-LATIN\r\n", "a CHECK\r\n", "a UID SORT (DATE) utf-8 ALL\r\n", "a X {3}\r\na\r\n \xff \"\r\n"},
		"response": {"* XPIG ow-nay\r\n", "* 5 FOO (a {2}\r\n\r\n)\r\n", "* 3 RECENT\r\n", "* SEARCH\r\n", "* OK [UIDNEXT 0] x\r\n", "* OK [ x\r\n"},
	} {
		for _, text := range texts {
			if !m.Match(rule, []byte(text)) {
				t.Errorf("%s does not match %q", rule, text)
			}
		}
	}
}

// TestSentences: every root has sentences, and they match.
func TestSentences(t *testing.T) {
	g := base(t)
	m := matcher(g)
	source := rand.New(rand.NewPCG(9051, 3501))
	s := g.Sampler(source)
	s.Depth, s.Repeat = 16, 2
	s.Leaf = func(r *grammar.Rule) ([]byte, bool) {
		switch r.Name {
		case "literal", "literal8":
			n := source.IntN(4)
			open := map[string]string{"literal": "{", "literal8": "~{"}[r.Name]
			return []byte(open + strconv.Itoa(n) + "}\r\n" + strings.Repeat("\x01", n)), true
		case "number", "number64", "nz-number", "nz-number64", "seq-num", "uniqueid":
			return strconv.AppendInt(nil, 1+source.Int64N(1<<31), 10), true
		}
		return nil, false
	}
	for _, r := range g.Order {
		if len(r.Directives) == 0 || r.Directives[0].Name != "root" {
			continue
		}
		for range 300 {
			text, ok := s.Sentence(r.Name)
			if !ok {
				t.Fatalf("%s has no sentence", r.Name)
			}
			if len(text) < 2000 && !m.Match(r.Name, text) {
				t.Errorf("%s: %q does not match (%d octets)", r.Name, text, m.Longest())
			}
		}
	}
}
