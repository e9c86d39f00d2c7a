//go:build !unix

package sqlitestore

import "os"

// tryLock leaves it to SQLite, whose databases are locked as well.
func tryLock(*os.File) error { return nil }
