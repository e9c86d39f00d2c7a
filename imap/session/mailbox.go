package session

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// mailbox is what all sessions of the process that have a mailbox selected
// share: one vector of its messages, as struct of arrays, kept up to date from
// the store's change feed.
//
// It holds only messages that exist. What differs between sessions is in their
// views: an expunged message moves from here to the views that have not been
// told, so that a view's messages, and their sequence numbers, change only when
// its session says so.
type mailbox struct {
	hub   *hub
	id    store.MailboxID
	users int // guarded by hub.mu

	hinted  atomic.Uint64 // the newest MODSEQ that is known to exist
	checked atomic.Uint64 // the MODSEQ up to which changes have been read
	own     atomic.Int32  // changes under way of which this process learns what they make of the mailbox
	loaded  atomic.Bool
	gone    atomic.Bool // the mailbox was deleted

	// refreshing is held while the store is read, mu only in memory.
	refreshing sync.Mutex

	mu       sync.RWMutex
	info     store.Mailbox
	uids     []imap.UID
	modSeqs  []imap.ModSeq
	refs     []uint32 // into flags
	flags    flagTable
	keywords []string
	unseen   int // sequence number of the first without \Seen, 0 none, -1 not known
	views    map[*view]struct{}
	opened   uint64 // counts views
	claimant *view  // takes what is \Recent
}

func newMailbox(h *hub, id store.MailboxID) *mailbox {
	return &mailbox{hub: h, id: id, unseen: -1, views: make(map[*view]struct{})}
}

func (m *mailbox) isLoaded() bool { return m.loaded.Load() }
func (m *mailbox) isGone() bool   { return m.gone.Load() }

// inUse tells whether a session has the mailbox selected.
func (m *mailbox) inUse() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.views) > 0
}

// hint notes that there may be changes up to a MODSEQ.
func (m *mailbox) hint(to imap.ModSeq) {
	for {
		old := m.hinted.Load()
		if old >= uint64(to) || m.hinted.CompareAndSwap(old, uint64(to)) {
			return
		}
	}
}

// isStale tells whether refresh would read from the store.
func (m *mailbox) isStale() bool { return m.hinted.Load() > m.checked.Load() }

// refresh brings the vector up to at least a MODSEQ; 0 stands for the newest.
// A mailbox that does not exist any more becomes empty, which is no error.
func (m *mailbox) refresh(ctx context.Context, to imap.ModSeq) error {
	m.refreshing.Lock()
	defer m.refreshing.Unlock()
	if m.isGone() || to != 0 && uint64(to) <= m.checked.Load() {
		return nil
	}
	hinted := m.hinted.Load()
	err := m.read(ctx)
	if store.IsCode(err, store.NonExistent) && m.isLoaded() {
		wake(m.vanish())
		return nil
	}
	if err != nil {
		return err
	}
	m.checked.Store(max(uint64(to), hinted, uint64(m.info.HighestModSeq)))
	return nil
}

// read reads the mailbox for the first time, or what has changed since.
func (m *mailbox) read(ctx context.Context) error {
	if !m.isLoaded() {
		v, err := m.hub.acct.Load(ctx, m.id)
		if err == nil {
			m.load(v)
		}
		return err
	}
	d, err := m.hub.acct.Changes(ctx, m.id, m.info.HighestModSeq)
	if err == nil && d.Mailbox.HighestModSeq > m.info.HighestModSeq {
		wake(m.apply(d))
	}
	return err
}

// load takes over a vector that was just read.
func (m *mailbox) load(v *store.Vector) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.info, m.keywords = v.Mailbox, v.Keywords
	m.uids, m.modSeqs, m.refs = v.UIDs, v.ModSeqs, v.FlagRefs
	m.flags.reset()
	m.flags.translate(v.FlagSets, m.refs)
	m.loaded.Store(true)
}

// apply changes the vector and returns what wakes the idle sessions that have
// something new to tell.
func (m *mailbox) apply(d *store.Delta) []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.info, m.keywords, m.unseen = d.Mailbox, d.Keywords, -1
	m.remove(d.Vanished)
	m.flags.translate(d.Changed.FlagSets, d.Changed.FlagRefs)
	m.change(&d.Changed)
	m.flags.compact(m.refs)
	return m.toWake()
}

