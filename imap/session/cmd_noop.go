package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Noop answers NOOP (RFC 9051 §6.1.2): what is new is told with every command.
func (s *session) Noop(context.Context, string, *imap.Noop) error { return nil }
