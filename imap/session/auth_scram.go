package session

import (
	"context"
	"crypto/tls"
	"strings"
	"unicode/utf8"

	"github.com/xdg-go/scram"
)

// SCRAMKeys is what a server keeps of a password for SCRAM-SHA-256 (RFC 5802
// §5.1, RFC 7677). Nobody who reads it learns the password.
type SCRAMKeys struct {
	// Iterations is the cost, at least 4,096.
	Iterations int
	// Salt is the user's own.
	Salt []byte
	// StoredKey and ServerKey have 32 octets each.
	StoredKey, ServerKey []byte
}

// String keeps the keys out of logs.
func (SCRAMKeys) String() string { return "[redacted]" }

// GoString keeps the keys out of logs.
func (SCRAMKeys) GoString() string { return "[redacted]" }

// SCRAMStore is a list of users that has the keys of SCRAM-SHA-256. Its errors
// are those of Exchange.Next.
type SCRAMStore interface {
	// SCRAMKeys returns the keys of a user. For a name that nobody has, it
	// returns keys that fit no password, with a salt that is always the same
	// for that name, so that clients cannot tell who exists.
	SCRAMKeys(ctx context.Context, peer Peer, user string) (SCRAMKeys, error)
	// SCRAMIdentity is asked when a client has proven that it knows the
	// password of user, and says who it is. authorize is the identity to act
	// as; empty stands for that of user.
	SCRAMIdentity(ctx context.Context, peer Peer, user, authorize string) (*Identity, error)
}

// PasswordsAndSCRAM is Passwords with the mechanisms SCRAM-SHA-256 and, under
// TLS, SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) before the others.
//
// Channel bindings are tls-exporter (RFC 9266) and, in TLS 1.2, tls-unique (RFC
// 5929). A client that could have used one and was kept from seeing that the
// server offers it is refused: somebody is in between.
func PasswordsAndSCRAM(check PasswordFunc, users SCRAMStore) Authenticator {
	return &scramAuth{passwords{check}, users}
}

const (
	mechSCRAM     = "SCRAM-SHA-256"
	mechSCRAMPlus = "SCRAM-SHA-256-PLUS"
)

type scramAuth struct {
	passwords
	users SCRAMStore
}

func (a *scramAuth) Mechanisms(peer Peer) []Mechanism {
	var list []Mechanism
	if len(bindingsOf(peer.TLS)) > 0 {
		list = append(list, Mechanism{Name: mechSCRAMPlus})
	}
	list = append(list, Mechanism{Name: mechSCRAM})
	return append(list, a.passwords.Mechanisms(peer)...)
}

func (a *scramAuth) Start(ctx context.Context, mechanism string, peer Peer) (Exchange, error) {
	if mechanism != mechSCRAM && mechanism != mechSCRAMPlus {
		return a.passwords.Start(ctx, mechanism, peer)
	}
	return &scramExchange{users: a.users, peer: peer, plus: mechanism == mechSCRAMPlus}, nil
}

// bindingsOf are the channel bindings of a connection, best first. tls.ConnectionState
// leaves out those that are not safe: tls-unique of TLS 1.3 and of sessions that
// were resumed without the extended master secret, and any exporter without it.
func bindingsOf(state *tls.ConnectionState) (list []scram.ChannelBinding) {
	if state == nil {
		return nil
	}
	if b, err := scram.NewTLSExporterBinding(state); err == nil {
		list = append(list, b)
	}
	if len(state.TLSUnique) > 0 {
		list = append(list, scram.NewTLSUniqueBinding(state.TLSUnique))
	}
	return list
}

// scramExchange is SCRAM-SHA-256 or SCRAM-SHA-256-PLUS. The library has the
// messages and proofs; what is here is whose keys they are checked against.
type scramExchange struct {
	users SCRAMStore
	peer  Peer
	plus  bool

	failed error // what users said instead of keys
	dialog *scram.ServerConversation
}

// Next is one step: client-first-message, client-final-message, and the empty
// response to the server's proof.
func (e *scramExchange) Next(ctx context.Context, response []byte) ([]byte, *Identity, error) {
	switch {
	case !utf8.Valid(response):
		return nil, nil, &AuthError{Reason: BadMessage}
	case e.dialog == nil && len(response) == 0:
		return []byte{}, nil, nil // client-first-message is still to come
	case e.dialog == nil:
		return e.first(ctx, string(response))
	case e.dialog.Valid():
		return e.last(ctx, response)
	}
	proof, err := e.dialog.Step(string(response))
	if err != nil {
		return nil, nil, reasonOf(proof)
	}
	return []byte(proof), nil, nil
}

// first answers client-first-message.
func (e *scramExchange) first(ctx context.Context, message string) ([]byte, *Identity, error) {
	server, err := scram.SHA256.NewServer(func(user string) (scram.StoredCredentials, error) {
		keys, err := e.users.SCRAMKeys(ctx, e.peer, user)
		e.failed = err
		return scram.StoredCredentials{
			KeyFactors: scram.KeyFactors{Salt: string(keys.Salt), Iters: keys.Iterations},
			StoredKey:  keys.StoredKey,
			ServerKey:  keys.ServerKey,
		}, err
	})
	if err != nil {
		return nil, nil, err
	}
	e.dialog = e.converse(server, message)
	if bound := strings.HasPrefix(message, "p="); bound != e.plus {
		// RFC 5802 §6: "p" belongs to the mechanisms with PLUS, and nothing else does.
		return nil, nil, &AuthError{Reason: BadMessage}
	}
	challenge, err := e.dialog.Step(message)
	switch {
	case e.failed != nil:
		return nil, nil, e.failed
	case err != nil:
		return nil, nil, reasonOf(challenge)
	}
	return []byte(challenge), nil, nil
}

// converse begins a conversation with the channel binding that the client has
// chosen, or otherwise with the one that it should have known of.
func (e *scramExchange) converse(server *scram.Server, message string) *scram.ServerConversation {
	bindings := bindingsOf(e.peer.TLS)
	if len(bindings) == 0 {
		return server.NewConversation()
	}
	binding := bindings[0]
	for _, b := range bindings {
		if strings.HasPrefix(message, "p="+string(b.Type)+",") {
			binding = b
		}
	}
	return server.NewConversationWithChannelBinding(binding)
}

// last takes the client's empty answer to the server's proof.
func (e *scramExchange) last(ctx context.Context, response []byte) ([]byte, *Identity, error) {
	if len(response) > 0 {
		return nil, nil, &AuthError{Reason: BadMessage}
	}
	id, err := e.users.SCRAMIdentity(ctx, e.peer, e.dialog.Username(), e.dialog.AuthzID())
	return nil, id, err
}

// reasonOf tells failures by the error that SCRAM has for them (RFC 5802 §7): a
// proof or a channel that does not fit is the client's bad luck or an attack,
// everything else is no message of SCRAM.
func reasonOf(serverError string) error {
	switch serverError {
	case scram.ErrInvalidProof, scram.ErrChannelBindingsDontMatch, scram.ErrServerDoesSupportChannelBinding:
		return &AuthError{}
	}
	return &AuthError{Reason: BadMessage}
}
