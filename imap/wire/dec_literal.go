package wire

import "bytes"

// announcement reads `{n}` or `{n+}` and CRLF at i. The index is negative,
// with nothing noted, where there is none.
func announcement(b Octets, i int) (size int64, next int) {
	if b.At(i) != '{' {
		return 0, -1
	}
	n, j := digits(b, i+1)
	if j < 0 {
		return 0, -1
	}
	if b.At(j) == '+' {
		j++
	}
	if b.At(j) != '}' || b.At(j+1) != '\r' || b.At(j+2) != '\n' {
		return 0, -1
	}
	return int64(n), j + 3
}

// octetsAt decodes the literal announced at i, within the frame: its octets are
// b.slice(s, e). A negative e means that there is none, or that it has not been read.
func (d *Dec) octetsAt(b Octets, i int, site Site) (s, e int) {
	n, s := announcement(b, i)
	if s < 0 || n > int64(d.end-s) {
		return 0, d.Fail(i, d.literalSite(s, site))
	}
	return s, s + int(n)
}

// literalSite is the site of a literal that is not in the frame: either it is
// wrong, or it was streamed where the grammar has no use for that.
func (d *Dec) literalSite(s int, site Site) Site {
	if d.pending != nil && s == d.end+2 {
		return siteStreamed
	}
	return site
}

// literal decodes a literal without NUL as a string.
func (d *Dec) literal(b Octets, i int) (string, int) {
	s, e := d.octetsAt(b, i, siteLiteral)
	if e < 0 {
		return "", e
	}
	if k := bytes.IndexByte(b.slice(s, e), 0); k >= 0 {
		return "", d.Fail(s+k, siteLiteral)
	}
	return b.text(s, e), e
}

// Literal decodes literal, which has no NUL.
func (d *Dec) Literal(b Octets, i int) (Literal, int) {
	s, j := d.literal(b, i)
	if j < 0 {
		return Literal{}, j
	}
	return NewLiteral(s), j
}

// Literal8 decodes literal8, "~{n}" (RFC 3516, RFC 9051 §9).
func (d *Dec) Literal8(b Octets, i int) (Literal, int) {
	if b.At(i) != '~' {
		return Literal{}, d.Fail(i, siteLiteral8)
	}
	s, e := d.octetsAt(b, i+1, siteLiteral8)
	if e < 0 {
		return Literal{}, e
	}
	l := NewLiteral(b.text(s, e))
	l.Binary = true
	return l, e
}

// streamed decodes the announcement at i of the literal that is pending behind
// the frame. It reports false where there is none.
func (d *Dec) streamed(b Octets, i int, binary bool) (Literal, bool) {
	if d.pending == nil || d.ended {
		return Literal{}, false
	}
	if n, s := announcement(b, i); s != d.end+2 || n != d.pending.size {
		return Literal{}, false
	}
	d.ended = true
	return Literal{Body: d.pending, Size: d.pending.size, Valid: true, Binary: binary}, true
}

// StreamLiteral decodes literal, which may be streamed.
func (d *Dec) StreamLiteral(b Octets, i int) (Literal, int) {
	if l, ok := d.streamed(b, i, false); ok {
		return l, d.end
	}
	return d.Literal(b, i)
}

// StreamLiteral8 decodes literal8, which may be streamed.
func (d *Dec) StreamLiteral8(b Octets, i int) (Literal, int) {
	if b.At(i) == '~' {
		if l, ok := d.streamed(b, i+1, true); ok {
			return l, d.end
		}
	}
	return d.Literal8(b, i)
}

// StreamNString decodes nstring, which may be streamed.
func (d *Dec) StreamNString(b Octets, i int) (Literal, int) {
	if l, ok := d.streamed(b, i, false); ok {
		return l, d.end
	}
	s, j := d.NString(b, i)
	if j < 0 || !s.Valid {
		return Literal{}, j
	}
	return NewLiteral(s.Value), j
}

// StreamNString8 decodes nstring or literal8, which may be streamed.
func (d *Dec) StreamNString8(b Octets, i int) (Literal, int) {
	if b.At(i) == '~' {
		return d.StreamLiteral8(b, i)
	}
	l, j := d.StreamNString(b, i)
	if j < 0 && d.failed == siteNString {
		d.failed = siteNString8
	}
	return l, j
}
