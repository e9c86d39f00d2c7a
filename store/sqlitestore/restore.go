package sqlitestore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// An account that is restored from a backup goes back to an earlier state: UIDs and object ids that were given out since
// would be given to other messages, and clients would show what they remember of the first ones. So each copy of an account
// has a mark of its own, and whoever serves it first makes clients begin anew.

// markCopy marks the copy of an account.
func (k *accountBackup) markCopy() error {
	path := filepath.Join(k.dir, backupName)
	if _, err := os.Stat(path); err == nil {
		return nil // of the backup before
	}
	return writeMark(path, true)
}

// takeOver makes a copy an account like others, if it is one: its mailboxes get another UIDVALIDITY (RFC 9051 §2.3.1.1),
// and ids that it could have given out go unused.
func (a *account) takeOver() error {
	if a.store.opts.Inspect {
		return nil
	}
	fsys, path := a.store.fs, a.path(backupName)
	f, err := fsys.open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_ = f.Close() // nothing was written
	o := &op{name: "restore", ctx: context.Background(), run: (*tx).beginAnew}
	if err := a.transact([]*op{o}); err != nil {
		return err
	}
	if o.err != nil {
		return o.err
	}
	// The mark goes when that is durable, whatever commits are. If it comes back, all of this is done once more.
	if err := a.db.script("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	if err := fsys.remove(path); err != nil {
		return err
	}
	return fsys.syncDir(a.dir)
}

// beginAnew gives all mailboxes another UIDVALIDITY, in the order in which they were made.
func (t *tx) beginAnew() error {
	t.meta.nextID = t.meta.lastID
	list := t.boxes()
	slices.SortFunc(list, func(a, b *box) int { return cmp.Compare(a.num, b.num) })
	for _, b := range list {
		t.edit(b).UIDValidity = t.nextUIDValidity()
	}
	t.changed = true
	return nil
}
