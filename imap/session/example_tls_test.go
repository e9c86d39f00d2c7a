package session_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"math/big"
	"net"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/demo"
)

// anybody lets everybody in: these examples are about something else.
func anybody(_ context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
	return &session.Identity{Account: c.User}, nil
}

// A server that offers STARTTLS. From a peer that is not on this machine, it takes no password before TLS is on.
func Example_startTLS() {
	config, trust := certificate()
	server := &session.Server{Store: demo.NewStore(), Auth: session.Passwords(anybody)}
	listener := listen()
	go server.Serve(session.Listener{Listener: listener, TLS: config})

	c := dial(listener.Addr(), nil)
	c.say("1 STARTTLS")
	c.startTLS(trust)
	c.say("2 LOGIN alice secret")
	c.say("3 STARTTLS") // once is enough
	// Output:
	// 1 OK
	// 2 OK
	// 3 BAD
}

// One server on several addresses: port 993's TLS from the first byte, port 143's STARTTLS, and an address for
// a proxy on the same machine that has done TLS already. Each Listener has rules of its own.
func Example_severalAddresses() {
	config, trust := certificate()
	server := &session.Server{Store: demo.NewStore(), Auth: session.Passwords(anybody)}
	listeners := []session.Listener{
		{Listener: listen(), Name: "imaps", TLS: config, Implicit: true},
		{Listener: listen(), Name: "imap", TLS: config},
		{Listener: listen(), Name: "proxy", AllowPlaintext: true},
	}
	for _, l := range listeners {
		go server.Serve(l)
	}

	secure := dial(listeners[0].Addr(), trust)
	secure.say("1 LOGIN alice secret")
	upgraded := dial(listeners[1].Addr(), nil)
	upgraded.say("2 STARTTLS")
	upgraded.startTLS(trust)
	upgraded.say("3 LOGIN alice secret")
	plain := dial(listeners[2].Addr(), nil)
	plain.say("4 STARTTLS") // not offered here
	plain.say("5 LOGIN alice secret")

	// All of them end in good order.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	secure.in.Scan()
	fmt.Println(ending(secure.in.Text()))
	// Output:
	// 1 OK
	// 2 OK
	// 3 OK
	// 4 BAD
	// 5 OK
	// * BYE
}

// startTLS goes on with TLS.
func (c *client) startTLS(config *tls.Config) {
	c.conn = tls.Client(c.conn, config)
	c.in = bufio.NewScanner(c.conn)
}

// certificate makes a self-signed certificate, for the server, and what a client needs to trust it.
func certificate() (server, client *tls.Config) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	pair := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
}
