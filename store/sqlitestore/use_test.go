package sqlitestore

import (
	"testing"

	"github.com/imapsrv/imapsrv/store"
)

// TestSetUse: a special use that a mailbox is given later is there after a restart.
func TestSetUse(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	if err := a.(*handle).SetUse(t.Context(), id, store.UseSent|store.UseImportant); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	a, _ = openAccount(t, openStore(t, dir, Options{Logger: quiet}), "alice")
	if inbox, err := a.Lookup(t.Context(), store.Inbox); err != nil || inbox.Use != store.UseSent|store.UseImportant {
		t.Errorf("the mailbox has the special use %s, %v", inbox.Use, err)
	}
}
