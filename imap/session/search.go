package session

import (
	"context"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
	"github.com/imapsrv/imapsrv/store"
)

// candidate is a message that a SEARCH looks at, with what is known about it so
// far.
type candidate struct {
	message
	store store.Message
	mail  *mime.Message
	found truth
}

// sentDate is the Date header field as it is written, without time and zone.
func (c *candidate) sentDate() (imap.Date, bool) {
	t, ok := c.mail.Date()
	if !ok {
		return imap.Date{}, false
	}
	year, month, day := t.Date()
	return imap.Date{Year: uint16(year), Month: uint8(month), Day: uint8(day)}, true
}

// searchRun is one SEARCH over a view.
type searchRun struct {
	opener
	view *view
	test *searchTest
	uses [numCosts]bool
	hits searchHits
}

func (s *session) newSearchRun(ctx context.Context, test *searchTest) *searchRun {
	m := s.view.m
	r := &searchRun{opener: opener{ctx, m.hub.acct, m.id, nil}, view: s.view, test: test}
	test.costs(&r.uses)
	return r
}

// costs notes what the leaves need.
func (t *searchTest) costs(uses *[numCosts]bool) {
	if t.op == opLeaf {
		uses[t.cost], uses[t.most] = true, true
	}
	for _, kid := range t.kids {
		kid.costs(uses)
	}
}

// run asks about all messages of the view that still exist, some hundreds at a time: first what
// memory knows, then about those that are still undecided what the store must
// read, cheapest first.
func (r *searchRun) run() error {
	var undecided []candidate
	var c candidate // for all: it escapes into the tests
	for chunk := range r.view.chunks(r.view.all()) {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		undecided = undecided[:0]
		for i := range chunk {
			if chunk[i].Gone {
				continue
			}
			c.message = chunk[i]
			found, err := r.test.ask(&c, costVector)
			if err != nil {
				return err
			}
			if c.found = found; found != matchNo {
				undecided = append(undecided, c)
			}
		}
		if err := r.decide(undecided); err != nil {
			return err
		}
	}
	return nil
}

// decide reads what is needed to know the answer about each candidate, and
// keeps those that match.
func (r *searchRun) decide(cs []candidate) error {
	for cost := costMetadata; cost < numCosts; cost++ {
		if !r.uses[cost] {
			continue
		}
		if err := r.read(cs, cost); err != nil {
			return err
		}
	}
	for i := range cs {
		if cs[i].found == matchYes {
			r.hits.add(&cs[i])
		}
	}
	return nil
}

// costParts are what the store must read so that tests of a cost can be asked.
var costParts = [numCosts]store.Parts{
	costMetadata: store.WantMetadata,
	costSummary:  store.WantSummary,
	costBody:     store.WantSummary | store.WantBody,
}

// read reads more about the candidates that are undecided and asks again. One
// that was expunged meanwhile stays undecided, which does not match.
func (r *searchRun) read(cs []candidate, cost searchCost) error {
	var uids imap.UIDSet
	for i := range cs {
		if cs[i].found == matchUnknown {
			uids.Add(cs[i].UID)
		}
	}
	if len(uids) == 0 {
		return nil
	}
	for m, err := range r.acct.Messages(r.ctx, r.id, uids, costParts[cost]) {
		if err != nil {
			return err
		}
		at, _ := slices.BinarySearchFunc(cs, m.UID, func(c candidate, uid imap.UID) int {
			return int(int64(c.UID) - int64(uid))
		})
		if err := r.again(&cs[at], &m, cost); err != nil {
			return err
		}
	}
	return nil
}

// again asks about a candidate of which m has been read.
func (r *searchRun) again(c *candidate, m *store.Message, cost searchCost) error {
	defer r.done(m)
	if cost == costMetadata {
		c.store = *m
	} else {
		mail, err := r.open(m)
		if err != nil {
			return err
		}
		c.mail = mail
	}
	found, err := r.test.ask(c, cost)
	c.found = found
	c.mail = nil // its octets are closed now
	return err
}
