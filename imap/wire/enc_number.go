package wire

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// appendNumber appends decimal digits. Below 10^8 it splits a word into
// quadruples, pairs and digits, and stores them at once.
func appendNumber(dst []byte, v uint64) []byte {
	if v >= 1e8 {
		return strconv.AppendUint(dst, v, 10)
	}
	x := v/10000 | v%10000<<32
	t := (x * 10486) >> 20 & 0x7f0000007f
	x = t | (x-t*100)<<16
	t = (x * 103) >> 10 & 0x000f000f000f000f
	x = t | (x-t*10)<<8
	z := bits.TrailingZeros64(x|1<<56) &^ 7 // leading zeros are at the low end
	x = (x | 0x3030303030303030) >> (uint(z) & 63)
	dst = binary.LittleEndian.AppendUint64(dst, x)
	return dst[:len(dst)-z>>3]
}

// Number appends number.
func (e *Enc) Number(dst []byte, v uint32) []byte { return appendNumber(dst, uint64(v)) }

// NzNumber appends nz-number.
func (e *Enc) NzNumber(dst []byte, v uint32) []byte { return e.nz32(dst, v, siteNzNumber) }

// UID appends uniqueid.
func (e *Enc) UID(dst []byte, v UID) []byte { return e.nz32(dst, uint32(v), siteUID) }

// SeqNum appends a message sequence number, an nz-number.
func (e *Enc) SeqNum(dst []byte, v SeqNum) []byte { return e.nz32(dst, uint32(v), siteSeqNum) }

// Number64 appends number64, at most 2^63-1.
func (e *Enc) Number64(dst []byte, v uint64) []byte { return e.number64(dst, v, siteNumber64) }

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

func (e *Enc) nz32(dst []byte, v uint32, site Site) []byte {
	if v == 0 {
		return e.fail(dst, site, "0")
	}
	return appendNumber(dst, uint64(v))
}

func (e *Enc) number64(dst []byte, v uint64, site Site) []byte {
	if v > maxInt63 {
		return e.fail(dst, site, "too large")
	}
	return appendNumber(dst, v)
}

func (e *Enc) nz(dst []byte, v uint64, site Site) []byte {
	if v == 0 {
		return e.fail(dst, site, "0")
	}
	return e.number64(dst, v, site)
}
