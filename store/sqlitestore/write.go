package sqlitestore

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var (
	errMessages = errors.New("too many messages, or no UIDs left")
	errStaged   = errors.New("the body was not staged by this account, or has been closed")
)

// room checks that so much more would fit.
func (m *meta) room(op, name string, messages, size uint64) error {
	q := &m.quota
	if over(q.Messages, messages, q.MaxMessages) || over(q.Size, size, q.MaxSize) {
		return fail(op, name, store.OverQuota, nil)
	}
	return nil
}

// over tells whether used and more exceed limit, where 0 means no limit. It
// cannot overflow: nobody has stored 2^63 octets.
func over(used, more, limit uint64) bool { return limit != 0 && more > 0 && used+more > limit }

// fits checks that a mailbox can take more messages.
func (t *tx) fits(b *box, more int) error {
	if int(b.Messages)+more > t.store.opts.Limits.Messages || uint64(b.UIDNext)+uint64(more) > math.MaxUint32 {
		return fail(t.op, b.Name, store.Limit, errMessages)
	}
	return nil
}

// deliver is arrive for messages that come one by one. Their UIDs and MODSEQs are not looked at.
func (t *tx) deliver(b *box, list []message) error { return t.arrive(b, arrivalsOf(list)) }

// arrivalsOf lists messages that come one by one.
func arrivalsOf(list []message) *arrivals {
	l := new(arrivals)
	var sets setTable
	for _, m := range list {
		l.emails = append(l.emails, m.email)
		l.saved = append(l.saved, m.saved)
		l.sizes = append(l.sizes, m.size)
		l.refs = append(l.refs, sets.index(m.flags))
	}
	l.sets = sets.list
	return l
}

// arrive gives messages their UIDs and adds them to b, which is the
// transaction's own. Their flags are canonical. Quota is not its business.
func (t *tx) arrive(b *box, l *arrivals) error {
	t.enter(b, l)
	last, err := t.lastPage(b)
	if err != nil {
		return err
	}
	return t.addMessages(b, last, l)
}

// enter gives messages their UIDs and MODSEQ, and counts them.
func (t *tx) enter(b *box, l *arrivals) {
	first, n := b.UIDNext, len(l.emails)
	l.first, l.modseq = first, t.modseq
	b.UIDNext += imap.UID(n)
	counts := make([]int, len(l.sets))
	for i, ref := range l.refs {
		counts[ref]++
		b.Size += l.sizes[i]
	}
	for ref, n := range counts {
		b.count(l.sets[ref], n)
	}
	if first >= b.firstRecent {
		bump(&b.Recent, n)
	}
	b.HighestModSeq = t.modseq
	t.changed = true
}

// Append adds messages.
func (h *handle) Append(ctx context.Context, id store.MailboxID, msgs []store.NewMessage) (res store.AppendResult, err error) {
	// What a message is a copy of may be in the batch: then it has to be written first.
	copies := slices.ContainsFunc(msgs, func(m store.NewMessage) bool { return m.CopyOf != store.Place{} })
	err = h.submitOp(ctx, &op{name: "append", deferred: !copies, run: func(t *tx) error {
		b, err := t.find(id, store.TryCreate)
		if err != nil {
			return err
		}
		res.UIDValidity = b.UIDValidity
		if len(msgs) == 0 {
			res.ModSeq = t.current()
			return nil
		}
		b = t.edit(b)
		first := b.UIDNext
		if err := t.append(b, msgs); err != nil {
			return err
		}
		res.UIDs = imap.UIDSet{{Start: first, Stop: b.UIDNext - 1}}
		res.ModSeq = t.modseq
		return nil
	}})
	if err != nil {
		return store.AppendResult{}, err
	}
	return res, nil
}

// append leaves the messages to the batch, once they are sure to fit.
func (t *tx) append(b *box, msgs []store.NewMessage) error {
	if err := t.checkAppend(b, msgs); err != nil {
		return err
	}
	if err := t.expect(b); err != nil {
		return err
	}
	now := t.store.opts.Now()
	emails := make([]email, 0, len(msgs))
	list := make([]message, len(msgs))
	for i := range msgs {
		e, shared := t.original(&msgs[i])
		if !shared {
			e = t.newEmail(&msgs[i], imap.DateTimeOf(now.UTC()))
			emails = append(emails, e)
		}
		list[i] = message{
			flags: b.canonical(msgs[i].Flags), email: e.id, saved: savedAt(&msgs[i], now), size: e.size,
		}
		t.meta.quota.Messages++
		t.meta.quota.Size += e.size
	}
	t.emails = emails
	l := arrivalsOf(list)
	t.enter(b, l)
	t.arrived.list = append(t.arrived.list, l)
	return nil
}

