package imap

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// emptyPart is the body part that stands where there should be one.
const emptyPart = `("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)`

// A row says where a quirk is, and what is read instead.
type row struct {
	quirk Quirk
	// rules are those that fail at the quirk, with spaces between; "" is any.
	rules string
	// pattern is what stands there: see newPattern.
	pattern pattern
	// with replaces what is between « and »: $1 is what the first element matched.
	with string
	// when is a condition that no pattern can say, nil for none.
	when func(m *mender, at int) bool
	// make writes the replacement instead of with, where that must be computed.
	make func(m *mender, old string) (string, bool)
	// span is another stretch to be replaced than that of the pattern.
	span func(m *mender, at int) (start, end int, ok bool)
	// cut leaves out the item of FETCH or STATUS.
	cut bool
	// keyword lets a placeholder stand for what make writes.
	keyword bool
	// keep reports the quirk, and changes nothing.
	keep bool
}

// rows are tried in this order.
var rows = []row{
	{quirk: QuirkEmptyCopyUID, pattern: newPattern(`^`), keep: true, when: inEmptyCopyUID},
	{quirk: QuirkNegativeNumber, pattern: newPattern(`^-<num>`), keep: true, when: inCode},
	{quirk: QuirkZeroNumber, pattern: newPattern(`^0`), keep: true, when: inCode},

	{quirk: QuirkMissingBody, rules: "nstring", pattern: newPattern(`] ^«»)`), with: "NIL"},
	{quirk: QuirkMissingBody, rules: "nstring", pattern: newPattern(`] ^«»<word> `), with: "NIL "},
	{quirk: QuirkMissingBody, rules: "msg-att-item", pattern: newPattern(`]^«»)`), with: " NIL"},

	{quirk: QuirkTrailingSpace, pattern: newPattern(`«<sp>»^$`)},
	{quirk: QuirkTrailingSpace, pattern: newPattern(`^«<sp>»$`)},
	{quirk: QuirkSpaceBeforeParen, pattern: newPattern(`«<sp>»^)`)},
	{quirk: QuirkSpaceBeforeParen, pattern: newPattern(`^«<sp>»)`)},
	{quirk: QuirkSpaceAfterParen, pattern: newPattern(`(^«<sp>»`)},
	{quirk: QuirkSpaceBetweenLists, pattern: newPattern(`)«<sp>»^(`), rules: "string nstring body address-list namespace"},
	{quirk: QuirkSpaceBetweenLists, pattern: newPattern(`)^«<sp>»(`), rules: "address-list body namespace CRLF"},
	{quirk: QuirkDoubleSpace, pattern: newPattern(` ^«<sp>»`)},
	{quirk: QuirkDoubleSpace, pattern: newPattern(`^ «<sp>»`)},
	{quirk: QuirkSplitCapability, rules: "capability", pattern: newPattern(`LITERAL« »^`)},

	{quirk: QuirkMissingOK, rules: "response-tagged", pattern: newPattern(` ^«»[`), with: "OK "},
	{quirk: QuirkMissingOK, rules: "response-payload", pattern: newPattern(`* ^«»[COPYUID `), with: "OK "},
	{quirk: QuirkMissingOK, rules: "response-payload", pattern: newPattern(`* ^«»[APPENDUID `), with: "OK "},
	{quirk: QuirkShortEnvelope, rules: "envelope", pattern: newPattern(`^«»)`), with: " NIL", when: inEnvelope},

	{quirk: QuirkNilEncoding, rules: "string", pattern: newPattern(`^«NIL» <num>`), with: `"7BIT"`},
	{quirk: QuirkSwappedDisposition, rules: "string", pattern: newPattern(`«NIL (<str> ^NIL)»`), with: `($1 NIL) NIL`},
	{quirk: QuirkSwappedDisposition, rules: "string", pattern: newPattern(`«NIL (<str> ^<list>)»`), with: `($1 $2) NIL`},
	{quirk: QuirkSwappedDisposition, rules: "body-disposition", pattern: newPattern(`«(<str>^) (<str> <params>)»`), with: `($2 $3) ($1)`},
	{quirk: QuirkSwappedDisposition, rules: "body-disposition", pattern: newPattern(`^«<str> (<str> <params>)»`), with: `($2 $3) $1`},
	{quirk: QuirkNilDisposition, rules: "string", pattern: newPattern(`«(^NIL NIL)»`), with: `NIL`},
	{quirk: QuirkMissingMediaType, rules: "string", pattern: newPattern(`(«»<str> ^<params> <val> <val> <val> <num> <num>`), with: `"TEXT" `},
	{quirk: QuirkMissingMediaType, rules: "string", pattern: newPattern(`(«»<str> ^<params> <val> <val> <val> <num>`), with: `"APPLICATION" `},
	{quirk: QuirkNilMediaType, rules: "string", pattern: newPattern(`(<str> ^«NIL» <params> <val> <val> <val> <num>`), with: `"OCTET-STREAM"`},
	{quirk: QuirkNilParameter, rules: "string", pattern: newPattern(`<str> ^«NIL»)`), with: `""`},
	{quirk: QuirkNilParameter, rules: "string", pattern: newPattern(`<str> ^«NIL» <str>`), with: `""`},
	{quirk: QuirkEmptyList, rules: "string nstring address-list namespace", pattern: newPattern(`«(^)»`), with: `NIL`},
	{quirk: QuirkEmptyList, rules: "string nstring address-list namespace", pattern: newPattern(`^«()»`), with: `NIL`},
	{quirk: QuirkNilAddress, rules: "address-list", pattern: newPattern(`«(^NIL)»`), with: `NIL`},
	{quirk: QuirkNilAddress, rules: "address-list", pattern: newPattern(`«(^NIL NIL NIL NIL)»`), with: `NIL`},
	{quirk: QuirkNilAddress, rules: "address-list", pattern: newPattern(`)^«NIL»`)},
	{quirk: QuirkNilAddress, rules: "address", pattern: newPattern(`^«»)`), with: ` NIL`},
	{quirk: QuirkNilMediaType, rules: "body", pattern: newPattern(`(^«NIL NIL»`), with: `"APPLICATION" "OCTET-STREAM"`},
	{quirk: QuirkNilMediaType, rules: "body", pattern: newPattern(`(^«NIL» <str> <val> <val> <val> <val> <num>`), with: `"APPLICATION"`},
	{quirk: QuirkMultipartWithoutParts, rules: "body", pattern: newPattern(`(^«NIL» <str>`), with: emptyPart},
	{quirk: QuirkMultipartWithoutParts, rules: "body", pattern: newPattern(`«(^)»`), with: emptyPart},
	{quirk: QuirkMultipartWithoutParts, rules: "string", pattern: newPattern(`(«»<str> ^<list>`), with: emptyPart + " "},
	{quirk: QuirkMultipartWithoutParts, rules: "body-type-1part", pattern: newPattern(`(«»<str>^)`), with: emptyPart + " "},

	{quirk: QuirkEmptyDelimiter, rules: "QUOTED-CHAR", pattern: newPattern(`«"^"»`), with: `NIL`},
	{quirk: QuirkNilFlag, rules: "response-payload msg-att-item flag mbx-list-flag", pattern: newPattern(`(^«NIL»)`)},
	{quirk: QuirkNilFlag, rules: "response-payload msg-att-item flag mbx-list-flag", pattern: newPattern(`(^«NIL<sp>»`)},
	{quirk: QuirkNilFlag, rules: "flag mbx-list-flag", pattern: newPattern(`«<sp>^NIL»`)},
	{quirk: QuirkNilFlag, rules: "msg-att-item response-payload", pattern: newPattern(`FLAGS ^«NIL»`), with: "()"},

	{quirk: QuirkNegativeNumber, rules: "number number64 mod-sequence-valzer", pattern: newPattern(`^«-<num>»`), with: "0"},
	{quirk: QuirkNegativeNumber, rules: "nstring", pattern: newPattern(`<num> ^«-<num>»`), with: "0"},
	{quirk: QuirkNegativeNumber, rules: "nz-number uniqueid mod-sequence-value nz-number64", pattern: newPattern(`^-<num>`), cut: true},
	{quirk: QuirkFractionalNumber, pattern: newPattern(`«<num>^.<word>»`), make: rounded},
	{quirk: QuirkZeroNumber, rules: "nz-number uniqueid mod-sequence-value nz-number64", pattern: newPattern(`^0`), cut: true},
	{quirk: QuirkZeroSequence, rules: "response-payload", pattern: newPattern(`* ^«0» FETCH (`), with: strconv.FormatUint(seqOfZero, 10)},

	{quirk: QuirkInvalidDate, rules: "date-time", pattern: newPattern(`^<val>`), cut: true},

	{quirk: QuirkQuotedFlag, pattern: newPattern(`^«<str>»`), when: inFlags, make: unquoted, keyword: true},
	{quirk: QuirkKeywordOctets, pattern: newPattern(`«<word>^<word>»`), when: inFlags, make: same, keyword: true},
	{quirk: QuirkKeywordOctets, pattern: newPattern(`^«<word>»`), when: inFlags, make: same, keyword: true},

	{quirk: QuirkBackslash, rules: "quoted", pattern: newPattern(`«\»^`)},
	{quirk: QuirkEightBit, rules: "quoted", pattern: newPattern(`^`), span: quotedAround, make: asLiteral},
	{quirk: QuirkNulInLiteral, rules: "literal", pattern: newPattern(`^`), span: literalAround, make: withoutNul},
	{quirk: QuirkShortLiteral, pattern: newPattern(`^`), span: literalBefore, make: longer},
	{quirk: QuirkBareString, rules: "string nstring", pattern: newPattern(`^«<word>» `), make: quoted},
	{quirk: QuirkBareString, rules: "string nstring", pattern: newPattern(`^«<word>»)`), make: quoted},
	{quirk: QuirkUnescapedQuote, pattern: newPattern(`«"»^<word>`), with: `\"`},
	{quirk: QuirkUnescapedQuote, pattern: newPattern(`«"»^"`), with: `\"`},
	{quirk: QuirkUnescapedQuote, pattern: newPattern(`«"» ^<word>`), with: `\"`},
	{quirk: QuirkUnquotedName, rules: "CRLF", pattern: newPattern(`«<word>^<line>»$`), make: quoted},
	{quirk: QuirkUnquotedName, rules: "mbox-list-extended", pattern: newPattern(`«<word> ^<line>»$`), make: quoted},

	{quirk: QuirkMultipartDescription, rules: "body-disposition", pattern: newPattern(`^«<str> »`), when: inMultipart},
	{quirk: QuirkBareDisposition, rules: "body-disposition", pattern: newPattern(`^«<str>»`), with: `($1 NIL)`},
	{quirk: QuirkExtraParens, rules: "msg-att-item", pattern: newPattern(`^(`), span: parenAt, make: unwrapped},
	{quirk: QuirkExtraParens, rules: "nstring", pattern: newPattern(`ENVELOPE (^(`), span: parenAt, make: unwrapped},
}

