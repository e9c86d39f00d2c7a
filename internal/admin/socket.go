package admin

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// socketName is the socket's name in the data directory.
const socketName = "admin.sock"

func socketPath(dir string) string { return filepath.Join(dir, socketName) }

// longest is how long a socket's path may be everywhere: sun_path has 104 octets on some systems, with a NUL.
const longest = 103

// withShortPath runs a function with a path for a socket that the system takes. Linux has a way around its limit.
func withShortPath(path string, use func(short string) error) error {
	if len(path) <= longest {
		return use(path)
	}
	if runtime.GOOS != "linux" {
		return fmt.Errorf("%s: a socket's path has at most %d octets here", path, longest)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = use(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
	return errors.Join(err, dir.Close())
}

// socket is a listener whose file goes when it is closed.
type socket struct {
	net.Listener
	path string
}

// Path is where the socket is.
func (s socket) Path() string { return s.path }

// Close stops listening.
func (s socket) Close() error {
	err := s.Listener.Close()
	if e := os.Remove(s.path); !errors.Is(e, os.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}

// Listen makes the socket of the directory, in place of one that an earlier server has left.
func (s *Service) Listen() (net.Listener, error) { return ListenUnix(socketPath(s.dir), 0o600) }

// free tells whether a path has nothing, or the socket of a server that has ended.
func free(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case runtime.GOOS != "windows" && info.Mode().Type() != fs.ModeSocket: // Windows does not say so of all sockets
		return fmt.Errorf("%s is there already, and is no socket", path)
	}
	var conn net.Conn
	err = withShortPath(path, func(short string) (err error) {
		conn, err = net.DialTimeout("unix", short, time.Second)
		return err
	})
	if err != nil {
		return nil // nobody answers
	}
	return errors.Join(fmt.Errorf("another server listens on %s", path), conn.Close())
}

// ListenUnix listens on a Unix socket that has its mode from the moment it is there: it is made in a directory that
// nobody else can enter, and moved. A socket that is there already is replaced if nobody listens on it any more; what
// is no socket is left alone.
func ListenUnix(path string, mode fs.FileMode) (_ net.Listener, err error) {
	if err := free(path); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(path), ".socket-*") // mode 0700
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	made := filepath.Join(temp, "s")
	var l *net.UnixListener
	err = withShortPath(made, func(short string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	err = os.Chmod(made, mode)
	if err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return socket{l, path}, nil
}