// original returns the email that a message shares with the one it is a copy
// of, if it does. One that is not there any more, or cannot be read, is no
// reason to refuse the message, whose octets are at hand.
func (t *tx) original(msg *store.NewMessage) (found email, shared bool) {
	if msg.CopyOf == (store.Place{}) {
		return email{}, false
	}
	b := t.box(msg.CopyOf.Mailbox)
	if b == nil {
		return email{}, false
	}
	s := msg.Body.(*staged)
	uid := imap.UIDSet{{Start: msg.CopyOf.UID, Stop: msg.CopyOf.UID}}
	r := emailReader{account: t.account}
	err := t.visit(b, uid, decodePage, func(p *page, runs []run) error {
		e, _, err := r.get(p.emails[runs[0].from])
		if err == nil && e.hash == s.hash && e.size == uint64(s.size) && e.date == msg.InternalDate {
			found, shared = *e, true
		}
		return err
	})
	return found, shared && err == nil
}

// savedAt is a message's SAVEDATE, in seconds since 1970.
func savedAt(msg *store.NewMessage, now time.Time) uint64 {
	if msg.SaveDate.IsZero() {
		return uint64(now.Unix())
	}
	return uint64(max(0, msg.SaveDate.Time().Unix()))
}

// checkAppend checks all messages, and admits their keywords.
func (t *tx) checkAppend(b *box, msgs []store.NewMessage) error {
	var size uint64
	var flags imap.FlagSet
	for i := range msgs {
		s, ok := msgs[i].Body.(*staged)
		if !ok || s.account != t.account || s.closed.Load() {
			return fail(t.op, b.Name, store.ServerBug, errStaged)
		}
		size += uint64(s.size)
		flags = flags.Union(msgs[i].Flags)
	}
	if err := t.meta.room(t.op, t.id, uint64(len(msgs)), size); err != nil {
		return err
	}
	if err := t.fits(b, len(msgs)); err != nil {
		return err
	}
	return t.admit(b, flags)
}

// newEmail makes the immutable part of a message.
func (t *tx) newEmail(msg *store.NewMessage, now imap.DateTime) email {
	s := msg.Body.(*staged)
	id := t.newID()
	e := email{
		id: id, thread: uint64(msg.ThreadID), date: msg.InternalDate, size: uint64(s.size),
		crc: s.crc, hash: s.hash, summary: s.summary, listing: s.listing,
	}
	if e.thread == 0 {
		e.thread = id
	}
	if e.date == (imap.DateTime{}) {
		e.date = now
	}
	t.place(s, &e)
	return e
}

// StoreFlags changes flags.
func (h *handle) StoreFlags(ctx context.Context, id store.MailboxID, uids imap.UIDSet, c store.FlagChange) (res store.StoreResult, err error) {
	err = h.write(ctx, "store", func(t *tx) error {
		b, err := t.find(id, store.NonExistent)
		if err != nil {
			return err
		}
		since := b.HighestModSeq
		f := flagChanger{tx: t, box: t.edit(b), change: c, res: &res}
		if err := f.run(uids.Normalize()); err != nil {
			return err
		}
		res.ModSeq, res.Effect = t.current(), f.box.effect(since)
		return nil
	})
	if err != nil {
		return store.StoreResult{}, err
	}
	return res, nil
}

// flagChanger is one StoreFlags.
type flagChanger struct {
	*tx
	box     *box
	change  store.FlagChange
	operand imap.FlagSet
	ready   bool // keywords are admitted, operand is set
	res     *store.StoreResult
	sets    setTable
}

func (f *flagChanger) run(uids imap.UIDSet) error {
	memory := pages.Get().(*page)
	defer pages.Put(memory)
	err := f.visit(f.box, uids, memory.decodeFlags, f.page)
	f.res.Changed.FlagSets = f.sets.list
	if f.changed {
		f.box.HighestModSeq = f.modseq
	}
	return err
}

