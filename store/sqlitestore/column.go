package sqlitestore

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
)

// A packed row begins with its format and the number of its elements, holds
// columns and ends with a CRC-32C of everything before it. A column is a
// frame of reference: its smallest value, the octets that each difference to
// it takes (0, 1, 2, 4 or 8), and the differences, little-endian. Whole
// octets decode several times faster than varints or bits, and most columns
// of a page take one or two.

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Why a packed row cannot be read.
var (
	errShort    = errors.New("packed row ends early")
	errChecksum = errors.New("packed row has the wrong checksum")
	errFormat   = errors.New("packed row has an unknown format")
	errCount    = errors.New("packed row has an impossible count")
	errWidth    = errors.New("packed column has an impossible width")
)

// appendColumn adds a list of values.
func appendColumn[T unsigned](dst []byte, list []T) []byte {
	low, high := bounds(list)
	width := widthOf(uint64(high - low))
	dst = binary.AppendUvarint(dst, uint64(low))
	dst = append(dst, width)
	at, size := len(dst), len(list)*int(width)
	dst = slices.Grow(dst, size)[:at+size]
	out := dst[at:]
	switch width {
	case 1:
		for i, v := range list {
			out[i] = byte(v - low)
		}
	case 2:
		for i, v := range list {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(v-low))
		}
	case 4:
		for i, v := range list {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(v-low))
		}
	case 8:
		for i, v := range list {
			binary.LittleEndian.PutUint64(out[8*i:], uint64(v-low))
		}
	}
	return dst
}

// bounds are the lowest and the highest value of a list; 0 if it is empty.
func bounds[T unsigned](list []T) (low, high T) {
	if len(list) == 0 {
		return 0, 0
	}
	low, high = list[0], list[0]
	for _, v := range list[1:] {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// widthOf is how many octets differences up to d take.
func widthOf(d uint64) byte {
	switch {
	case d == 0:
		return 0
	case d <= math.MaxUint8:
		return 1
	case d <= math.MaxUint16:
		return 2
	case d <= math.MaxUint32:
		return 4
	}
	return 8
}

// unsigned is what a column is read into.
type unsigned interface {
	~uint16 | ~uint32 | ~uint64
}

// column is an encoded column.
type column struct {
	low   uint64
	width byte
	data  []byte
}

// expand adds the column's values to dst.
func expand[T unsigned](dst []T, c column, n int) []T {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	out := dst[at:]
	low, data := T(c.low), c.data
	switch c.width {
	case 0:
		for i := range out {
			out[i] = low
		}
	case 1:
		for i, d := range data[:n] {
			out[i] = low + T(d)
		}
	case 2:
		for i := range out {
			out[i] = low + T(binary.LittleEndian.Uint16(data[2*i:]))
		}
	case 4:
		for i := range out {
			out[i] = low + T(binary.LittleEndian.Uint32(data[4*i:]))
		}
	default:
		for i := range out {
			out[i] = low + T(binary.LittleEndian.Uint64(data[8*i:]))
		}
	}
	return dst
}

// unpacker reads a packed row from its start. The first error stays.
type unpacker struct {
	rest []byte
	n    int
	err  error
}

// unpack checks a row's checksum and format, and reads its count.
func unpack(row []byte, format byte, most int) *unpacker {
	u := &unpacker{}
	if len(row) < 6 {
		u.err = errShort
		return u
	}
	end := len(row) - 4
	switch {
	case crc32.Checksum(row[:end], castagnoli) != binary.LittleEndian.Uint32(row[end:]):
		u.err = errChecksum
	case row[0] != format:
		u.err = errFormat
	}
	u.rest = row[1:end]
	if n := u.uvarint(); n > uint64(most) {
		u.fail(errCount)
	} else {
		u.n = int(n)
	}
	return u
}

// seal ends a packed row.
func seal(row []byte) []byte {
	return binary.LittleEndian.AppendUint32(row, crc32.Checksum(row, castagnoli))
}

func (u *unpacker) fail(err error) {
	if u.err == nil {
		u.err = err
	}
	u.rest, u.n = nil, 0
}

func (u *unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(u.rest)
	if n <= 0 {
		u.fail(errShort)
		return 0
	}
	u.rest = u.rest[n:]
	return v
}

// take returns the next n octets, which alias the row.
func (u *unpacker) take(n uint64) []byte {
	if n > uint64(len(u.rest)) {
		u.fail(errShort)
		return nil
	}
	b := u.rest[:n]
	u.rest = u.rest[n:]
	return b
}

// column reads a column without expanding it.
func (u *unpacker) column() column {
	c := column{low: u.uvarint()}
	if w := u.take(1); w != nil {
		c.width = w[0]
	}
	switch c.width {
	case 0, 1, 2, 4, 8:
	default:
		u.fail(errWidth)
		c.width = 0
	}
	c.data = u.take(uint64(c.width) * uint64(u.n))
	if u.err != nil {
		return column{}
	}
	return c
}
