package sqlitestore

import (
	"context"

	"github.com/imapsrv/imapsrv/store"
)

// Who has a mailbox selected claims each message that arrives as \Recent. A commit for each, beside the one of the
// message, would make an APPEND to the selected mailbox take twice as long, for something that need not survive: a
// server that does not know whether another session has been told of a message shows it as \Recent (RFC 3501 §2.3.2).
// So a claim is part of the state at once, and of the database with the next change of its mailbox, at the latest when
// the database is closed.

// noteClaims notes what the database does not know, or knows now, when a batch becomes part of the state.
func (a *account) noteClaims(b *batch) {
	for id := range b.layer.boxes {
		if b.dirty {
			delete(a.claims, id)
			continue
		}
		if a.claims == nil {
			a.claims = make(map[store.MailboxID]struct{})
		}
		a.claims[id] = struct{}{}
	}
}

// saveClaims writes what is only in the state. The database is about to be closed.
func (a *account) saveClaims() {
	if len(a.claims) == 0 {
		return
	}
	o := &op{name: "save claims", ctx: context.Background(), run: func(t *tx) error {
		for id := range a.claims {
			if b := t.box(id); b != nil {
				t.edit(b)
				t.dirty = true
			}
		}
		return nil
	}}
	_ = a.transact([]*op{o}) // it has been logged, and the next change of the mailbox writes it
}
