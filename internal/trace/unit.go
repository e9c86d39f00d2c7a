package trace

import (
	"errors"
	"io"

	"github.com/imapsrv/imapsrv/imap"
)

// Unit is what a side says at once: a command, a line within one, a response.
type Unit struct {
	// Offset is the position of the unit in the stream, Length the number of its
	// octets, those of literals included.
	Offset, Length int64
	// Tag is that of a command or of its completion, "*" or "+" where a server
	// says that, and empty for lines within a command. Where there is a Fault it
	// is only good for finding the completion: it may be a password gone astray.
	Tag string
	// Name is the command's, such as "UID FETCH"; empty for everything else.
	Name string
	// Type is the name of Value's type, "Greeting" for a server's first line.
	Type string
	// Value points to a command or response of package imap, or to a
	// RefusedLiteral; nil where there is a Fault.
	Value any
	// Text is the unit as it was sent, without the last CRLF. Secrets are
	// replaced; long literals are as Elided says.
	Text []byte
	// Encoded is what an encoder makes of Value; nil where it makes nothing of it.
	Encoded []byte
	// Elided are the long literals that Value, Text and Encoded have markers of.
	Elided []Elided
	// Diagnostics tell what was read of it although the grammar forbids that;
	// their offsets count from the start of the unit as it was sent.
	Diagnostics []imap.Diagnostic
	// Fault says why the unit did not decode.
	Fault *Fault
}

// RefusedLiteral stands for a command that ends where the server refused one of
// its literals.
type RefusedLiteral struct {
	Command string
	Size    int64
}

// Fault says why and where a unit does not decode. It never quotes the unit.
type Fault struct {
	// Offset counts octets from the start of the unit.
	Offset int64
	// Rule is the grammar's rule; "limit", "incomplete", "TLS" and "COMPRESS" are no rules.
	Rule string
	// Message says what was expected, or what is wrong.
	Message string
}

// Whole reports whether it is no place in the unit that is wrong.
func (f *Fault) Whole() bool {
	return f.Rule == "incomplete" || f.Rule == ruleTLS || f.Rule == ruleCompress
}

// faultOf describes an error of the reader or of the decoder.
func faultOf(err error) *Fault {
	var syntax *imap.SyntaxError
	if errors.As(err, &syntax) {
		return &Fault{Offset: int64(syntax.Offset), Rule: syntax.Rule, Message: "expected " + syntax.Expected}
	}
	var limit *imap.LimitError
	if errors.As(err, &limit) {
		return &Fault{Offset: int64(len(limit.Prefix)), Rule: "limit", Message: limit.Error()}
	}
	return &Fault{Rule: "incomplete", Message: err.Error()}
}

// incomplete is the fault of a unit that the stream ends within.
func incomplete(length int64) *Fault {
	return &Fault{Offset: length, Rule: "incomplete", Message: "the input ends within this unit"}
}

// fatal reports whether nothing after the error can be read.
func fatal(err error) bool {
	var r interface{ Recoverable() bool }
	return !errors.As(err, &r) || !r.Recoverable()
}

// isEnd reports whether the stream is over, and whether that is within a unit.
func isEnd(err error) (end, within bool) {
	within = errors.Is(err, io.ErrUnexpectedEOF)
	return within || errors.Is(err, io.EOF), within
}
