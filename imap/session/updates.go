package session

import (
	"strconv"

	"github.com/imapsrv/imapsrv/imap"
)

// tellable is what a client may be told of its mailbox at some moment.
type tellable uint8

const (
	tellNothing tellable = iota
	tellButExpunge
	tellAll
)

// tellableWith is the one place that decides what the client may be told with a
// command's response. EXPUNGE changes sequence numbers, so it must not come
// while the client may be waiting for the answer to a command that has them, or
// whose answer has them: FETCH, STORE and SEARCH; their UID forms are free of
// that (RFC 9051 §7.5.1). Between commands nothing is told, but IDLE is a
// command that has no end. A command is complete when it gets here, literals
// included.
func tellableWith(cmd imap.Command) tellable {
	numbers := false
	switch c := cmd.(type) {
	case *imap.Fetch:
		numbers = !c.UID
	case *imap.Store:
		numbers = !c.UID
	case *imap.Search:
		numbers = !c.UID
	case *imap.Select, *imap.Examine, *imap.Close, *imap.Unselect, *imap.Logout:
		return tellNothing
	}
	if numbers {
		return tellButExpunge
	}
	return tellAll
}

// updates is what has happened to a view since its client was last told.
type updates struct {
	expunged []imap.SeqNum // as numbered before any of them
	exists   uint32
	grown    bool // exists is to be told
	changed  imap.UIDSet
	keywords []string // all of them, when there are new ones
	gone     bool     // the mailbox was deleted, which is to be told
}

// collect takes what may be told out of the view: the client is told next.
func (v *view) collect(what tellable) updates {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	var u updates
	if what == tellAll && len(v.pending) > 0 {
		u.expunged = make([]imap.SeqNum, len(v.pending))
		live := 0
		for i, g := range v.pending {
			if live < len(v.m.uids) && v.m.uids[live] < g.UID {
				live = v.liveBelow(g.UID)
			}
			u.expunged[i] = imap.SeqNum(i + live + 1)
		}
		v.exists -= uint32(len(v.pending))
		v.pending = nil
	}
	known := v.limit
	v.limit = max(v.limit, v.m.lastUID())
	u.exists = uint32(v.size())
	u.grown = u.exists != v.exists
	v.exists = u.exists
	u.changed = clip(v.changed.all(), known)
	v.changed = changes{}
	if len(v.m.keywords) > v.keywords {
		u.keywords = v.m.keywords
	}
	v.keywords = len(v.m.keywords)
	u.gone = what == tellAll && v.m.isGone() && !v.toldGone
	v.toldGone = v.toldGone || u.gone
	return u
}

// clip cuts a normalized set at a UID.
func clip(set imap.UIDSet, limit imap.UID) imap.UIDSet {
	for i := range set {
		if set[i].Start > limit {
			return set[:i]
		}
		set[i].Stop = min(set[i].Stop, limit)
	}
	return set
}

// tellUpdates tells the client what has happened to its mailbox, as far as it
// may be told now. An error is the connection's and stays in s.out.
func (s *session) tellUpdates(what tellable) {
	v := s.view
	if v == nil || what == tellNothing {
		return
	}
	if v.m.isStale() {
		if err := v.m.refresh(s.ctx, 0); err != nil {
			s.srv.Log.Warn("reading changes failed", "account", s.id.Account, "mailbox", v.m.id, "err", err)
		}
	}
	u := v.collect(what)
	for i, seq := range u.expunged {
		// Each EXPUNGE lowers the numbers behind it.
		s.out.number(uint32(seq)-uint32(i), "EXPUNGE")
	}
	if u.grown {
		s.out.number(u.exists, "EXISTS")
		s.claimRecent(v)
	}
	s.tellRecent(v)
	if u.keywords != nil {
		s.tellKeywords(v, u.keywords)
	}
	s.tellFlags(v, u.changed, s.rev2)
	if u.gone {
		_ = s.out.status(imap.StatusNO, imap.CodeNonExistent, "The selected mailbox was deleted")
	}
}

