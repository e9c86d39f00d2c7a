package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// StartTLS answers STARTTLS (RFC 9051 §6.2.1). The handshake follows the OK;
// what the client sent behind the command is dropped unread, since an attacker
// may have put it there.
func (s *session) StartTLS(context.Context, string, *imap.StartTLS) error {
	if !s.canStartTLS() {
		return errUnknown
	}
	s.ok(nil, "Begin TLS negotiation now")
	s.then = func() fate {
		if s.out.flush() != nil || !s.startTLS() {
			return over
		}
		s.newState(notAuthenticated)
		return goesOn
	}
	return nil
}
