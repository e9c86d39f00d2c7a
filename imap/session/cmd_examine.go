package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Examine answers EXAMINE (RFC 9051 §6.3.3): SELECT that changes nothing.
func (s *session) Examine(ctx context.Context, _ string, cmd *imap.Examine) error {
	return s.open(ctx, cmd.Mailbox, cmd.Params, true)
}
