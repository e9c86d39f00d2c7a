package wire

import "encoding/base64"

// Base64 appends base64; nothing for no octets.
func (e *Enc) Base64(p Out, v []byte) Out {
	return e.resume(base64.StdEncoding.AppendEncode(e.Bytes(p), v))
}

// InitialResponse appends initial-resp (RFC 4959 §6): "=" for no octets.
func (e *Enc) InitialResponse(p Out, v []byte) Out {
	if len(v) == 0 {
		return e.Room(p.Text("="))
	}
	return e.Base64(p, v)
}
