package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Unselect answers UNSELECT (RFC 3691, RFC 9051 §6.4.2): CLOSE that expunges
// nothing.
func (s *session) Unselect(context.Context, string, *imap.Unselect) error {
	s.deselect()
	return nil
}
