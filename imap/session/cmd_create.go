package session

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Create is CREATE (RFC 9051 §6.3.4). A separator at the end only says that
// names below will follow, which needs no declaration here.
func (s *session) Create(ctx context.Context, _ string, cmd *imap.Create) error {
	if cmd.Params != nil {
		return bad("CREATE parameters are not supported")
	}
	given := strings.TrimSuffix(cmd.Mailbox, store.Separator)
	p, err := s.resolve(given)
	if err != nil {
		return err
	}
	m, err := p.hub.acct.Create(ctx, store.NewMailbox{Name: p.name})
	if err != nil {
		return err
	}
	return s.tellNormalized(given, m.Name, imap.MailboxAttrs{})
}

// tellNormalized tells a client that the mailbox which it calls given is called
// name now, because it was not in normalization form C (RFC 9051 §6.3.9.7).
func (s *session) tellNormalized(given, name string, attrs imap.MailboxAttrs) error {
	if canonical(given) == s.wireName(name) || !s.rev2 || strings.EqualFold(given, imap.Inbox) {
		return nil
	}
	return s.out.untagged(&imap.ListData{
		Attrs: attrs, Delim: separator, Mailbox: s.wireName(name),
		Extended: &imap.ListExtended{Has: imap.ListExtendedHasOldName, OldName: given},
	})
}
