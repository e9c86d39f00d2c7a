package store

import (
	"context"
	"errors"
	"fmt"
)

// Code is why a store refused or could not do something. The set is closed:
// each code stands for exactly one IMAP response code, which String returns,
// so an engine answers NO with it and needs no table of its own.
type Code uint8

const (
	// ServerBug is a broken invariant inside the store, or an error that no
	// other code describes (SERVERBUG, RFC 9051 §7.1). It is the zero value,
	// so that a forgotten code is never mistaken for the user's fault.
	ServerBug Code = iota
	// NonExistent: the mailbox, account or message named does not exist
	// (NONEXISTENT).
	NonExistent
	// AlreadyExists: the name to create or to rename to is taken
	// (ALREADYEXISTS).
	AlreadyExists
	// Cannot: the request can never succeed, whoever asks: an invalid name,
	// deleting INBOX, renaming a mailbox below itself (CANNOT).
	Cannot
	// Limit: one of Limits would be exceeded (LIMIT).
	Limit
	// TooBig: the message is larger than Limits.MessageSize (TOOBIG,
	// RFC 4469 §4.2, RFC 7889).
	TooBig
	// OverQuota: the account's quota would be exceeded, and nothing else;
	// a full disk is Unavailable (OVERQUOTA, RFC 5530 §3).
	OverQuota
	// Unavailable: it may work later: the disk is full, a database is away,
	// the context has ended, the store is closed (UNAVAILABLE).
	Unavailable
	// Corruption: stored data cannot be read back as it was written
	// (CORRUPTION).
	Corruption
	// ExpungeIssued: the message existed and has been expunged
	// (EXPUNGEISSUED).
	ExpungeIssued
	// HasChildren: the name has inferiors and is no mailbox itself, so
	// there is nothing to delete but the inferiors (HASCHILDREN).
	HasChildren
	// InUse: something else holds what the operation needs alone (INUSE).
	InUse
	// TryCreate: the destination of Append, Copy or Move does not exist,
	// while a source that does not exist is NonExistent (TRYCREATE).
	TryCreate
	// NoPerm: the store's access rules refuse it (NOPERM).
	NoPerm

	numCodes
)

var codeNames = [numCodes]string{
	ServerBug:     "SERVERBUG",
	NonExistent:   "NONEXISTENT",
	AlreadyExists: "ALREADYEXISTS",
	Cannot:        "CANNOT",
	Limit:         "LIMIT",
	TooBig:        "TOOBIG",
	OverQuota:     "OVERQUOTA",
	Unavailable:   "UNAVAILABLE",
	Corruption:    "CORRUPTION",
	ExpungeIssued: "EXPUNGEISSUED",
	HasChildren:   "HASCHILDREN",
	InUse:         "INUSE",
	TryCreate:     "TRYCREATE",
	NoPerm:        "NOPERM",
}

// String returns the response code's atom, such as "NONEXISTENT".
func (c Code) String() string {
	if c >= numCodes {
		return codeNames[ServerBug]
	}
	return codeNames[c]
}

// Error is the only error type that store interfaces return.
type Error struct {
	// Code is the reason.
	Code Code
	// Op is the operation in lower case, such as "create".
	Op string
	// Name is the mailbox name, account or id that the error is about, as
	// far as known. It may come from a client: quote it when printing.
	Name string
	// Err is the cause, which may be nil. Its text is for logs: an engine
	// does not show it to clients.
	Err error
}

// Error returns text for logs: operation, quoted name, code, cause.
func (e *Error) Error() string {
	s := "store: " + e.Op
	if e.Name != "" {
		s += fmt.Sprintf(" %q", e.Name)
	}
	s += ": " + e.Code.String()
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first *Error in err's tree. Other errors
// are ServerBug, except the ends of contexts, which are Unavailable. The
// result for a nil error means nothing.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return ServerBug
}

// IsCode tells whether err is an error with code c; it is false for nil.
func IsCode(err error, c Code) bool { return err != nil && CodeOf(err) == c }
