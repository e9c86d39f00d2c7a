package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Logout answers LOGOUT (RFC 9051 §6.1.3). The account is given back before the
// client hears OK, so that a client that comes again at once finds it so.
func (s *session) Logout(context.Context, string, *imap.Logout) error {
	s.leaveAccount()
	s.state = loggedOut
	return s.out.status(imap.StatusBYE, nil, "Logging out")
}
