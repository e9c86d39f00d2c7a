package message

import (
	"bytes"
	"io"
	"time"

	"github.com/imapsrv/imapsrv/imap"
)

// Message is a stored message whose structure is known: the summary and the octets
// that it was made of. Its methods may be called at the same time if those of the
// io.ReaderAt may.
type Message struct {
	*Summary
	octets io.ReaderAt
}

// Parse reads the message that is the first size octets of r. It reads them once, in
// order, and keeps no more than the structure. An error is one of r, or
// io.ErrUnexpectedEOF if r has less than size octets; no content of a message is an error.
func Parse(r io.ReaderAt, size int64) (*Message, error) {
	size = max(size, 0)
	root, err := parse(io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return nil, err
	}
	return (&Summary{size: size, root: root}).Message(r), nil
}

// ParseBytes reads a message that is in memory. The octets must not change as long as
// the message is used.
func ParseBytes(octets []byte) *Message {
	m, _ := Parse(bytes.NewReader(octets), int64(len(octets))) // memory has no read errors
	return m
}

// Summary is what FETCH says about a message without reading it: ENVELOPE,
// BODYSTRUCTURE, and where each part is. It is made by [Parse] or UnmarshalBinary and
// does not change.
type Summary struct {
	size int64
	root *part
	room *room // for structures; nil unless a SummaryReader made it
}

// Message joins the summary with the octets that it was made of. What the methods of
// the message return is meaningless if they are others, but never outside of them.
func (s *Summary) Message(r io.ReaderAt) *Message { return &Message{s, r} }

// Size is the number of octets in the message: RFC822.SIZE.
func (s *Summary) Size() int64 { return s.size }

// Envelope returns ENVELOPE (RFC 9051 §7.5.2): field values are unfolded but not
// decoded. The value is shared and not to be changed.
func (s *Summary) Envelope() *imap.Envelope { return s.root.envelope }

// Date returns the date of the Date field, which SENTBEFORE, SENTON and SENTSINCE
// compare; see [ParseDate].
func (s *Summary) Date() (t time.Time, ok bool) { return ParseDate(s.root.envelope.Date.Value) }
