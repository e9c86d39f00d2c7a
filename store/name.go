package store

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Why CheckName refuses a name.
var (
	errNameEmpty   = errors.New("empty name or level")
	errNameUTF8    = errors.New("not UTF-8")
	errNameNFC     = errors.New("not in Unicode normalization form C")
	errNameControl = errors.New("control character or line separator")
	errNameInbox   = errors.New("INBOX in lower case")
	errNameLong    = errors.New("name too long")
	errNameDeep    = errors.New("too many levels")
)

// CheckName tells whether a name may be a mailbox or a subscription: UTF-8
// in NFC, no controls, U+2028 or U+2029 (RFC 9051 §5.1), no empty level. The
// first level is not INBOX in another case, so that INBOX is one mailbox
// also as a superior. The error is Cannot, or Limit for a name that is too
// long or too deep.
func CheckName(op, name string, limits Limits) error {
	limits = limits.WithDefaults()
	if len(name) > limits.MailboxName {
		return &Error{Code: Limit, Op: op, Name: name[:min(64, len(name))], Err: errNameLong}
	}
	if strings.Count(name, Separator) >= limits.MailboxDepth {
		return &Error{Code: Limit, Op: op, Name: name, Err: errNameDeep}
	}
	if err := checkText(name); err != nil {
		return &Error{Code: Cannot, Op: op, Name: name, Err: err}
	}
	return nil
}

func checkText(name string) error {
	if !utf8.ValidString(name) {
		return errNameUTF8
	}
	if strings.ContainsFunc(name, forbidden) {
		return errNameControl
	}
	if !norm.NFC.IsNormalString(name) {
		return errNameNFC
	}
	first, _, _ := strings.Cut(name, Separator)
	if first != Inbox && strings.EqualFold(first, Inbox) {
		return errNameInbox
	}
	for level := range strings.SplitSeq(name, Separator) {
		if level == "" {
			return errNameEmpty
		}
	}
	return nil
}

// forbidden are the C0 and C1 controls, DEL, and the two separators.
func forbidden(r rune) bool {
	return r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029'
}

// Superiors returns the superior names of a name, the highest one first:
// "a/b/c" has "a" and "a/b".
func Superiors(name string) []string {
	var names []string
	for i := range len(name) {
		if name[i] == Separator[0] {
			names = append(names, name[:i])
		}
	}
	return names
}

// Below tells whether name is an inferior of superior, at any depth.
func Below(name, superior string) bool {
	return strings.HasPrefix(name, superior) && strings.HasPrefix(name[len(superior):], Separator)
}
