package wire

import (
	"encoding/binary"
	"math/bits"
)

// appendNumber appends decimal digits. Below 10^8 it looks up two times four of them
// and stores them at once.
func appendNumber(dst []byte, v uint64) []byte {
	k := len(dst)
	if v >= 1e8 || cap(dst)-k < wordSlack {
		return slowNumber(dst, v)
	}
	x := eightDigits(v)
	z := bits.TrailingZeros64(x|1<<56) &^ 7 // leading zeros are at the low end
	store64(dst, k, (x|zeros)>>(uint(z)&63))
	return dst[:k+8-z>>3]
}

// slowNumber is appendNumber for any number and any destination.
func slowNumber(dst []byte, v uint64) []byte {
	dst = grow(dst, maxDigits)
	if v < 1e8 {
		return appendNumber(dst, v)
	}
	dst = appendNumber(dst, v/1e8)
	return binary.LittleEndian.AppendUint64(dst, eightDigits(v%1e8)|zeros)
}

// maxDigits is the length of the largest number.
const maxDigits = 20

// eightDigits are the digits of a number below 10^8, an octet each, the first
// one lowest.
func eightDigits(v uint64) uint64 {
	high := v * 3518437209 >> 45 // v/10000 for 32 bits
	return uint64(fourDigits[high%size4]) | uint64(fourDigits[(v-high*10000)%size4])<<32
}

// size4 is a power of two, so that an index needs no test.
const size4 = 1 << 14

// fourDigits holds the digits of the numbers below 10000, an octet each, the first
// one lowest.
var fourDigits = func() (t [size4]uint32) {
	for i := range uint32(10000) {
		t[i] = i/1000 | i/100%10<<8 | i/10%10<<16 | i%10<<24
	}
	return t
}()

// Number appends number.
func (e *Enc) Number(dst []byte, v uint32) []byte { return e.Number64After(dst, 0, 0, uint64(v)) }

// NumberAfter is Number behind n octets of text, the first one lowest; eight at most.
func (e *Enc) NumberAfter(dst []byte, text uint64, n int, v uint32) []byte {
	return e.Number64After(dst, text, n, uint64(v))
}

// NzNumber appends nz-number.
func (e *Enc) NzNumber(dst []byte, v uint32) []byte { return e.nz32(dst, 0, 0, v, siteNzNumber) }

// NzNumberAfter is NzNumber behind n octets of text, the first one lowest; eight at most.
func (e *Enc) NzNumberAfter(dst []byte, text uint64, n int, v uint32) []byte {
	return e.nz32(dst, text, n, v, siteNzNumber)
}

// UID appends uniqueid.
func (e *Enc) UID(dst []byte, v UID) []byte { return e.nz32(dst, 0, 0, uint32(v), siteUID) }

// UIDAfter is UID behind n octets of text, the first one lowest; eight at most.
func (e *Enc) UIDAfter(dst []byte, text uint64, n int, v UID) []byte {
	return e.nz32(dst, text, n, uint32(v), siteUID)
}

// SeqNum appends a message sequence number, an nz-number.
func (e *Enc) SeqNum(dst []byte, v SeqNum) []byte { return e.nz32(dst, 0, 0, uint32(v), siteSeqNum) }

// SeqNumAfter is SeqNum behind n octets of text, the first one lowest; eight at most.
func (e *Enc) SeqNumAfter(dst []byte, text uint64, n int, v SeqNum) []byte {
	return e.nz32(dst, text, n, uint32(v), siteSeqNum)
}

// Number64 appends number64, at most 2^63-1.
func (e *Enc) Number64(dst []byte, v uint64) []byte { return e.Number64After(dst, 0, 0, v) }

// Number64After is Number64 behind n octets of text, the first one lowest; eight at most.
func (e *Enc) Number64After(dst []byte, text uint64, n int, v uint64) []byte {
	k := len(dst)
	if v >= 1e8 || cap(dst)-k < numberRoom {
		return e.number64(appendText(dst, text, n), v, siteNumber64)
	}
	store64(dst, k, text)
	k += n
	x := eightDigits(v)
	z := bits.TrailingZeros64(x|1<<56) &^ 7
	store64(dst, k, (x|zeros)>>(uint(z)&63))
	return dst[:k+8-z>>3]
}

// numberRoom is what a number below 10^8 needs, with text before it.
const numberRoom = 8 + wordSlack

// appendText appends n octets of text, the first one lowest; eight at most.
//
//go:noinline
func appendText(dst []byte, text uint64, n int) []byte {
	return binary.LittleEndian.AppendUint64(dst, text)[:len(dst)+n]
}

// NzNumber64 appends nz-number64, at most 2^63-1.
func (e *Enc) NzNumber64(dst []byte, v uint64) []byte { return e.nz(dst, v, siteNzNumber64) }

// ModSequence appends mod-sequence-value, at most 2^63-1 (RFC 7162 §7).
func (e *Enc) ModSequence(dst []byte, v ModSeq) []byte {
	return e.nz(dst, uint64(v), siteModSequence)
}

// ModSequenceZero appends mod-sequence-valzer, at most 2^63-1 (RFC 7162 §7).
func (e *Enc) ModSequenceZero(dst []byte, v ModSeq) []byte {
	return e.number64(dst, uint64(v), siteModSequenceZero)
}

// NzNumbers appends a list of nz-numbers with an octet before each.
func (e *Enc) NzNumbers(dst []byte, before byte, list []uint32) []byte {
	for _, v := range list {
		k := len(dst)
		if v-1 >= 1e8-1 || cap(dst)-k < 1+wordSlack {
			dst = e.slowNz(append(dst, before), uint64(v), siteNzNumber)
			continue
		}
		x := eightDigits(uint64(v))
		z := bits.TrailingZeros64(x) &^ 7
		dst = dst[:k+9-z>>3]
		dst[k] = before
		store64(dst, k+1, (x|zeros)>>(uint(z)&63))
	}
	return dst
}

// nz32 appends a number other than 0 behind n octets of text.
func (e *Enc) nz32(dst []byte, text uint64, n int, v uint32, site Site) []byte {
	k := len(dst)
	if v-1 >= 1e8-1 || cap(dst)-k < numberRoom {
		return e.slowNz(appendText(dst, text, n), uint64(v), site)
	}
	store64(dst, k, text)
	k += n
	x := eightDigits(uint64(v))
	z := bits.TrailingZeros64(x) &^ 7
	store64(dst, k, (x|zeros)>>(uint(z)&63))
	return dst[:k+8-z>>3]
}

func (e *Enc) number64(dst []byte, v uint64, site Site) []byte {
	if v > maxInt63 {
		return e.fail(dst, site, "too large")
	}
	return appendNumber(dst, v)
}

func (e *Enc) nz(dst []byte, v uint64, site Site) []byte {
	if v-1 >= maxUint32 {
		return e.slowNz(dst, v, site)
	}
	return e.nz32(dst, 0, 0, uint32(v), site)
}

// slowNz appends any number, but for 0 and those that are too large, to any destination.
func (e *Enc) slowNz(dst []byte, v uint64, site Site) []byte {
	if v == 0 {
		return e.fail(dst, site, "0")
	}
	return e.number64(dst, v, site)
}
