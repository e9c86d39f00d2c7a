package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// deltaOf is what a change has done to a mailbox.
func deltaOf(e *store.Effect, changed store.Messages, vanished imap.UIDSet) *store.Delta {
	return &store.Delta{
		Mailbox: e.Mailbox, Since: e.Since, Changed: changed, Vanished: vanished, Keywords: e.Keywords,
	}
}

// changing makes a change, which returns what it did, and then shows it: whoever sees the OK of a command sees its
// effect. Mostly nothing else has happened to the mailbox, so that it need not be read. The change has been made
// then, so an error in reading what else has happened is only logged: the next hint makes good for it.
func (m *mailbox) changing(ctx context.Context, change func() (*store.Delta, error)) error {
	d, err := m.make(change)
	// Hints that hub.follow has left to this change have been noted before it was counted as done.
	if m.isStale() || err == nil && uint64(d.Mailbox.HighestModSeq) > m.checked.Load() {
		if err := m.refresh(ctx, 0); err != nil {
			m.hub.log.Warn("reading changes failed", "account", m.hub.id, "mailbox", m.id, "err", err)
		}
	}
	return err
}

// make makes a change and applies what it did.
func (m *mailbox) make(change func() (*store.Delta, error)) (*store.Delta, error) {
	m.own.Add(1)
	defer m.own.Add(-1)
	d, err := change()
	if err == nil {
		m.take(d)
	}
	return d, err
}

// take applies a change that was made to the mailbox as it is known here. Another one is left to refresh.
func (m *mailbox) take(d *store.Delta) {
	m.refreshing.Lock()
	defer m.refreshing.Unlock()
	if m.isGone() || !m.isLoaded() || m.info.HighestModSeq != d.Since {
		return
	}
	if d.Mailbox.HighestModSeq > d.Since {
		wake(m.apply(d))
	}
	m.checked.Store(max(m.checked.Load(), uint64(d.Mailbox.HighestModSeq)))
}
