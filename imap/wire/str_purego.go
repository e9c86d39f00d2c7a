//go:build purego

package wire

// text is b as a string.
func text(b []byte) string { return string(b) }
