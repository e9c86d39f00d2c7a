// Package colour shows how a program has a private extension of IMAP without a fork of Imapsrv: x-colour.abnf is its
// grammar, and package codec, which go generate makes of it, has typed values for it in both directions.
//
// docs/extensions.md of Imapsrv explains it.
package colour

//go:generate go tool imapgen --out codec --package codec --spec core,rfc9051,rfc3501 x-colour.abnf
