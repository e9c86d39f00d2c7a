package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Delete is DELETE (RFC 9051 §6.3.5). Names below the mailbox stay; sessions
// that have it selected find all its messages expunged.
func (s *session) Delete(ctx context.Context, _ string, cmd *imap.Delete) error {
	p, err := s.existing(cmd.Mailbox)
	if err != nil {
		return err
	}
	box, missing := p.hub.acct.Lookup(ctx, p.name)
	if err := p.hub.acct.Delete(ctx, p.name); err != nil {
		return err
	}
	if missing == nil {
		p.hub.changed(ctx, box.ID, 0)
	}
	return s.tellNormalized(cmd.Mailbox, p.name, imap.MailboxAttrs{Bits: imap.AttrNonExistent})
}

// existing is resolve for a command whose mailbox must exist: a name that cannot
// be a mailbox does not.
func (s *session) existing(wire string) (place, error) {
	p, err := s.resolve(wire)
	if err != nil || p.name == "" {
		return place{}, no(imap.CodeNonExistent, "No such mailbox")
	}
	return p, nil
}
