package imap

import (
	"fmt"
	"strings"
)

// Quirk names one way in which deployed servers depart from the grammar. A
// [LenientDecoder] can be told which of them to read nevertheless.
type Quirk uint8

// The quirks; Doc says what each of them is, Servers who does it.
const (
	QuirkTrailingSpace Quirk = iota
	QuirkSpaceBeforeParen
	QuirkSpaceAfterParen
	QuirkDoubleSpace
	QuirkSpaceBetweenLists
	QuirkSplitCapability
	QuirkMissingOK
	QuirkEmptyCopyUID
	QuirkShortEnvelope
	QuirkMissingBody
	QuirkNilEncoding
	QuirkNilParameter
	QuirkEmptyList
	QuirkNilAddress
	QuirkNilMediaType
	QuirkEmptyDelimiter
	QuirkNilFlag
	QuirkNegativeNumber
	QuirkFractionalNumber
	QuirkZeroNumber
	QuirkZeroSequence
	QuirkKeywordOctets
	QuirkQuotedFlag
	QuirkUnescapedQuote
	QuirkEightBit
	QuirkBackslash
	QuirkUnquotedName
	QuirkBareString
	QuirkExtraParens
	QuirkMultipartWithoutParts
	QuirkMissingMediaType
	QuirkBareDisposition
	QuirkNilDisposition
	QuirkSwappedDisposition
	QuirkMultipartDescription
	QuirkInvalidDate
	QuirkShortLiteral
	QuirkNulInLiteral
	QuirkBrokenItem
	numQuirks
)

// quirkInfo describes a quirk for people.
type quirkInfo struct{ name, doc, servers string }

// quirkTable is in the order of the constants.
var quirkTable = [numQuirks]quirkInfo{
	{"trailing-space", "spaces at the end of a response are dropped", "Exchange (STATUS), exmail.qq.com (CAPABILITY), Yahoo (SEARCH)"},
	{"space-before-paren", "spaces before a closing parenthesis are dropped", "Archiveopteryx (ID), iCloud (flag lists), QQ Mail (FETCH)"},
	{"space-after-paren", "spaces behind an opening parenthesis are dropped", "QQ Mail"},
	{"double-space", "several spaces are one", `DavMail (behind "*"), several (QUOTA, ID), the examples of URLFETCH in RFC 5524`},
	{"space-between-lists", "spaces between the bodies of a multipart, or between addresses, are dropped", "several"},
	{"split-capability", `"LITERAL +" in a list of capabilities is LITERAL+`, "several"},
	{"missing-ok", "a response code that follows the tag at once, or an untagged COPYUID or APPENDUID, belongs to an OK", "Exchange"},
	{"empty-copyuid", "a COPYUID code whose sets are empty stays a CodeUnknown, and is reported", "Outlook.com"},
	{"short-envelope", "the fields that an ENVELOPE lacks at its end are NIL", "QQ Mail"},
	{"missing-body", "a body section without a value is NIL", "Yandex"},
	{"nil-encoding", "a transfer encoding of NIL is 7BIT, which is what its absence means (RFC 2045 §6.1)", "iCloud"},
	{"nil-parameter", "a parameter whose value is NIL has the empty one", "Mail.ru"},
	{"empty-list", "() is NIL where only that can say that a list is empty: parameters, addresses, languages, locations, namespaces", "several"},
	{"nil-address", "NIL in place of an address is none; an address of fewer than four fields lacks the last ones", "SmarterMail"},
	{"nil-media-type", "a media type of NIL is APPLICATION/OCTET-STREAM", "several"},
	{"empty-delimiter", `the hierarchy delimiter "" is NIL`, "several"},
	{"nil-flag", "NIL in a list of flags or attributes is no flag, and NIL in place of the list is an empty one", "several"},
	{"negative-number", "a negative number is 0, as are the lines or octets of a part that the server could not count", "Dovecot, Exchange; Zoho (MODSEQ)"},
	{"fractional-number", "a number in scientific notation, 9.3736e+06, is rounded", "Mail.ru"},
	{"zero-number", "0 where the grammar wants more is as if it were absent; response codes stay a CodeUnknown, and are reported", "Zoho (MODSEQ), several (UIDNEXT, UIDVALIDITY, UNSEEN)"},
	{"zero-sequence", "FETCH data of the message 0, which nobody has, have the Seq 0", "Courier"},
	{"keyword-octets", `keywords may have "]", 8-bit octets and other octets that are none of an atom`, "Gmail"},
	{"quoted-flag", "flags may be quoted", "several"},
	{"unescaped-quote", "a quote within a quoted string may lack its backslash", "several"},
	{"eight-bit", "8-bit octets in a quoted string that are no UTF-8 are kept as they are", "several"},
	{"backslash", `a backslash in a quoted string before an octet other than "\" and the quote is dropped`, "several"},
	{"unquoted-name", "the name of a mailbox at the end of a line may have TAB and spaces without being quoted", "Office 365"},
	{"bare-string", "a word in place of a string is one", "several"},
	{"extra-parens", "parentheses around an item of FETCH, or around the fields of an ENVELOPE, are dropped", "Domino"},
	{"multipart-without-parts", "a multipart body without parts has one empty part of TEXT/PLAIN", "Dovecot, Gmail, QQ Mail, Yandex"},
	{"missing-media-type", "a part that has only its subtype is TEXT where it has lines, and APPLICATION otherwise", "several"},
	{"bare-disposition", "a disposition that is a string has no parameters", "Exchange"},
	{"nil-disposition", "the disposition (NIL NIL) is NIL", "Exchange"},
	{"swapped-disposition", "disposition and language may stand in the wrong order", "several"},
	{"multipart-description", "a description within the extension data of a multipart is dropped", "Exchange"},
	{"invalid-date", "a date that there is not, such as 00-Jan-0000, or NIL, is as if it were absent", "Domino"},
	{"short-literal", "a literal that is longer than announced goes on to the next item", "DavMail"},
	{"nul-in-literal", "NUL in a literal that may not have it is SUB, %x1A", "several"},
	{"broken-item", "an item of FETCH or STATUS, or an address, that nothing can be made of is left out; a broken body part is an empty part of TEXT/PLAIN", "any"},
}

