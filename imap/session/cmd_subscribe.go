package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Subscribe is SUBSCRIBE (RFC 9051 §6.3.7). The mailbox need not exist.
func (s *session) Subscribe(ctx context.Context, _ string, cmd *imap.Subscribe) error {
	p, err := s.resolve(cmd.Mailbox)
	if err != nil {
		return err
	}
	return p.hub.acct.Subscribe(ctx, p.name)
}

// Unsubscribe is UNSUBSCRIBE (RFC 9051 §6.3.8). A name that is not subscribed is
// no error.
func (s *session) Unsubscribe(ctx context.Context, _ string, cmd *imap.Unsubscribe) error {
	p, err := s.resolve(cmd.Mailbox)
	if err != nil {
		return err
	}
	return p.hub.acct.Unsubscribe(ctx, p.name)
}
