package wire

import "math/bits"

const (
	maxUint32 = 1<<32 - 1
	maxInt63  = 1<<63 - 1
)

// digits reads a run of digits at i, at least one, as a number. The index is
// that of the first octet behind it; it is negative, with nothing noted, where
// there is no digit or the number has more than 63 bits.
func digits(b Octets, i int) (uint64, int) {
	t := b.Le64(i) ^ zeros
	n := digitBits(t)
	if n == 64 {
		return longDigits(b, i)
	}
	if n == 0 {
		return 0, -1
	}
	return joinDigits(t, n), i + n>>3
}

const zeros = lows * '0'

// digitBits is the number of bits of the digits that a word begins with, 64
// where it has nothing else. The word has been compared with zeros. A word
// holds most numbers.
func digitBits(t uint64) int {
	m := notDigits(t)
	if m == 0 {
		return 64
	}
	return bits.TrailingZeros64(m) &^ 7
}

// notDigits marks, in the high bit of each octet, what is not a digit. The lowest
// mark is right; an octet above a marked one may be marked wrongly.
func notDigits(t uint64) uint64 { return ((t + lows*0x76) | t) & highs }

// joinDigits is the number whose digits are the low n bits of a word, the
// first one lowest, n from 8 to 56. Each step joins neighbours: digits to
// pairs, pairs to quadruples, quadruples to the whole: one multiplication adds ten, a
// hundred, ten thousand times the lower one to the upper one.
func joinDigits(t uint64, n int) uint64 {
	t <<= uint(64-n) & 63
	t = t * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	t = t * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return t * (10000<<32 + 1) >> 32
}

// longDigits is digits for eight of them and more.
func longDigits(b Octets, i int) (v uint64, _ int) {
	for ; class[b.At(i)]&classDigit != 0; i++ {
		if v > maxInt63/10 {
			return 0, -1
		}
		v = v*10 + uint64(b.At(i)-'0')
		if v > maxInt63 {
			return 0, -1
		}
	}
	return v, i
}

// Number decodes number: 32 bits, leading zeros allowed.
func (d *Dec) Number(b Octets, i int) (uint32, int) {
	t := b.Le64(i) ^ zeros
	m := notDigits(t)
	if m == 0 || m&0x80 != 0 {
		return d.longNumber(b, i, siteNumber)
	}
	n := bits.TrailingZeros64(m) &^ 7
	return uint32(joinDigits(t, n)), i + n>>3
}

// nz32 decodes a number of 32 bits that does not start with 0.
func (d *Dec) nz32(b Octets, i int, site Site) (uint32, int) {
	t := b.Le64(i) ^ zeros
	m := notDigits(t)
	if m == 0 || m&0x80 != 0 || byte(t) == 0 {
		if b.At(i) == '0' {
			return 0, d.Fail(i, site)
		}
		return d.longNumber(b, i, site)
	}
	n := bits.TrailingZeros64(m) &^ 7
	return uint32(joinDigits(t, n)), i + n>>3
}

// longNumber decodes a number of 32 bits and eight digits or more; it fails
// where there is none at all.
func (d *Dec) longNumber(b Octets, i int, site Site) (uint32, int) {
	v, j := digits(b, i)
	if j < 0 || v > maxUint32 {
		return 0, d.Fail(i, site)
	}
	return uint32(v), j
}

// NzNumber decodes nz-number.
func (d *Dec) NzNumber(b Octets, i int) (uint32, int) { return d.nz32(b, i, siteNzNumber) }

// UID decodes uniqueid.
func (d *Dec) UID(b Octets, i int) (UID, int) {
	v, j := d.nz32(b, i, siteUID)
	return UID(v), j
}

// SeqNum decodes a message sequence number, an nz-number.
func (d *Dec) SeqNum(b Octets, i int) (SeqNum, int) {
	v, j := d.nz32(b, i, siteSeqNum)
	return SeqNum(v), j
}

// Number64 decodes number64: 63 bits, leading zeros allowed.
func (d *Dec) Number64(b Octets, i int) (uint64, int) {
	v, j := digits(b, i)
	if j < 0 {
		return 0, d.Fail(i, siteNumber64)
	}
	return v, j
}

// nz64 decodes a number of 63 bits that does not start with 0.
func (d *Dec) nz64(b Octets, i int, site Site) (uint64, int) {
	v, j := digits(b, i)
	if j < 0 || b.At(i) == '0' {
		return 0, d.Fail(i, site)
	}
	return v, j
}

// NzNumber64 decodes nz-number64.
func (d *Dec) NzNumber64(b Octets, i int) (uint64, int) { return d.nz64(b, i, siteNzNumber64) }

// ModSequence decodes mod-sequence-value (RFC 7162 §7).
func (d *Dec) ModSequence(b Octets, i int) (ModSeq, int) {
	v, j := d.nz64(b, i, siteModSequence)
	return ModSeq(v), j
}

// ModSequenceZero decodes mod-sequence-valzer (RFC 7162 §7).
func (d *Dec) ModSequenceZero(b Octets, i int) (ModSeq, int) {
	v, j := digits(b, i)
	if j < 0 {
		return 0, d.Fail(i, siteModSequenceZero)
	}
	return ModSeq(v), j
}

// NzNumbers decodes nz-number *(sep nz-number) and adds the numbers to an open
// list. It stops before a separator that no nz-number follows.
func (d *Dec) NzNumbers(b Octets, i int, sep byte, list *Arena[uint32]) int {
	for {
		t := b.Le64(i) ^ zeros
		n := digitBits(t)
		v, j := joinDigits(t, n), i+n>>3
		if n == 64 {
			v, j = longDigits(b, i)
		}
		if j <= i || v > maxUint32 || b.At(i) == '0' {
			return d.Fail(i, siteNzNumber)
		}
		if !d.Item(i) {
			return -1
		}
		list.Push(uint32(v))
		if b.At(j) != sep || b.At(j+1)-'1' > 8 {
			return j
		}
		i = j + 1
	}
}
