//go:build !purego && (amd64 || arm64 || 386 || ppc64le || loong64 || riscv64)

package wire

import "unsafe"

// Out is where the next octet of a unit goes. There is room behind it, of which the
// encoder knows how much; whoever stores more than what is spare asks first. Where
// that room ends the octets move to a larger buffer, so an Out that another one was
// made of is not used any more; a place to come back to is kept as an index.
//
// It is one word, so that functions hand it on in one register.
type Out struct{ next *byte }

// A room is the buffer that the octets go to.
type room struct {
	all []byte
	// limit is where so little is left that an Out must not be handed on from behind
	// it. It is a number for what there is to compare; all keeps the buffer where it is.
	limit uintptr
}

// At is the end of dst, as Start returned it.
func (e *Enc) At(dst []byte) Out {
	first, n := unsafe.SliceData(dst), cap(dst)
	if unsafe.SliceData(e.room.all) != first || len(e.room.all) != n {
		e.room.all = dst[:n]
		e.room.limit = uintptr(unsafe.Pointer(first)) + uintptr(n) - (spare + most)
	}
	return Out{first}.on(len(dst))
}

// full reports whether there is less behind p than what has to be.
func (e *Enc) full(p Out) bool { return uintptr(unsafe.Pointer(p.next)) > e.room.limit }

// left is how many octets may be stored besides what is spare; below 0 if p is full.
func (e *Enc) left(p Out) int { return int(e.room.limit - uintptr(unsafe.Pointer(p.next))) }

// Len is the number of octets before p, those included that were there at the start.
func (e *Enc) Len(p Out) int {
	return int(uintptr(unsafe.Pointer(p.next)) - uintptr(unsafe.Pointer(unsafe.SliceData(e.room.all))))
}

// Bytes are the octets before p, those included that were there at the start.
func (e *Enc) Bytes(p Out) []byte { return e.room.all[:e.Len(p)] }

// Set replaces the octet at an index. There must be one.
func (e *Enc) Set(_ Out, i int, c byte) { e.room.all[i] = c }

// Text stores a text of MaxText octets at most. To append a constant is to store a word or
// two, and no call, which copy is not sure of.
func (p Out) Text(s string) Out {
	_ = append((*[MaxText]byte)(unsafe.Pointer(p.next))[:0], s...)
	return p.on(len(s))
}

// long stores a text of any length, for which somebody has made room.
func (p Out) long(s string) Out {
	copy(unsafe.Slice(p.next, len(s)), s)
	return p.on(len(s))
}

// on is n octets further on.
func (p Out) on(n int) Out { return Out{(*byte)(unsafe.Add(unsafe.Pointer(p.next), n))} }

// put8 stores an octet, i octets further on.
func (p Out) put8(i int, c byte) { *(*byte)(unsafe.Add(unsafe.Pointer(p.next), i)) = c }

// put64 stores eight octets, the first one lowest, i octets further on.
func (p Out) put64(i int, w uint64) { *(*uint64)(unsafe.Add(unsafe.Pointer(p.next), i)) = w }

// quote64 copies eight octets of s from i on to where they are behind a quote.
func (p Out) quote64(s string, i int) uint64 {
	w := *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
	*(*uint64)(unsafe.Add(unsafe.Pointer(p.next), i+1)) = w
	return w
}

// quote32 is quote64 for four octets.
func (p Out) quote32(s string, i int) uint32 {
	w := *(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
	*(*uint32)(unsafe.Add(unsafe.Pointer(p.next), i+1)) = w
	return w
}

// copy32 copies 32 octets of s from i on.
func (p Out) copy32(s string, i int) {
	*(*words4)(unsafe.Pointer(p.next)) = *(*words4)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
}

// words4 are 32 octets that are copied without a call.
type words4 struct{ a, b, c, d uint64 }
