package sqlitestore

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// batchSize is how many messages Messages looks up at a time.
const batchSize = 256

// Load reads a whole mailbox.
func (h *handle) Load(ctx context.Context, id store.MailboxID) (v *store.Vector, err error) {
	const op = "load"
	err = h.read(ctx, op, func() error {
		b, record, err := h.committed(op, id)
		if err != nil {
			return err
		}
		v = &store.Vector{Mailbox: record, Keywords: b.known()}
		v.Messages, err = h.vector(b, 0, int(b.Messages))
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// committed returns a mailbox as it is in the database. io is held.
func (a *account) committed(op string, id store.MailboxID) (*box, store.Mailbox, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	b, err := a.state.find(op, id, store.NonExistent)
	if err != nil {
		return nil, store.Mailbox{}, err
	}
	return b, a.state.record(b), nil
}

// vector reads the messages with a MODSEQ above since.
func (a *account) vector(b *box, since imap.ModSeq, size int) (store.Messages, error) {
	out := store.Messages{
		UIDs: make([]imap.UID, 0, size), ModSeqs: make([]imap.ModSeq, 0, size), FlagRefs: make([]uint32, 0, size),
	}
	populate(out.UIDs)
	populate(out.ModSeqs)
	populate(out.FlagRefs)
	var table setTable
	memory := pages.Get().(*page)
	defer pages.Put(memory)
	err := a.db.query("SELECT key, data FROM page WHERE key BETWEEN ? AND ? AND modseq > ? ORDER BY key",
		func(r *sqlite.Stmt) error {
			p, err := a.decode(b, r.ColumnInt64(0), scratch(r, 1, &a.scratch), memory.decodeHot)
			if err == nil {
				addHot(&out, p, since, &table, int(b.Messages))
			}
			return err
		}, b.pageKey(0), b.pageKey(math.MaxUint32), uint64(min(since, math.MaxInt64)))
	out.FlagSets = table.list
	return out, err
}

// addHot adds the messages of a page with a MODSEQ above since. total is how many the mailbox has.
func addHot(out *store.Messages, p *page, since imap.ModSeq, table *setTable, total int) {
	n := len(p.uids)
	from := 0
	for from < n && (since == 0 || p.modseqs[from] > since) {
		from++
	}
	if from == n { // most likely all messages of the mailbox
		out.UIDs = append(growTo(out.UIDs, n, total), p.uids...)
		out.ModSeqs = append(growTo(out.ModSeqs, n, total), p.modseqs...)
		out.FlagRefs = table.appendRefs(growTo(out.FlagRefs, n, total), p)
		return
	}
	for i, m := range p.modseqs {
		if m > since {
			out.UIDs = append(out.UIDs, p.uids[i])
			out.ModSeqs = append(out.ModSeqs, m)
			out.FlagRefs = append(out.FlagRefs, table.ref(p, p.refs[i]))
		}
	}
}

// Changes reads what happened after since.
func (h *handle) Changes(ctx context.Context, id store.MailboxID, since imap.ModSeq) (d *store.Delta, err error) {
	const op = "changes"
	err = h.read(ctx, op, func() error {
		b, record, err := h.committed(op, id)
		if err != nil {
			return err
		}
		d = &store.Delta{Mailbox: record, Since: since, Floor: b.floor, Keywords: b.known()}
		if since >= b.HighestModSeq {
			return nil
		}
		if d.Changed, err = h.vector(b, since, 0); err != nil {
			return err
		}
		if since >= b.floor {
			d.Vanished, err = h.expungedSince(b, since)
			return err
		}
		all, err := h.vector(b, 0, int(b.Messages))
		d.Vanished = store.MissingUIDs(all.UIDs, b.UIDNext)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Messages reads parts of messages, some at a time, so that neither a slow
// receiver nor a large mailbox keeps the database.
func (h *handle) Messages(ctx context.Context, id store.MailboxID, uids imap.UIDSet, parts store.Parts) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		rest := slices.Clone(uids.Normalize())
		b := readings.Get().(*reading)
		defer b.giveBack()
		for {
			if err := b.fill(ctx, h, id, rest, parts); err != nil {
				yield(store.Message{}, err)
				return
			}
			if !b.yield(h, parts, yield) || len(b.list) < batchSize {
				return
			}
			rest = above(rest, b.list[len(b.list)-1].UID)
		}
	}
}

// reading is some messages that are read at a time, and the memory for them.
type reading struct {
	list     []found
	page     page
	ahead    ahead
	emails   emailReader
	listings listingReader
}

var readings = sync.Pool{New: func() any { return &reading{list: make([]found, 0, batchSize)} }}

// giveBack lets others use the memory of a batch.
func (b *reading) giveBack() {
	b.reset(nil)
	readings.Put(b)
}

// reset makes a batch ready for messages of an account.
func (b *reading) reset(a *account) {
	b.ahead.drop()
	clear(b.list)
	b.list = b.list[:0]
	b.emails.reset(a)
	b.listings.reset(a)
}

// found is a message and where its body is.
type found struct {
	store.Message
	email email
	stale []email // the row of the email, if its summaries must be made anew
}

// yield gives messages to the loop, and tells whether that wants more. Bodies
// are opened one by one.
func (b *reading) yield(h *handle, parts store.Parts, yield func(store.Message, error) bool) bool {
	var renewed []email
	for i := range b.list {
		f := &b.list[i]
		if f.stale != nil {
			if findEmail(renewed, f.email.id) == nil {
				renewed = f.stale
				h.renewSummaries(renewed)
			}
			f.summarized(findEmail(renewed, f.email.id), parts)
		}
		if parts&store.WantBody != 0 {
			if f.Body = b.ahead.open(h.account, b.list, i); f.Body == nil {
				body, err := h.openOrFind(&f.email)
				if errors.Is(err, errNoEmail) {
					continue // expunged meanwhile, and collected
				}
				if err != nil {
					yield(store.Message{}, h.report("messages", "", err))
					return false
				}
				f.Body = body
			}
		}
		if !yield(f.Message, nil) {
			return false
		}
	}
	return true
}

// fill reads up to a batch of messages.
func (b *reading) fill(ctx context.Context, h *handle, id store.MailboxID, uids imap.UIDSet, parts store.Parts) error {
	const op = "messages"
	b.reset(h.account)
	b.emails.summaries = parts&store.WantSummary != 0
	return h.read(ctx, op, func() error {
		box, _, err := h.committed(op, id)
		if err != nil {
			return err
		}
		err = h.visit(box, uids, b.page.decodeCold, func(p *page, runs []run) error {
			for _, r := range runs {
				for i := r.from; i < r.to; i++ {
					if len(b.list) == batchSize {
						return errEnough
					}
					if err := b.add(p, i, parts); err != nil {
						return err
					}
				}
			}
			return nil
		})
		return notEnough(err)
	})
}

// errEnough ends a visit.
var errEnough = errors.New("enough messages")

// add reads parts of message i of a page.
func (b *reading) add(p *page, i int, parts store.Parts) error {
	b.list = b.list[:len(b.list)+1] // they are zero
	f := &b.list[len(b.list)-1]
	f.UID = p.uids[i]
	current := true
	if parts&store.WantListing != 0 {
		var err error
		if f.Listing, current, err = b.listings.get(p.emails[i]); err != nil {
			return err
		}
	}
	if parts&^store.WantListing == 0 && current {
		return nil
	}
	e, row, err := b.emails.get(p.emails[i])
	if err != nil {
		return err
	}
	f.email = *e
	if row.stale || !current {
		f.stale = row.copied()
	}
	f.summarized(e, parts)
	if parts&store.WantMetadata != 0 {
		f.Metadata = store.Metadata{
			InternalDate: e.date,
			SaveDate:     imap.DateTimeOf(time.Unix(int64(p.saved[i]), 0).UTC()),
			Size:         int64(e.size),
			EmailID:      store.EmailID(e.id),
			ThreadID:     store.ThreadID(e.thread),
		}
	}
	return nil
}

// summarized sets what is wanted of what a Summarizer made of e.
func (f *found) summarized(e *email, parts store.Parts) {
	if parts&store.WantSummary != 0 {
		f.Summary = e.summary
	}
	if parts&store.WantListing != 0 && e.listing != nil {
		f.Listing = e.listing
	}
}

// Body opens one message.
func (h *handle) Body(ctx context.Context, id store.MailboxID, uid imap.UID) (store.Body, error) {
	const op = "body"
	var e email
	err := h.read(ctx, op, func() error {
		b, _, err := h.committed(op, id)
		if err != nil {
			return err
		}
		hit := false
		err = h.visit(b, imap.UIDSet{{Start: uid, Stop: uid}}, decodePage, func(p *page, runs []run) error {
			hit = true
			reader := emailReader{account: h.account}
			found, _, err := reader.get(p.emails[runs[0].from])
			if err == nil {
				e = *found
			}
			return err
		})
		if err != nil || hit {
			return err
		}
		if uid > 0 && uid < b.UIDNext {
			return fail(op, b.Name, store.ExpungeIssued, nil)
		}
		return fail(op, b.Name, store.NonExistent, nil)
	})
	if err != nil {
		return nil, err
	}
	body, err := h.openOrFind(&e)
	if errors.Is(err, errNoEmail) {
		return nil, fail(op, "", store.ExpungeIssued, nil)
	}
	if err != nil {
		return nil, h.report(op, "", err)
	}
	return body, nil
}

// openOrFind opens a body. It may have moved to another segment since it was
// looked up, or it may be gone (errNoEmail).
func (a *account) openOrFind(e *email) (store.Body, error) {
	body, err := a.openBody(e)
	if !errors.Is(err, errMoved) {
		return body, err
	}
	if err := a.acquire("body"); err != nil {
		return nil, err
	}
	defer a.release()
	reader := emailReader{account: a}
	now, _, err := reader.get(e.id)
	if err != nil {
		return nil, err
	}
	body, err = a.openBody(now)
	if errors.Is(err, errMoved) { // nothing moves while io is held
		return nil, &damage{file: a.bodyPath(now), what: "the file is gone", err: err}
	}
	return body, err
}
