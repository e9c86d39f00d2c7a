package wire

import "io"

// Reader frames a byte stream into units.
type Reader struct {
	// Accept decides what becomes of a literal, before the client is told to go on.
	Accept func(prefix []byte, size int64, nonSync, binary bool) Verdict
	// Continue is called when a client waits for leave to send a literal.
	Continue func() error
	// BareLF takes lines that end in LF without CR.
	BareLF bool
}

// LiteralReader reads a streamed literal.
type LiteralReader struct {
	r    *Reader
	size int64
	left int64
}

// LimitError says that a unit was refused for its size.
type LimitError struct {
	Prefix []byte
	fatal  bool
}

func (e *LimitError) Error() string { return "limit" }

// Recoverable reports whether the stream goes on.
func (e *LimitError) Recoverable() bool { return !e.fatal }

// NewReader frames what sender sends over r.
func NewReader(r io.Reader, sender Side, limits Limits) *Reader { return nil }

// Next returns the next unit.
func (r *Reader) Next() (Frame, error) { return Frame{}, nil }

// Buffered counts octets read but not framed.
func (r *Reader) Buffered() int { return 0 }

// Discard drops them.
func (r *Reader) Discard() int { return 0 }

// Reset goes on with another stream.
func (r *Reader) Reset(src io.Reader) {}

// Release gives the buffer back.
func (r *Reader) Release() {}

// Wait blocks without a buffer until there is something to read.
func (r *Reader) Wait() error { return nil }

// Read reads the literal.
func (l *LiteralReader) Read(p []byte) (int, error) { return 0, io.EOF }

// Remaining counts octets not yet read.
func (l *LiteralReader) Remaining() int64 { return l.left }

// Close drops the rest of the literal.
func (l *LiteralReader) Close() error { return nil }
