// Package imap is a typed codec for IMAP4rev1 and IMAP4rev2, RFC 3501 and RFC
// 9051, for servers, clients, proxies and tools: commands and responses, in
// both directions.
//
// A [Reader] frames a byte stream into units, a [Decoder] turns a unit into a
// value, an [Encoder] writes values:
//
//	r := imap.NewReader(conn, imap.Client, imap.Limits{})
//	frame, err := r.Next()
//	tag, cmd, err := dec.Command(frame)
//	switch c := cmd.(type) {
//	case *imap.Fetch: // c.Items …
//	}
//
// The types and their codecs, the files called z….go, are generated from the
// grammar in grammar/spec. What is written by hand here is small: flags,
// mailbox names, the names of package wire.
//
// Values own their memory, unless [Decoder] is told to Borrow. Nothing that was
// parsed is thrown away: what the grammar does not know is kept verbatim and
// written back. An encoder returns an error for what the grammar cannot say, so
// that no value can smuggle in a second command.
package imap
