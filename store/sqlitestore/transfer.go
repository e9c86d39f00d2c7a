package sqlitestore

import (
	"context"

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
	list, sets, err := t.collect(from, uids, &res.Source)
	if err != nil || len(list) == 0 {
		return res, err
	}
	to = t.edit(to)
	size, err := t.checkCopy(to, list, sets, move)
	if err != nil {
		return res, err
	}
	for i, set := range sets {
		sets[i] = to.canonical(set)
	}
	now := uint64(t.store.opts.Now().Unix())
	copies := make([]message, len(list))
	for i, m := range list {
		copies[i] = message{flags: sets[m.set], email: m.email, saved: now, size: m.size}
	}
	first := to.UIDNext
	if err := t.deliver(to, copies); err != nil {
		return res, err
	}
	res.Dest = imap.UIDSet{{Start: first, Stop: to.UIDNext - 1}}
	res.ModSeq = t.modseq
	if move {
		_, err = t.remove(t.edit(from), res.Source, func(*page, int) bool { return true })
		return res, err
	}
	t.meta.quota.Messages += uint64(len(list))
	t.meta.quota.Size += size
	return res, nil
}

// picked is a message to be copied.
type picked struct {
	email, size uint64
	set         uint32
}

// collect lists the messages of a set, and their sets of flags.
func (t *tx) collect(b *box, uids imap.UIDSet, found *imap.UIDSet) (list []picked, sets []imap.FlagSet, err error) {
	var table setTable
	err = t.visit(b, uids, decodePage, func(p *page, runs []run) error {
		for _, r := range runs {
			for i := r.from; i < r.to; i++ {
				found.Add(p.uids[i])
				list = append(list, picked{p.emails[i], p.sizes[i], table.ref(p, p.refs[i])})
			}
		}
		return nil
	})
	return list, table.list, err
}

// checkCopy checks that the messages fit, and returns how many octets they
// have. A move needs no quota.
func (t *tx) checkCopy(to *box, list []picked, sets []imap.FlagSet, move bool) (size uint64, err error) {
	for _, m := range list {
		size += m.size
	}
	if !move {
		if err := t.meta.room(t.op, t.id, uint64(len(list)), size); err != nil {
			return 0, err
		}
	}
	if err := t.fits(to, len(list)); err != nil {
		return 0, err
	}
	var flags imap.FlagSet
	for _, set := range sets {
		flags = flags.Union(set)
	}
	return size, t.admit(to, flags)
}
