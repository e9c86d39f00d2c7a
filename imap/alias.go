package imap

import (
	"io"
	"time"

	"github.com/imapsrv/imapsrv/imap/wire"
)

// The leaf types of the protocol. They live in package wire, so that packages
// generated from other people's grammars share them.
type (
	// UID is a message's unique identifier (RFC 9051 §2.3.1.1).
	UID = wire.UID
	// SeqNum is a message sequence number, from 1 (RFC 9051 §2.3.1.2).
	SeqNum = wire.SeqNum
	// ModSeq is a modification sequence, of 63 bits (RFC 7162 §3.1).
	ModSeq = wire.ModSeq
	// NumRange is a range of a SequenceSet; 0 stands for "*".
	NumRange = wire.NumRange
	// SequenceSet is a set of sequence numbers or UIDs as a command says it.
	SequenceSet = wire.SequenceSet
	// UIDRange is a range of a UIDSet.
	UIDRange = wire.UIDRange
	// UIDSet is a set of UIDs without "*", in the order of the wire.
	UIDSet = wire.UIDSet
	// Date is a day.
	Date = wire.Date
	// DateTime is a moment with its time zone, to the second.
	DateTime = wire.DateTime
	// NString is a string or NIL.
	NString = wire.NString
	// Literal is a payload, in memory or to be streamed.
	Literal = wire.Literal
	// Raw is text kept, and written back, as it came.
	Raw = wire.Raw
	// Secret is a string that is never printed.
	Secret = wire.Secret
	// SecretBytes are octets that are never printed.
	SecretBytes = wire.SecretBytes
)

// Framing and errors, of package wire as well.
type (
	// Frame is one protocol unit: a line together with its buffered literals.
	Frame = wire.Frame
	// Reader frames a byte stream into units.
	Reader = wire.Reader
	// LiteralReader reads a streamed literal.
	LiteralReader = wire.LiteralReader
	// Limits bound what input can cost.
	Limits = wire.Limits
	// Side says who sends.
	Side = wire.Side
	// Verdict is what becomes of an announced literal.
	Verdict = wire.Verdict
	// Break is a place in an encoded unit that is not just octets to send.
	Break = wire.Break
	// SyntaxError says where a unit departs from the grammar.
	SyntaxError = wire.SyntaxError
	// LimitError says which limit a unit is over.
	LimitError = wire.LimitError
	// EncodeError says which rule a value does not fit.
	EncodeError = wire.EncodeError
)

// The sides of a connection, and the verdicts on a literal.
const (
	Client = wire.Client
	Server = wire.Server
	Buffer = wire.Buffer
	Stream = wire.Stream
	Reject = wire.Reject
)

// NewReader frames what the given side sends over src.
func NewReader(src io.Reader, sender Side, limits Limits) *Reader {
	return wire.NewReader(src, sender, limits)
}

// DefaultLimits are the limits for what the given side sends.
func DefaultLimits(sender Side) Limits { return wire.DefaultLimits(sender) }

// NewNString is a string that is not NIL.
func NewNString(s string) NString { return wire.NewNString(s) }

// NewLiteral is a payload in memory.
func NewLiteral(data string) Literal { return wire.NewLiteral(data) }

// DateOf is the day of a moment, in the moment's own time zone.
func DateOf(t time.Time) Date { return wire.DateOf(t) }

// DateTimeOf is a moment, to the second.
func DateTimeOf(t time.Time) DateTime { return wire.DateTimeOf(t) }