// become is what a set of flags of a page becomes.
type become struct {
	known bool
	to    uint16 // the new set of the page,
	out   uint32 // and of the result
	n     int    // how many messages have it now
}

// page changes the flags of some messages of a page.
func (f *flagChanger) page(p *page, runs []run) error {
	becomes := make([]become, len(p.sets)) // for each of the page's old sets
	c := &f.res.Changed
	before := len(c.UIDs)
	for _, r := range runs {
		if r.to-r.from == len(p.uids) { // most likely of all of the mailbox
			c.UIDs = growTo(c.UIDs, len(p.uids), int(f.box.Messages))
			c.ModSeqs = growTo(c.ModSeqs, len(p.uids), int(f.box.Messages))
			c.FlagRefs = growTo(c.FlagRefs, len(p.uids), int(f.box.Messages))
		}
		for i := r.from; i < r.to; i++ {
			if f.change.Conditional && p.modseqs[i] > f.change.UnchangedSince {
				f.res.Modified.Add(p.uids[i])
				continue
			}
			ref := p.refs[i]
			b := &becomes[ref]
			if !b.known {
				if err := f.prepare(); err != nil {
					return err
				}
				*b = f.become(p, ref)
			}
			if b.to == ref {
				continue
			}
			b.n++
			p.refs[i], p.modseqs[i] = b.to, f.modseq
			c.UIDs = append(c.UIDs, p.uids[i])
			c.ModSeqs = append(c.ModSeqs, f.modseq)
			c.FlagRefs = append(c.FlagRefs, b.out)
		}
	}
	if len(c.UIDs) == before {
		return nil
	}
	for ref, b := range becomes {
		f.box.count(p.sets[ref], -b.n)
		f.box.count(p.sets[b.to], b.n)
	}
	f.changed = true
	return f.savePage(f.box, p)
}

// become finds out what a set of a page becomes.
func (f *flagChanger) become(p *page, ref uint16) become {
	to := p.ref(change(p.sets[ref], f.operand, f.change.Op))
	b := become{known: true, to: to}
	if to != ref {
		b.out = f.sets.ref(p, to)
	}
	return b
}

// prepare admits keywords when the first message is about to change.
func (f *flagChanger) prepare() error {
	if f.ready {
		return nil
	}
	f.ready = true
	if f.change.Op != store.FlagsRemove {
		if err := f.admit(f.box, f.change.Flags); err != nil {
			return err
		}
	}
	f.operand = f.box.canonical(f.change.Flags)
	return nil
}

// ClaimRecent returns the \Recent UIDs and makes them so no longer.
func (h *handle) ClaimRecent(ctx context.Context, id store.MailboxID) (r store.RecentRange, err error) {
	const name = "claim recent"
	// Most of the time there is nothing to write.
	if r, err = h.PeekRecent(ctx, id); err != nil || r.From == r.To {
		return r, rename(err, name)
	}
	err = h.submitOp(ctx, &op{name: name, deferred: true, run: func(t *tx) error {
		b, err := t.find(id, store.NonExistent)
		if err != nil {
			return err
		}
		r = store.RecentRange{From: b.firstRecent, To: b.UIDNext}
		if r.From != r.To {
			b = t.edit(b)
			b.firstRecent, b.Recent = b.UIDNext, 0
			t.claimed = true
		}
		return nil
	}})
	return r, err
}

// rename makes an error that of another operation.
func rename(err error, op string) error {
	var e *store.Error
	if errors.As(err, &e) {
		return fail(op, e.Name, e.Code, e.Err)
	}
	return err
}

// PeekRecent returns the \Recent UIDs.
func (h *handle) PeekRecent(ctx context.Context, id store.MailboxID) (r store.RecentRange, err error) {
	const op = "peek recent"
	err = h.look(ctx, op, func(s *state) error {
		b, err := s.find(op, id, store.NonExistent)
		if err == nil {
			r = store.RecentRange{From: b.firstRecent, To: b.UIDNext}
		}
		return err
	})
	return r, err
}

// setTable collects the different sets of flags of several pages.
type setTable struct {
	list  []imap.FlagSet
	plain map[imap.Flag]uint32 // those without keywords
	named map[string]uint32
	page  *page    // the one that refs is about,
	key   imap.UID // which it may become again for others
	refs  []uint32 // 1 + index in list of the page's sets
}

