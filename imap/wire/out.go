package wire

import "slices"

// spare is the room that there is behind an Out that a primitive returns. As much as three
// texts may be stored there before anybody makes sure of more; the next primitive does, or
// Room. gen counts what it stores.
const spare = 4 * MaxText

// most is what a primitive stores at most beyond the octets that it asks room for.
const most = 64

// MaxText is the length of the longest text that Out.Text takes.
const MaxText = 16

// Start begins a unit at the end of dst, which it returns with the room that At needs. The
// encoder refers to it until the next unit.
func (e *Enc) Start(dst []byte) []byte {
	if e.used || cap(dst)-len(dst) < spare+most {
		dst = e.start(dst)
	}
	return dst
}

// start is Start where something is left of the last unit, or where there is no room.
//
//go:noinline
func (e *Enc) start(dst []byte) []byte {
	e.used, e.bad, e.wrong, e.lacks = false, false, false, CapSet{}
	e.forgetBreaks()
	return roomy(dst)
}

// roomy is a slice with the room behind it that there has to be.
func roomy(dst []byte) []byte {
	if cap(dst)-len(dst) < spare+most {
		dst = slices.Grow(dst, 2*(spare+most))
	}
	return dst
}

// Finish ends the unit that began at start. The error is an *EncodeError; dst then
// comes back as it was at the start.
func (e *Enc) Finish(p Out, start int) ([]byte, error) {
	if !e.bad {
		return e.Bytes(p), nil
	}
	return e.finishBad(e.Bytes(p)[:start])
}

// Room makes sure of the room that there has to be behind an Out. It follows Text,
// unless a primitive does, which asks for itself.
func (e *Enc) Room(p Out) Out {
	if e.full(p) {
		p = e.more(p, 0)
	}
	return p
}

// more makes room for n octets besides what is spare.
//
//go:noinline
func (e *Enc) more(p Out, n int) Out {
	return e.At(slices.Grow(e.Bytes(p), n+2*(spare+most)))
}

// resume goes on behind what has been appended to e.Bytes.
func (e *Enc) resume(dst []byte) Out { return e.At(roomy(dst)) }

// Append appends octets, however many.
func (e *Enc) Append(p Out, s string) Out {
	if e.left(p) < len(s) {
		p = e.more(p, len(s))
	}
	return p.long(s)
}

// Since are the octets from an index on, as they are now.
func (e *Enc) Since(p Out, i int) string { return string(e.Bytes(p)[i:]) }
