package grammar

import (
	"math/rand/v2"
	"testing"
)

// TestMutant: every kind of mutant is made, and nothing else.
func TestMutant(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const text = "a LIST (b) c\r\n"
	seen := map[string]bool{}
	for range 20_000 {
		m := string(Mutant(r, []byte(text)))
		if m[len(m)-2:] != "\r\n" {
			t.Fatalf("%q has another end", m)
		}
		seen[m] = true
	}
	for _, want := range []string{
		"a LIST (b) c\r\n", "a\x00LIST (b) c\r\n", "aLIST (b) c\r\n", "a LLIST (b) c\r\n", "a LI\xfeST (b) c\r\n",
		"LIST a (b) c\r\n", "c LIST (b) a\r\n", "a b (LIST) c\r\n", "a LIST (c) b\r\n",
	} {
		if !seen[want] {
			t.Errorf("never %q", want)
		}
	}
	for _, short := range []string{"", "\r\n", "x\r\n"} {
		for range 50 {
			Mutant(r, []byte(short))
		}
	}
}
