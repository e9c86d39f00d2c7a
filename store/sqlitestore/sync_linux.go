package sqlitestore

import (
	"errors"
	"os"
	"syscall"
)

// datasync is fdatasync: unlike fsync it does not wait for time stamps.
func datasync(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = raw.Control(func(fd uintptr) {
		for {
			if result = syscall.Fdatasync(int(fd)); !errors.Is(result, syscall.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, result)
}
