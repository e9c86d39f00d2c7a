package wire

import "encoding/base64"

// Base64 decodes base64, which may be empty; the result is not nil.
func (d *Dec) Base64(b Octets, i int) ([]byte, int) {
	s := i
	for class[b.At(i)]&classBase64 != 0 {
		i++
	}
	for k := 0; k < 2 && b.At(i) == '='; k++ {
		i++
	}
	if i == s {
		return []byte{}, i
	}
	n := base64.StdEncoding.DecodedLen(i - s)
	mark := d.octets.Mark(d)
	d.octets.growBy(n)
	out := d.octets.buf[mark : mark+n : mark+n]
	n, err := base64.StdEncoding.Decode(out, b.slice(s, i))
	if err != nil {
		return nil, d.Fail(s, siteBase64)
	}
	d.octets.buf = d.octets.buf[:mark+n]
	return out[:n:n], i
}

// InitialResponse decodes initial-resp (RFC 4959 §6): base64, or "=" for one that is empty
// but present.
func (d *Dec) InitialResponse(b Octets, i int) ([]byte, int) {
	if b.At(i) == '=' {
		return []byte{}, i + 1
	}
	if class[b.At(i)]&classBase64 == 0 {
		return nil, d.Fail(i, siteInitialResponse)
	}
	return d.Base64(b, i)
}
