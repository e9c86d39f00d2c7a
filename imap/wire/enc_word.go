package wire

import "slices"

// wordSlack is how far the encoder's stores may reach beyond what they are to
// write: a word is stored whole, and only the part that counts is kept.
const wordSlack = 8

// grow makes room for n octets and the slack.
//
//go:noinline
func grow(dst []byte, n int) []byte { return slices.Grow(dst, n+wordSlack) }
