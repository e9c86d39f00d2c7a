package wire

// UID is a unique identifier of a message in a mailbox (RFC 9051 §2.3.1.1);
// 0 means absent.
type UID uint32

// SeqNum is a message sequence number (RFC 9051 §2.3.1.2); 0 means absent.
type SeqNum uint32

// ModSeq is a modification sequence (RFC 7162 §3.1), at most 2^63-1.
type ModSeq uint64

// NString is a string that may be NIL (nstring, RFC 9051 §4.5). The zero value
// is NIL.
type NString struct {
	Value string
	// Valid is false for NIL.
	Valid bool
}

// NewNString is the NString of a string that is not NIL.
func NewNString(s string) NString { return NString{Value: s, Valid: true} }

// String returns the value, "NIL" for NIL.
func (s NString) String() string {
	if !s.Valid {
		return "NIL"
	}
	return s.Value
}

// Raw is protocol text kept as it came, literals included.
type Raw string

// Side says who sends.
type Side uint8

// The two ends of a connection.
const (
	// Client sends commands.
	Client Side = iota
	// Server sends responses.
	Server
)

// String returns "client" or "server".
func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "client"
}
