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

// named is the LIST response about a mailbox that the client calls given. It says
// so where that is not the mailbox's name, because it was not in normalization
// form C (RFC 9051 §6.3.9.7).
func (s *session) named(given, name string) *imap.ListData {
	data := &imap.ListData{Delim: separator, Mailbox: s.wireName(name)}
	if s.rev2 && canonical(given) != data.Mailbox && !strings.EqualFold(given, imap.Inbox) {
		data.Extended = &imap.ListExtended{Has: imap.ListExtendedHasOldName, OldName: given}
	}
	return data
}

// tellNormalized sends what named returns if the names differ.
func (s *session) tellNormalized(given, name string, attrs imap.MailboxAttrs) error {
	data := s.named(given, name)
	if data.Extended == nil {
		return nil
	}
	data.Attrs = attrs
	return s.out.untagged(data)
}
