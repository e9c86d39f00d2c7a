//go:build !linux

package maildir

import "os"

// syncFile makes one file durable.
func syncFile(f *os.File) error { return f.Sync() }

// syncAll does nothing: syncFile has.
func syncAll(*os.Root, string) error { return nil }
