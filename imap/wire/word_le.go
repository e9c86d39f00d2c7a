//go:build !purego && (amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "unsafe"

// store64 stores eight octets from i on, which may be behind the end of b; its
// capacity must cover them.
func store64(b []byte, i int, w uint64) {
	*(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = w
}

// store32 is store64 for four octets.
func store32(b []byte, i int, w uint32) {
	*(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = w
}
