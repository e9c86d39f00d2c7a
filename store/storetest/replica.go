package storetest

import (
	"fmt"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// replica follows one mailbox as an engine does, by Load and Changes.
type replica struct {
	box      store.Mailbox
	messages map[imap.UID]state
	vanished map[imap.UID]bool
}

// state is what can change of a message.
type state struct {
	modseq imap.ModSeq
	flags  string
}

func newReplica(v *store.Vector) *replica {
	r := &replica{box: v.Mailbox, messages: map[imap.UID]state{}, vanished: map[imap.UID]bool{}}
	r.put(&v.Messages)
	return r
}

func (r *replica) put(l *store.Messages) {
	for i, uid := range l.UIDs {
		flags := l.Flags(i)
		flags.Normalize()
		r.messages[uid] = state{l.ModSeqs[i], flags.String()}
	}
}

// apply brings the replica up to date, and tells what in the delta is
// impossible.
func (r *replica) apply(d *store.Delta) error {
	if err := checkDelta(d); err != nil {
		return err
	}
	if d.Mailbox.HighestModSeq < r.box.HighestModSeq || d.Mailbox.UIDNext < r.box.UIDNext {
		return fmt.Errorf("the record went back from %+v to %+v", r.box, d.Mailbox)
	}
	for uid := range d.Vanished.All() {
		delete(r.messages, uid)
		r.vanished[uid] = true
	}
	for _, uid := range d.Changed.UIDs {
		_, known := r.messages[uid]
		if r.vanished[uid] || !known && uid < r.box.UIDNext {
			return fmt.Errorf("UID %d came out of nowhere; UIDNEXT was %d", uid, r.box.UIDNext)
		}
	}
	r.put(&d.Changed)
	r.box = d.Mailbox
	if len(r.messages) != int(r.box.Messages) {
		return fmt.Errorf("%d messages after applying a delta, the record says %d", len(r.messages), r.box.Messages)
	}
	return nil
}

// equal tells how the replica differs from a vector.
func (r *replica) equal(v *store.Vector) error {
	now := newReplica(v)
	for _, uid := range sortedUIDs(r.messages, now.messages) {
		mine, a := r.messages[uid]
		theirs, b := now.messages[uid]
		if a != b || mine != theirs {
			return fmt.Errorf("UID %d: followed %v %v, loaded %v %v", uid, a, mine, b, theirs)
		}
	}
	return nil
}

// sortedUIDs returns the keys of both maps.
func sortedUIDs(a, b map[imap.UID]state) []imap.UID {
	var list []imap.UID
	for uid := range a {
		list = append(list, uid)
	}
	for uid := range b {
		list = append(list, uid)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
