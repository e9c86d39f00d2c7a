package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Copy answers COPY and UID COPY (RFC 9051 §6.4.7).
func (s *session) Copy(ctx context.Context, _ string, cmd *imap.Copy) error {
	set, dst, err := s.transferOf(ctx, cmd.Set, cmd.UID, cmd.Mailbox)
	if err != nil || len(set) == 0 {
		return err
	}
	r, err := s.hub.acct.Copy(ctx, s.view.m.id, set, dst)
	if err != nil {
		return err
	}
	s.hub.changed(ctx, dst, r.ModSeq)
	if code := copyUID(r); code != nil {
		s.ok(code, "")
	}
	return nil
}

// transferOf finds out what COPY and MOVE work on. All messages are transferred
// or none, so that one that is gone fails the command (RFC 2180 §4.4).
func (s *session) transferOf(ctx context.Context, numbers imap.SequenceSet, uid bool, mailbox string) (imap.UIDSet, store.MailboxID, error) {
	set, err := s.resolveSet(numbers, uid)
	if err != nil {
		return nil, 0, err
	}
	h, dst, err := s.lookupTarget(ctx, mailbox)
	if err != nil {
		return nil, 0, err
	}
	if h != s.hub {
		return nil, 0, no(imap.CodeCannot, "Messages cannot go to another account")
	}
	if !uid && s.view.anyGone(set) {
		return nil, 0, no(imap.CodeExpungeIssued, "Some of the messages no longer exist")
	}
	return set, dst.ID, nil
}

// copyUID is the COPYUID response code (RFC 4315 §3); nil when nothing was
// copied.
func copyUID(r store.CopyResult) imap.ResponseCode {
	if len(r.Source) == 0 {
		return nil
	}
	return &imap.CodeCopyUID{UIDValidity: r.UIDValidity, Source: r.Source, Dest: r.Dest}
}
