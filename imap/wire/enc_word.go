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

// padding is how many octets of a text are copied at once.
const padding = 32

// appendPadded appends s[from:to] where padding more octets of s follow.
func appendPadded(dst []byte, s string, from, to int) []byte {
	k, n := len(dst), to-from
	if cap(dst)-k < n+padding {
		dst = grow(dst, n+padding)
	}
	copy32(dst, k, s, from)
	for i := padding; i < n; i += padding {
		copy32(dst, k+i, s, from+i)
	}
	return dst[:k+n]
}

// copy32 copies 32 octets of s from j on to b from i on, which may be behind the end of b;
// its capacity must cover them.
func copy32(b []byte, i int, s string, j int) {
	w0, w1, w2, w3 := load64(s, j), load64(s, j+8), load64(s, j+16), load64(s, j+24)
	store64(b, i, w0)
	store64(b, i+8, w1)
	store64(b, i+16, w2)
	store64(b, i+24, w3)
}

// FindFold is the index of a word in a list, whatever its letters' case; -1 where
// it is not there. The list is sorted by the words in lower case, and ASCII.
func FindFold(words []string, word string) int {
	if word == "" || lower(word[0]) > lower(words[len(words)-1][0]) { // often so: names of flags begin with punctuation
		return -1
	}
	for i, w := range words {
		if len(w) == len(word) && strings.EqualFold(w, word) {
			return i
		}
	}
	return -1
}

// lower is an octet with an ASCII letter in lower case.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}
