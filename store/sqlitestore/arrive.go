package sqlitestore

import "github.com/imapsrv/imapsrv/store"

// arrived is what transactions of a batch have appended to a mailbox. Its rows are written once for all of them: who
// appends one by one, together with others, would otherwise write the same page of the mailbox again for each message,
// and a row of emails of its own.
type arrived struct {
	box  store.MailboxID
	last *page // as the first of the transactions has found it
	list []*arrivals
}

// expect reads what the batch will need to add messages to b, so that damage is this transaction's error and not that
// of all.
func (t *tx) expect(b *box) error {
	t.arrived = &arrived{box: b.ID}
	if t.batch.arrivedIn(b.ID) != nil {
		return nil
	}
	last, err := t.lastPage(b)
	t.arrived.last = last
	return err
}

// arrivedIn returns what a batch has for a mailbox, or nil.
func (b *batch) arrivedIn(id store.MailboxID) *arrived {
	for _, a := range b.arrived {
		if a.box == id {
			return a
		}
	}
	return nil
}

// arrivals lists what a batch has for a mailbox.
func (b *batch) arrivals(id store.MailboxID) []*arrivals {
	if a := b.arrivedIn(id); a != nil {
		return a.list
	}
	return nil
}

// gather takes over what a transaction leaves to its batch.
func (b *batch) gather(t *tx) {
	b.emails = append(b.emails, t.emails...)
	if t.arrived == nil {
		return
	}
	if a := b.arrivedIn(t.arrived.box); a != nil {
		a.list = append(a.list, t.arrived.list...)
	} else {
		b.arrived = append(b.arrived, t.arrived)
	}
}

// writeArrivals writes what transactions have left to the batch.
func (b *batch) writeArrivals() error {
	if len(b.arrived) == 0 {
		return nil
	}
	t := &tx{batch: b, op: "append", meta: b.meta, layer: newLayer()}
	if err := t.addEmails(b.emails); err != nil {
		return err
	}
	for _, a := range b.arrived {
		if err := t.addMessages(t.box(a.box), a.last, a.list...); err != nil {
			return err
		}
	}
	b.meta.loose = t.meta.loose
	b.emails, b.arrived = nil, nil
	return nil
}
