package sqlitestore

import (
	"context"

	"github.com/imapsrv/imapsrv/store"
)

// SetUse gives a mailbox other special uses (RFC 6154). IMAP only does so
// when a mailbox is made; importing needs it for those that are there.
func (h *handle) SetUse(ctx context.Context, id store.MailboxID, use store.SpecialUse) error {
	return h.write(ctx, "set use", func(t *tx) error {
		b, err := t.find(id, store.NonExistent)
		if err != nil || b.Use == use {
			return err
		}
		t.edit(b).Use = use
		t.changed = true
		return nil
	})
}