// remove takes messages out of the vector and gives them to the views that know
// of them.
func (m *mailbox) remove(uids imap.UIDSet) {
	gone := make([]message, 0, min(len(m.uids), max(0, uids.Len())))
	keep, read := 0, 0
	store.CutUIDs(m.uids, uids, func(from, to int) bool {
		keep = m.moveDown(keep, read, from)
		for i := from; i < to; i++ {
			gone = append(gone, message{UID: m.uids[i], ModSeq: m.modSeqs[i], Flags: m.flags.at(m.refs[i]), Gone: true})
		}
		read = to
		return true
	})
	if len(gone) == 0 {
		return
	}
	n := m.moveDown(keep, read, len(m.uids))
	m.uids, m.modSeqs, m.refs = m.uids[:n], m.modSeqs[:n], m.refs[:n]
	for v := range m.views {
		v.lose(gone)
	}
}

// moveDown moves the messages [from, to) down to position at and returns the
// position behind them.
func (m *mailbox) moveDown(at, from, to int) int {
	if at == from {
		return to
	}
	copy(m.modSeqs[at:], m.modSeqs[from:to])
	copy(m.refs[at:], m.refs[from:to])
	return at + copy(m.uids[at:], m.uids[from:to])
}

// change sets the flags of messages and adds those that are new. References are to the mailbox's own sets.
func (m *mailbox) change(c *store.Messages) {
	var news changes
	at := -1
	for i, uid := range c.UIDs {
		// Mostly it is the one behind the last.
		at++
		found := at < len(m.uids) && m.uids[at] == uid
		if !found {
			var n int
			n, found = slices.BinarySearch(m.uids[at:], uid)
			at += n
		}
		if !found {
			m.uids = slices.Insert(m.uids, at, uid)
			m.modSeqs = slices.Insert(m.modSeqs, at, c.ModSeqs[i])
			m.refs = slices.Insert(m.refs, at, c.FlagRefs[i])
			continue
		}
		m.modSeqs[at] = c.ModSeqs[i]
		if m.refs[at] != c.FlagRefs[i] {
			m.refs[at] = c.FlagRefs[i]
			news.add(c.ModSeqs[i], uid)
		}
	}
	for v := range m.views {
		v.changed.merge(news)
	}
}

// vanish empties the vector of a mailbox that was deleted.
func (m *mailbox) vanish() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone.Store(true)
	m.unseen = -1
	m.remove(imap.UIDSet{{Start: 1, Stop: ^imap.UID(0)}})
	return m.toWake()
}

// toWake returns what wakes the sessions that idle.
func (m *mailbox) toWake() []func() {
	var ws []func()
	for v := range m.views {
		if v.wake != nil {
			ws = append(ws, v.wake)
		}
	}
	return ws
}

// wake tells idle sessions to look. No lock is held.
func wake(ws []func()) {
	for _, w := range ws {
		w()
	}
}

// firstUnseen returns the sequence number of the first message without \Seen; 0
// if there is none. The result is kept until the next change. mu is held.
func (m *mailbox) firstUnseen() imap.SeqNum {
	if m.unseen < 0 {
		m.unseen = 0
		for i, ref := range m.refs {
			if !m.flags.at(ref).Set.Has(imap.FlagSeen) {
				m.unseen = i + 1
				break
			}
		}
	}
	return imap.SeqNum(m.unseen)
}

// opened is what SELECT says of a mailbox.
type opened struct {
	info     store.Mailbox
	exists   uint32
	unseen   imap.SeqNum // the first one, 0 if there is none
	keywords []string
}

// attach makes a view follow the mailbox, one that may get \Recent messages if
// recent is set. The client is then to be told what attach returns.
func (m *mailbox) attach(v *view, recent bool) opened {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.views[v] = struct{}{}
	if m.opened++; recent {
		v.claims = m.opened
		m.claimant = v
	}
	v.limit = m.lastUID()
	v.exists = uint32(len(m.uids))
	v.keywords = len(m.keywords)
	return opened{info: m.info, exists: v.exists, unseen: m.firstUnseen(), keywords: m.keywords}
}

// isClaimant tells whether new messages are \Recent in this view: they are in the
// one that was opened last, so that sessions need not race for them.
func (m *mailbox) isClaimant(v *view) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.claimant == v
}

// renounce makes a view one that gets no \Recent messages. mu is held.
func (m *mailbox) renounce(v *view) {
	v.claims = 0
	if m.claimant != v {
		return
	}
	m.claimant = nil
	for other := range m.views {
		if other.claims > 0 && (m.claimant == nil || other.claims > m.claimant.claims) {
			m.claimant = other
		}
	}
}

// detach ends a view.
func (m *mailbox) detach(v *view) {
	m.mu.Lock()
	delete(m.views, v)
	m.renounce(v)
	m.mu.Unlock()
	m.hub.close(m)
}

// lastUID is the highest UID in the vector. mu is held.
func (m *mailbox) lastUID() imap.UID {
	if len(m.uids) == 0 {
		return 0
	}
	return m.uids[len(m.uids)-1]
}
