package session

import (
	"iter"
	"slices"
	"sort"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
)

// view is a selected mailbox as one client knows it. Its messages are those of
// the mailbox up to limit, and those that were expunged without the client
// having been told. Their sequence numbers follow from that: the n-th of both
// lists together, by UID, has the number n. So they change only in told, which
// is called when the client is told.
type view struct {
	m        *mailbox
	readOnly bool
	recent   imap.UIDSet // what is \Recent in this session

	// Guarded by m.mu: changed by the mailbox with the lock held exclusively,
	// by the session with it held shared.
	wake     func()    // looks for news while the session idles, else nil
	limit    imap.UID  // the client knows of nothing above
	pending  []message // expunged and not told, by UID
	changed  changes   // flags changed and not told
	exists   uint32    // as told
	recents  uint32    // as told
	keywords int       // number of keywords told
	toldGone bool      // that the mailbox was deleted
	claims   uint64    // the larger, the later it was opened; 0: takes no \Recent
}

// message is a message of a view.
type message struct {
	// Seq is its sequence number in the view.
	Seq imap.SeqNum
	// UID is its UID.
	UID imap.UID
	// ModSeq is the MODSEQ of its last change.
	ModSeq imap.ModSeq
	// Flags are its flags; those it had last, if it is Gone.
	Flags *flags
	// Recent tells whether it is \Recent in this session.
	Recent bool
	// Gone says that it has been expunged, though the client does not know:
	// its octets cannot be read any more.
	Gone bool
}

// errNoMessage is the answer to a sequence number that no message has
// (RFC 9051 §6.4).
var errNoMessage = bad("No message has this sequence number")

// lose takes over messages that were expunged. m.mu is held.
func (v *view) lose(gone []message) {
	n, _ := slices.BinarySearchFunc(gone, v.limit, func(g message, limit imap.UID) int {
		if g.UID <= limit {
			return -1
		}
		return 1
	})
	if n == 0 {
		return
	}
	if len(v.pending) == 0 {
		// Nobody changes what is in it; what is added goes to a copy.
		v.pending = gone[:n:n]
		return
	}
	v.pending = append(v.pending, gone[:n]...)
	slices.SortFunc(v.pending, func(a, b message) int { return int(int64(a.UID) - int64(b.UID)) })
}

// size is the number of messages in the view. m.mu is held.
func (v *view) size() int { return v.liveBelow(v.limit) + len(v.pending) }

// liveBelow counts the messages in the vector with a UID up to uid.
func (v *view) liveBelow(uid imap.UID) int {
	n, found := slices.BinarySearch(v.m.uids, uid)
	if found {
		n++
	}
	return n
}

// pendingBelow counts the pending messages with a UID up to uid.
func (v *view) pendingBelow(uid imap.UID) int {
	return sort.Search(len(v.pending), func(i int) bool { return v.pending[i].UID > uid })
}

// uidAt returns the UID of the message with a sequence number, which must be
// from 1 to size. m.mu is held.
func (v *view) uidAt(seq uint32) imap.UID {
	rank := int(seq) - 1
	// The first pending message that is at the rank or behind it.
	k := sort.Search(len(v.pending), func(i int) bool {
		return i+v.liveBelow(v.pending[i].UID) >= rank
	})
	if k < len(v.pending) && k+v.liveBelow(v.pending[k].UID) == rank {
		return v.pending[k].UID
	}
	return v.m.uids[rank-k]
}

// lastUID is the highest UID in the view, 0 if it is empty. m.mu is held.
func (v *view) lastUID() imap.UID {
	var last imap.UID
	if n := v.liveBelow(v.limit); n > 0 {
		last = v.m.uids[n-1]
	}
	if n := len(v.pending); n > 0 {
		last = max(last, v.pending[n-1].UID)
	}
	return last
}

// len is the number of messages in the view.
func (v *view) len() int {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	return v.size()
}

