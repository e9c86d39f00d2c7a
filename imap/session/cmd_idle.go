package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Idle answers IDLE (RFC 2177, RFC 9051 §6.3.13); idle.go does the rest.
func (s *session) Idle(context.Context, string, *imap.Idle) error { return errPark }
