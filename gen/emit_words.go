package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

const (
	// fewWords are found faster by comparing them.
	fewWords = 5
	// longestWord is what a wire.Word holds.
	longestWord = 16
	// foldAll makes all letters of eight bytes small.
	foldAll = 0x2020202020202020
)

// A tableWord is a keyword of a bit set with the number of its section.
type tableWord struct {
	entry
	section jen.Code
}

// bitTable looks keywords of a bit set up in a perfect hash. Which keyword it
// is takes no branch: the flags of a message say nothing about those of the
// next one, so that a branch would be mispredicted. (Where each keyword needs code of
// its own, there is a jump to be predicted in any case, and looking at single bytes
// knows its target earlier than a hash does.)
func (s *dispatcher) bitTable() {
	if s.mode != AltEnum || s.node.Type.real().Kind != KindBits || len(s.words) < fewWords {
		return
	}
	next := commonNext(s.words)
	var table []tableWord
	var rest []entry
	for _, w := range s.words {
		if !w.whole || w.node.Case == nil || w.next != next || len(w.text) > longestWord || w.exact {
			rest = append(rest, w)
			continue
		}
		table = append(table, tableWord{w, s.gateNumber(w.node.Source)})
	}
	index, left := prefixes(table, next)
	h := hashOf(index)
	if len(table)-len(left) < fewWords || h == nil {
		return
	}
	s.words = append(rest, left...)
	s.lookUp(s.declareWords(table, h), h, next)
}

// commonNext is what follows the first word whose end must be looked for.
func commonNext(words []entry) (next grammar.ByteSet) {
	for _, w := range words {
		if !w.next.Empty() {
			return w.next
		}
	}
	return next
}

// prefixes are beginnings that tell words apart, with the indices of the words, and the
// words that have none: too short ones, and those that begin like one before.
// Of the lengths from 2 to 8 it takes the one that leaves the fewest of those.
func prefixes(words []tableWord, next grammar.ByteSet) (best map[string]int, left []entry) {
	for k := 2; k <= 8; k++ {
		index, without := prefixesOf(k, words, next)
		if best == nil || len(without) < len(left) {
			best, left = index, without
		}
	}
	return best, left
}

// prefixesOf takes beginnings of k bytes. For a word that is one byte shorter,
// there is one with each byte that may follow.
func prefixesOf(k int, words []tableWord, next grammar.ByteSet) (index map[string]int, left []entry) {
	index = map[string]int{}
	for i, w := range words {
		text := strings.ToLower(w.text)
		var begin []string
		switch {
		case len(text) >= k:
			begin = []string{text[:k]}
		case len(text) == k-1 && next.Len() <= 8:
			for _, c := range next.Bytes() {
				begin = append(begin, text+string([]byte{c | 0x20}))
			}
		}
		if len(begin) == 0 || slices.ContainsFunc(begin, func(p string) bool { _, dup := index[p]; return dup }) {
			left = append(left, w.entry)
			continue
		}
		for _, p := range begin {
			index[p] = i
		}
	}
	return index, left
}

// lookUp writes the use of a table of words.
func (s *dispatcher) lookUp(name string, h *hash, next grammar.ByteSet) {
	w, e, j := s.temp("w"), s.temp("e"), s.temp("j")
	s.settle()
	s.add(jen.Id(w).Op(":=").Id("b").Dot("Le64").Call(jen.Id("i")))
	s.add(jen.Id(e).Op(":=").Op("&").Id(name).Index(h.of(jen.Id(w))))
	at := jen.Id(e).Dot("At").Call(jen.Id(w), jen.Id("b"), jen.Id("i")).Op("&&").Id("d").Dot("Offers").Call(jen.Id(e))
	set := s.node.Type.real()
	bits, typ := s.scope.self.val(), set.Name
	if set.Open {
		bits, typ = jen.Id("v").Dot("Bits"), set.Elem.real().Name
	}
	s.add(jen.If(at).Block(
		jen.If(jen.Id(j).Op(":=").Id("i").Op("+").Int().Call(jen.Id(e).Dot("Len")), s.in(next, jen.Id("b").Dot("At").Call(jen.Id(j)))).Block(
			bits.Op("|=").Id(typ).Call(jen.Id(e).Dot("Value")),
			s.ret(jen.Id(j)),
		)))
}

