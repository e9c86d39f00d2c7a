package prototype

import (
	"math/bits"
	"slices"
)

// nondigit64 has bit k set where b[k] < '0', for 64 bytes (all < 0x80; the digit check catches others).
func nondigit64(b []byte) (m uint64) {
	_ = b[63]
	for k := 0; k < 8; k++ {
		w := le64(b, k*8)
		x := ^((w | hi) - 0x3030303030303030) & hi
		m |= (x >> 7 * 0x0102040810204080 >> 56) << (uint(k) * 8 & 63)
	}
	return
}

// numsFast decodes SP-separated numbers from b[p:]; returns the position behind the last one.
// needs 72 readable bytes behind the CRLF.
func numsFast(nums []uint32, b []byte, p int) ([]uint32, int, bool) {
	base := p
	for base+72 <= len(b) {
		m := nondigit64(b[base : base+64])
		nums = slices.Grow(nums, 64)
		var bad uint64
		for m != 0 {
			q := base + bits.TrailingZeros64(m)
			m &= m - 1
			n := q - p
			if uint(n-1) > 7 {
				return nums, p, false
			}
			t := (le64(b, p) ^ 0x3030303030303030) << (uint(64-8*n) & 63)
			bad |= ((t + 0x7676767676767676) | t) & hi
			t = (t*10 + t>>8) & 0x00FF00FF00FF00FF
			t = (t*100 + t>>16) & 0x0000FFFF0000FFFF
			t = (t*10000 + t>>32) & 0xFFFFFFFF
			nums = append(nums, uint32(t))
			if b[q] != ' ' {
				return nums, q, bad == 0
			}
			p = q + 1
		}
		if bad != 0 {
			return nums, p, false
		}
		base += 64
	}
	return nums, p, false
}
