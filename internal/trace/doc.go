// Package trace follows what one side of an IMAP connection says, from the
// octets alone: it frames units, knows which lines belong to an AUTHENTICATE
// exchange or to IDLE, decodes, and takes secrets out of what it hands on.
//
// A stream may begin in the middle of a connection and hold anything: a unit
// that does not decode is reported, and the next one is read. Memory does not
// depend on the length of the stream, nor on that of its literals.
package trace
