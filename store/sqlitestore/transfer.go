package sqlitestore

import (
	"context"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Copy copies messages.
func (h *handle) Copy(ctx context.Context, src store.MailboxID, uids imap.UIDSet, dst store.MailboxID) (store.CopyResult, error) {
	return h.transfer(ctx, "copy", src, uids, dst, false)
}

// Move moves messages.
func (h *handle) Move(ctx context.Context, src store.MailboxID, uids imap.UIDSet, dst store.MailboxID) (store.CopyResult, error) {
	return h.transfer(ctx, "move", src, uids, dst, true)
}

func (h *handle) transfer(ctx context.Context, op string, src store.MailboxID, uids imap.UIDSet, dst store.MailboxID, move bool) (res store.CopyResult, err error) {
	err = h.write(ctx, op, func(t *tx) error {
		from, err := t.find(src, store.NonExistent)
		if err != nil {
			return err
		}
		to, err := t.find(dst, store.TryCreate)
		if err != nil {
			return err
		}
		res, err = t.transfer(from, uids.Normalize(), to, move)
		return err
	})
	if err != nil {
		return store.CopyResult{}, err
	}
	return res, nil
}

// transfer copies or moves messages of a set, if there are any.
func (t *tx) transfer(from *box, uids imap.UIDSet, to *box, move bool) (res store.CopyResult, err error) {
	res = store.CopyResult{UIDValidity: to.UIDValidity, ModSeq: t.current()}
	list, err := t.collect(from, uids, &res.Source)
	if err != nil || len(list.emails) == 0 {
		return res, err
	}
	to = t.edit(to)
	size, err := t.checkCopy(to, list, move)
	if err != nil {
		return res, err
	}
	for i, set := range list.sets {
		list.sets[i] = to.canonical(set)
	}
	now := uint64(t.store.opts.Now().Unix())
	list.saved = make([]uint64, len(list.emails))
	for i := range list.saved {
		list.saved[i] = now
	}
	first := to.UIDNext
	if err := t.arrive(to, list); err != nil {
		return res, err
	}
	res.Dest = imap.UIDSet{{Start: first, Stop: to.UIDNext - 1}}
	res.ModSeq = t.modseq
	if move {
		_, err = t.remove(t.edit(from), res.Source, func(*page, int) bool { return true })
		return res, err
	}
	t.meta.quota.Messages += uint64(len(list.emails))
	t.meta.quota.Size += size
	return res, nil
}

// collect lists the messages of a set, with their flags in the source's spelling.
func (t *tx) collect(b *box, uids imap.UIDSet, found *imap.UIDSet) (*arrivals, error) {
	l := new(arrivals)
	var table setTable
	err := t.visitWhole(b, uids, func(p *page, runs []run) error {
		for _, r := range runs {
			if r.to-r.from == len(p.uids) { // most likely of all of the mailbox
				l.emails = growTo(l.emails, len(p.uids), int(b.Messages))
				l.sizes = growTo(l.sizes, len(p.uids), int(b.Messages))
				l.refs = growTo(l.refs, len(p.uids), int(b.Messages))
			}
			l.emails = append(l.emails, p.emails[r.from:r.to]...)
			l.sizes = append(l.sizes, p.sizes[r.from:r.to]...)
			for i := r.from; i < r.to; i++ {
				found.Add(p.uids[i])
				l.refs = append(l.refs, table.ref(p, p.refs[i]))
			}
		}
		return nil
	})
	l.sets = table.list
	return l, err
}

// growTo returns list with room for n more elements; if there is none yet, with room for total in all.
func growTo[T any](list []T, n, total int) []T {
	if cap(list)-len(list) >= n {
		return list
	}
	return slices.Grow(list, max(n, total-len(list)))
}

// checkCopy checks that the messages fit, and returns how many octets they
// have. A move needs no quota.
func (t *tx) checkCopy(to *box, list *arrivals, move bool) (size uint64, err error) {
	for _, s := range list.sizes {
		size += s
	}
	if !move {
		if err := t.meta.room(t.op, t.id, uint64(len(list.emails)), size); err != nil {
			return 0, err
		}
	}
	if err := t.fits(to, len(list.emails)); err != nil {
		return 0, err
	}
	var flags imap.FlagSet
	for _, set := range list.sets {
		flags = flags.Union(set)
	}
	return size, t.admit(to, flags)
}
