package memstore

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var (
	errMessages = errors.New("too many messages, or no UIDs left")
	errStaged   = errors.New("the body was not staged by this account")
)

// now is the time in the form of INTERNALDATE, in UTC.
func (a *account) now() imap.DateTime { return imap.DateTimeOf(a.store.opts.Now().UTC()) }

// fits checks that a mailbox can take more messages with these flags, and
// admits their keywords. It is the last thing a transaction checks.
func (t *tx) fits(m *mailbox, more int, flags imap.FlagSet) error {
	limits := &t.store.opts.Limits
	if len(m.uids)+more > limits.Messages || uint64(m.UIDNext)+uint64(more) > math.MaxUint32 {
		return fail(t.op, m.Name, store.Limit, errMessages)
	}
	if err := m.flags.admit(flags, limits); err != nil {
		return fail(t.op, m.Name, store.Limit, err)
	}
	return nil
}

// Append adds messages.
func (h *handle) Append(ctx context.Context, id store.MailboxID, msgs []store.NewMessage) (res store.AppendResult, err error) {
	err = h.write(ctx, "append", func(t *tx) error {
		m, err := t.find(t.op, id, store.TryCreate)
		if err != nil {
			return err
		}
		res.UIDValidity = m.UIDValidity
		if len(msgs) == 0 {
			res.ModSeq = t.current()
			return nil
		}
		if err := t.checkAppend(m, msgs); err != nil {
			return err
		}
		saved := t.now()
		first := m.UIDNext
		for i := range msgs {
			t.append(m, &msgs[i], saved)
		}
		m.flags.compact(m.refs)
		t.changed = true
		res.UIDs = imap.UIDSet{{Start: first, Stop: m.UIDNext - 1}}
		res.ModSeq = t.modseq
		return nil
	})
	return res, err
}

// checkAppend checks all messages.
func (t *tx) checkAppend(m *mailbox, msgs []store.NewMessage) error {
	var size uint64
	var flags imap.FlagSet
	for i := range msgs {
		s, ok := msgs[i].Body.(*staged)
		if !ok || s.account != t.account {
			return fail(t.op, m.Name, store.ServerBug, errStaged)
		}
		size += uint64(s.size)
		flags = flags.Union(msgs[i].Flags)
	}
	if err := t.room(t.op, uint64(len(msgs)), size); err != nil {
		return err
	}
	return t.fits(m, len(msgs), flags)
}

// append adds a message that has been checked.
func (t *tx) append(m *mailbox, msg *store.NewMessage, saved imap.DateTime) {
	e := t.original(msg)
	if e == nil {
		e = t.newEmail(msg, saved)
	}
	if !msg.SaveDate.IsZero() {
		saved = imap.DateTimeOf(msg.SaveDate.Time().UTC())
	}
	m.add(e, m.flags.ref(m.flags.canonical(msg.Flags)), saved, t.modseq)
	t.quota.Messages++
	t.quota.Size += uint64(e.body.size)
}

// newEmail makes the immutable part of a message.
func (t *tx) newEmail(msg *store.NewMessage, now imap.DateTime) *email {
	id := t.store.newID()
	e := &email{
		id:           store.EmailID(id),
		thread:       msg.ThreadID,
		internalDate: msg.InternalDate,
		body:         msg.Body.(*staged).blob,
	}
	if e.thread == 0 {
		e.thread = store.ThreadID(id)
	}
	if e.internalDate == (imap.DateTime{}) {
		e.internalDate = now
	}
	return e
}

// original returns the email that a message shares with the one it is a copy
// of, or nil.
func (t *tx) original(msg *store.NewMessage) *email {
	m := t.byID[msg.CopyOf.Mailbox]
	if m == nil {
		return nil
	}
	i, ok := slices.BinarySearch(m.uids, msg.CopyOf.UID)
	if !ok {
		return nil
	}
	e := m.emails[i]
	if e.internalDate != msg.InternalDate || !e.body.equal(msg.Body.(*staged).blob) {
		return nil
	}
	return e
}

