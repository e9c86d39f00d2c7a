package session

import (
	"cmp"
	"slices"
)

// searchCost says what a test must know about a message, cheapest first.
type searchCost uint8

const (
	costVector   searchCost = iota // number, UID, flags: in memory
	costMetadata                   // INTERNALDATE and size: bulk read of the store
	costSummary                    // ENVELOPE: bulk read of the store
	costBody                       // the octets
	numCosts
)

// truth is what is known about a test so far. The order makes AND the minimum
// and OR the maximum.
type truth uint8

const (
	matchNo truth = iota
	matchUnknown
	matchYes
)

func truthOf(matches bool) truth {
	if matches {
		return matchYes
	}
	return matchNo
}

// searchOp combines tests.
type searchOp uint8

const (
	opLeaf searchOp = iota
	opAnd
	opOr
	opNot
)

// searchTest is a search key ready to be asked about messages: a tree of tests
// whose leaves know what they cost. Because an answer may be unknown, the tree
// can be asked again each time more is known about a message, and only messages
// that are still undecided cost the next, dearer read. The order of the keys
// never changes a result, so operands are sorted by cost.
type searchTest struct {
	op   searchOp
	cost searchCost // of a leaf, at least; the dearest below otherwise
	most searchCost // of a leaf, when what costs less does not tell
	kids []*searchTest
	test func(c *candidate, known searchCost) (truth, error)
}

// leaf is a test that what cost reads is enough for.
func leaf(cost searchCost, test func(*candidate) bool) *searchTest {
	ask := func(c *candidate, _ searchCost) (truth, error) { return truthOf(test(c)), nil }
	return &searchTest{cost: cost, most: cost, test: ask}
}

// mailTest is a leaf about the content of a message. The summary is asked first;
// when it does not tell, the octets are read.
func mailTest(cost searchCost, summary func(*candidate) (found, known bool), octets func(*candidate) (bool, error)) *searchTest {
	ask := func(c *candidate, known searchCost) (truth, error) {
		if known < costBody {
			if found, ok := summary(c); ok {
				return truthOf(found), nil
			}
			return matchUnknown, nil
		}
		found, err := octets(c)
		return truthOf(found), err
	}
	return &searchTest{cost: cost, most: costBody, test: ask}
}

// combine makes an inner node, operands sorted by cost.
func combine(op searchOp, kids ...*searchTest) *searchTest {
	slices.SortStableFunc(kids, func(a, b *searchTest) int { return cmp.Compare(a.cost, b.cost) })
	return &searchTest{op: op, kids: kids, cost: kids[len(kids)-1].cost}
}

// ask answers as far as what is known about the message goes.
func (t *searchTest) ask(c *candidate, known searchCost) (truth, error) {
	switch t.op {
	case opAnd:
		return t.all(c, known)
	case opOr:
		return t.any(c, known)
	case opNot:
		got, err := t.kids[0].ask(c, known)
		return matchYes - got, err
	}
	if t.cost > known {
		return matchUnknown, nil
	}
	return t.test(c, known)
}

func (t *searchTest) all(c *candidate, known searchCost) (truth, error) {
	result := matchYes
	for _, kid := range t.kids {
		got, err := kid.ask(c, known)
		if got == matchNo || err != nil {
			return matchNo, err
		}
		result = min(result, got)
	}
	return result, nil
}

func (t *searchTest) any(c *candidate, known searchCost) (truth, error) {
	result := matchNo
	for _, kid := range t.kids {
		got, err := kid.ask(c, known)
		if got == matchYes || err != nil {
			return got, err
		}
		result = max(result, got)
	}
	return result, nil
}
