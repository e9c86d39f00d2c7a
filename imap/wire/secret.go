package wire

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a string that prints as "[redacted]": in fmt with any verb, in
// package log/slog and in text and JSON encodings. Convert it to string to use it.
type Secret string

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { redact(f) }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// SecretBytes are octets that print as "[redacted]", as Secret does. Nil means
// absent, which is not the same as empty.
type SecretBytes []byte

// String returns "[redacted]".
func (SecretBytes) String() string { return redacted }

// GoString returns "[redacted]".
func (SecretBytes) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (SecretBytes) Format(f fmt.State, _ rune) { redact(f) }

// LogValue returns "[redacted]".
func (SecretBytes) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (SecretBytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func redact(w io.Writer) {
	// A fmt.State reports its errors to whoever called fmt.
	_, _ = io.WriteString(w, redacted)
}
