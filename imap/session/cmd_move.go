package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Move answers MOVE and UID MOVE (RFC 6851, RFC 9051 §6.4.8). COPYUID comes
// before the EXPUNGE responses, so that clients know where the messages are.
func (s *session) Move(ctx context.Context, _ string, cmd *imap.Move) error {
	if s.view.readOnly {
		return errReadOnly
	}
	set, dst, err := s.transferOf(ctx, cmd.Set, cmd.UID, cmd.Mailbox)
	if err != nil || len(set) == 0 {
		return err
	}
	src := s.view.m.id
	r, err := s.hub.acct.Move(ctx, src, set, dst)
	if err != nil {
		return err
	}
	s.hub.changed(ctx, src, r.ModSeq)
	s.hub.changed(ctx, dst, r.ModSeq)
	if code := copyUID(r); code != nil {
		return s.out.status(imap.StatusOK, code, "Moved")
	}
	return nil
}
