//go:build !linux

package sqlitestore

import "os"

func datasync(f *os.File) error { return f.Sync() }
