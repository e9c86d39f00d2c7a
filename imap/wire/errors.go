package wire

import (
	"fmt"
	"strings"
)

// Site names the place in a grammar where decoding or encoding failed: an index
// into tables of SiteInfo. The sites below NumSites are the runtime's own.
type Site uint16

// The runtime's own sites.
const (
	siteNone Site = iota
	// SiteEnd is text after the end of a unit.
	SiteEnd
	// SiteDepth is nesting beyond Limits.Depth.
	SiteDepth
	// SiteItems is a list item beyond Limits.Items.
	SiteItems
	siteLine
	siteNumber
	siteNzNumber
	siteNumber64
	siteNzNumber64
	siteUID
	siteSeqNum
	siteModSequence
	siteModSequenceZero
	siteQuoted
	siteQuotedText
	siteQuotedEscape
	siteQuotedEnd
	siteString
	siteAString
	siteNString
	siteNString8
	siteLiteral
	siteLiteral8
	siteStreamed
	siteDelimiter
	siteSequenceSet
	siteUIDSet
	siteDate
	siteDateTime
	siteBase64
	siteInitialResponse
	siteRest
	// NumSites is the first site of a generated table.
	NumSites
)

// SiteInfo describes a site for people.
type SiteInfo struct {
	// Rule is the grammar's rule, as in "fetch-att".
	Rule string
	// Expected says what the rule allows there, as in `"(" or a fetch item`.
	Expected string
}

var ownSites = [NumSites]SiteInfo{
	siteNone:            {"", "something else"},
	SiteEnd:             {"CRLF", "the end of the line"},
	SiteDepth:           {"nesting", "fewer levels of parentheses"},
	SiteItems:           {"list", "fewer items"},
	siteLine:            {"CRLF", "a line that ends in CRLF"},
	siteNumber:          {"number", "a number up to 4294967295"},
	siteNzNumber:        {"nz-number", "a number from 1 to 4294967295"},
	siteNumber64:        {"number64", "a number up to 9223372036854775807"},
	siteNzNumber64:      {"nz-number64", "a number from 1 to 9223372036854775807"},
	siteUID:             {"uniqueid", "a UID from 1 to 4294967295"},
	siteSeqNum:          {"nz-number", "a message number from 1 to 4294967295"},
	siteModSequence:     {"mod-sequence-value", "a modification sequence from 1 to 9223372036854775807"},
	siteModSequenceZero: {"mod-sequence-valzer", "a modification sequence up to 9223372036854775807"},
	siteQuoted:          {"quoted", "a quoted string"},
	siteQuotedText:      {"quoted", "UTF-8 without NUL"},
	siteQuotedEscape:    {"quoted", `a quote or a backslash behind "\"`},
	siteQuotedEnd:       {"quoted", "a closing quote"},
	siteString:          {"string", "a quoted string or a literal"},
	siteAString:         {"astring", "an atom, a quoted string or a literal"},
	siteNString:         {"nstring", "a quoted string, a literal or NIL"},
	siteNString8:        {"nstring", "a quoted string, a literal, a binary literal or NIL"},
	siteLiteral:         {"literal", "a literal without NUL"},
	siteLiteral8:        {"literal8", "a binary literal"},
	siteStreamed:        {"literal", "a literal that is not streamed"},
	siteDelimiter:       {"QUOTED-CHAR", `one character in quotes such as "/", or NIL`},
	siteSequenceSet:     {"sequence-set", "a set of numbers from 1 to 4294967295 such as 1:3,7"},
	siteUIDSet:          {"uid-set", `a set of UIDs such as 1:3,7, without "*"`},
	siteDate:            {"date", "a date such as 1-Feb-1994"},
	siteDateTime:        {"date-time", `a date and time such as " 1-Feb-1994 21:52:25 -0800"`},
	siteBase64:          {"base64", "base64, four characters at a time"},
	siteInitialResponse: {"initial-resp", `base64 or "="`},
	siteRest:            {"text", "text without NUL whose literals are whole"},
}

// SyntaxError says where a unit departs from the grammar. The connection can
// go on where Recoverable says so.
type SyntaxError struct {
	// Tag is that of the command, empty where it could not be read.
	Tag string
	// Offset counts octets from the start of the frame.
	Offset int
	// Rule is the grammar's rule, as in "fetch-att".
	Rule string
	// Expected says what could have stood there.
	Expected string

	fatal bool
}

// Error says what was expected where.
func (e *SyntaxError) Error() string {
	if e.Rule == "" {
		return fmt.Sprintf("syntax error at byte %d: expected %s", e.Offset, e.Expected)
	}
	return fmt.Sprintf("syntax error at byte %d: expected %s (%s)", e.Offset, e.Expected, e.Rule)
}

// Recoverable reports whether the stream is still in step, so that the next
// unit can be read. It is, unless a reader could not tell where a unit ends.
func (e *SyntaxError) Recoverable() bool { return !e.fatal }

// EncodeError says that a value cannot be sent. It never holds the value.
type EncodeError struct {
	// Rule is the grammar's rule.
	Rule string
	// Expected says what the rule allows.
	Expected string
	// Reason says what is wrong; it may be empty.
	Reason string
	// Needs are what the value needs and has not been offered, where that is all that
	// is wrong: capabilities of which one would do, for each need. Expected is then
	// what needs the first.
	Needs [][]string
}

// Error says which rule the value does not fit, and why; or what must be offered for it.
func (e *EncodeError) Error() string {
	if len(e.Needs) > 0 {
		return "cannot encode " + e.Rule + ": " + e.Expected + " needs " + joinNeeds(e.Needs) + ", which has not been offered"
	}
	s := "cannot encode " + e.Rule + ": not " + e.Expected
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// joinNeeds writes needs as people say them: "CONDSTORE or QRESYNC, and MOVE".
func joinNeeds(needs [][]string) string {
	var all []string
	for _, n := range needs {
		all = append(all, strings.Join(n, " or "))
	}
	return strings.Join(all, ", and ")
}

// siteInfo looks up a site in the runtime's table and a generated one.
func siteInfo(table []SiteInfo, s Site) SiteInfo {
	if s < NumSites {
		return ownSites[s]
	}
	if n := int(s - NumSites); n < len(table) {
		return table[n]
	}
	return ownSites[siteNone]
}
