package imap

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// lenientCase is something that servers send.
type lenientCase struct {
	quirk Quirk
	line  string
	// want is a unit of the grammar with the value that is wanted.
	want string
	// original is what the diagnostics have read otherwise.
	original []string
	// legal: strict decoding has a reading.
	legal bool
	// check looks at what no unit of the grammar says.
	check func(Response) bool
}

// text makes one of the quirks' parts of a body structure.
const plain = `("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)`

func structure(s string) string { return "* 1 FETCH (BODYSTRUCTURE " + s + ")" }

func part(s string) string { return structure(`("TEXT" "PLAIN" ` + s + ")") }

func envelope(s string) string { return "* 1 FETCH (UID 5 ENVELOPE (" + s + ") FLAGS (\\Seen))" }

var lenientCases = []lenientCase{
	{QuirkTrailingSpace, "* STATUS INBOX (MESSAGES 1) ", "* STATUS INBOX (MESSAGES 1)", []string{" "}, false, nil},
	{QuirkTrailingSpace, "* CAPABILITY IMAP4rev1 IDLE ", "* CAPABILITY IMAP4rev1 IDLE", []string{" "}, false, nil},
	{QuirkTrailingSpace, "* SEARCH 1 2 ", "* SEARCH 1 2", []string{" "}, false, nil},
	{QuirkTrailingSpace, "* SEARCH ", "* SEARCH", []string{" "}, false, nil},
	{QuirkTrailingSpace, "* FLAGS ()   ", "* FLAGS ()", []string{"   "}, false, nil},
	{QuirkTrailingSpace, "* 5 EXISTS ", "* 5 EXISTS", []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* ID ("name" "x" )`, `* ID ("name" "x")`, []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* FLAGS (\Seen \Draft )`, `* FLAGS (\Seen \Draft)`, []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* 1 FETCH (UID 5 )`, `* 1 FETCH (UID 5)`, []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* STATUS INBOX (MESSAGES 1 )`, `* STATUS INBOX (MESSAGES 1)`, []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* LIST (\HasNoChildren ) "/" INBOX`, `* LIST (\HasNoChildren) "/" INBOX`, []string{" "}, false, nil},
	{QuirkSpaceBeforeParen, `* OK [PERMANENTFLAGS (\Seen \* )] x`, `* OK [PERMANENTFLAGS (\Seen \*)] x`, []string{" "}, true, nil},
	{QuirkSpaceAfterParen, `* 1 FETCH ( UID 5)`, `* 1 FETCH (UID 5)`, []string{" "}, false, nil},
	{QuirkSpaceAfterParen, `* FLAGS ( \Seen)`, `* FLAGS (\Seen)`, []string{" "}, false, nil},
	{QuirkDoubleSpace, `*  5 EXISTS`, `* 5 EXISTS`, []string{" "}, false, nil},
	{QuirkDoubleSpace, `* QUOTA "x"  (STORAGE 1 2)`, `* QUOTA "x" (STORAGE 1 2)`, []string{" "}, false, nil},
	{QuirkDoubleSpace, `* ID ("name"  "x")`, `* ID ("name" "x")`, []string{" "}, false, nil},
	{QuirkDoubleSpace, `* ID   ("name" "x")`, `* ID ("name" "x")`, []string{"  "}, false, nil},
	{QuirkDoubleSpace, `* SEARCH 1  2   3`, `* SEARCH 1 2 3`, []string{" ", "  "}, false, nil},
	{QuirkDoubleSpace, `* LIST () "/"  INBOX`, `* LIST () "/" INBOX`, []string{" "}, false, nil},
	{QuirkSpaceBetweenLists, structure("(" + plain + " " + plain + ` "MIXED")`), structure("(" + plain + plain + ` "MIXED")`), []string{" "}, false, nil},
	{QuirkSpaceBetweenLists, envelope(`"d" "s" (("a" NIL "b" "c") ("d" NIL "e" "f")) NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" (("a" NIL "b" "c")("d" NIL "e" "f")) NIL NIL NIL NIL NIL NIL NIL`), []string{" "}, false, nil},
	{QuirkSplitCapability, "* CAPABILITY IMAP4rev1 LITERAL + IDLE", "* CAPABILITY IMAP4rev1 LITERAL+ IDLE", []string{" "}, true, nil},
	{QuirkSplitCapability, "* OK [CAPABILITY IMAP4rev1 LITERAL +] hi", "* OK [CAPABILITY IMAP4rev1 LITERAL+] hi", []string{" "}, true, nil},

	{QuirkMissingOK, "a1 [COPYUID 1 2 3] done", "a1 OK [COPYUID 1 2 3] done", []string{""}, false, nil},
	{QuirkMissingOK, "* [COPYUID 1 2 3] done", "* OK [COPYUID 1 2 3] done", []string{""}, true, nil},
	{QuirkEmptyCopyUID, "a1 OK [COPYUID 1  ] done", "a1 OK [COPYUID 1  ] done", []string{"[COPYUID 1  ]"}, true, nil},
	{QuirkShortEnvelope, envelope(`"d" "s" NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{"", ""}, false, nil},
	{QuirkMissingBody, "* 1 FETCH (UID 5 BODY[2] )", "* 1 FETCH (UID 5 BODY[2] NIL)", []string{""}, false, nil},
	{QuirkMissingBody, "* 1 FETCH (BODY[2] UID 5)", "* 1 FETCH (BODY[2] NIL UID 5)", []string{""}, false, nil},
	{QuirkMissingBody, "* 1 FETCH (BODY[2])", "* 1 FETCH (BODY[2] NIL)", []string{""}, false, nil},

	{QuirkNilEncoding, part("NIL NIL NIL NIL 1 1"), part(`NIL NIL NIL "7BIT" 1 1`), []string{"NIL"}, false, nil},
	{QuirkNilParameter, part(`("CHARSET" NIL) NIL NIL "7BIT" 1 1`), part(`("CHARSET" "") NIL NIL "7BIT" 1 1`), []string{"NIL"}, false, nil},
	{QuirkNilParameter, part(`("CHARSET" NIL "x" "y") NIL NIL "7BIT" 1 1`), part(`("CHARSET" "" "x" "y") NIL NIL "7BIT" 1 1`), []string{"NIL"}, false, nil},
	{QuirkEmptyList, part(`() NIL NIL "7BIT" 1 1`), part(`NIL NIL NIL "7BIT" 1 1`), []string{"()"}, false, nil},
	{QuirkEmptyList, part(`NIL NIL NIL "7BIT" 1 1 NIL () () ()`), part(`NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL`), []string{"()", "()", "()"}, false, nil},
	{QuirkEmptyList, envelope(`"d" "s" () () NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{"()", "()"}, false, nil},
	{QuirkEmptyList, "* NAMESPACE () NIL NIL", "* NAMESPACE NIL NIL NIL", []string{"()"}, false, nil},
	{QuirkNilAddress, envelope(`"d" "s" (NIL) NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{"(NIL)"}, false, nil},
	{QuirkNilAddress, envelope(`"d" "s" ((NIL)) NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" ((NIL NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL`), []string{"", "", ""}, false, nil},
	{QuirkNilMediaType, structure(`(NIL NIL NIL NIL NIL "7BIT" 1)`), structure(`("APPLICATION" "OCTET-STREAM" NIL NIL NIL "7BIT" 1)`), []string{"NIL NIL"}, false, nil},
	{QuirkNilMediaType, structure(`(NIL "PDF" NIL NIL NIL "7BIT" 1)`), structure(`("APPLICATION" "PDF" NIL NIL NIL "7BIT" 1)`), []string{"NIL"}, false, nil},
	{QuirkEmptyDelimiter, `* LIST () "" INBOX`, `* LIST () NIL INBOX`, []string{`""`}, false, nil},
	{QuirkEmptyDelimiter, `* NAMESPACE (("" "")) NIL NIL`, `* NAMESPACE (("" NIL)) NIL NIL`, []string{`""`}, false, nil},
	{QuirkNilFlag, `* LIST (NIL) "/" INBOX`, `* LIST () "/" INBOX`, []string{"NIL"}, false, nil},
	{QuirkNilFlag, `* 1 FETCH (FLAGS (NIL \Seen))`, `* 1 FETCH (FLAGS (\Seen))`, []string{"NIL "}, true, nil},
	{QuirkNilFlag, `* 1 FETCH (FLAGS (\Seen NIL))`, `* 1 FETCH (FLAGS (\Seen))`, []string{" NIL"}, true, nil},
	{QuirkNilFlag, `* 1 FETCH (FLAGS NIL UID 5)`, `* 1 FETCH (FLAGS () UID 5)`, []string{"NIL"}, false, nil},

	{QuirkNegativeNumber, part(`NIL NIL NIL "7BIT" -1 -1`), part(`NIL NIL NIL "7BIT" 0 0`), []string{"-1", "-1"}, false, nil},
	{QuirkNegativeNumber, "* 1 FETCH (UID 5 MODSEQ (-1))", "* 1 FETCH (UID 5)", []string{" MODSEQ (-1)"}, false, nil},
	{QuirkFractionalNumber, "* 1 FETCH (RFC822.SIZE 9.3736e+06 UID 5)", "* 1 FETCH (RFC822.SIZE 9373600 UID 5)", []string{"9.3736e+06"}, false, nil},
	{QuirkZeroNumber, "* 1 FETCH (UID 5 MODSEQ (0) FLAGS ())", "* 1 FETCH (UID 5 FLAGS ())", []string{" MODSEQ (0)"}, false, nil},
	{QuirkZeroNumber, "* STATUS x (UIDNEXT 0 MESSAGES 3)", "* STATUS x (MESSAGES 3)", []string{"UIDNEXT 0 "}, false, nil},
	{QuirkZeroNumber, "* STATUS x (UIDVALIDITY 0)", "* STATUS x ()", []string{"UIDVALIDITY 0"}, false, nil},
	{QuirkZeroNumber, "* OK [UNSEEN 0] x", "* OK [UNSEEN 0] x", []string{"[UNSEEN 0]"}, true, nil},
	{QuirkZeroNumber, "* OK [HIGHESTMODSEQ 0] x", "* OK [HIGHESTMODSEQ 0] x", []string{"[HIGHESTMODSEQ 0]"}, true, nil},
	{QuirkZeroSequence, "* 0 FETCH (UID 5)", "", []string{"0"}, false, func(r Response) bool {
		return r.(*FetchData).Seq == 0 && r.(*FetchData).UID == 5
	}},

	{QuirkKeywordOctets, `* 1 FETCH (FLAGS (a]b \Seen [c] d]))`, "", []string{"a]b", "[c]", "d]"}, false, func(r Response) bool {
		s := r.(*FetchData).Flags
		return reflect.DeepEqual(s.Other, []string{"a]b", "[c]", "d]"}) && s.Has(FlagSeen)
	}},
	{QuirkKeywordOctets, "* FLAGS (\\Seen caf\xe9)", "", []string{"caf\xe9"}, false, func(r Response) bool {
		return reflect.DeepEqual(r.(*FlagsData).Flags.Other, []string{"caf\xe9"})
	}},
	{QuirkKeywordOctets, `* OK [PERMANENTFLAGS (\Seen a]b)] x`, "", []string{"a]b"}, true, func(r Response) bool {
		code, ok := r.(*StatusResponse).Code.(*CodePermanentFlags)
		return ok && reflect.DeepEqual(code.Flags.Other, []string{"a]b"}) && r.(*StatusResponse).Text == "x"
	}},
	{QuirkQuotedFlag, `* 1 FETCH (FLAGS ("\\Seen" "\Draft" "a b"))`, "", []string{`"\\Seen"`, `"\Draft"`, `"a b"`}, false, func(r Response) bool {
		s := r.(*FetchData).Flags
		return reflect.DeepEqual(s.Other, []string{"a b"}) && s.Bits == FlagSeen|FlagDraft
	}},
	{QuirkUnescapedQuote, envelope(`"d" "a "b" c" NIL NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "a \"b\" c" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{`"`, `"`}, false, nil},
	{QuirkEightBit, envelope("\"d\" \"caf\xe9 \\\"x\\\"\" NIL NIL NIL NIL NIL NIL NIL NIL"), envelope("\"d\" {8}\r\ncaf\xe9 \"x\" NIL NIL NIL NIL NIL NIL NIL NIL"), []string{"\"caf\xe9 \\\"x\\\"\""}, false, nil},
	{QuirkBackslash, envelope(`"d" "a\qb" NIL NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "aqb" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{`\`}, false, nil},
	{QuirkUnquotedName, "* LIST () \"/\" foo\tbar", "* LIST () \"/\" \"foo\tbar\"", []string{"foo\tbar"}, false, nil},
	{QuirkUnquotedName, `* LIST () "/" foo bar`, `* LIST () "/" "foo bar"`, []string{"foo bar"}, false, nil},
	{QuirkBareString, envelope(`"d" foo NIL NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "foo" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{"foo"}, false, nil},

	{QuirkExtraParens, `* 1 FETCH (UID 5 (ENVELOPE ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL)))`, `* 1 FETCH (UID 5 ENVELOPE ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL))`, []string{`(ENVELOPE ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL))`}, false, nil},
	{QuirkExtraParens, envelope(`("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL)`), envelope(`"d" "s" NIL NIL NIL NIL NIL NIL NIL NIL`), []string{`("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL)`}, false, nil},
	{QuirkMultipartWithoutParts, structure(`("MIXED" ("boundary" "x") NIL NIL)`), structure("(" + emptyPart + ` "MIXED" ("boundary" "x") NIL NIL)`), []string{""}, false, nil},
	{QuirkMultipartWithoutParts, structure(`("MIXED")`), structure("(" + emptyPart + ` "MIXED")`), []string{""}, false, nil},
	{QuirkMultipartWithoutParts, structure(`(NIL "alternative" ("boundary" "x") NIL NIL NIL)`), structure("(" + emptyPart + ` "alternative" ("boundary" "x") NIL NIL NIL)`), []string{"NIL"}, false, nil},
	{QuirkMultipartWithoutParts, structure(`(() "MIXED" ("boundary" "x") NIL NIL)`), structure("(" + emptyPart + ` "MIXED" ("boundary" "x") NIL NIL)`), []string{"()"}, false, nil},
	{QuirkMissingMediaType, structure(`("PLAIN" ("a" "b") NIL NIL "7BIT" 1 1)`), part(`("a" "b") NIL NIL "7BIT" 1 1`), []string{""}, false, nil},
	{QuirkMissingMediaType, structure(`("PDF" NIL NIL NIL "BASE64" 1)`), structure(`("APPLICATION" "PDF" NIL NIL NIL "BASE64" 1)`), []string{""}, false, nil},
	{QuirkBareDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL "attachment" NIL NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL ("attachment" NIL) NIL NIL`), []string{`"attachment"`}, false, nil},
	{QuirkNilDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL (NIL NIL) NIL NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL`), []string{`(NIL NIL)`}, false, nil},
	{QuirkSwappedDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL ("en") ("inline" NIL) NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL ("inline" NIL) ("en") NIL`), []string{`("en") ("inline" NIL)`}, false, nil},
	{QuirkSwappedDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL "en" ("inline" NIL) NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL ("inline" NIL) "en" NIL`), []string{`"en" ("inline" NIL)`}, false, nil},
	{QuirkSwappedDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL NIL ("inline" NIL) NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL ("inline" NIL) NIL NIL`), []string{`NIL ("inline" NIL)`}, false, nil},
	{QuirkSwappedDisposition, part(`NIL NIL NIL "7BIT" 1 1 NIL NIL ("inline" ("a" "b")) NIL`), part(`NIL NIL NIL "7BIT" 1 1 NIL ("inline" ("a" "b")) NIL NIL`), []string{`NIL ("inline" ("a" "b"))`}, false, nil},
	{QuirkMultipartDescription, structure("(" + plain + ` "MIXED" ("b" "x") "a text" NIL NIL)`), structure("(" + plain + ` "MIXED" ("b" "x") NIL NIL)`), []string{`"a text" `}, false, nil},

	{QuirkInvalidDate, `* 1 FETCH (INTERNALDATE "00-Jan-0000 00:00:00 +0000" UID 5)`, "* 1 FETCH (UID 5)", []string{`INTERNALDATE "00-Jan-0000 00:00:00 +0000" `}, false, nil},
	{QuirkInvalidDate, `* 1 FETCH (UID 5 INTERNALDATE NIL)`, "* 1 FETCH (UID 5)", []string{" INTERNALDATE NIL"}, false, nil},
	{QuirkShortLiteral, "* 1 FETCH (UID 5 BODY[1] {3}\r\nabcdef FLAGS (\\Seen))", "* 1 FETCH (UID 5 BODY[1] {6}\r\nabcdef FLAGS (\\Seen))", []string{"{3}\r\nabcdef"}, false, nil},
	{QuirkNulInLiteral, "* 1 FETCH (UID 5 BODY[1] {3}\r\na\x00c FLAGS (\\Seen))", "* 1 FETCH (UID 5 BODY[1] {3}\r\na\x1ac FLAGS (\\Seen))", []string{"{3}\r\na\x00c"}, false, nil},

	{QuirkBrokenItem, `* 1 FETCH (UID 5 ENVELOPE ("d" (x y)) FLAGS (\Seen))`, `* 1 FETCH (UID 5 FLAGS (\Seen))`, []string{` ENVELOPE ("d" (x y))`}, false, nil},
	{QuirkBrokenItem, `* 1 FETCH (UID 5 ENVELOPE ("d" "s" (("a FLAGS (\Seen) INTERNALDATE "01-Jan-2020 00:00:00 +0000")`, `* 1 FETCH (UID 5 FLAGS (\Seen) INTERNALDATE "01-Jan-2020 00:00:00 +0000")`, []string{` ENVELOPE ("d" "s" (("a`}, false, nil},
	{QuirkBrokenItem, envelope(`"d" "s" (("a" NIL "b" "c")("d" (NIL) "e" "f")("g" NIL "h" "i")) NIL NIL NIL NIL NIL NIL NIL`), envelope(`"d" "s" (("a" NIL "b" "c")("g" NIL "h" "i")) NIL NIL NIL NIL NIL NIL NIL`), []string{`("d" (NIL) "e" "f")`}, false, nil},
	{QuirkBrokenItem, structure("(" + plain + `("TEXT" (what) 3)` + plain + ` "MIXED")`), structure("(" + plain + emptyPart + plain + ` "MIXED")`), []string{`("TEXT" (what) 3)`}, false, nil},
	{QuirkBrokenItem, `* STATUS "a b" (MESSAGES many UIDNEXT 4)`, `* STATUS "a b" (UIDNEXT 4)`, []string{"MESSAGES many "}, false, nil},
}

// lenientDecode decodes a line with some quirks.
func lenientDecode(line string, quirks QuirkSet, borrow bool) (Response, []Diagnostic, error) {
	d := LenientDecoder{Quirks: quirks}
	d.Borrow = borrow
	v, err := d.Response(Frame{Bytes: []byte(line + "\r\n")})
	return v, d.Diagnostics(), err
}

func TestLenient(t *testing.T) {
	tried := QuirkSet(0)
	for _, c := range lenientCases {
		tried = tried.With(c.quirk)
		t.Run(fmt.Sprintf("%s/%.60q", c.quirk, c.line), func(t *testing.T) {
			for _, quirks := range []QuirkSet{Lenient, Quirks(c.quirk)} {
				for _, borrow := range []bool{false, true} {
					v, diagnostics, err := lenientDecode(c.line, quirks, borrow)
					c.verify(t, v, diagnostics, err)
				}
			}
			var strict Decoder
			_, err := strict.Response(Frame{Bytes: []byte(c.line + "\r\n")})
			if (err == nil) != c.legal {
				t.Errorf("strict: %v", err)
			}
			// Without it, another quirk may fit, though not this one.
			_, diagnostics, _ := lenientDecode(c.line, Lenient.Without(c.quirk), false)
			for _, d := range diagnostics {
				if d.Quirk == c.quirk {
					t.Errorf("switched off: %+v", d)
				}
			}
			if _, diagnostics, got := lenientDecode(c.line, 0, false); diagnostics != nil || !reflect.DeepEqual(got, err) {
				t.Errorf("none: %v, %v", got, diagnostics)
			}
		})
	}
	for _, q := range Lenient.Without(tried.All()...).All() {
		t.Errorf("no case for %s", q)
	}
}

// verify checks a value and what is said about it.
func (c *lenientCase) verify(t *testing.T, v Response, diagnostics []Diagnostic, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("error: %v", err)
		return
	}
	if c.check != nil {
		if !c.check(v) {
			t.Errorf("value: %+v", v)
		}
	} else {
		var strict Decoder
		want, err := strict.Response(Frame{Bytes: []byte(c.want + "\r\n")})
		if err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("value\n got %+v\nwant %+v, %v", v, want, err)
		}
	}
	var original []string
	for _, d := range diagnostics {
		original = append(original, d.Original)
		if d.Quirk != c.quirk || d.Rule == "" || !strings.HasPrefix((c.line + "\r\n")[d.Offset:], d.Original) {
			t.Errorf("diagnostic %+v", d)
		}
	}
	if !reflect.DeepEqual(original, c.original) {
		t.Errorf("diagnostics\n got %q\nwant %q", original, c.original)
	}
}

// What is in the list of quirks and needs no switch, because the grammar has it.
func TestLegalQuirks(t *testing.T) {
	for _, line := range []string{
		"+", "a1 OK", "* OK [READ-ONLY]", "* BYE", "* STATUS x ()", "* 1 FETCH (RFC822.SIZE 5000000000)",
		"* 1 fetch (Flags (\\SEEN))", `* XLIST (\Inbox) "/" INBOX`, "* 1 FETCH (X-AOL.INTERNAL 5 UID 3)",
		`* 1 FETCH (INTERNALDATE "1-Jan-2020 00:00:00 +0000")`, "* THREAD (1 (2))",
		`* 1 FETCH (ENVELOPE (NIL NIL (("a@b" NIL "Name" "c")) NIL NIL NIL NIL NIL NIL NIL))`,
		`* 1 FETCH (BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 100))`,
		`* 1 FETCH (FLAGS (two words))`, "* 1 FETCH (BODY[] {1+}\r\nx)",
	} {
		v, diagnostics, err := lenientDecode(line, Lenient, false)
		want, _, strict := lenientDecode(line, 0, false)
		if err != nil || strict != nil || len(diagnostics) != 0 || !reflect.DeepEqual(v, want) {
			t.Errorf("%q: %+v, %v, %v", line, v, diagnostics, err)
		}
	}
}

// A FETCH with one broken item of ten keeps nine, wherever the broken one is and
// whatever is wrong with it.
func TestLenientKeepsTheRest(t *testing.T) {
	items := []string{
		"UID 5", `FLAGS (\Seen)`, `INTERNALDATE "01-Jan-2020 00:00:00 +0000"`, "RFC822.SIZE 77", "MODSEQ (9)",
		`ENVELOPE ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL)`, "BODYSTRUCTURE " + plain, "BODY[1] {3}\r\nabc",
		`BODY[HEADER.FIELDS (TO CC)]<0> "To: x"`,
	}
	broken := []string{
		`ENVELOPE ("d" (x))`, `ENVELOPE ("d" "s" (((`, `ENVELOPE`, `FLAGS`, `FLAGS ((\Seen) UID)`, `BODYSTRUCTURE ((((`,
		`BODYSTRUCTURE ("a`, `INTERNALDATE yesterday`, `RFC822.SIZE large`, `MODSEQ 5`, `BODY[1.2] (x)`, `BODY[`, `X-WHAT (`, `UID ""`,
		"ENVELOPE (\"d\" {3}\r\na(\"b)", "\x00", `BODYSTRUCTURE ("TEXT" ("a" "b"`,
	}
	for _, b := range broken {
		for at := range len(items) + 1 {
			list := append(append(append([]string{}, items[:at]...), b), items[at:]...)
			line := "* 1 FETCH (" + strings.Join(list, " ") + ")"
			v, diagnostics, err := lenientDecode(line, Lenient, false)
			if err != nil || len(diagnostics) == 0 {
				t.Errorf("%q: %v, %v", line, err, diagnostics)
				continue
			}
			f := v.(*FetchData)
			kept := 0
			for _, ok := range []bool{
				f.UID == 5, f.Flags.Has(FlagSeen), f.InternalDate.Year == 2020, f.RFC822Size == 77, f.ModSeq == 9,
				f.Envelope != nil && f.Envelope.Subject.Value == "s", f.BodyStructure != nil, len(f.BodySection) > 0, len(f.BodySection) > 1,
			} {
				if ok {
					kept++
				}
			}
			if kept < len(items) {
				t.Errorf("%q keeps %d: %+v, %+v", line, kept, v, diagnostics)
			}
		}
	}
}