// fits reports whether the row is for what failed.
func (r *row) fits(t trouble) bool {
	if r.keep && !t.doubtful {
		return false
	}
	if r.rules == "" {
		return true
	}
	for rest := r.rules; rest != ""; {
		var rule string
		rule, rest, _ = strings.Cut(rest, " ")
		if rule == t.rule {
			return true
		}
	}
	return false
}

// repair is what the row has to offer at a place.
func (r *row) repair(m *mender, at int) (repair, bool) {
	none := repair{}
	match, ok := r.pattern.match(m.b, at)
	if !ok || r.when != nil && !r.when(m, at) {
		return none, false
	}
	out := repair{quirk: r.quirk, start: match.start, end: match.end, with: r.with, keep: r.keep}
	switch {
	case r.keep:
		out.start, out.end = m.codeAround(at)
		return out, true
	case r.cut:
		start, end, ok := m.item(at)
		out.start, out.end = start, end
		return out, ok
	case r.span != nil:
		if out.start, out.end, ok = r.span(m, at); !ok {
			return none, false
		}
	}
	switch {
	case r.make != nil:
		out.with, ok = r.make(m, string(m.b[out.start:out.end]))
	case strings.Contains(r.with, "$"):
		out.with = match.expand(r.with)
	}
	if r.keyword && ok {
		out.keyword = out.with
		if out.with = m.placeholder(); isFlag(out.keyword) {
			out.with, out.keyword = out.keyword, ""
		}
	}
	return out, ok
}