// String is the quirk's name, as ParseQuirks reads it.
func (q Quirk) String() string {
	if q >= numQuirks {
		return fmt.Sprintf("quirk-%d", uint8(q))
	}
	return quirkTable[q].name
}

// Doc says what is read, and as what.
func (q Quirk) Doc() string {
	if q >= numQuirks {
		return ""
	}
	return quirkTable[q].doc
}

// Servers names those known to do it.
func (q Quirk) Servers() string {
	if q >= numQuirks {
		return ""
	}
	return quirkTable[q].servers
}

// QuirkSet is a set of quirks. The zero value is none: the grammar and nothing else.
type QuirkSet uint64

// Lenient is the set of all quirks.
const Lenient QuirkSet = 1<<numQuirks - 1

// Quirks returns the set of some quirks.
func Quirks(quirks ...Quirk) QuirkSet { return QuirkSet(0).With(quirks...) }

// Has reports whether the quirk is in the set.
func (s QuirkSet) Has(q Quirk) bool { return q < numQuirks && s&(1<<q) != 0 }

// With returns the set with some quirks more.
func (s QuirkSet) With(quirks ...Quirk) QuirkSet {
	for _, q := range quirks {
		if q < numQuirks {
			s |= 1 << q
		}
	}
	return s
}

// Without returns the set without some quirks.
func (s QuirkSet) Without(quirks ...Quirk) QuirkSet { return s &^ Quirks(quirks...) }

// All lists the quirks of the set, in the order of their constants.
func (s QuirkSet) All() []Quirk {
	var list []Quirk
	for q := range numQuirks {
		if s.Has(q) {
			list = append(list, q)
		}
	}
	return list
}

// String lists the names, with commas between them; it is "all" or "none" where that is so.
func (s QuirkSet) String() string {
	switch s & Lenient {
	case Lenient:
		return "all"
	case 0:
		return "none"
	}
	var names []string
	for _, q := range s.All() {
		names = append(names, q.String())
	}
	return strings.Join(names, ",")
}

// ParseQuirks reads what String writes: names, "all" and "none", with commas
// between them and spaces around. A minus before a name takes it out of what
// stands before it, as in "all,-broken-item".
func ParseQuirks(text string) (QuirkSet, error) {
	var s QuirkSet
	for word := range strings.SplitSeq(text, ",") {
		name, out := strings.CutPrefix(strings.TrimSpace(word), "-")
		set, ok := quirksNamed(name)
		switch {
		case !ok:
			return 0, fmt.Errorf("no quirk is called %q; they are: all, none, %s", name, quirkNames())
		case out:
			s &^= set
		default:
			s |= set
		}
	}
	return s, nil
}

func quirksNamed(name string) (QuirkSet, bool) {
	switch name {
	case "all":
		return Lenient, true
	case "none":
		return 0, true
	}
	for q := range numQuirks {
		if q.String() == name {
			return Quirks(q), true
		}
	}
	return 0, false
}

func quirkNames() string {
	var names []string
	for _, q := range Lenient.All() {
		names = append(names, q.String())
	}
	return strings.Join(names, ", ")
}
