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
	return s.tellRenamed(cmd.From, from.name, given, to.name)
}

// tellRenamed tells a client what has become of the mailbox that it calls given if
// one of its two names was not in normalization form C (RFC 9051 §6.3.6).
func (s *session) tellRenamed(given, from, wanted, to string) error {
	data := s.named(wanted, to)
	if data.Extended == nil && s.named(given, from).Extended == nil {
		return nil
	}
	data.Extended = &imap.ListExtended{Has: imap.ListExtendedHasOldName, OldName: given}
	return s.out.untagged(data)
}
