package session

import "github.com/imapsrv/imapsrv/imap"

// changes are messages whose flags have changed, by the MODSEQ of the change.
type changes struct{ batches []changeBatch }

// changeBatch is what one transaction of the store has changed.
type changeBatch struct {
	modSeq imap.ModSeq
	uids   imap.UIDSet
}

// maxBatches is the number from which on it is not kept any more which
// transaction changed which message: a session that never asks for news must
// not make them pile up.
const maxBatches = 64

// add notes a change.
func (c *changes) add(modSeq imap.ModSeq, uid imap.UID) {
	for i := range c.batches {
		if c.batches[i].modSeq == modSeq {
			c.batches[i].uids.Add(uid)
			return
		}
	}
	if len(c.batches) == maxBatches {
		c.flatten()
	}
	c.batches = append(c.batches, changeBatch{modSeq, imap.UIDSet{{Start: uid, Stop: uid}}})
}

// merge adds the changes of o, which keeps its memory to itself.
func (c *changes) merge(o changes) {
	if len(c.batches)+len(o.batches) > maxBatches {
		c.flatten()
	}
	for _, b := range o.batches {
		c.batches = append(c.batches, changeBatch{b.modSeq, append(imap.UIDSet(nil), b.uids...)})
	}
	if len(c.batches) > maxBatches {
		c.flatten()
	}
}

// flatten makes one batch of all.
func (c *changes) flatten() {
	c.batches = []changeBatch{{0, c.all()}}
}

// forget drops what one transaction has changed, which the client knows.
func (c *changes) forget(modSeq imap.ModSeq) {
	for i, b := range c.batches {
		if b.modSeq == modSeq {
			c.batches = append(c.batches[:i], c.batches[i+1:]...)
			return
		}
	}
}

// all is the set of the messages, normalized.
func (c *changes) all() imap.UIDSet {
	var set imap.UIDSet
	for _, b := range c.batches {
		set = append(set, b.uids...)
	}
	return set.Normalize()
}
