package imap

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
)

// TestOracleRevisions: decoders that were told what is offered agree with the interpreter
// of the grammar without what is not, on sentences of the whole grammar and of their own.
func TestOracleRevisions(t *testing.T) {
	sentences := 500
	if testing.Short() {
		sentences = 40
	}
	g := wholeGrammar(t)
	for _, offered := range [][]Capability{
		{"IMAP4rev1"}, {"IMAP4rev2"}, {"IMAP4rev1", "IMAP4rev2"},
		{"IMAP4rev1", "UIDPLUS", "ESEARCH", "BINARY"}, {"IMAP4rev1", "LIST-EXTENDED", "MOVE", "MULTIAPPEND"},
	} {
		allows := func(caps []string) bool {
			return slices.ContainsFunc(caps, func(c string) bool { return slices.Contains(offered, Capability(c)) })
		}
		for _, root := range roots {
			t.Run(string(offered[len(offered)-1])+"/"+root.rule, func(t *testing.T) {
				r := rand.New(rand.NewPCG(5, uint64(len(root.rule))))
				m := newMatcher(g)
				m.Allows, m.Skip = allows, committedTo(g, allows)
				own, all := g.Sampler(r), g.Sampler(r)
				own.Allows = allows
				d := new(Decoder)
				d.SetCaps(offered...)
				for _, s := range []*grammar.Sampler{own, all} {
					s.Leaf, s.Depth, s.Repeat, s.Size = leafText(r), 14, 2, 150
					agreeOn(t, root, d, m, s, r, sentences)
				}
			})
		}
	}
}

func agreeOn(t *testing.T, root root, d *Decoder, m *grammar.Matcher, s *grammar.Sampler, r *rand.Rand, sentences int) {
	t.Helper()
	failures := 0
	for range sentences {
		text, ok := s.Sentence(root.rule)
		if !ok || len(text) > 300 {
			continue
		}
		for n := range 3 {
			in := text
			if n > 0 {
				in = grammar.Mutant(r, text)
			}
			_, err := root.decode(d, Frame{Bytes: bytes.Clone(in)})
			if m.Match(root.rule, in) == (err == nil) {
				continue
			}
			t.Errorf("%q: the decoder says %v, the grammar otherwise (up to %d)", in, err, m.Longest())
			if failures++; failures > 5 {
				t.Fatal("and more")
			}
		}
	}
}
