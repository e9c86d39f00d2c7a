package main

import "encoding/binary"

// sink keeps the floors' results alive.
var sink int

func floor(data []byte, f func([]byte) int) func() {
	return func() { sink += f(data) }
}

// atomChars are the octets that tokens consist of.
var atomChars = func() (t [256]bool) {
	for c := byte(0x21); c < 0x7f; c++ {
		switch c {
		case '(', ')', '{', '%', '*', '"', '\\', ']':
		default:
			t[c] = true
		}
	}
	return t
}()

// tokens counts the tokens of an input: a table look-up for each octet and a
// branch at each delimiter.
func tokens(p []byte) int {
	n, i := 0, 0
	for i < len(p) {
		for i < len(p) && atomChars[p[i]] {
			i++
		}
		n++
		i++
	}
	return n
}

// words looks at words for quotes, backslashes, controls and 8-bit octets.
func words(p []byte) int {
	const lows, highs = 0x0101010101010101, 0x8080808080808080
	n := uint64(0)
	for i := 0; i+8 <= len(p); i += 8 {
		w := binary.LittleEndian.Uint64(p[i:])
		q, e := w^lows*'"', w^lows*'\\'
		n += ((q-lows)&^q | (e-lows)&^e | (w-lows*' ')&^w | w) & highs
	}
	return int(n)
}

// copied copies an input.
func copied(data []byte) func([]byte) int {
	dst := make([]byte, len(data))
	return func(p []byte) int { return copy(dst, p) }
}
