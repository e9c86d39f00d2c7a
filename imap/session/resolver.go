package session

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// place is where a mailbox name points to: an account and a name in it.
type place struct {
	hub  *hub
	name string
}

// resolve turns a mailbox name as it came in a command into the place it names.
// It is the only way from names to accounts: a session has its own one now, and
// shared ones will be found here by their prefix. The mailbox need not exist.
func (s *session) resolve(wire string) (place, error) {
	name, err := imap.DecodeMailbox(wire, s.utf8)
	if err != nil {
		return place{}, no(imap.CodeCannot, "%s", upperFirst(err.Error()))
	}
	return place{s.hub, canonical(name)}, nil
}

// canonical writes INBOX in upper case also where it is the superior of a name,
// so that there is one INBOX in the hierarchy.
func canonical(name string) string {
	n := len(imap.Inbox)
	if len(name) > n && name[n:n+1] == store.Separator && strings.EqualFold(name[:n], imap.Inbox) {
		return imap.Inbox + name[n:]
	}
	return name
}

// lookup finds an existing mailbox by its name in a command.
func (s *session) lookup(ctx context.Context, wire string) (*hub, store.Mailbox, error) {
	p, err := s.resolve(wire)
	if err != nil {
		return nil, store.Mailbox{}, err
	}
	m, err := p.hub.acct.Lookup(ctx, p.name)
	return p.hub, m, err
}

// lookupTarget is lookup for the destination of APPEND, COPY and MOVE, which the
// client may want to create (RFC 9051 §7.1, TRYCREATE).
func (s *session) lookupTarget(ctx context.Context, wire string) (*hub, store.Mailbox, error) {
	h, m, err := s.lookup(ctx, wire)
	if store.IsCode(err, store.NonExistent) {
		err = no(imap.CodeTryCreate, "No such mailbox")
	}
	return h, m, err
}

// wireName is a mailbox name as this client understands it.
func (s *session) wireName(name string) string { return imap.EncodeMailbox(name, s.utf8) }

// resolveSet turns the set of a command into a set of UIDs: see view.resolve.
// "$" is what the last SEARCH RETURN (SAVE) has saved (RFC 5182).
func (s *session) resolveSet(set imap.SequenceSet, uid bool) (imap.UIDSet, error) {
	if set.Saved {
		return s.saved, nil
	}
	return s.view.resolve(set, uid)
}
