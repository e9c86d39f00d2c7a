package grammar

import (
	"math/rand/v2"
	"slices"
)

// Mutant breaks a sentence, or at least changes it: one byte is changed, dropped or doubled,
// another one is put in, or a token is exchanged with another one. The last two bytes, CRLF
// of a unit, stay.
func Mutant(r *rand.Rand, text []byte) []byte {
	n := max(1, len(text)-2)
	i := r.IntN(n)
	head, tail := text[:i], text[i:]
	switch r.IntN(5) {
	case 0:
		return slices.Concat(head, []byte{mostly[r.IntN(len(mostly))]}, text[min(i+1, len(text)):])
	case 1:
		return slices.Concat(head, text[min(i+1, len(text)):])
	case 2:
		return slices.Concat(head, text[i:min(i+1, len(text))], tail)
	case 3:
		return slices.Concat(head, []byte{byte(r.IntN(256))}, tail)
	}
	return swapTokens(r, text, n)
}

// mostly are bytes that mean something in most grammars.
const mostly = " ()\"{}*1aA\\%]\x00\xff,:"

// swapTokens exchanges two of the tokens that spaces and parentheses separate.
func swapTokens(r *rand.Rand, text []byte, n int) []byte {
	var tokens [][2]int
	for start, i := 0, 0; i <= min(n, len(text)); i++ {
		if i == min(n, len(text)) || text[i] == ' ' || text[i] == '(' || text[i] == ')' {
			if i > start {
				tokens = append(tokens, [2]int{start, i})
			}
			start = i + 1
		}
	}
	if len(tokens) < 2 {
		return slices.Clone(text)
	}
	k := r.IntN(len(tokens) - 1)
	a, b := tokens[k], tokens[k+1+r.IntN(len(tokens)-k-1)]
	return slices.Concat(text[:a[0]], text[b[0]:b[1]], text[a[1]:b[0]], text[a[0]:a[1]], text[b[1]:])
}