// same leaves the octets to a placeholder.
func same(_ *mender, old string) (string, bool) { return old, true }

// quoted writes a word as a quoted string.
func quoted(_ *mender, old string) (string, bool) {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(old) + `"`, true
}

// unquoted is what a quoted flag says.
func unquoted(_ *mender, old string) (string, bool) {
	if len(old) < 3 || old[0] != '"' {
		return "", false
	}
	inner := old[1 : len(old)-1]
	if s := strings.ReplaceAll(inner, `\\`, `\`); isFlag(s) {
		return s, true
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(inner), true
}

// rounded writes a number with a fraction or an exponent without them.
func rounded(_ *mender, old string) (string, bool) {
	v, err := strconv.ParseFloat(old, 64)
	if err != nil || !(v >= 0 && v < math.MaxInt64) {
		return "", false
	}
	return strconv.FormatInt(int64(math.Round(v)), 10), true
}

// asLiteral writes a quoted string as a literal, which may have any octets.
func asLiteral(_ *mender, old string) (string, bool) {
	text := strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(old[1 : len(old)-1])
	return "{" + strconv.Itoa(len(text)) + "}\r\n" + text, true
}

// withoutNul writes a literal with SUB in the place of NUL.
func withoutNul(_ *mender, old string) (string, bool) {
	return strings.ReplaceAll(old, "\x00", "\x1a"), true
}

// unwrapped is what is in parentheses.
func unwrapped(_ *mender, old string) (string, bool) { return old[1 : len(old)-1], true }

// longer announces a literal with all the octets that it turned out to have.
func longer(_ *mender, old string) (string, bool) {
	head := strings.Index(old, "\r\n") + len("\r\n")
	if head < len("\r\n") {
		return "", false
	}
	return "{" + strconv.Itoa(len(old)-head) + "}\r\n" + old[head:], true
}

// isFlag reports whether the grammar can say a flag.
func isFlag(s string) bool {
	s = strings.TrimPrefix(s, `\`)
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// inFlags reports whether a place is in a list that follows FLAGS or PERMANENTFLAGS.
func inFlags(m *mender, at int) bool {
	open := m.open(at)
	return open >= 6 && foldAt(m.b, open-6, "FLAGS ")
}

// inMultipart reports whether a place is in the body structure of a multipart, at a
// string that is no disposition (RFC 2183 §2).
func inMultipart(m *mender, at int) bool {
	open := m.open(at)
	if open < 0 || m.b[open+1] != '(' {
		return false
	}
	for _, known := range []string{`"inline"`, `"attachment"`, `"form-data"`} {
		if foldAt(m.b, at, known) {
			return false
		}
	}
	return true
}

// inEnvelope reports whether a place is behind the first four fields of an
// envelope: what has fewer is something else.
func inEnvelope(m *mender, at int) bool {
	i := m.open(at) + 1
	for fields := 1; ; fields++ {
		if i = skipValue(m.b, i); i < 0 || i >= at {
			return fields >= 4
		}
		i++
	}
}

// inCode reports whether a place is in a response code.
func inCode(m *mender, at int) bool {
	start, end := m.codeAround(at)
	return start < end
}

// inEmptyCopyUID reports whether a place is in a COPYUID without UIDs.
func inEmptyCopyUID(m *mender, at int) bool {
	start, end := m.codeAround(at)
	return foldAt(m.b, start, "[COPYUID") && len(bytes.Fields(m.b[start:end-1])) <= 2
}

// codeAround is the response code that begins before a place; start and end are
// equal where there is none.
func (m *mender) codeAround(at int) (start, end int) {
	start = bytes.IndexByte(m.b, '[')
	if start < 0 || start > at {
		return 0, 0
	}
	n := bytes.IndexByte(m.b[start:], ']')
	if n < 0 {
		return 0, 0
	}
	return start, start + n + 1
}
