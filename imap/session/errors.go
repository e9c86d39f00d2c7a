package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// status is how a command ends when it does not end in OK. It is an error.
type status struct {
	kind imap.StatusKind
	code imap.ResponseCode
	text string
}

// Error returns the text.
func (st *status) Error() string { return st.text }

// bad is an error that is answered BAD: the client broke the protocol.
func bad(format string, args ...any) error {
	return &status{imap.StatusBAD, nil, fmt.Sprintf(format, args...)}
}

// no is an error that is answered NO: the command could not be done. A nil code
// says nothing more.
func no(code imap.ResponseCode, format string, args ...any) error {
	return &status{imap.StatusNO, code, fmt.Sprintf(format, args...)}
}

// errUnknown is the answer to a command that is not known or not advertised.
var errUnknown = bad("Unknown command")

// storeAnswer is what a client is told about a code of the store.
type storeAnswer struct {
	code imap.ResponseCode
	text string
}

var storeAnswers = map[store.Code]storeAnswer{
	store.ServerBug:     {imap.CodeServerBug, "Internal error"},
	store.NonExistent:   {imap.CodeNonExistent, "No such mailbox"},
	store.AlreadyExists: {imap.CodeAlreadyExists, "Mailbox already exists"},
	store.Cannot:        {imap.CodeCannot, "This can never work"},
	store.Limit:         {imap.CodeLimit, "A limit is reached"},
	store.TooBig:        {imap.CodeTooBig, "Message is too big"},
	store.OverQuota:     {imap.CodeOverQuota, "Quota exceeded"},
	store.Unavailable:   {imap.CodeUnavailable, "Not available now, try again later"},
	store.Corruption:    {imap.CodeCorruption, "Stored mail is damaged"},
	store.ExpungeIssued: {imap.CodeExpungeIssued, "Some of the messages no longer exist"},
	store.HasChildren:   {imap.CodeHasChildren, "Mailbox has inferior names"},
	store.InUse:         {imap.CodeInUse, "Mailbox is in use"},
	store.TryCreate:     {imap.CodeTryCreate, "No such mailbox"},
	store.NoPerm:        {imap.CodeNoPerm, "Permission denied"},
}

// statusOf is how a command with this error ends.
func statusOf(err error) *status {
	var st *status
	if errors.As(err, &st) {
		return st
	}
	var se *store.Error
	if errors.As(err, &se) {
		a := storeAnswers[se.Code]
		return &status{imap.StatusNO, a.code, a.text}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &status{imap.StatusNO, imap.CodeUnavailable, "Not available now"}
	}
	return &status{imap.StatusNO, imap.CodeServerBug, "Internal error"}
}

// isForLog tells whether operators should know of an error.
func isForLog(err error) bool {
	var st *status
	var syntax *imap.SyntaxError
	if errors.As(err, &st) || errors.As(err, &syntax) || errors.Is(err, context.Canceled) {
		return false
	}
	switch store.CodeOf(err) {
	case store.ServerBug, store.Corruption, store.Unavailable:
		return true
	}
	return false
}

// refusedLine makes BAD of the reader's refusal of a line that belongs to a command under way: its client waits for an
// answer with that command's tag, and "*" is for what has none (RFC 9051 §7.1.3). Behind other errors nothing can be
// read, which ends the connection.
func refusedLine(err error) error {
	var refused interface{ Recoverable() bool }
	if errors.As(err, &refused) && refused.Recoverable() {
		return bad("%s", upperFirst(err.Error()))
	}
	return &lostError{err}
}

// lostError is what a handler returns that could not read on from the client.
type lostError struct{ err error }

// Error returns the text of what reading gave.
func (e *lostError) Error() string { return e.err.Error() }
