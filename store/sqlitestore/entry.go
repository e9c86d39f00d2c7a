package sqlitestore

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

var _ store.Annotator = (*handle)(nil)

// Entries returns the metadata entries of a mailbox, or of the account.
func (h *handle) Entries(ctx context.Context, id store.MailboxID) (list []store.Entry, err error) {
	const op = "entries"
	err = h.read(ctx, op, func() error {
		num := uint32(0)
		if id != 0 {
			b, _, err := h.committed(op, id)
			if err != nil {
				return err
			}
			num = b.num
		}
		entries, err := h.entries(num)
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			list = append(list, store.Entry{Name: name, Value: entries[name]})
		}
		return err
	})
	return list, err
}

// entries reads the entries of the mailbox with this number.
func (a *account) entries(num uint32) (map[string][]byte, error) {
	entries := make(map[string][]byte)
	err := a.db.query("SELECT name, value FROM entry WHERE box = ?", func(r *sqlite.Stmt) error {
		entries[r.ColumnText(0)] = blob(r, 1)
		return nil
	}, num)
	return entries, err
}

// SetEntries changes metadata entries.
func (h *handle) SetEntries(ctx context.Context, id store.MailboxID, entries []store.Entry) error {
	return h.write(ctx, "set entries", func(t *tx) error {
		num := uint32(0)
		if id != 0 {
			b, err := t.find(id, store.NonExistent)
			if err != nil {
				return err
			}
			num = b.num
		}
		for _, e := range entries {
			if err := store.CheckEntry(t.op, e, t.store.opts.Limits); err != nil {
				return err
			}
		}
		return t.setEntries(num, entries)
	})
}

func (t *tx) setEntries(num uint32, entries []store.Entry) error {
	now, err := t.entries(num)
	if err != nil {
		return err
	}
	for _, e := range entries {
		old, ok := now[e.Name]
		switch {
		case e.Value == nil && ok:
			delete(now, e.Name)
			err = t.db.exec("DELETE FROM entry WHERE box = ? AND name = ?", num, e.Name)
		case e.Value != nil && !(ok && bytes.Equal(old, e.Value)):
			now[e.Name] = e.Value
			err = t.db.exec("INSERT OR REPLACE INTO entry VALUES (?, ?, CAST(? AS BLOB))", num, e.Name, e.Value)
		default:
			continue
		}
		if err != nil {
			return err
		}
		t.changed = true
	}
	return store.CheckEntries(t.op, len(now), t.store.opts.Limits)
}
