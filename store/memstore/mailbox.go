package memstore

import (
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// mailbox is one mailbox: its record with up-to-date counters, and its
// messages as parallel arrays in ascending order of UID.
type mailbox struct {
	store.Mailbox          // Subscribed is not kept here
	firstRecent   imap.UID // \Recent from here on
	flags         flagTable

	uids    []imap.UID
	modseqs []imap.ModSeq
	refs    []uint32 // into flags
	saved   []imap.DateTime
	emails  []*email

	vanished []gone // ascending MODSEQ
	floor    imap.ModSeq
}

// email is the immutable part of a message. Copies share it.
type email struct {
	id           store.EmailID
	thread       store.ThreadID
	internalDate imap.DateTime
	body         *blob
}

// gone is a range of UIDs that were expunged together.
type gone struct {
	modseq imap.ModSeq
	uids   imap.UIDRange
}

// count adds message i to the counters by times: 1, or -1 to take it away.
func (m *mailbox) count(i, by int) {
	set := &m.flags.sets[m.refs[i]]
	bump(&m.flags.counts[m.refs[i]], by)
	bump(&m.Messages, by)
	if !set.Has(imap.FlagSeen) {
		bump(&m.Unseen, by)
	}
	if set.Has(imap.FlagDeleted) {
		bump(&m.Deleted, by)
	}
	if m.uids[i] >= m.firstRecent {
		bump(&m.Recent, by)
	}
	m.Size = uint64(int64(m.Size) + int64(by)*m.emails[i].body.size)
}

func bump(counter *uint32, by int) { *counter = uint32(int64(*counter) + int64(by)) }

// add appends a message. ref is that of its flags.
func (m *mailbox) add(e *email, ref uint32, saved imap.DateTime, modseq imap.ModSeq) {
	m.uids = append(m.uids, m.UIDNext)
	m.modseqs = append(m.modseqs, modseq)
	m.refs = append(m.refs, ref)
	m.saved = append(m.saved, saved)
	m.emails = append(m.emails, e)
	m.UIDNext++
	m.HighestModSeq = modseq
	m.count(len(m.uids)-1, 1)
}

// remove takes out the messages at the indexes where (ascending), and
// remembers that they are gone. It returns their UIDs.
func (m *mailbox) remove(where []int, modseq imap.ModSeq, history int) imap.UIDSet {
	var uids imap.UIDSet
	for _, i := range where {
		uids.Add(m.uids[i])
		m.count(i, -1)
	}
	m.uids = without(m.uids, where)
	m.modseqs = without(m.modseqs, where)
	m.refs = without(m.refs, where)
	m.saved = without(m.saved, where)
	m.emails = without(m.emails, where)
	for _, r := range uids {
		m.vanished = append(m.vanished, gone{modseq, r})
	}
	m.HighestModSeq = modseq
	m.trim(history)
	return uids
}

// without removes the elements at the indexes where (ascending) in place,
// moving each of the others once.
func without[T any](s []T, where []int) []T {
	if len(where) == 0 {
		return s
	}
	n := where[0]
	for k, i := range where {
		end := len(s)
		if k+1 < len(where) {
			end = where[k+1]
		}
		n += copy(s[n:], s[i+1:end])
	}
	clear(s[n:])
	if n < cap(s)/4 {
		return slices.Clone(s[:n])
	}
	return s[:n]
}

// trim forgets the oldest half of the history when it has grown too long.
func (m *mailbox) trim(history int) {
	if len(m.vanished) <= history {
		return
	}
	cut := len(m.vanished) - history/2
	m.floor = m.vanished[cut-1].modseq
	m.vanished = slices.Clone(m.vanished[cut:])
}

// indexes returns the places of the messages of a set (normalized).
func (m *mailbox) indexes(uids imap.UIDSet) []int {
	var where []int
	store.CutUIDs(m.uids, uids, func(from, to int) bool {
		where = slices.Grow(where, to-from)
		for i := from; i < to; i++ {
			where = append(where, i)
		}
		return true
	})
	return where
}

// pick returns the messages at the given indexes (ascending).
func (m *mailbox) pick(where []int) store.Messages {
	out := store.Messages{
		UIDs:     make([]imap.UID, len(where)),
		ModSeqs:  make([]imap.ModSeq, len(where)),
		FlagRefs: make([]uint32, len(where)),
	}
	to := make([]uint32, len(m.flags.sets)) // 1 + index in out; 0 for none
	for k, i := range where {
		out.UIDs[k], out.ModSeqs[k] = m.uids[i], m.modseqs[i]
		ref := m.refs[i]
		if to[ref] == 0 {
			out.FlagSets = append(out.FlagSets, m.flags.sets[ref])
			to[ref] = uint32(len(out.FlagSets))
		}
		out.FlagRefs[k] = to[ref] - 1
	}
	return out
}

// size is how many octets the messages at the given indexes have.
func (m *mailbox) size(where []int) uint64 {
	var n uint64
	for _, i := range where {
		n += uint64(m.emails[i].body.size)
	}
	return n
}

// setRecent makes the messages from a UID on \Recent, and no others.
func (m *mailbox) setRecent(from imap.UID) {
	i, _ := slices.BinarySearch(m.uids, from)
	m.firstRecent = from
	m.Recent = uint32(len(m.uids) - i)
}