// number sends "* n WORD".
func (w *writer) number(n uint32, word string) {
	b := append(w.take(), "* "...)
	b = strconv.AppendUint(b, uint64(n), 10)
	b = append(append(append(b, ' '), word...), "\r\n"...)
	_ = w.put(b) // the error stays in w.err
}

// claimRecent makes new messages \Recent in this session, if in no other one.
func (s *session) claimRecent(v *view) {
	if v.m.isGone() || !v.m.isClaimant(v) {
		return
	}
	r, err := s.hub.acct.ClaimRecent(s.ctx, v.m.id)
	if err != nil {
		s.srv.Log.Warn("claiming \\Recent failed", "account", s.id.Account, "err", err)
		return
	}
	v.addRecent(r.From, r.To)
}

// addRecent makes the UIDs from from up to, but not including, to \Recent.
func (v *view) addRecent(from, to imap.UID) {
	if from < to {
		v.recent = append(v.recent, imap.UIDRange{Start: from, Stop: to - 1}).Normalize()
	}
}

// countRecent counts the view's messages that are \Recent.
func (v *view) countRecent() uint32 {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	n := 0
	for _, r := range v.recent {
		hi := min(r.Stop, v.limit)
		if r.Start <= hi {
			n += v.liveBelow(hi) - v.liveBelow(r.Start-1) + v.pendingBelow(hi) - v.pendingBelow(r.Start-1)
		}
	}
	return uint32(n)
}

// tellRecent tells how many messages are \Recent, if that has changed.
func (s *session) tellRecent(v *view) {
	if s.rev2 || len(v.recent) == 0 {
		return
	}
	if n := v.countRecent(); n != v.recents {
		v.recents = n
		s.out.number(n, "RECENT")
	}
}

// tellKeywords tells that there are new keywords.
func (s *session) tellKeywords(v *view, keywords []string) {
	all := knownFlags(keywords)
	_ = s.out.untagged(&imap.FlagsData{Flags: all})
	_ = s.out.status(imap.StatusOK, s.permanentFlags(v, all), "Flags permitted")
}

// tellFlags tells the flags of those messages of a normalized set that exist.
func (s *session) tellFlags(v *view, set imap.UIDSet, uid bool) {
	for chunk := range v.chunks(set) {
		b := s.out.take()
		for i := range chunk {
			if !chunk[i].Gone {
				b = appendFlags(b, &chunk[i], uid)
			}
		}
		if s.out.put(b) != nil {
			return
		}
	}
}

// appendFlags appends a FETCH response with the flags, and the UID if wanted.
func appendFlags(b []byte, m *message, uid bool) []byte {
	b = append(b, "* "...)
	b = strconv.AppendUint(b, uint64(m.Seq), 10)
	b = append(b, " FETCH (FLAGS "...)
	b = append(b, m.Flags.text(m.Recent)...)
	if uid {
		b = append(b, " UID "...)
		b = strconv.AppendUint(b, uint64(m.UID), 10)
	}
	return append(b, ")\r\n"...)
}

// systemFlags are those that every mailbox has.
const systemFlags = imap.FlagAnswered | imap.FlagFlagged | imap.FlagDeleted | imap.FlagSeen | imap.FlagDraft

// knownFlags is what FLAGS says of a mailbox with these keywords.
func knownFlags(keywords []string) imap.FlagSet {
	all := imap.FlagSet{Bits: systemFlags}
	for _, k := range keywords {
		if isFlag(k) {
			all.AddName(k)
		}
	}
	return all
}

// permanentFlags is what may be changed for good: without \* where no message can
// get a new keyword (RFC 9051 §7.1).
func (s *session) permanentFlags(v *view, all imap.FlagSet) *imap.CodePermanentFlags {
	if v.readOnly {
		return &imap.CodePermanentFlags{}
	}
	all = all.Clone()
	if v.m.hasRoom(s.srv.Store.Limits().Keywords) {
		all.Add(imap.FlagAny)
	}
	return &imap.CodePermanentFlags{Flags: all}
}
