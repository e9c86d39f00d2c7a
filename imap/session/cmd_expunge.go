package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// errReadOnly refuses to change a mailbox that was opened with EXAMINE.
var errReadOnly = no(nil, "Mailbox is open read-only")

// Expunge answers EXPUNGE (RFC 9051 §6.4.3). Messages that the client does not
// know of yet stay.
func (s *session) Expunge(ctx context.Context, _ string, _ *imap.Expunge) error {
	if s.view.readOnly {
		return errReadOnly
	}
	return s.expunge(ctx, s.view.all())
}

// UIDExpunge answers UID EXPUNGE (RFC 4315 §2.1, RFC 9051 §6.4.9).
func (s *session) UIDExpunge(ctx context.Context, _ string, cmd *imap.UIDExpunge) error {
	if s.view.readOnly {
		return errReadOnly
	}
	set, err := s.resolveSet(cmd.Set, true)
	if err != nil {
		return err
	}
	return s.expunge(ctx, set)
}

// expunge removes those messages of a set that are \Deleted. The EXPUNGE
// responses come from the change of the mailbox, for this session as for all.
func (s *session) expunge(ctx context.Context, set imap.UIDSet) error {
	if len(set) == 0 {
		return nil
	}
	m := s.view.m
	return m.changing(ctx, func() (*store.Delta, error) {
		r, err := s.hub.acct.Expunge(ctx, m.id, set, store.OnlyDeleted)
		return deltaOf(&r.Effect, store.Messages{}, r.UIDs), err
	})
}
