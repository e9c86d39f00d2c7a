package admin

import (
	"context"
	"errors"
	"io/fs"

	"github.com/imapsrv/imapsrv/store"
)

// Kind says what whoever asked can do about an Error.
type Kind string

// The kinds.
const (
	// Failed: something is broken; the text says what.
	Failed Kind = "failed"
	// NoUser: there is no user of that name.
	NoUser Kind = "no user"
	// Refused: it can never be done as asked: a name that is taken, a message that is empty.
	Refused Kind = "refused"
	// TooBig: the message is larger than any may be.
	TooBig Kind = "too big"
	// Full: the user's quota would be exceeded.
	Full Kind = "over quota"
	// Later: it may work later.
	Later Kind = "try later"
)

// Error is an operation that failed, in this process or in the server's.
type Error struct {
	// Kind is the reason.
	Kind Kind `json:"kind"`
	// Text is for people.
	Text string `json:"text"`
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// KindOf returns the kind of the first *Error in err's tree, or what an error of the store amounts to.
func KindOf(err error) Kind {
	var e *Error
	var s *store.Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Later
	case errors.As(err, &s):
		return kindOfCode(s.Code)
	case errors.As(err, new(*fs.PathError)): // a full disk, most of the time
		return Later
	}
	return Failed
}

func kindOfCode(code store.Code) Kind {
	switch code {
	case store.OverQuota:
		return Full
	case store.TooBig:
		return TooBig
	case store.Limit, store.Cannot, store.AlreadyExists, store.NonExistent:
		return Refused
	case store.Unavailable, store.InUse:
		return Later
	}
	return Failed
}

// asError makes an *Error of any error but nil.
func asError(err error) *Error {
	if err == nil {
		return nil
	}
	return &Error{Kind: KindOf(err), Text: err.Error()}
}
