//go:build unix

package session

import (
	"net"
	"syscall"
)

// waitReadable blocks until the socket of a connection has something to read, or
// until its read deadline. Nothing is read, and the stack stays small: a wait
// inside of crypto/tls takes twice as much. It returns false for connections
// that it cannot be done with.
func waitReadable(conn net.Conn) (bool, error) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false, nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true, err
	}
	return true, raw.Read(isReadable)
}

// isReadable looks at a socket that does not block. Every error but that there
// is nothing yet is for the read that follows.
func isReadable(fd uintptr) bool {
	var b [1]byte
	_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
	return err != syscall.EAGAIN && err != syscall.EINTR
}
