package store

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"
)

// Annotator is the power of an Account to keep metadata entries (METADATA,
// RFC 5464): texts that clients attach to mailboxes, and to the account
// itself, which has the MailboxID 0.
//
// Names are compared as octets; the engine gives them in one case (RFC 5464
// §3). Whose an entry is, the first level of its name says. The entries of a
// mailbox stay when it is renamed and go when it is deleted; when INBOX is
// renamed, they stay with INBOX.
type Annotator interface {
	// Entries returns all entries of a mailbox, sorted by name as octets.
	Entries(ctx context.Context, id MailboxID) ([]Entry, error)
	// SetEntries adds, changes and removes entries, all or none; those that
	// are not named stay. A name that is given twice has the last value. It
	// takes a MODSEQ, which is no mailbox's HighestModSeq, if anything
	// changes. Limit if there would be too many entries or one is too long;
	// Cannot for a name that CheckEntry refuses.
	SetEntries(ctx context.Context, id MailboxID, entries []Entry) error
}

// Entry is one metadata entry.
type Entry struct {
	// Name is like a path, such as "/private/comment".
	Name string
	// Value is the entry's octets; nil, which is NIL, for an entry that does
	// not exist. An empty value is a value.
	Value []byte
}

// Why CheckEntry refuses an entry.
var (
	errEntryName = errors.New("an entry's name begins with a slash, does not end in one, and has no control characters")
	errEntryLong = errors.New("the entry is too long")
	errEntryRoom = errors.New("too many entries")
)

// CheckEntry tells whether an entry may be kept: the name is UTF-8 without
// controls, begins with "/" and has no empty level. The error is Cannot, or
// Limit for a name or a value that is too long.
func CheckEntry(op string, e Entry, limits Limits) error {
	limits = limits.WithDefaults()
	name := e.Name
	if len(name) > limits.MailboxName {
		return &Error{Code: Limit, Op: op, Name: name[:min(64, len(name))], Err: errEntryLong}
	}
	odd := !utf8.ValidString(name) || strings.ContainsFunc(name, forbidden)
	if odd || len(name) < 2 || name[0] != '/' || strings.HasSuffix(name, "/") || strings.Contains(name, "//") {
		return &Error{Code: Cannot, Op: op, Name: name, Err: errEntryName}
	}
	if len(e.Value) > limits.EntrySize {
		return &Error{Code: Limit, Op: op, Name: name, Err: errEntryLong}
	}
	return nil
}

// CheckEntries tells whether there may be so many entries.
func CheckEntries(op string, n int, limits Limits) error {
	if n > limits.WithDefaults().Entries {
		return &Error{Code: Limit, Op: op, Err: errEntryRoom}
	}
	return nil
}
