package wire

import "strings"

// literalMinusMax is the size up to which LITERAL- allows non-synchronizing
// literals (RFC 7888 §5).
const literalMinusMax = 4096

// announce appends the announcement of a literal. It reports whether the sender
// has to wait for the server before the octets.
func (e *Enc) announce(dst []byte, size int64, binary bool) (_ []byte, sync bool) {
	if binary {
		dst = append(dst, '~')
	}
	dst = append(dst, '{')
	dst = appendNumber(dst, uint64(size))
	if e.nonSync(size) {
		dst = append(dst, '+')
	} else {
		sync = e.Side == Client
	}
	return append(dst, "}\r\n"...), sync
}

// nonSync reports whether a literal may be announced with "{n+}".
func (e *Enc) nonSync(size int64) bool {
	return e.Side == Client && (e.LiteralPlus || e.LiteralMinus && size <= literalMinusMax)
}

// octets appends a literal that is held in memory.
func (e *Enc) octets(dst []byte, s string, binary bool) []byte {
	dst, sync := e.announce(dst, int64(len(s)), binary)
	if sync {
		e.pause(Break{Offset: len(dst), Sync: true})
	}
	return append(dst, s...)
}

// payload appends a literal however it is held.
func (e *Enc) payload(dst []byte, l Literal, binary bool, site Site) []byte {
	switch {
	case !l.Valid:
		return e.fail(dst, site, "absent")
	case l.Binary && !binary:
		return e.fail(dst, site, "binary")
	case l.Body == nil && !binary && strings.IndexByte(l.Data, 0) >= 0:
		return e.fail(dst, site, "NUL")
	case l.Body == nil:
		return e.octets(dst, l.Data, binary)
	case l.Size < 0:
		return e.fail(dst, site, "negative size")
	}
	dst, sync := e.announce(dst, l.Size, binary)
	e.pause(Break{Offset: len(dst), Body: l.Body, Size: l.Size, Sync: sync})
	return dst
}

// Literal appends literal. A body is left to a Break.
func (e *Enc) Literal(p Out, l Literal) Out {
	return e.resume(e.payload(e.Bytes(p), l, false, siteLiteral))
}

// Literal8 appends literal8, "~{n}". A body is left to a Break.
func (e *Enc) Literal8(p Out, l Literal) Out {
	return e.resume(e.payload(e.Bytes(p), l, true, siteLiteral8))
}

// StreamLiteral is Literal.
func (e *Enc) StreamLiteral(p Out, l Literal) Out { return e.Literal(p, l) }

// StreamLiteral8 is Literal8.
func (e *Enc) StreamLiteral8(p Out, l Literal) Out { return e.Literal8(p, l) }

// StreamNString appends nstring: NIL, or a literal.
func (e *Enc) StreamNString(p Out, l Literal) Out {
	if !l.Valid {
		return e.noLiteral(p, l, siteNString)
	}
	return e.resume(e.payload(e.Bytes(p), l, false, siteNString))
}

// StreamNString8 appends nstring, or literal8 where the value is marked as
// binary or holds NUL.
func (e *Enc) StreamNString8(p Out, l Literal) Out {
	if !l.Valid {
		return e.noLiteral(p, l, siteNString8)
	}
	binary := l.Binary || l.Body == nil && strings.IndexByte(l.Data, 0) >= 0
	return e.resume(e.payload(e.Bytes(p), l, binary, siteNString8))
}

// noLiteral appends NIL; there may be no octets then.
func (e *Enc) noLiteral(p Out, l Literal, site Site) Out {
	if l.Body != nil || l.Binary {
		return e.FailReason(p, site, notValid)
	}
	return e.null(p, l.Data, site)
}
