package session

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// Authenticator decides who a client is. It is asked by AUTHENTICATE and, with
// the mechanism PLAIN, by LOGIN.
type Authenticator interface {
	// Mechanisms lists the SASL mechanisms that a client on this connection
	// may use, best first. Those that are Plaintext are not offered where the
	// connection is neither encrypted nor allowed to do without.
	Mechanisms(peer Peer) []Mechanism
	// Start begins an exchange with one of the listed mechanisms. The context
	// ends with the connection.
	Start(ctx context.Context, mechanism string, peer Peer) (Exchange, error)
}

// Mechanism is a SASL mechanism (RFC 4422).
type Mechanism struct {
	// Name is the registered name in upper case, such as "PLAIN".
	Name string
	// Plaintext says that the mechanism shows the password to whoever can
	// read the connection.
	Plaintext bool
}

// Exchange is one SASL exchange.
type Exchange interface {
	// Next takes what the client said: nil in the first step when it sent no
	// initial response, otherwise its response, which may be empty. It
	// returns the next challenge, or who the client is, which ends the
	// exchange, or an error, which ends it too.
	//
	// An *AuthError says what the client is told. Every other error is
	// logged, and the client is told that the service is not available.
	Next(ctx context.Context, response []byte) (challenge []byte, id *Identity, err error)
}

// Peer is what is known of a connection before authentication.
type Peer struct {
	// Listener is the name of the Listener that accepted the connection.
	Listener string
	// Addr is the other end; nil where there is none, as on a pipe.
	Addr net.Addr
	// TLS is the state of the encryption; nil without.
	TLS *tls.ConnectionState
}

// Identity is the result of an authentication.
type Identity struct {
	// Account is the id of the store's account that the session works on.
	Account string
	// User is the authorization identity, for logs and limits. Empty stands
	// for Account.
	User string
	// Scope is what the session may do.
	Scope Scope
}

// Scope is a set of bounds on what a session may do.
type Scope struct {
	// ReadOnly refuses everything that changes mail or mailboxes: SELECT acts
	// as EXAMINE, and commands that write get NO [NOPERM].
	ReadOnly bool
}

// AuthError is an authentication that failed for a reason the client may know.
type AuthError struct {
	// Reason says which kind of failure it is.
	Reason AuthReason
	// Text is for people; empty stands for a text that fits Reason.
	Text string
}

// AuthReason is why an authentication failed (RFC 9051 §7.1, RFC 5530).
type AuthReason uint8

// The reasons, with the response codes that clients see.
const (
	// BadCredentials: unknown user or wrong password, which a client cannot
	// tell apart (AUTHENTICATIONFAILED).
	BadCredentials AuthReason = iota
	// NotAuthorized: the identity is proven but may not act as the one asked
	// for (AUTHORIZATIONFAILED).
	NotAuthorized
	// Expired: the password or account has expired (EXPIRED).
	Expired
	// TemporaryFailure: the authenticator cannot tell now (UNAVAILABLE).
	TemporaryFailure
	// BadMessage: the client's message does not follow the mechanism. It is
	// answered BAD.
	BadMessage
)

// Error returns the text.
func (e *AuthError) Error() string {
	if e.Text != "" {
		return e.Text
	}
	switch e.Reason {
	case NotAuthorized:
		return "not allowed to act as this user"
	case Expired:
		return "the account or its password has expired"
	case TemporaryFailure:
		return "authentication is not available now"
	case BadMessage:
		return "malformed authentication message"
	}
	return "wrong user name or password"
}

// errNoMechanism is what Start of the built-in authenticators returns.
var errNoMechanism = errors.New("session: mechanism not supported")
