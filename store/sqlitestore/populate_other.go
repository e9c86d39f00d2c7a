//go:build !linux

package sqlitestore

// populate is for Linux.
func populate[T ~uint32 | ~uint64]([]T) {}
