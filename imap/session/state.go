package session

import "github.com/imapsrv/imapsrv/imap"

// state is where a session stands (RFC 9051 §3).
type state uint8

const (
	notAuthenticated state = iota
	authenticated
	selected
	loggedOut
)

func (st state) String() string {
	return [...]string{"not authenticated", "authenticated", "selected", "logout"}[st]
}

// allows tells whether a command may be given in the state.
func (st state) allows(cmd imap.Command) bool {
	switch cmd.(type) {
	case imap.CommandAny:
		return st != loggedOut
	case imap.CommandNonauth:
		return st == notAuthenticated
	case imap.CommandAuth:
		return st == authenticated || st == selected
	case imap.CommandSelect:
		return st == selected
	}
	return false
}

// writes tells whether a command may change mail, mailboxes or subscriptions,
// which a read-only scope refuses. STORE and the others that work on the
// selected mailbox find it opened read-only.
func writes(cmd imap.Command) bool {
	switch cmd.(type) {
	case *imap.Create, *imap.Delete, *imap.Rename, *imap.Subscribe, *imap.Unsubscribe, *imap.Append,
		*imap.Copy, *imap.Move:
		return true
	}
	return false
}
