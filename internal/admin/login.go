package admin

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
)

// Authenticator lets the directory's users in: by password, or with SCRAM-SHA-256, which does not show it.
func (s *Service) Authenticator() session.Authenticator { return session.PasswordsAndSCRAM(s.Login, s) }

// Login is the session.PasswordFunc of the directory's users.
func (s *Service) Login(ctx context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
	name := norm.NFC.String(c.User)
	user, err := s.Users.Verify(ctx, name, c.Password)
	switch {
	case store.IsCode(err, store.NoPerm):
		return nil, &session.AuthError{Reason: session.BadCredentials}
	case err != nil:
		return nil, err
	}
	return identity(name, user.Account, c.Authorize)
}

// SCRAMKeys returns a user's keys, or for a name that nobody has some that fit no password.
func (s *Service) SCRAMKeys(ctx context.Context, _ session.Peer, name string) (session.SCRAMKeys, error) {
	_, keys, err := s.Users.SCRAM(ctx, norm.NFC.String(name))
	return session.SCRAMKeys(keys), err
}

// SCRAMIdentity says who a user is who has proven to know the password. One who was removed meanwhile is nobody.
func (s *Service) SCRAMIdentity(ctx context.Context, _ session.Peer, name, authorize string) (*session.Identity, error) {
	name = norm.NFC.String(name)
	user, _, err := s.Users.SCRAM(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case user.Name == "":
		return nil, &session.AuthError{Reason: session.BadCredentials}
	}
	return identity(name, user.Account, authorize)
}

// identity is a user's own: nobody may act as somebody else.
func identity(name, account, authorize string) (*session.Identity, error) {
	if authorize != "" && norm.NFC.String(authorize) != name {
		return nil, &session.AuthError{Reason: session.NotAuthorized}
	}
	return &session.Identity{Account: account, User: name}, nil
}
