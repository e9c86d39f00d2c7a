package session

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Rename is RENAME (RFC 9051 §6.3.6): names below move along. INBOX stays and
// gives its messages to the new mailbox.
func (s *session) Rename(ctx context.Context, _ string, cmd *imap.Rename) error {
	if cmd.Params != nil {
		return bad("RENAME parameters are not supported")
	}
	from, err := s.existing(cmd.From)
	if err != nil {
		return err
	}
	given := strings.TrimSuffix(cmd.To, store.Separator)
	to, err := s.resolve(given)
	if err != nil {
		return err
	}
	if from.hub != to.hub {
		return no(imap.CodeCannot, "Mailboxes cannot be renamed into another account")
	}
	if err := from.hub.acct.Rename(ctx, from.name, to.name); err != nil {
		return err
	}
	if from.name == store.Inbox { // it has lost its messages
		if box, err := from.hub.acct.Lookup(ctx, from.name); err == nil {
			from.hub.changed(ctx, box.ID, 0)
		}
	}
	return s.tellNormalized(given, to.name, imap.MailboxAttrs{})
}
