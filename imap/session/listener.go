package session

import (
	"crypto/tls"
	"net"
)

// Listener is an address that a Server accepts connections on, and what holds
// for those connections.
type Listener struct {
	net.Listener
	// Name is told to the Authenticator; empty stands for the address.
	Name string
	// TLS is the configuration for STARTTLS, or for TLS from the first byte
	// when Implicit is set. Nil offers no encryption. Certificates can be
	// reloaded through its GetCertificate.
	TLS *tls.Config
	// Implicit starts TLS at once, as port 993 does (RFC 8314 §3.2).
	Implicit bool
	// AllowPlaintext lets clients send passwords without encryption. It is
	// always so for peers on a loopback address.
	AllowPlaintext bool
}

// name returns the listener's name.
func (l *Listener) name() string {
	if l.Name == "" && l.Listener != nil {
		return l.Addr().String()
	}
	return l.Name
}

// serverTLS returns a copy of a configuration with the least version that is
// acceptable (RFC 9051 §11.1).
func serverTLS(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	return c
}

// ipOf returns the IP address of a peer, and false for peers without one.
func ipOf(a net.Addr) (net.IP, bool) {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.IP, true
	case *net.UDPAddr:
		return a.IP, true
	}
	return nil, false
}

// isLocal tells whether nobody can listen between the peer and the server.
func isLocal(a net.Addr) bool {
	if ip, ok := ipOf(a); ok {
		return ip.IsLoopback()
	}
	_, unix := a.(*net.UnixAddr)
	return a == nil || unix || a.Network() == "pipe"
}
