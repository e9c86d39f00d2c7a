//go:build purego || !(amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "encoding/binary"

// Out is where the next octet of a unit goes. There is room behind it; whoever stores
// more than what is spare asks first. Where that room ends the octets move to a larger
// buffer, so an Out that another one was made of is not used any more; a place to come
// back to is kept as an index.
type Out struct{ before []byte }

// A room is what the encoder has to know of the buffer.
type room struct{}

// At is the end of dst, as Start returned it.
func (e *Enc) At(dst []byte) Out { return Out{dst} }

// full reports whether there is less behind p than what has to be.
func (e *Enc) full(p Out) bool { return e.left(p) < 0 }

// left is how many octets may be stored besides what is spare; below 0 if p is full.
func (e *Enc) left(p Out) int { return cap(p.before) - len(p.before) - (spare + most) }

// Len is the number of octets before p, those included that were there at the start.
func (e *Enc) Len(p Out) int { return len(p.before) }

// Bytes are the octets before p, those included that were there at the start.
func (e *Enc) Bytes(p Out) []byte { return p.before }

// Set replaces the octet at an index. There must be one.
func (e *Enc) Set(p Out, i int, c byte) { p.before[i] = c }

// Text stores a text of MaxText octets at most.
func (p Out) Text(s string) Out { return p.long(s) }

// long stores a text of any length, for which somebody has made room.
func (p Out) long(s string) Out {
	q := p.on(len(s))
	copy(q.before[len(p.before):], s)
	return q
}

// on is n octets further on.
func (p Out) on(n int) Out { return Out{p.before[:len(p.before)+n]} }

// behind are n octets that are i octets further on.
func (p Out) behind(i, n int) []byte {
	i += len(p.before)
	return p.before[i : i+n]
}

// put8 stores an octet, i octets further on.
func (p Out) put8(i int, c byte) { p.behind(i, 1)[0] = c }

// put32 stores four octets, the first one lowest, i octets further on.
func (p Out) put32(i int, w uint32) { binary.LittleEndian.PutUint32(p.behind(i, 4), w) }

// put64 stores eight octets, the first one lowest, i octets further on.
func (p Out) put64(i int, w uint64) { binary.LittleEndian.PutUint64(p.behind(i, 8), w) }

// quote64 copies eight octets of s from i on to where they are behind a quote.
func (p Out) quote64(s string, i int) uint64 {
	w := uint64(load32(s, i)) | uint64(load32(s, i+4))<<32
	p.put64(i+1, w)
	return w
}

// quote32 is quote64 for four octets.
func (p Out) quote32(s string, i int) uint32 {
	w := load32(s, i)
	p.put32(i+1, w)
	return w
}

// copy32 copies 32 octets of s from i on.
func (p Out) copy32(s string, i int) { copy(p.behind(0, 32), s[i:i+32]) }

// load32 loads four octets of s from i on, the first one lowest.
func load32(s string, i int) uint32 {
	s = s[i : i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
