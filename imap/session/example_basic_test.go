package session_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"strings"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

func serve(listener net.Listener) error {
	mail := memstore.New(memstore.Options{Summarizer: session.Summarizer()})
	if err := mail.CreateAccount(context.Background(), "alice", store.Setup{}); err != nil {
		return err
	}
	check := func(_ context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
		if c.User != "alice" || c.Password != "correct horse" {
			return nil, &session.AuthError{Reason: session.BadCredentials}
		}
		return &session.Identity{Account: c.User}, nil
	}
	server := &session.Server{Store: mail, Auth: session.Passwords(check)}
	return server.Serve(session.Listener{Listener: listener})
}

// A server for one user, with mail in memory. The function serve above is all of it; below, a client logs in.
func Example() {
	listener := listen()
	go serve(listener)

	c := dial(listener.Addr(), nil)
	c.say(`1 LOGIN alice "wrong horse"`)
	c.say(`2 LOGIN alice "correct horse"`)
	c.say("3 SELECT INBOX")
	c.say("4 LOGOUT")
	// Output:
	// 1 NO [AUTHENTICATIONFAILED]
	// 2 OK
	// 3 OK [READ-WRITE]
	// 4 OK
}

// listen returns a listener on a free port of this machine.
func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

// client is the least that these examples need of one.
type client struct {
	conn net.Conn
	in   *bufio.Scanner
}

// dial connects and reads the greeting.
func dial(address net.Addr, config *tls.Config) *client {
	conn, err := net.Dial(address.Network(), address.String())
	if err != nil {
		log.Fatal(err)
	}
	if config != nil {
		conn = tls.Client(conn, config)
	}
	c := &client{conn, bufio.NewScanner(conn)}
	c.in.Scan()
	return c
}

// say sends a command and prints how it ended: the tag, the condition, and the response code without its arguments.
func (c *client) say(command string) {
	fmt.Fprintf(c.conn, "%s\r\n", command)
	tag, _, _ := strings.Cut(command, " ")
	for c.in.Scan() {
		if strings.HasPrefix(c.in.Text(), tag+" ") {
			fmt.Println(ending(c.in.Text()))
			return
		}
	}
	fmt.Println(tag, "connection closed:", c.in.Err())
}

// ending cuts the text for people, and CAPABILITY, which grows.
func ending(line string) string {
	words := strings.SplitN(line, " ", 3)
	short := words[0] + " " + words[1]
	if len(words) == 3 && strings.HasPrefix(words[2], "[") && !strings.HasPrefix(words[2], "[CAPABILITY") {
		code, _, _ := strings.Cut(words[2][1:], "]")
		code, _, _ = strings.Cut(code, " ")
		short += " [" + code + "]"
	}
	return short
}
