package message

import (
	"bytes"
	"strings"
)

// decoder undoes a transfer encoding. Whatever is not of the encoding is left out or
// left as it is; there are no errors.
type decoder interface {
	// decode appends what src decodes to. At the end of the part it is called with an
	// empty src.
	decode(dst, src []byte) []byte
}

// transferDecoder returns the decoder for a Content-Transfer-Encoding (RFC 2045 §6),
// nil for those that leave the octets alone. It is not ok if the encoding is unknown.
func transferDecoder(encoding string) (d decoder, ok bool) {
	switch strings.ToLower(encoding) {
	case "7bit", "8bit", "binary":
		return nil, true
	case "base64":
		return &base64Decoder{}, true
	case "quoted-printable":
		return &quotedDecoder{}, true
	}
	return nil, false
}

// base64Decoder decodes base64 (RFC 2045 §6.8). Octets outside the alphabet are
// skipped; padding ends a group, after which another may follow.
type base64Decoder struct {
	bits  uint32
	count uint8 // characters in bits
}

// base64Values has the values of the alphabet; 0xFF is not in it and 0xFE is "=".
var base64Values = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xFF
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	t['='] = 0xFE
	return t
}()

func (d *base64Decoder) decode(dst, src []byte) []byte {
	if len(src) == 0 {
		return d.flush(dst)
	}
	for i := 0; i < len(src); i++ {
		for d.count == 0 && i+4 <= len(src) {
			a, b, c, e := base64Values[src[i]], base64Values[src[i+1]], base64Values[src[i+2]], base64Values[src[i+3]]
			if a|b|c|e >= 64 {
				break
			}
			dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|e)
			i += 4
		}
		if i >= len(src) {
			break
		}
		v := base64Values[src[i]]
		if v >= 0xFE {
			if v == 0xFE {
				dst = d.flush(dst)
			}
			continue
		}
		d.bits = d.bits<<6 | uint32(v)
		if d.count++; d.count == 4 {
			dst = append(dst, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
			d.bits, d.count = 0, 0
		}
	}
	return dst
}

// flush ends a group that is not complete.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.count {
	case 2:
		dst = append(dst, byte(d.bits>>4))
	case 3:
		dst = append(dst, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.count = 0, 0
	return dst
}

// quotedDecoder decodes quoted-printable (RFC 2045 §6.7). White space at the end of a
// line is left out, and "=" that starts nothing stays.
type quotedDecoder struct {
	held []byte // the start of an escape, or white space that may end a line
}

// maxHeld bounds the white space that is held back; more is no line end's padding.
const maxHeld = 1000

func (d *quotedDecoder) decode(dst, src []byte) []byte {
	if len(src) == 0 {
		return d.flush(dst)
	}
	for i := 0; i < len(src); i++ {
		if len(d.held) == 0 {
			n := plainRun(src[i:])
			dst = append(dst, src[i:i+n]...)
			if i += n; i == len(src) {
				break
			}
		}
		dst = d.octet(dst, src[i])
	}
	return dst
}

// plainRun returns how many octets at the start of b stand for themselves whatever
// follows them: white space does only in front of another character.
func plainRun(b []byte) int {
	n := 0 // behind the last octet that is no white space
	for i, c := range b {
		if c > ' ' && c != '=' {
			n = i + 1
		} else if c != ' ' {
			break
		}
	}
	return n
}

// octet takes the next octet.
func (d *quotedDecoder) octet(dst []byte, c byte) []byte {
	switch {
	case len(d.held) > 0 && d.held[0] == '=':
		return d.escape(dst, c)
	case c == '=':
		dst = append(dst, d.held...)
		d.held = append(d.held[:0], c)
	case c == ' ' || c == '\t' || c == '\r':
		d.held = append(d.held, c)
		if len(d.held) > maxHeld {
			dst = append(dst, d.held...)
			d.held = d.held[:0]
		}
	case c == '\n':
		if n := len(d.held); n > 0 && d.held[n-1] == '\r' {
			dst = append(dst, '\r')
		}
		dst = append(dst, c)
		d.held = d.held[:0]
	default:
		if len(d.held) > 0 {
			dst = append(dst, d.held...)
			d.held = d.held[:0]
		}
		dst = append(dst, c)
	}
	return dst
}

// escape takes the next octet behind "=": a soft line break, with white space in front
// of it, or two hexadecimal digits.
func (d *quotedDecoder) escape(dst []byte, c byte) []byte {
	n := len(d.held)
	switch {
	case c == '\n' && (n == 1 || d.held[n-1] == '\r' || isSpace(d.held[n-1])):
		d.held = d.held[:0]
		return dst
	case n == 1 && hexValue(c) >= 0:
		d.held = append(d.held, c)
		return dst
	case n == 2 && hexValue(d.held[1]) >= 0 && hexValue(c) >= 0:
		dst = append(dst, byte(hexValue(d.held[1])<<4|hexValue(c)))
		d.held = d.held[:0]
		return dst
	case (isSpace(c) || c == '\r') && (n == 1 || hexValue(d.held[1]) < 0) && n < maxHeld:
		d.held = append(d.held, c)
		return dst
	}
	dst = append(dst, d.held...)
	d.held = d.held[:0]
	return d.octet(dst, c)
}

// flush ends the part: an incomplete escape stays, a soft line break does not.
func (d *quotedDecoder) flush(dst []byte) []byte {
	if string(d.held) != "=" {
		dst = append(dst, strings.TrimRight(string(d.held), " \t")...)
	}
	d.held = d.held[:0]
	return dst
}

// crlfDecoder ends all lines with CRLF, as BINARY must have text (RFC 9051 §7.5.2).
type crlfDecoder struct {
	cr bool // the octet before was a CR
}

func (d *crlfDecoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		n := bytes.IndexByte(src, '\n')
		if n < 0 {
			d.cr = src[len(src)-1] == '\r'
			return append(dst, src...)
		}
		dst = append(dst, src[:n]...)
		if n > 0 && src[n-1] != '\r' || n == 0 && !d.cr {
			dst = append(dst, '\r')
		}
		dst = append(dst, '\n')
		d.cr = false
		src = src[n+1:]
	}
	return dst
}
