package gen

import (
	"github.com/imapsrv/imapsrv/grammar"
)

// firstOf is the set of bytes that an element can begin with, and whether it
// can match nothing.
func firstOf(g *grammar.Grammar, n *grammar.Node, seen []string) (grammar.ByteSet, bool) {
	switch n.Op {
	case grammar.Literal:
		if n.Text == "" {
			return grammar.ByteSet{}, true
		}
		return firstByte(n.Text, n.Exact), false
	case grammar.Class:
		return n.Set, false
	case grammar.Ref:
		for _, s := range seen {
			if s == n.Name {
				return grammar.ByteSet{}, false
			}
		}
		return firstOf(g, g.Rules[n.Name].Body, append(seen[:len(seen):len(seen)], n.Name))
	case grammar.Rep:
		s, empty := firstOf(g, n.Kids[0], seen)
		return s, empty || n.Min == 0
	}
	var all grammar.ByteSet
	anyEmpty := false
	for _, k := range n.Kids {
		s, empty := firstOf(g, k, seen)
		all = all.Union(s)
		if n.Op == grammar.Seq && !empty {
			return all, false
		}
		anyEmpty = anyEmpty || empty
	}
	return all, n.Op == grammar.Seq || anyEmpty
}

// followSets are the bytes that can follow each rule.
func followSets(g *grammar.Grammar) map[string]grammar.ByteSet {
	f := &follower{g: g, sets: map[string]grammar.ByteSet{}, changed: true}
	for f.changed {
		f.changed = false
		for _, r := range g.Order {
			f.node(r.Body, f.sets[r.Name])
		}
	}
	return f.sets
}

type follower struct {
	g       *grammar.Grammar
	sets    map[string]grammar.ByteSet
	changed bool
}

func (f *follower) node(n *grammar.Node, after grammar.ByteSet) {
	switch n.Op {
	case grammar.Ref:
		if u := f.sets[n.Name].Union(after); u != f.sets[n.Name] {
			f.sets[n.Name] = u
			f.changed = true
		}
	case grammar.Alt:
		for _, k := range n.Kids {
			f.node(k, after)
		}
	case grammar.Seq:
		for i := len(n.Kids) - 1; i >= 0; i-- {
			f.node(n.Kids[i], after)
			s, empty := firstOf(f.g, n.Kids[i], nil)
			if empty {
				s = s.Union(after)
			}
			after = s
		}
	case grammar.Rep:
		if n.Max != 1 {
			s, _ := firstOf(f.g, n.Kids[0], nil)
			after = after.Union(s)
		}
		f.node(n.Kids[0], after)
	}
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
		return firstOf(e.grammar, n.Rule.Body, nil)
	case OpCall:
		return firstOf(e.grammar, n.Rule.Body, []string{n.Rule.Name})
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
