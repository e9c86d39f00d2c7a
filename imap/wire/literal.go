package wire

import (
	"io"
	"strings"
)

// Literal is a payload: octets counted beforehand (RFC 9051 §4.3), or the
// string that stands in their place. It is held in Data, or read from Body
// where it is streamed. The zero value is NIL, or absent.
type Literal struct {
	// Data holds the octets where Body is nil.
	Data string
	// Body yields Size octets. A decoded Body is read from the connection: it
	// must be read, or left, before the reader's next unit.
	Body io.Reader
	// Size counts the octets of Data or Body. Encoders look at it only where
	// Body is set.
	Size int64
	// Valid is false for NIL.
	Valid bool
	// Binary says that the wire form is literal8, which may hold NUL
	// (RFC 3516, RFC 9051 §4.3).
	Binary bool
}

// NewLiteral is a literal that holds its octets.
func NewLiteral(data string) Literal {
	return Literal{Data: data, Size: int64(len(data)), Valid: true}
}

// Reader yields the payload, whichever way it is held.
func (l Literal) Reader() io.Reader {
	if l.Body != nil {
		return l.Body
	}
	return strings.NewReader(l.Data)
}
