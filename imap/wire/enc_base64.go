package wire

import "encoding/base64"

// Base64 appends base64; nothing for no octets.
func (e *Enc) Base64(dst, v []byte) []byte { return base64.StdEncoding.AppendEncode(dst, v) }

// InitialResponse appends initial-resp (RFC 4959 §6): "=" for no octets.
func (e *Enc) InitialResponse(dst, v []byte) []byte {
	if len(v) == 0 {
		return append(dst, '=')
	}
	return e.Base64(dst, v)
}
