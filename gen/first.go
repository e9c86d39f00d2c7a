package gen

import (
	"github.com/imapsrv/imapsrv/grammar"
)

// firstOf is the set of bytes that an element of the grammar can begin with,
// and whether it can match nothing.
func (e *emitter) firstOf(n *grammar.Node) (grammar.ByteSet, bool) {
	return e.sets.First(n), e.sets.Nullable(n)
}

// first is the set of bytes that a codec node can begin with, and whether it
// can match nothing.
func (e *emitter) first(n *Node) (grammar.ByteSet, bool) {
	switch n.Op {
	case OpText:
		if n.Text == "" {
			return grammar.ByteSet{}, true
		}
		return firstByte(n.Text, n.Exact), false
	case OpEnd:
		return firstByte("\r", true), false
	case OpSkip:
		return firstByte(n.Text, true), true
	case OpOpt:
		s, _ := e.first(n.Kids[0])
		return s, true
	case OpVal:
		return e.firstOf(n.Rule.Body)
	case OpCall:
		return e.firstOf(n.Rule.Body)
	case OpList:
		return e.firstOfList(n)
	case OpGroup:
		return e.first(n.Kids[0])
	}
	return e.firstOfKids(n)
}

func (e *emitter) firstOfKids(n *Node) (grammar.ByteSet, bool) {
	var all grammar.ByteSet
	anyEmpty := false
	for _, k := range n.Kids {
		s, empty := e.first(k)
		all = all.Union(s)
		if n.Op == OpSeq && !empty {
			return all, false
		}
		anyEmpty = anyEmpty || empty
	}
	return all, n.Op == OpSeq || anyEmpty
}

func (e *emitter) firstOfList(n *Node) (grammar.ByteSet, bool) {
	if n.Lead && !n.Loose && n.Sep != "" {
		return firstByte(n.Sep, true), n.Min == 0
	}
	s, empty := e.first(n.Kids[0])
	return s, empty || n.Min == 0
}

// firstOfSeq is first of nodes that follow each other, with what follows them.
func (e *emitter) firstOfSeq(kids []*Node, after grammar.ByteSet) grammar.ByteSet {
	s, empty := e.first(&Node{Op: OpSeq, Kids: kids})
	if empty {
		s = s.Union(after)
	}
	return s
}
