//go:build purego || !(amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "encoding/binary"

// Octets are those of a unit with Slack more behind them, as Begin returns them. They
// are looked at by index, from 0 to Slack behind the end of the unit.
type Octets struct{ all []byte }

// octetsOf are those of a frame that has slack behind it.
func octetsOf(b []byte) Octets { return Octets{b} }

// At is the octet at i.
func (b Octets) At(i int) byte { return b.all[i] }

// Le64 are eight octets from i on, the first one lowest.
func (b Octets) Le64(i int) uint64 { return binary.LittleEndian.Uint64(b.all[i : i+8]) }

// text are the octets from s to e as a string.
func (b Octets) text(s, e int) string { return text(b.all[s:e]) }

// slice are the octets from s to e.
func (b Octets) slice(s, e int) []byte { return b.all[s:e] }