// StoreFlags changes flags.
func (h *handle) StoreFlags(ctx context.Context, id store.MailboxID, uids imap.UIDSet, change store.FlagChange) (res store.StoreResult, err error) {
	err = h.write(ctx, "store", func(t *tx) error {
		m, err := t.find(t.op, id, store.NonExistent)
		if err != nil {
			return err
		}
		since := m.HighestModSeq
		where := m.indexes(uids.Normalize())
		if change.Conditional {
			where, res.Modified = m.unchanged(where, change.UnchangedSince)
		}
		if where, err = t.changeFlags(m, where, change); err != nil {
			return err
		}
		res.Changed = m.pick(where)
		res.ModSeq = t.current()
		res.Effect = m.effect(since)
		m.flags.compact(m.refs)
		return nil
	})
	if err != nil {
		return store.StoreResult{}, err
	}
	return res, nil
}

// unchanged splits messages by whether their MODSEQ is at most since.
func (m *mailbox) unchanged(where []int, since imap.ModSeq) ([]int, imap.UIDSet) {
	var modified imap.UIDSet
	kept := where[:0]
	for _, i := range where {
		if m.modseqs[i] <= since {
			kept = append(kept, i)
		} else {
			modified.Add(m.uids[i])
		}
	}
	return kept, modified
}

// changeFlags changes the flags of the messages at the given indexes, and
// returns those that are now different.
func (t *tx) changeFlags(m *mailbox, where []int, change store.FlagChange) ([]int, error) {
	if len(where) == 0 {
		return nil, nil
	}
	if change.Op != store.FlagsRemove {
		if err := t.fits(m, 0, change.Flags); err != nil {
			return nil, err
		}
	}
	becomes := m.flags.transition(change)
	changed := where[:0]
	for _, i := range where {
		ref := becomes(m.refs[i])
		if ref == m.refs[i] {
			continue
		}
		m.count(i, -1)
		m.refs[i] = ref
		m.modseqs[i] = t.modseq
		m.count(i, 1)
		changed = append(changed, i)
	}
	if len(changed) > 0 {
		m.HighestModSeq = t.modseq
		t.changed = true
	}
	return changed, nil
}

// transition returns the function from a set's reference to that of the set
// after a change. Each set is worked out once.
func (t *flagTable) transition(change store.FlagChange) func(uint32) uint32 {
	operand := t.canonical(change.Flags)
	known := make(map[uint32]uint32)
	last, lastTo := uint32(math.MaxUint32), uint32(0)
	return func(ref uint32) uint32 {
		if ref == last {
			return lastTo
		}
		to, ok := known[ref]
		if !ok {
			to = t.ref(apply(t.sets[ref], operand, change.Op))
			known[ref] = to
		}
		last, lastTo = ref, to
		return to
	}
}

// apply changes a set; both are canonical, and so is the result.
func apply(set, operand imap.FlagSet, op store.FlagOp) imap.FlagSet {
	switch op {
	case store.FlagsAdd:
		set = set.Union(operand)
	case store.FlagsRemove:
		set = set.Minus(operand)
	default:
		return operand
	}
	set.Normalize()
	return set
}

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
		from, err := t.find(op, src, store.NonExistent)
		if err != nil {
			return err
		}
		to, err := t.find(op, dst, store.TryCreate)
		if err != nil {
			return err
		}
		res.UIDValidity = to.UIDValidity
		where := from.indexes(uids.Normalize())
		if len(where) > 0 {
			err = t.transfer(&res, from, where, to, move)
		}
		res.ModSeq = t.current()
		return err
	})
	if err != nil {
		return store.CopyResult{}, err
	}
	return res, nil
}

