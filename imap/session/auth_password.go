package session

import (
	"bytes"
	"context"
	"unicode/utf8"

	"github.com/imapsrv/imapsrv/imap"
)

// Credentials are a user name and password as a client gave them.
type Credentials struct {
	// Authorize is the identity to act as (authzid, RFC 4616); empty stands
	// for that of User.
	Authorize string
	// User is the identity whose password it is (authcid).
	User string
	// Password prints as "[redacted]".
	Password imap.Secret
}

// PasswordFunc checks credentials. It returns who the client is, or an error as
// Exchange.Next does.
type PasswordFunc func(ctx context.Context, peer Peer, cred Credentials) (*Identity, error)

// Passwords is an Authenticator with the mechanisms PLAIN (RFC 4616) and LOGIN,
// and so the command LOGIN, for a function that checks passwords.
func Passwords(check PasswordFunc) Authenticator { return passwords{check} }

type passwords struct{ check PasswordFunc }

func (passwords) Mechanisms(Peer) []Mechanism {
	return []Mechanism{{Name: mechPlain, Plaintext: true}, {Name: mechLogin, Plaintext: true}}
}

const (
	mechPlain = "PLAIN"
	mechLogin = "LOGIN"
)

func (p passwords) Start(_ context.Context, mechanism string, peer Peer) (Exchange, error) {
	switch mechanism {
	case mechPlain:
		return &plainExchange{check: p.check, peer: peer}, nil
	case mechLogin:
		return &loginExchange{check: p.check, peer: peer}, nil
	}
	return nil, errNoMechanism
}

// plainExchange is PLAIN: one message "authzid NUL authcid NUL passwd".
type plainExchange struct {
	check PasswordFunc
	peer  Peer
}

func (e *plainExchange) Next(ctx context.Context, response []byte) ([]byte, *Identity, error) {
	if response == nil {
		return []byte{}, nil, nil
	}
	parts := bytes.Split(response, []byte{0})
	if len(parts) != 3 || len(parts[1]) == 0 || !utf8.Valid(response) {
		return nil, nil, &AuthError{Reason: BadMessage}
	}
	id, err := e.check(ctx, e.peer, Credentials{
		Authorize: string(parts[0]),
		User:      string(parts[1]),
		Password:  imap.Secret(parts[2]),
	})
	return nil, id, err
}

// loginExchange is LOGIN, which no RFC describes: the server asks for the user
// name, then for the password.
type loginExchange struct {
	check PasswordFunc
	peer  Peer
	step  int
	user  string
}

func (e *loginExchange) Next(ctx context.Context, response []byte) ([]byte, *Identity, error) {
	if !utf8.Valid(response) {
		return nil, nil, &AuthError{Reason: BadMessage}
	}
	switch {
	case e.step == 0 && response == nil:
		return []byte("Username:"), nil, nil
	case e.step == 0:
		e.step, e.user = 1, string(response)
		return []byte("Password:"), nil, nil
	}
	id, err := e.check(ctx, e.peer, Credentials{User: e.user, Password: imap.Secret(response)})
	return nil, id, err
}
