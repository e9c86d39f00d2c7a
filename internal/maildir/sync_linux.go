package maildir

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFile does nothing: syncAll does it for many files at once.
func syncFile(*os.File) error { return nil }

// syncAll makes all files on the file system of a directory durable: one call instead of one for each message.
func syncAll(root *os.Root, dir string) error {
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}
