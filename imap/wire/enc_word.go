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
