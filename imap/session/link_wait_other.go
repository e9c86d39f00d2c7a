//go:build !unix

package session

import "net"

// waitReadable cannot be done here: see link_wait_unix.go.
func waitReadable(net.Conn) (bool, error) { return false, nil }
