package wire

import "strings"

// Rest appends what Dec.Rest returned, or text like it, at the end of a unit. Literals in it
// are announced anew where the peer would not understand. Text that would not end with the unit is an error.
func (e *Enc) Rest(p Out, r Raw) Out { return e.raw(p, string(r), false) }

// Raw appends text kept verbatim, as Rest does; quotes must be closed in it, so
// that it means nothing for what follows.
func (e *Enc) Raw(p Out, r Raw) Out { return e.raw(p, string(r), true) }

func (e *Enc) raw(p Out, r string, closed bool) Out {
	if strings.ContainsAny(r, "\"{\r\n\x00") {
		return e.resume(e.oddRaw(e.Bytes(p), []byte(r), closed))
	}
	return e.Append(p, r)
}

// oddRaw appends text that has quotes or literals.
func (e *Enc) oddRaw(dst, b []byte, closed bool) []byte {
	for {
		s := segmentOf(b)
		if s.bad >= 0 {
			return e.fail(dst, siteRest, "CR, LF, NUL or a wrong literal")
		}
		if s.last {
			return e.lastRaw(dst, b, closed)
		}
		dst = e.rawSegment(dst, b, s)
		b = b[s.end:]
	}
}

// rawSegment appends text with a literal at its end, verbatim where the peer
// understands the announcement: it has to be told to go on for "{n}", and may
// not know of "{n+}".
func (e *Enc) rawSegment(dst, b []byte, s segment) []byte {
	if s.head.nonSync && !e.nonSync(s.head.size) {
		dst = append(dst, b[:s.head.start]...)
		return e.octets(dst, text(b[s.start:s.end]), s.head.binary)
	}
	dst = append(dst, b[:s.start]...)
	if e.Side == Client && !s.head.nonSync {
		e.pause(Break{Offset: len(dst), Sync: true})
	}
	return append(dst, b[s.start:s.end]...)
}

// lastRaw appends what follows the last literal.
func (e *Enc) lastRaw(dst, b []byte, closed bool) []byte {
	var q quotes
	if q.feed(b); q.in && closed {
		return e.fail(dst, siteRest, "a quote that is not closed")
	}
	if _, ok, _ := headBefore(b); ok {
		return e.fail(dst, siteRest, "the announcement of a literal at its end")
	}
	return append(dst, b...)
}
