package memstore

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// allUIDs has every UID.
var allUIDs = imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}

// batch is how many messages Messages looks up at a time.
const batch = 256

// Load reads a whole mailbox.
func (h *handle) Load(ctx context.Context, id store.MailboxID) (v *store.Vector, err error) {
	const op = "load"
	err = h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err != nil {
			return err
		}
		v = &store.Vector{
			Mailbox: h.record(m),
			Messages: store.Messages{
				UIDs:     slices.Clone(m.uids),
				ModSeqs:  slices.Clone(m.modseqs),
				FlagRefs: slices.Clone(m.refs),
				FlagSets: slices.Clone(m.flags.sets),
			},
			Keywords: slices.Clone(m.flags.keywords),
		}
		return nil
	})
	return v, err
}

// Changes reads what happened after since.
func (h *handle) Changes(ctx context.Context, id store.MailboxID, since imap.ModSeq) (d *store.Delta, err error) {
	const op = "changes"
	err = h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err != nil {
			return err
		}
		d = &store.Delta{
			Mailbox:  h.record(m),
			Since:    since,
			Changed:  m.pick(m.changedSince(since)),
			Vanished: m.vanishedSince(since),
			Floor:    m.floor,
			Keywords: slices.Clone(m.flags.keywords),
		}
		return nil
	})
	return d, err
}

// changedSince returns the indexes of the messages with a higher MODSEQ.
func (m *mailbox) changedSince(since imap.ModSeq) []int {
	if m.HighestModSeq <= since {
		return nil
	}
	var where []int
	for i, modseq := range m.modseqs {
		if modseq > since {
			where = append(where, i)
		}
	}
	return where
}

// vanishedSince returns the UIDs expunged after since, or all that do not
// exist if history does not reach back so far.
func (m *mailbox) vanishedSince(since imap.ModSeq) imap.UIDSet {
	if since < m.floor {
		return store.MissingUIDs(m.uids, m.UIDNext)
	}
	if since >= m.HighestModSeq {
		return nil
	}
	i, _ := slices.BinarySearchFunc(m.vanished, since+1, func(g gone, s imap.ModSeq) int {
		if g.modseq < s {
			return -1
		}
		return 1
	})
	var set imap.UIDSet
	for _, g := range m.vanished[i:] {
		set = append(set, g.uids)
	}
	return set.Normalize()
}

// Messages reads parts of messages, some at a time, so that neither a slow
// receiver nor a large mailbox keeps the lock.
func (h *handle) Messages(ctx context.Context, id store.MailboxID, uids imap.UIDSet, parts store.Parts) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		rest := uids.Normalize()
		list := make([]store.Message, 0, batch)
		for {
			var err error
			list, rest, err = h.next(ctx, id, rest, parts, list[:0])
			if err != nil {
				yield(store.Message{}, err)
				return
			}
			if len(list) == 0 {
				return
			}
			for _, msg := range list {
				if !yield(msg, nil) {
					return
				}
			}
		}
	}
}

// next reads up to a batch of messages into list and returns the UIDs that
// remain.
func (h *handle) next(ctx context.Context, id store.MailboxID, uids imap.UIDSet, parts store.Parts, list []store.Message) ([]store.Message, imap.UIDSet, error) {
	const op = "messages"
	err := h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err != nil {
			return err
		}
		store.CutUIDs(m.uids, uids, func(from, to int) bool {
			for i := from; i < to && len(list) < batch; i++ {
				list = append(list, m.message(i, parts))
			}
			return len(list) < batch
		})
		return nil
	})
	if len(list) < batch {
		return list, nil, err
	}
	return list, after(uids, list[len(list)-1].UID), err
}

// after returns what a normalized set has above uid.
func after(set imap.UIDSet, uid imap.UID) imap.UIDSet {
	for i, r := range set {
		if r.Stop > uid {
			rest := slices.Clone(set[i:])
			rest[0].Start = max(r.Start, uid+1)
			return rest
		}
	}
	return nil
}

// message returns parts of message i.
func (m *mailbox) message(i int, parts store.Parts) store.Message {
	e := m.emails[i]
	msg := store.Message{UID: m.uids[i]}
	if parts&store.WantMetadata != 0 {
		msg.Metadata = store.Metadata{
			InternalDate: e.internalDate,
			SaveDate:     m.saved[i],
			Size:         e.body.size,
			EmailID:      e.id,
			ThreadID:     e.thread,
		}
	}
	if parts&store.WantSummary != 0 {
		msg.Summary = e.body.summary
	}
	if parts&store.WantListing != 0 {
		msg.Listing = e.body.listing
	}
	if parts&store.WantBody != 0 {
		msg.Body = e.body
	}
	return msg
}

// Body opens one message.
func (h *handle) Body(ctx context.Context, id store.MailboxID, uid imap.UID) (b store.Body, err error) {
	const op = "body"
	err = h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err != nil {
			return err
		}
		i, ok := slices.BinarySearch(m.uids, uid)
		switch {
		case ok:
			b = m.emails[i].body
			return nil
		case uid > 0 && uid < m.UIDNext:
			return fail(op, m.Name, store.ExpungeIssued, nil)
		}
		return fail(op, m.Name, store.NonExistent, nil)
	})
	return b, err
}
