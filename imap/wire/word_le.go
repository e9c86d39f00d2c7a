//go:build !purego && (amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "unsafe"

// load32 loads four octets of s from i on; they must be there.
func load32(s string, i int) uint32 {
	return *(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
}

// load64 loads eight octets of s from i on; they must be there.
func load64(s string, i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
}

// store64 stores eight octets from i on, which may be behind the end of b; its
// capacity must cover them.
func store64(b []byte, i int, w uint64) {
	*(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = w
}

// store32 is store64 for four octets.
func store32(b []byte, i int, w uint32) {
	*(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = w
}

// store8 is store64 for one octet.
func store8(b []byte, i int, c byte) {
	*(*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = c
}
