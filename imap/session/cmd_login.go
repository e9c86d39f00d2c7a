package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Login answers LOGIN (RFC 9051 §6.2.3). It is the mechanism PLAIN in other
// words.
func (s *session) Login(ctx context.Context, _ string, cmd *imap.Login) error {
	ex, err := s.startExchange(ctx, mechPlain)
	if err != nil {
		return err
	}
	_, id, err := ex.Next(ctx, []byte("\x00"+cmd.UserID+"\x00"+string(cmd.Password)))
	if err != nil {
		return s.loginFailed(ctx, err)
	}
	if err := s.logIn(ctx, id); err != nil {
		return err
	}
	s.ok(s.capabilityCode(), "LOGIN completed")
	return nil
}
