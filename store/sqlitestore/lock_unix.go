//go:build unix

package sqlitestore

import (
	"os"
	"syscall"
)

// tryLock takes the lock of an open file, which goes when the file is closed
// or the process ends.
func tryLock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
