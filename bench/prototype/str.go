package prototype

import "math/bits"

type Str = []byte

func mk(b []byte) Str   { return b }
func isNil(s Str) bool  { return s == nil }
func tz32(v uint32) int { return bits.TrailingZeros32(v) }