// ref returns the index in list of a set of a page.
func (s *setTable) ref(p *page, set uint16) uint32 {
	if s.page != p || s.key != p.key {
		s.page, s.key, s.refs = p, p.key, s.refs[:0]
	}
	if n := len(p.sets) - len(s.refs); n > 0 {
		s.refs = append(s.refs, make([]uint32, n)...)
	}
	if s.refs[set] == 0 {
		s.refs[set] = 1 + s.index(p.sets[set])
	}
	return s.refs[set] - 1
}

// appendRefs appends the index in list of the set of each message of a page.
func (s *setTable) appendRefs(dst []uint32, p *page) []uint32 {
	for i := 0; i < len(p.refs); {
		set := p.refs[i]
		ref := s.ref(p, set)
		for ; i < len(p.refs) && p.refs[i] == set; i++ {
			dst = append(dst, ref)
		}
	}
	return dst
}

func (s *setTable) index(set imap.FlagSet) uint32 {
	if s.plain == nil {
		s.plain, s.named = make(map[imap.Flag]uint32), make(map[string]uint32)
	}
	if len(set.Other) == 0 {
		i, ok := s.plain[set.Bits]
		if !ok {
			i = s.add(set)
			s.plain[set.Bits] = i
		}
		return i
	}
	key := set.String()
	i, ok := s.named[key]
	if !ok {
		i = s.add(set)
		s.named[key] = i
	}
	return i
}

func (s *setTable) add(set imap.FlagSet) uint32 {
	s.list = append(s.list, set)
	return uint32(len(s.list) - 1)
}

// Expunge removes messages.
func (h *handle) Expunge(ctx context.Context, id store.MailboxID, uids imap.UIDSet, which store.Candidates) (res store.ExpungeResult, err error) {
	err = h.write(ctx, "expunge", func(t *tx) error {
		b, err := t.find(id, store.NonExistent)
		if err != nil {
			return err
		}
		since := b.HighestModSeq
		if which == store.AllGiven || b.Deleted > 0 {
			b = t.edit(b)
			if res.UIDs, err = t.expunge(b, uids.Normalize(), which); err != nil {
				return err
			}
		}
		res.ModSeq, res.Effect = t.current(), b.effect(since)
		return nil
	})
	if err != nil {
		return store.ExpungeResult{}, err
	}
	return res, nil
}

// expunge removes the candidates of a set and counts the quota.
func (t *tx) expunge(b *box, uids imap.UIDSet, which store.Candidates) (imap.UIDSet, error) {
	size := b.Size
	most := int(b.Messages)
	if which == store.OnlyDeleted {
		most = int(b.Deleted)
	}
	emails := make([]uint64, 0, max(0, min(most, uids.Len())))
	gone, err := t.remove(b, uids, func(p *page, i int) bool {
		if which == store.OnlyDeleted && !p.sets[p.refs[i]].Has(imap.FlagDeleted) {
			return false
		}
		emails = append(emails, p.emails[i])
		return true
	})
	if err != nil || gone == nil {
		return nil, err
	}
	t.meta.quota.Messages -= uint64(len(emails))
	t.meta.quota.Size -= size - b.Size
	return gone, t.dropEmails(emails)
}

// remove takes messages of a set out of b, which is the transaction's own, and
// remembers that they are gone.
func (t *tx) remove(b *box, uids imap.UIDSet, which func(p *page, i int) bool) (gone imap.UIDSet, err error) {
	err = t.visitWhole(b, uids, func(p *page, runs []run) error {
		drop := make([]bool, len(p.uids))
		counts, any := make([]int, len(p.sets)), false
		for _, r := range runs {
			for i := r.from; i < r.to; i++ {
				if !which(p, i) {
					continue
				}
				drop[i], any = true, true
				gone.Add(p.uids[i])
				counts[p.refs[i]]--
				b.Size -= p.sizes[i]
				if p.uids[i] >= b.firstRecent {
					bump(&b.Recent, -1)
				}
			}
		}
		if !any {
			return nil
		}
		for ref, n := range counts {
			b.count(p.sets[ref], n)
		}
		p.keep(drop)
		return t.saveShrunk(b, p)
	})
	if err != nil || gone == nil {
		return nil, err
	}
	b.HighestModSeq = t.modseq
	t.changed = true
	gone = slices.Clip(gone)
	return gone, t.remember(b, gone)
}
