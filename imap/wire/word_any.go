//go:build purego || !(amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "encoding/binary"

// Le64 loads eight octets of a unit from i on, the first one lowest.
func Le64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i : i+8]) }
