package wire

import (
	"slices"
	"strings"
)

// wordSlack is how far the encoder's stores may reach beyond what they are to
// write: a word is stored whole, and only the part that counts is kept.
const wordSlack = 8

// grow makes room for n octets and the slack.
//
//go:noinline
func grow(dst []byte, n int) []byte { return slices.Grow(dst, n+wordSlack) }

// appendPadded appends s[from:to] where a word more of s follows.
func appendPadded(dst []byte, s string, from, to int) []byte {
	k, n := len(dst), to-from
	if cap(dst)-k < n+wordSlack {
		dst = grow(dst, n)
	}
	for i := 0; i < n; i += 8 {
		store64(dst, k+i, load64(s, from+i))
	}
	return dst[:k+n]
}

// FindFold is the index of a word in a list, whatever its letters' case; -1 where
// it is not there.
func FindFold(words []string, word string) int {
	for i, w := range words {
		if len(w) == len(word) && strings.EqualFold(w, word) {
			return i
		}
	}
	return -1
}