// gateNumber is 1 more than the number of the section that a keyword needs, nil for none.
func (d *decodeEmitter) gateNumber(n *grammar.Node) jen.Code {
	caps := d.needs(n)
	if caps == nil || strings.Join(caps, " ") == strings.Join(d.rule.Caps, " ") {
		return nil
	}
	if id, ok := d.section(caps); ok {
		return jen.Lit(id + 1)
	}
	return nil
}

// declareWords declares a table of words.
func (s *dispatcher) declareWords(words []tableWord, h *hash) string {
	name := fmt.Sprintf("words%d", len(s.tables))
	s.tables = append(s.tables, jen.Var().Id(name).Op("=").Index(jen.Lit(len(h.slots))).Add(wire("Word")).ValuesFunc(func(g *jen.Group) {
		for _, k := range h.slots {
			if k < 0 {
				g.Line().Values(jen.Id("Lo").Op(":").Lit(1)) // matches nothing
				continue
			}
			g.Line().Values(words[k].fields()...)
		}
		g.Line()
	}))
	return name
}

// fields are those of the wire.Word.
func (w tableWord) fields() (out []jen.Code) {
	is := func(name string, v jen.Code) { out = append(out, jen.Id(name).Op(":").Add(v)) }
	half := func(name, text string) {
		mask, fold, want := masked(text, false)
		is(name, hex(want))
		is(name+"Mask", hex(mask))
		is(name+"Fold", hex(fold))
	}
	half("Lo", w.text[:min(8, len(w.text))])
	if len(w.text) > 8 {
		half("Hi", w.text[8:])
	}
	is("Value", jen.Uint64().Call(jen.Id(w.node.Case.Name)))
	if w.section != nil {
		is("Gate", w.section)
	}
	is("Len", jen.Lit(len(w.text)))
	return out
}

func hex(v uint64) jen.Code { return jen.Id(fmt.Sprintf("%#x", v)) }

// A hash is a perfect hash of beginnings of words, all of the same length.
type hash struct {
	mask, mul uint64
	shift     int
	// slots are the values of the beginnings, -1 where there is none.
	slots []int
}

// hashOf finds a hash that puts every beginning into a slot of its own. It finds
// the same one each time. Nil where there is none, or nothing to hash.
func hashOf(prefixes map[string]int) *hash {
	h := &hash{}
	for p := range prefixes {
		h.mask, _, _ = masked(p, false)
	}
	for size := 1; size <= 9; size++ {
		if 1<<size < len(prefixes) {
			continue
		}
		h.shift = 64 - size
		for try := range uint64(1000) {
			h.mul = mix(try) | 1
			if h.slots = h.place(prefixes); h.slots != nil {
				return h
			}
		}
	}
	return nil
}

// place puts values into slots; nil where two want the same.
func (h *hash) place(prefixes map[string]int) []int {
	slots := make([]int, 1<<(64-h.shift))
	for i := range slots {
		slots[i] = -1
	}
	for p, v := range prefixes {
		var w uint64
		for k := range len(p) {
			w |= uint64(p[k]|0x20) << (8 * k)
		}
		i := w * h.mul >> h.shift
		if slots[i] >= 0 {
			return nil
		}
		slots[i] = v
	}
	return slots
}

// of is the slot for eight bytes.
func (h *hash) of(load *jen.Statement) *jen.Statement {
	w := jen.Parens(jen.Add(load).Op("|").Add(hex(foldAll)))
	if h.mask != 1<<64-1 {
		w = jen.Parens(w.Op("&").Add(hex(h.mask)))
	}
	return w.Op("*").Add(hex(h.mul)).Op(">>").Lit(h.shift)
}

// mix makes a number that looks random from another (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
