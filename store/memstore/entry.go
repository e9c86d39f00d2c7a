package memstore

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/imapsrv/imapsrv/store"
)

var _ store.Annotator = (*handle)(nil)

// Entries returns the metadata entries of a mailbox, or of the account.
func (h *handle) Entries(ctx context.Context, id store.MailboxID) (list []store.Entry, err error) {
	const op = "entries"
	err = h.read(ctx, op, func() error {
		if err := h.annotated(op, id); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(h.entries[id])) {
			list = append(list, store.Entry{Name: name, Value: bytes.Clone(h.entries[id][name])})
		}
		return nil
	})
	return list, err
}

// annotated tells whether there can be entries with this id.
func (a *account) annotated(op string, id store.MailboxID) error {
	if id == 0 {
		return nil
	}
	_, err := a.find(op, id, store.NonExistent)
	return err
}

// SetEntries changes metadata entries.
func (h *handle) SetEntries(ctx context.Context, id store.MailboxID, entries []store.Entry) error {
	return h.write(ctx, "set entries", func(t *tx) error {
		if err := t.annotated(t.op, id); err != nil {
			return err
		}
		after := maps.Clone(t.entries[id])
		if after == nil {
			after = make(map[string][]byte)
		}
		for _, e := range entries {
			if err := store.CheckEntry(t.op, e, t.store.opts.Limits); err != nil {
				return err
			}
			if e.Value == nil {
				delete(after, e.Name)
			} else {
				after[e.Name] = append([]byte{}, e.Value...)
			}
		}
		if err := store.CheckEntries(t.op, len(after), t.store.opts.Limits); err != nil {
			return err
		}
		if t.changed = !maps.EqualFunc(t.entries[id], after, bytes.Equal); t.changed {
			t.entries[id] = after
		}
		return nil
	})
}
