//go:build purego || !(amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "encoding/binary"

// load32 loads four octets of s from i on; they must be there.
func load32(s string, i int) uint32 {
	s = s[i : i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// load64 loads eight octets of s from i on; they must be there.
func load64(s string, i int) uint64 {
	return uint64(load32(s, i)) | uint64(load32(s, i+4))<<32
}

// store64 stores eight octets from i on, which may be behind the end of b; its
// capacity must cover them.
func store64(b []byte, i int, w uint64) { binary.LittleEndian.PutUint64(b[i:i+8], w) }

// store32 is store64 for four octets.
func store32(b []byte, i int, w uint32) { binary.LittleEndian.PutUint32(b[i:i+4], w) }
