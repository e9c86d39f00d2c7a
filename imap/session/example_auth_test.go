package session_test

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/demo"
)

// digest is an Authenticator with the mechanism CRAM-MD5 (RFC 2195): a challenge, an answer, and the password never
// crosses the connection. It is here because it is short, not because it is good.
type digest struct {
	passwords map[string]string
	// observers may read mail and change nothing.
	observers map[string]bool
}

// Mechanisms offers CRAM-MD5 to everybody; a Peer's listener, address and TLS state could make a difference.
func (digest) Mechanisms(session.Peer) []session.Mechanism {
	return []session.Mechanism{{Name: "CRAM-MD5"}}
}

// Start begins an exchange, which keeps what it must know from step to step.
func (d digest) Start(_ context.Context, mechanism string, _ session.Peer) (session.Exchange, error) {
	if mechanism != "CRAM-MD5" {
		return nil, errors.New("not one of Mechanisms")
	}
	return &digestExchange{digest: d, challenge: fmt.Sprintf("<%s@mail.example.org>", rand.Text())}, nil
}

type digestExchange struct {
	digest
	challenge string
}

// Next sends the challenge first, and then judges the answer: "user digest".
func (e *digestExchange) Next(_ context.Context, response []byte) ([]byte, *session.Identity, error) {
	if response == nil {
		return []byte(e.challenge), nil, nil
	}
	user, answer, _ := strings.Cut(string(response), " ")
	password, known := e.passwords[user]
	right := hmac.Equal([]byte(answer), []byte(keyedDigest(password, e.challenge)))
	if !known || !right {
		return nil, nil, &session.AuthError{Reason: session.BadCredentials}
	}
	return nil, &session.Identity{
		Account: "office", // one account for all of them
		User:    user,     // for logs and limits
		Scope:   session.Scope{ReadOnly: e.observers[user]},
	}, nil
}

func keyedDigest(password, challenge string) string {
	mac := hmac.New(md5.New, []byte(password))
	mac.Write([]byte(challenge))
	return hex.EncodeToString(mac.Sum(nil))
}

// An authenticator of one's own decides with which mechanism clients prove who they are, which account that is, and
// what they may do there.
func Example_authenticator() {
	server := &session.Server{
		Store: demo.NewStore(),
		Auth: digest{
			passwords: map[string]string{"alice": "correct horse", "bob": "battery staple"},
			observers: map[string]bool{"bob": true},
		},
	}
	listener := listen()
	go server.Serve(session.Listener{Listener: listener})

	alice := dial(listener.Addr(), nil)
	alice.authenticate("1", "alice", "correct horse")
	alice.say("2 CREATE Plans")
	bob := dial(listener.Addr(), nil)
	bob.authenticate("3", "bob", "wrong guess")
	bob.authenticate("4", "bob", "battery staple")
	bob.say("5 SELECT Plans")
	bob.say("6 DELETE Plans")
	// Output:
	// 1 OK
	// 2 OK
	// 3 NO [AUTHENTICATIONFAILED]
	// 4 OK
	// 5 OK [READ-ONLY]
	// 6 NO [NOPERM]
}

// authenticate answers the challenge of CRAM-MD5.
func (c *client) authenticate(tag, user, password string) {
	fmt.Fprintf(c.conn, "%s AUTHENTICATE CRAM-MD5\r\n", tag)
	c.in.Scan()
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.in.Text(), "+ "))
	if err != nil {
		fmt.Println("no challenge:", c.in.Text())
		return
	}
	answer := user + " " + keyedDigest(password, string(challenge))
	fmt.Fprintf(c.conn, "%s\r\n", base64.StdEncoding.EncodeToString([]byte(answer)))
	for c.in.Scan() {
		if strings.HasPrefix(c.in.Text(), tag+" ") {
			fmt.Println(ending(c.in.Text()))
			return
		}
	}
}
