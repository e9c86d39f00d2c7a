//go:build !purego && (amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "unsafe"

// Octets are those of a unit with Slack more behind them, as Begin returns them. They
// are looked at by index, from 0 to Slack behind the end of the unit; nothing
// checks that. A decoder cannot get there by mistake: no rule goes past the CRLF
// that a unit ends in, and none looks further ahead than Slack.
//
// It is one word, so that functions hand it on in one register. Its methods are
// one expression each: in the largest of the generated functions the compiler
// inlines nothing that costs more.
type Octets struct{ first *byte }

// octetsOf are those of a frame that has slack behind it.
func octetsOf(b []byte) Octets { return Octets{unsafe.SliceData(b)} }

// At is the octet at i.
func (b Octets) At(i int) byte { return *(*byte)(unsafe.Add(unsafe.Pointer(b.first), i)) }

// Le64 are eight octets from i on, the first one lowest.
func (b Octets) Le64(i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(b.first), i))
}

// header is what a string is made of.
type header struct {
	first unsafe.Pointer
	n     int
}

// text are the octets from s to e as a string that shares their memory. Unlike
// unsafe.String it checks nothing.
func (b Octets) text(s, e int) string {
	h := header{unsafe.Add(unsafe.Pointer(b.first), s), e - s}
	return *(*string)(unsafe.Pointer(&h))
}

// slice are the octets from s to e.
func (b Octets) slice(s, e int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(b.first), s)), e-s)
}
