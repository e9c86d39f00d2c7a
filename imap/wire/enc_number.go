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
	w, n := shortDigits(v)
	binary.LittleEndian.PutUint64(dst[k:k+8], w)
	return dst[:k+n]
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

// shortDigits are those of a number below 10^8, the first one lowest, and how many they are.
func shortDigits(v uint64) (w uint64, n int) {
	x := eightDigits(v)
	z := bits.TrailingZeros64(x|1<<56) &^ 7 // leading zeros are at the low end
	return (x | zeros) >> (uint(z) & 63), 8 - z>>3
}

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
func (e *Enc) Number(p Out, v uint32) Out { return e.Number64(p, uint64(v)) }

// NzNumber appends nz-number.
func (e *Enc) NzNumber(p Out, v uint32) Out { return e.nz(p, uint64(v), siteNzNumber) }

// UID appends uniqueid.
func (e *Enc) UID(p Out, v UID) Out { return e.nz(p, uint64(v), siteUID) }

// SeqNum appends a message sequence number, an nz-number.
func (e *Enc) SeqNum(p Out, v SeqNum) Out { return e.nz(p, uint64(v), siteSeqNum) }

// Number64 appends number64, at most 2^63-1.
func (e *Enc) Number64(p Out, v uint64) Out {
	if v >= 1e8 || e.full(p) {
		return e.number64(p, v, siteNumber64)
	}
	w, n := shortDigits(v)
	p.put64(0, w)
	return p.on(n)
}

// NzNumber64 appends nz-number64, at most 2^63-1.
func (e *Enc) NzNumber64(p Out, v uint64) Out { return e.nz(p, v, siteNzNumber64) }

// ModSequence appends mod-sequence-value, at most 2^63-1 (RFC 7162 §7).
func (e *Enc) ModSequence(p Out, v ModSeq) Out { return e.nz(p, uint64(v), siteModSequence) }

// ModSequenceZero appends mod-sequence-valzer, at most 2^63-1 (RFC 7162 §7).
func (e *Enc) ModSequenceZero(p Out, v ModSeq) Out {
	return e.number64(p, uint64(v), siteModSequenceZero)
}

// NzNumbers appends a list of nz-numbers with an octet before each.
func (e *Enc) NzNumbers(p Out, before byte, list []uint32) Out {
	for _, v := range list {
		p.put8(0, before)
		p = p.on(1)
		if v-1 >= 1e8-1 || e.full(p) {
			p = e.slowNz(p, uint64(v), siteNzNumber)
			continue
		}
		w, n := shortDigits(uint64(v))
		p.put64(0, w)
		p = p.on(n)
	}
	return p
}

// nz appends a number other than 0.
func (e *Enc) nz(p Out, v uint64, site Site) Out {
	if v-1 >= 1e8-1 || e.full(p) {
		return e.slowNz(p, v, site)
	}
	w, n := shortDigits(v)
	p.put64(0, w)
	return p.on(n)
}

// number64 appends any number, but for those that are too large.
//
//go:noinline
func (e *Enc) number64(p Out, v uint64, site Site) Out {
	if v > maxInt63 {
		return e.FailReason(p, site, "too large")
	}
	return e.resume(appendNumber(e.Bytes(p), v))
}

// slowNz appends any number, but for 0 and those that are too large.
//
//go:noinline
func (e *Enc) slowNz(p Out, v uint64, site Site) Out {
	if v == 0 {
		return e.FailReason(p, site, "0")
	}
	return e.number64(p, v, site)
}
