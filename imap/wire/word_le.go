//go:build !purego && (amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "unsafe"

// Le64 loads eight octets of a unit from i on, the first one lowest. It does not
// check that they are there: i is that of an octet of the unit, or of one that
// is less than Slack-8 behind its end.
//
// It is one expression: in the largest of the generated functions the compiler
// inlines nothing that costs more.
func Le64(b []byte, i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}
