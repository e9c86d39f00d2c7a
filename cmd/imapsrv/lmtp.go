package main

import (
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"

	"github.com/imapsrv/imapsrv/internal/admin"
)

// lmtpAddress is where LMTP is spoken: a socket's path, or an address.
type lmtpAddress struct {
	path string
	tcp  *net.TCPAddr
}

// parseLMTP reads a value of --listen-lmtp. LMTP has no authentication: what only a socket's mode or this machine
// protects must not be open to others by accident.
func parseLMTP(spec string, remote bool) (lmtpAddress, error) {
	if path, ok := strings.CutPrefix(spec, "unix:"); ok {
		if path == "" {
			return lmtpAddress{}, usageError{"--listen-lmtp unix: needs the path of a socket"}
		}
		path, err := filepath.Abs(path)
		return lmtpAddress{path: path}, err
	}
	address, err := resolve(spec)
	if err != nil {
		return lmtpAddress{}, err
	}
	if !address.IP.IsLoopback() && !remote {
		return lmtpAddress{}, usageError{fmt.Sprintf("--listen-lmtp %s is not a loopback address: whoever reaches it can deliver anything to "+
			"anybody. Listen on 127.0.0.1, ::1 or unix:PATH, or say --lmtp-allow-remote if a firewall protects it", spec)}
	}
	return lmtpAddress{tcp: address}, nil
}

func (a lmtpAddress) listen(mode fileMode) (net.Listener, error) {
	if a.path != "" {
		return admin.ListenUnix(a.path, fs.FileMode(mode))
	}
	return net.ListenTCP("tcp", a.tcp)
}

// listenLMTP opens all addresses of --listen-lmtp; none stays open when one fails.
func (s *settings) listenLMTP() (list []net.Listener, err error) {
	for _, spec := range s.ListenLMTP {
		var l net.Listener
		address, err := parseLMTP(spec, s.LMTPAllowRemote)
		if err == nil {
			l, err = address.listen(s.LMTPSocketMode)
		}
		if err != nil {
			for _, l := range list {
				_ = l.Close() // the first error says more
			}
			return nil, fmt.Errorf("listening for LMTP: %w", err)
		}
		list = append(list, l)
	}
	return list, nil
}
