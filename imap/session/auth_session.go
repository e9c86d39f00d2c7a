package session

import (
	"context"
	"errors"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// canStartTLS tells whether STARTTLS can be given.
func (s *session) canStartTLS() bool { return s.listener.TLS != nil && s.peer.TLS == nil }

// mayShowPasswords tells whether a password may travel on the connection as it
// is (RFC 9051 §11.1).
func (s *session) mayShowPasswords() bool {
	return s.peer.TLS != nil || s.listener.AllowPlaintext || isLocal(s.peer.Addr)
}

// mechanisms are those that the authenticator has for this connection.
func (s *session) mechanisms() []Mechanism {
	if s.srv.Auth == nil {
		return nil
	}
	return s.srv.Auth.Mechanisms(s.peer)
}

// errPrivacy refuses a password that others could read.
var errPrivacy = no(imap.CodePrivacyRequired, "Encrypt the connection before sending a password")

// start begins an exchange, if the mechanism may be used here.
func (s *session) startExchange(ctx context.Context, mechanism string) (Exchange, error) {
	for _, m := range s.mechanisms() {
		if m.Name != mechanism {
			continue
		}
		if m.Plaintext && !s.mayShowPasswords() {
			return nil, errPrivacy
		}
		return s.srv.Auth.Start(ctx, mechanism, s.peer)
	}
	return nil, no(nil, "Authentication mechanism is not supported")
}

// logIn ends a successful exchange.
func (s *session) logIn(ctx context.Context, id *Identity) error {
	if id == nil {
		return s.loginFailed(ctx, &AuthError{})
	}
	if err := s.enterAccount(ctx, *id); err != nil {
		return err
	}
	s.srv.penalties.forgive(s.peer.Addr)
	s.srv.Log.Info("logged in", "peer", s.peer.Addr, "user", s.id.User, "account", s.id.Account)
	return nil
}

// loginFailed ends a failed exchange. The pause makes guessing slow.
func (s *session) loginFailed(ctx context.Context, err error) error {
	var ae *AuthError
	if !errors.As(err, &ae) {
		s.srv.Log.Error("authentication is not available", "peer", s.peer.Addr, "err", err)
		ae = &AuthError{Reason: TemporaryFailure}
	}
	switch ae.Reason {
	case BadMessage:
		return bad("%s", upperFirst(ae.Error()))
	case TemporaryFailure:
		return no(imap.CodeUnavailable, "%s", upperFirst(ae.Error()))
	}
	s.srv.Log.Info("login failed", "peer", s.peer.Addr, "reason", ae.Error())
	s.srv.penalties.wait(ctx, s.srv.stopping, s.peer.Addr)
	code := imap.CodeAuthenticationFailed
	switch ae.Reason {
	case NotAuthorized:
		code = imap.CodeAuthorizationFailed
	case Expired:
		code = imap.CodeExpired
	}
	return no(code, "%s", upperFirst(ae.Error()))
}

// enterAccount makes the session one of an account.
func (s *session) enterAccount(ctx context.Context, id Identity) error {
	if id.User == "" {
		id.User = id.Account
	}
	if !s.srv.admitUser(s, id.User) {
		return no(imap.CodeLimit, "Too many connections of this user")
	}
	h, err := s.srv.hubs.acquire(id.Account)
	if store.IsCode(err, store.NonExistent) {
		s.srv.Log.Error("an authenticated user has no account", "user", id.User, "account", id.Account)
		return no(imap.CodeContactAdmin, "There is no account for this user")
	}
	if err != nil {
		return err
	}
	s.hub, s.id = h, id
	s.peer.TLS = nil // large, and only for authenticators
	s.bad = 0
	s.link.setTimeout(s.srv.limits.IdleTimeout)
	s.newState(authenticated)
	return nil
}

// leaveAccount closes the mailbox and the account.
func (s *session) leaveAccount() {
	s.deselect()
	if s.hub != nil {
		s.srv.hubs.release(s.hub)
		s.hub = nil
	}
}
