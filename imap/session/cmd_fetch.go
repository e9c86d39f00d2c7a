package session

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
	"github.com/imapsrv/imapsrv/store"
)

// Fetch is FETCH and UID FETCH (RFC 9051 §6.4.5).
func (s *session) Fetch(ctx context.Context, _ string, cmd *imap.Fetch) error {
	if cmd.Modifiers != nil {
		return bad("FETCH modifiers are not supported")
	}
	plan := planFetch(cmd)
	set, err := s.resolveSet(cmd.Set, cmd.UID)
	if err != nil {
		return err
	}
	if plan.vectorOnly() {
		return s.fetchVector(&plan, set)
	}
	f := s.newFetchRun(ctx, &plan)
	for chunk := range s.view.chunks(set) {
		if err := f.chunk(chunk); err != nil {
			return err
		}
	}
	return f.result(cmd.UID)
}

// fetchVector answers from memory: a walk over the vector straight into the
// output buffer.
func (s *session) fetchVector(plan *fetchPlan, set imap.UIDSet) error {
	uid, flags := plan.has(imap.FetchAttUID), plan.has(imap.FetchAttFlags)
	for chunk := range s.view.chunks(set) {
		b := s.out.take()
		for i := range chunk {
			b = appendFetchLine(b, &chunk[i], uid, flags, nil)
			if len(b) < flushSize {
				continue
			}
			if err := s.out.put(b); err != nil {
				return err
			}
			b = s.out.take()
		}
		if err := s.out.put(b); err != nil {
			return err
		}
	}
	return nil
}

// appendFetchLine appends a FETCH response with UID, FLAGS, what is listed, or
// some of them.
func appendFetchLine(b []byte, m *message, uid, flags bool, listed []byte) []byte {
	b = append(b, "* "...)
	b = strconv.AppendUint(b, uint64(m.Seq), 10)
	b = append(b, " FETCH ("...)
	b = appendItems(b, m, uid, flags, listed)
	return append(b, ")\r\n"...)
}

// appendItems appends UID, FLAGS, what is listed, or some of them.
func appendItems(b []byte, m *message, uid, flags bool, listed []byte) []byte {
	if uid {
		b = append(b, "UID "...)
		b = strconv.AppendUint(b, uint64(m.UID), 10)
	}
	if uid && flags {
		b = append(b, ' ')
	}
	if flags {
		b = append(b, "FLAGS "...)
		b = append(b, m.Flags.text(m.Recent)...)
	}
	if (uid || flags) && len(listed) > 0 {
		b = append(b, ' ')
	}
	return append(b, listed...)
}

// fetchRun is a FETCH that reads from the store.
type fetchRun struct {
	fetchItems
	s       *session
	gone    bool // a message of the set does not exist any more
	setSeen bool
	seen    imap.UIDSet // of the present chunk: messages that have become \Seen by it

	seenFlags map[*flags]*flags
	data      imap.FetchData // the present response; one memory for all
}

func (s *session) newFetchRun(ctx context.Context, plan *fetchPlan) *fetchRun {
	m := s.view.m
	return &fetchRun{
		fetchItems: fetchItems{
			opener: opener{ctx, m.hub.acct, m.id, new(mime.SummaryReader)}, plan: plan, parts: plan.parts(),
			rev2: s.rev2, utf8: s.out.rev2,
		},
		s:       s,
		setSeen: plan.setSeen && !s.view.readOnly,
	}
}

// chunk answers for some hundred messages.
func (f *fetchRun) chunk(chunk []message) error {
	var uids imap.UIDSet
	for i := range chunk {
		if !chunk[i].Gone {
			uids.Add(chunk[i].UID)
		}
	}
	if err := f.markSeen(chunk); err != nil {
		return err
	}
	next := 0
	for m, err := range f.acct.Messages(f.ctx, f.id, uids, f.parts) {
		if err != nil {
			return err
		}
		for chunk[next].UID < m.UID {
			next++
			f.gone = true
		}
		if err := f.message(&chunk[next], &m); err != nil {
			return err
		}
		next++
	}
	f.gone = f.gone || next < len(chunk)
	return nil
}

// message answers for one message.
func (f *fetchRun) message(known *message, m *store.Message) error {
	defer f.done(m)
	d := &f.data
	clear(d.BodySection)
	*d = imap.FetchData{Seq: known.Seq, BodySection: d.BodySection[:0]}
	if err := f.fill(d, m); err != nil {
		return err
	}
	seen := inUIDs(f.seen, known.UID)
	if seen {
		known.Flags = f.withSeen(known.Flags)
	}
	return f.s.out.fetch(d, known, f.plan.has(imap.FetchAttUID), seen || f.plan.has(imap.FetchAttFlags), f.listed)
}

// withSeen returns flags with \Seen added. Messages share their flags, and share
// these as well.
func (f *fetchRun) withSeen(old *flags) *flags {
	fs := f.seenFlags[old]
	if fs == nil {
		if f.seenFlags == nil {
			f.seenFlags = make(map[*flags]*flags)
		}
		set := old.Set.Clone()
		set.Add(imap.FlagSeen)
		fs = newFlags(set)
		f.seenFlags[old] = fs
	}
	return fs
}

// fetch sends a FETCH response: UID and FLAGS of the message if wanted, then what
// is listed, which are not in d, then what is in d. The text of flags was made
// once for all messages that have them, and what is listed long ago.
func (w *writer) fetch(d *imap.FetchData, m *message, uid, flags bool, listed []byte) error {
	none := !uid && !flags && len(listed) == 0
	if isEmpty(d) {
		if none {
			return nil // there is nothing to say, which cannot be said
		}
		return w.put(appendFetchLine(w.take(), m, uid, flags, listed))
	}
	return w.encode(func(e *imap.Encoder, dst []byte) ([]byte, error) {
		b, err := e.AppendResponse(dst, d)
		if err != nil || none {
			return b, err
		}
		var room [256]byte // enough for most
		items := append(appendItems(room[:0], m, uid, flags, listed), ' ')
		for i := range e.Breaks() {
			e.Breaks()[i].Offset += len(items)
		}
		at := len(dst) + bytes.IndexByte(b[len(dst):], '(') + 1
		return slices.Insert(b, at, items...), nil
	})
}

// isEmpty reports whether a response has no item.
func isEmpty(d *imap.FetchData) bool {
	return d.Has == 0 && len(d.BodySection) == 0 && d.Ext == nil
}

// markSeen sets \Seen on the messages that are about to be read. Their
// responses say so, and nothing else needs to.
func (f *fetchRun) markSeen(chunk []message) error {
	if f.seen = nil; !f.setSeen {
		return nil
	}
	for i := range chunk {
		if !chunk[i].Gone && !chunk[i].Flags.Set.Has(imap.FlagSeen) {
			f.seen.Add(chunk[i].UID)
		}
	}
	if len(f.seen) == 0 {
		return nil
	}
	return f.s.storeFlags(f.ctx, f.seen, store.FlagsAdd, imap.FlagSet{Bits: imap.FlagSeen})
}

// result is how the command ends. Messages that were expunged without the client
// having been told cannot be fetched (RFC 2180 §4.1.4); for UID FETCH they just
// do not exist any more.
func (f *fetchRun) result(uid bool) error {
	switch {
	case f.refused != nil:
		return f.refused
	case f.gone && !uid:
		return no(imap.CodeExpungeIssued, "Some of the messages no longer exist")
	}
	return nil
}