// resolve turns a set of sequence numbers or UIDs into a normalized set of UIDs,
// of which the messages of the view are meant. A sequence number that no
// message has is an error; a UID is not (RFC 9051 §6.4.9).
func (v *view) resolve(set imap.SequenceSet, uid bool) (imap.UIDSet, error) {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	if uid {
		return v.resolveUIDs(set), nil
	}
	size := uint32(v.size())
	ranges := set.Resolve(size)
	if size == 0 || ranges[len(ranges)-1].Stop > size {
		return nil, errNoMessage
	}
	out := make(imap.UIDSet, 0, len(ranges))
	for _, r := range ranges {
		out = append(out, imap.UIDRange{Start: v.uidAt(r.Start), Stop: v.uidAt(r.Stop)})
	}
	return out, nil
}

// resolveUIDs cuts a set of UIDs to what the client knows of. m.mu is held.
func (v *view) resolveUIDs(set imap.SequenceSet) imap.UIDSet {
	var out imap.UIDSet
	for _, r := range set.Resolve(uint32(v.lastUID())) {
		if lo, hi := imap.UID(r.Start), min(imap.UID(r.Stop), v.limit); lo <= hi {
			out = append(out, imap.UIDRange{Start: lo, Stop: hi})
		}
	}
	return out
}

// all is the set of all messages of the view.
func (v *view) all() imap.UIDSet {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	if v.limit == 0 {
		return nil
	}
	return imap.UIDSet{{Start: 1, Stop: v.limit}}
}

// anyGone tells whether a message of the set has been expunged without the
// client having been told.
func (v *view) anyGone(set imap.UIDSet) bool {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	return slices.ContainsFunc(v.pending, func(g message) bool { return set.Contains(g.UID) })
}

// chunkSize is how many messages are copied at a time.
const chunkSize = 512

var chunks = sync.Pool{New: func() any { return new([chunkSize]message) }}

// chunks yields the messages of the view that are in a normalized set, by
// sequence number, some hundreds at a time. No lock is held while the caller
// works on them; each chunk belongs to the caller until the next one.
func (v *view) chunks(set imap.UIDSet) iter.Seq[[]message] {
	return func(yield func([]message) bool) {
		buf := chunks.Get().(*[chunkSize]message)
		defer chunks.Put(buf)
		next := imap.UID(1)
		for _, r := range set {
			for next = max(next, r.Start); next <= r.Stop; {
				n, more := v.copy(buf, next, r.Stop)
				if n > 0 && !yield(buf[:n]) {
					return
				}
				if !more {
					break
				}
				next = buf[n-1].UID + 1
			}
		}
	}
}

// messages yields the messages of the view that are in a normalized set, by
// sequence number. No lock is held while the caller works on one.
func (v *view) messages(set imap.UIDSet) iter.Seq[*message] {
	return func(yield func(*message) bool) {
		for chunk := range v.chunks(set) {
			for i := range chunk {
				if !yield(&chunk[i]) {
					return
				}
			}
		}
	}
}

// copy copies the messages from UID lo to hi until the buffer is full, and tells
// whether it is.
func (v *view) copy(buf *[chunkSize]message, lo, hi imap.UID) (n int, more bool) {
	m := v.m
	m.mu.RLock()
	defer m.mu.RUnlock()
	i, p := v.liveBelow(lo-1), v.pendingBelow(lo-1)
	live, gone := v.liveBelow(min(hi, v.limit)), v.pendingBelow(hi)
	for ; n < chunkSize && (i < live || p < gone); n++ {
		seq := imap.SeqNum(i + p + 1)
		if i == live || p < gone && v.pending[p].UID < m.uids[i] {
			buf[n] = v.pending[p]
			p++
		} else {
			buf[n] = message{UID: m.uids[i], ModSeq: m.modSeqs[i], Flags: m.flags.at(m.refs[i])}
			i++
		}
		buf[n].Seq = seq
		buf[n].Recent = v.recent.Contains(buf[n].UID)
	}
	return n, n == chunkSize
}
