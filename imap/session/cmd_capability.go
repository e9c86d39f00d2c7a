package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Capability answers CAPABILITY (RFC 9051 §6.1.1).
func (s *session) Capability(_ context.Context, _ string, _ *imap.CapabilityCommand) error {
	return s.out.untagged(&imap.CapabilityData{Caps: s.capabilities()})
}
