package sqlitestore

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestClaimRecent: a claim takes no sync, is part of the next commit, and stays when the database is closed.
func TestClaimRecent(t *testing.T) {
	r := newTailRun(t)
	syncs := 0
	r.disk.setFault(func(call, path string) error {
		if call == "sync" && strings.HasSuffix(path, "-wal") {
			syncs++
		}
		return nil
	})
	r.add(2, 10)
	syncs = 0
	if c, err := r.acct.ClaimRecent(t.Context(), r.inbox); err != nil || c.From != 1 || c.To != 3 || syncs != 0 {
		t.Errorf("%+v, %v, %d syncs", c, err, syncs)
	}
	recent := func(cut bool) int {
		t.Helper()
		acct, inbox := r.acct, r.inbox
		if cut {
			dir := filepath.Join(t.TempDir(), "data")
			r.disk.save(t, r.dir, dir, false)
			acct, inbox = openAccount(t, openStore(t, dir, Options{Logger: quiet}), "alice")
		}
		c, err := acct.PeekRecent(t.Context(), inbox)
		if err != nil {
			t.Error(err)
		}
		return int(c.To - c.From)
	}
	if now, then := recent(false), recent(true); now != 0 || then != 2 {
		t.Errorf("%d are recent, %d after a crash", now, then)
	}
	r.add(1, 10)
	if now, then := recent(false), recent(true); now != 1 || then != 1 {
		t.Errorf("%d are recent, %d after a crash", now, then)
	}
	if _, err := r.acct.ClaimRecent(t.Context(), r.inbox); err != nil {
		t.Error(err)
	}
	r.a.tryClose()
	if now, then := recent(false), recent(true); now != 0 || then != 0 {
		t.Errorf("%d are recent, %d after a crash", now, then)
	}
	r.verifyCut()
}
