package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/imapsrv/imapsrv/imap/session"
)

// Where the demo listens unless told otherwise.
const (
	demoPlain = "127.0.0.1:1193"
	demoTLS   = "127.0.0.1:1993"
)

// orDefault returns the addresses given, or the default alone.
func orDefault(addresses []string, def string) []string {
	if len(addresses) == 0 {
		return []string{def}
	}
	return addresses
}

// listenAll opens all addresses with a function, plain ones first; none stays open when one fails. Passwords are taken
// without TLS from loopback addresses only, which the engine sees to.
func listenAll(open func(address string) (net.Listener, error), plain, secure []string, config *tls.Config) ([]session.Listener, error) {
	var listeners []session.Listener
	for _, address := range plain {
		l, err := open(address)
		if err != nil {
			return nil, errors.Join(err, closeAll(listeners))
		}
		listeners = append(listeners, session.Listener{Listener: l, TLS: config})
	}
	for _, address := range secure {
		l, err := open(address)
		if err != nil {
			return nil, errors.Join(err, closeAll(listeners))
		}
		listeners = append(listeners, session.Listener{Listener: l, TLS: config, Implicit: true})
	}
	return listeners, nil
}

func closeAll(listeners []session.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// listen listens on any address.
func listen(address string) (net.Listener, error) {
	resolved, err := resolve(address)
	if err != nil {
		return nil, err
	}
	return net.ListenTCP("tcp", resolved)
}

func resolve(address string) (*net.TCPAddr, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, usageError{fmt.Sprintf("%s is no address to listen on: %v", address, err)}
	}
	return resolved, nil
}

// listenLoopback listens on an address that only this machine can reach. Names are resolved first, so that what is
// checked is what is listened on.
func listenLoopback(address string) (net.Listener, error) {
	resolved, err := resolve(address)
	if err != nil {
		return nil, err
	}
	if !resolved.IP.IsLoopback() {
		return nil, usageError{fmt.Sprintf("%s is not a loopback address: --demo lets anybody in with any password, "+
			"so it listens on 127.0.0.1, ::1 or localhost only", address)}
	}
	l, err := net.ListenTCP("tcp", resolved)
	if err != nil {
		return nil, err // names operation and address
	}
	return l, nil
}
