package gen

import (
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// A known word is one that the grammar has in a choice with a generic
// alternative. The decoder never takes it for the generic one, so the encoder must
// not write it as such.
type knownWord struct {
	text string
	// gate is the test whether a decoder d has the word; nil where each has it.
	gate *jen.Statement
}

// knownWords are those of a choice.
type knownWords struct {
	words, numbers []knownWord // numbers are those behind a number
	// prefix is the constant that may stand before a generic word.
	prefix string
	// number says that a number may stand there.
	number bool
	// after may follow the choice.
	after grammar.ByteSet
}

// remember keeps the words of a choice for the encoder.
func (s *dispatcher) remember(words, numbers []entry, prefix string) {
	k := &knownWords{prefix: strings.TrimSpace(prefix), number: prefix == " ", after: s.after}
	for _, w := range words {
		k.words = append(k.words, knownWord{w.text, w.gate})
	}
	for _, w := range numbers {
		k.numbers = append(k.numbers, knownWord{strings.TrimSpace(w.text), w.gate})
	}
	if len(k.words)+len(k.numbers) == 0 {
		return
	}
	if k.prefix != "" {
		k.words = append(k.words, knownWord{k.prefix, nil})
	}
	s.knownWords[s.node] = k
}

// knownFunction is the name of the function that tells whether a word is known.
func (e *encodeEmitter) knownFunction(n *Node, behindNumber bool) string {
	k := e.knownWords[n]
	name, words := "knows"+camel(e.choiceRule(n)), k.words
	if behindNumber {
		name, words = name+"Number", k.numbers
	}
	if id, ok := e.knownNames[name]; ok && id != n {
		name += itoa(len(e.knownNames))
	}
	e.knownNames[name] = n
	if e.done[name] {
		return name
	}
	e.done[name] = true
	words, gates := gatesOf(words)
	rule := e.rule
	e.queue = append(e.queue, func() {
		e.out(rule, jen.Var().Id(name+"Words").Op("=").Index(jen.Op("...")).String().ValuesFunc(func(g *jen.Group) {
			for _, w := range words {
				g.Lit(w.text)
			}
		}))
		e.out(rule, jen.Func().Params(jen.Id("e").Op("*").Id("Encoder")).Id(name).Params(jen.Id("word").String()).Bool().BlockFunc(func(g *jen.Group) {
			find := wire("FindFold").Call(jen.Id(name+"Words").Index(jen.Op(":")), jen.Id("word"))
			if len(gates) == 0 {
				g.Return(find.Op(">=").Lit(0))
				return
			}
			g.Id("d").Op(":=").Op("&").Id("e").Dot("check")
			g.Switch(jen.Id("i").Op(":=").Add(find), jen.Id("i")).BlockFunc(func(g *jen.Group) {
				g.Case(jen.Lit(-1)).Block(jen.Return(jen.False()))
				for _, x := range gates {
					g.Case(x.indices...).Block(jen.Return(x.gate))
				}
			})
			g.Return(jen.True())
		}))
	})
	return name
}

// choiceRule names the choice for people and functions.
func (e *encodeEmitter) choiceRule(n *Node) string {
	if n.Rule != nil {
		return n.Rule.Spelling
	}
	return e.rule.Spelling
}

// A gated group is the words that one test decides, by their index.
type gatedGroup struct {
	gate    *jen.Statement
	indices []jen.Code
}

// gatesOf sorts words, each once, and groups those that not each decoder has.
func gatesOf(words []knownWord) (sorted []knownWord, groups []gatedGroup) {
	first := map[string]int{}
	for _, w := range words {
		text := strings.ToUpper(w.text)
		i, ok := first[text]
		switch {
		case !ok:
			first[text] = len(sorted)
			sorted = append(sorted, knownWord{w.text, w.gate})
		case w.gate == nil || sorted[i].gate == nil:
			sorted[i].gate = nil
		case w.gate.GoString() != sorted[i].gate.GoString():
			sorted[i].gate = jen.Add(sorted[i].gate).Op("||").Add(w.gate)
		}
	}
	sort.Slice(sorted, func(i, j int) bool { return strings.ToLower(sorted[i].text) < strings.ToLower(sorted[j].text) })
	at := map[string]int{}
	for i, w := range sorted {
		if w.gate == nil {
			continue
		}
		key := w.gate.GoString()
		if _, ok := at[key]; !ok {
			at[key] = len(groups)
			groups = append(groups, gatedGroup{gate: w.gate})
		}
		g := &groups[at[key]]
		g.indices = append(g.indices, jen.Lit(i))
	}
	return sorted, groups
}

// generic is the alternative of a choice that takes the words that the grammar
// does not know, nil where nothing is known of them.
func (e *encodeEmitter) generic(n *Node) *Node {
	if e.knownWords[n] == nil {
		return nil
	}
	return n.Kids[len(n.Kids)-1]
}

// refuseKnown refuses a value of the generic alternative k of a choice whose word
// the grammar knows. Name is the variable that holds the value's struct.
func (e *encodeEmitter) refuseKnown(n, k *Node, name func() *jen.Statement) {
	if e.generic(n) != k {
		return
	}
	word, flag, number := e.genericWord(k)
	if word == "" {
		return
	}
	known := e.knownWords[n]
	field := func(f string) *jen.Statement { return name().Dot(f) }
	refuse := func(c *jen.Statement) {
		e.add(jen.If(c).Block(e.failReason(unknownWord, "a keyword of the grammar")))
	}
	test := func(fn string, w *jen.Statement) *jen.Statement { return jen.Id("e").Dot(fn).Call(w) }
	switch {
	case number != nil:
		there := jen.Parens(e.thereIn(name, k, number))
		if len(known.numbers) > 0 {
			refuse(jen.Add(there).Op("&&").Add(test(e.knownFunction(n, true), field(word))))
		}
		refuse(jen.Op("!").Add(there).Op("&&").Add(test(e.knownFunction(n, false), field(word))))
	case flag != "":
		fn := e.knownFunction(n, false)
		refuse(jen.Op("!").Add(field(flag)).Op("&&").Add(test(fn, field(word))).Op("||").
			Add(field(flag)).Op("&&").Add(test(fn, jen.Lit(known.prefix+" ").Op("+").Add(field(word)))))
	default:
		refuse(test(e.knownFunction(n, false), field(word)))
	}
}

// refuseRead refuses a value of the generic alternative of a choice with `;@ recover`
// whose text the decoder would read as one of the known cases. Its word alone does
// not tell: the alternative also holds what has a wrong value behind a known word.
// The function that is returned ends what is emitted for the alternative.
func (e *encodeEmitter) refuseRead(n, k *Node) func() {
	word, _, _ := e.genericWord(k)
	start := e.temp("k")
	e.add(jen.Id(start).Op(":=").Add(length()))
	end, _ := e.knownWords[n].after.First()
	return func() {
		text := since(start).Op("+").Lit(string(rune(end)))
		known := jen.If(jen.List(jen.Id("_"), jen.Id("i")).Op(":=").Id("e").Dot("check").Dot("decode"+camel(e.rule.Spelling)+"Known").Call(jen.Id("b"), jen.Lit(0)), jen.Id("i").Op("==").Add(length()).Op("-").Id(start)).
			Block(e.failReason(unknownWord, "a keyword of the grammar with a valid value"))
		e.add(jen.If(jen.Id("e").Dot(e.knownFunction(n, false)).Call(jen.Id("c").Dot(word))).Block(e.checking(text, known)))
	}
}

// checking runs a statement with the decoder at the start b of a text.
func (e *encodeEmitter) checking(text, then jen.Code) *jen.Statement {
	return jen.If(jen.List(jen.Id("b"), jen.Id("ok")).Op(":=").Id("e").Dot("check").Dot("BeginCheck").Call(jen.Op("&").Id("e").Dot("scratch"), text), jen.Id("ok")).Block(then)
}

// A tried part is an optional one that the decoder tries, with the function that
// does and the struct that it fills.
type tried struct {
	function string
	typ      *Type
}

// refuseTaken refuses a value without an optional part where the decoder would
// take what follows for it. The function that is returned ends what is emitted for
// what follows.
func (e *encodeEmitter) refuseTaken(n *Node, try tried) func() {
	start := e.temp("k")
	first, _ := e.first(n.Kids[0])
	absent := jen.Op("!").Parens(e.present(n))
	e.add(jen.Id(start).Op(":=").Add(length()))
	return func() {
		at := since(start).Index(jen.Lit(0))
		tries := jen.If(jen.Id("e").Dot("check").Dot(try.function).Call(jen.Id("b"), jen.Lit(0), jen.New(jen.Id(try.typ.Name))).Op(">=").Lit(0)).
			Block(e.failReason("text that is nothing else", "it would be read as "+strings.Join(n.fields(), " and ")))
		e.add(jen.If(jen.Add(absent).Op("&&").Add(length()).Op(">").Id(start).Op("&&").Add(e.in(first, at))).
			Block(e.checking(since(start), tries)))
	}
}

// unknownWord is what a generic alternative takes.
const unknownWord = "a word that the grammar does not know"

// thereIn is the test whether an optional field of a struct is there.
func (e *encodeEmitter) thereIn(name func() *jen.Statement, k *Node, f *Field) *jen.Statement {
	bit := jen.Add(name()).Dot("Has").Op("&").Id(k.Type.real().Name + "Has" + f.Name).Op("!=").Lit(0)
	return bit.Op("||").Add(name()).Dot(f.Name).Op("!=").Lit(0)
}

// genericWord is the field of the word of a generic alternative, and what may
// stand before it: a keyword, of which a field says whether it is there, or a number.
func (e *encodeEmitter) genericWord(k *Node) (word, flag string, number *Field) {
	nodes := []*Node{k}
	for i := 0; i < len(nodes); i++ {
		switch n := nodes[i]; n.Op {
		case OpCall:
			nodes = append(nodes, e.lowerer.rule(n.Rule.Name).body)
		case OpSeq, OpGroup:
			nodes = append(nodes, n.Kids...)
		case OpOpt:
			if n.Type != nil && n.Type.real().Kind == KindBool {
				flag = n.Dest
			} else if len(n.Bag) == 0 {
				number = k.Type.real().field(n.Dest)
			} else {
				number = n.Bag[0]
			}
		case OpVal:
			if n.Type.base().Kind == KindSpan {
				return n.Dest, flag, number
			}
			return "", "", nil
		default:
			return "", "", nil
		}
	}
	return "", "", nil
}