// transfer copies or moves at least one message.
func (t *tx) transfer(res *store.CopyResult, from *mailbox, where []int, to *mailbox, move bool) error {
	size := from.size(where)
	if !move {
		if err := t.room(t.op, uint64(len(where)), size); err != nil {
			return err
		}
	}
	for _, i := range where {
		res.Source.Add(from.uids[i])
	}
	first := to.UIDNext
	if err := t.copyTo(from, where, to); err != nil {
		return err
	}
	res.Dest = imap.UIDSet{{Start: first, Stop: to.UIDNext - 1}}
	if move {
		from.remove(where, t.modseq, t.store.opts.History)
		return nil
	}
	t.quota.Messages += uint64(len(where))
	t.quota.Size += size
	return nil
}

// copyTo adds the messages of from at the given indexes to a mailbox, which
// may be from itself. Quota is not its business.
func (t *tx) copyTo(from *mailbox, where []int, to *mailbox) error {
	picked := from.pick(where)
	var flags imap.FlagSet
	for _, set := range picked.FlagSets {
		flags = flags.Union(set)
	}
	if err := t.fits(to, len(where), flags); err != nil {
		return err
	}
	refs := make([]uint32, len(picked.FlagSets))
	for k, set := range picked.FlagSets {
		refs[k] = to.flags.ref(to.flags.canonical(set))
	}
	saved := t.now()
	for k, i := range where {
		to.add(from.emails[i], refs[picked.FlagRefs[k]], saved, t.modseq)
	}
	to.flags.compact(to.refs)
	t.changed = true
	return nil
}

// Expunge removes messages.
func (h *handle) Expunge(ctx context.Context, id store.MailboxID, uids imap.UIDSet, which store.Candidates) (res store.ExpungeResult, err error) {
	err = h.write(ctx, "expunge", func(t *tx) error {
		m, err := t.find(t.op, id, store.NonExistent)
		if err != nil {
			return err
		}
		since := m.HighestModSeq
		where := m.candidates(uids.Normalize(), which)
		if len(where) > 0 {
			t.quota.Messages -= uint64(len(where))
			t.quota.Size -= m.size(where)
			res.UIDs = m.remove(where, t.modseq, t.store.opts.History)
			t.changed = true
		}
		res.ModSeq = t.current()
		res.Effect = m.effect(since)
		return nil
	})
	return res, err
}

// effect is what a change has made of a mailbox.
func (m *mailbox) effect(since imap.ModSeq) store.Effect {
	return store.Effect{Since: since, Mailbox: m.Mailbox, Keywords: slices.Clone(m.flags.keywords)}
}

// candidates returns the messages of a set that an expunge removes.
func (m *mailbox) candidates(uids imap.UIDSet, which store.Candidates) []int {
	if which == store.OnlyDeleted && m.Deleted == 0 {
		return nil
	}
	where := m.indexes(uids)
	if which == store.AllGiven {
		return where
	}
	return slices.DeleteFunc(where, func(i int) bool {
		return !m.flags.sets[m.refs[i]].Has(imap.FlagDeleted)
	})
}

// ClaimRecent returns the \Recent UIDs and makes them so no longer.
func (h *handle) ClaimRecent(ctx context.Context, id store.MailboxID) (r store.RecentRange, err error) {
	err = h.write(ctx, "claim recent", func(t *tx) error {
		m, err := t.find(t.op, id, store.NonExistent)
		if err != nil {
			return err
		}
		r = store.RecentRange{From: m.firstRecent, To: m.UIDNext}
		m.setRecent(m.UIDNext)
		return nil
	})
	return r, err
}

// PeekRecent returns the \Recent UIDs.
func (h *handle) PeekRecent(ctx context.Context, id store.MailboxID) (r store.RecentRange, err error) {
	const op = "peek recent"
	err = h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err == nil {
			r = store.RecentRange{From: m.firstRecent, To: m.UIDNext}
		}
		return err
	})
	return r, err
}
