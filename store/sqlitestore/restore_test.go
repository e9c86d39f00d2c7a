package sqlitestore

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/imapsrv/imapsrv/store"
)

// TestRestore: a client that has seen what came after the backup must not take for it what comes after the restore
// (RFC 9051 §2.3.1.1, RFC 8474 §5.1). Looking at the backup changes nothing.
func TestRestore(t *testing.T) {
	opts := Options{Logger: quiet}
	s := openStore(t, t.TempDir(), opts)
	a, id := newAccount(t, s, "alice")
	appendText(t, a, id, "before")
	dest := filepath.Join(t.TempDir(), "backup")
	saveTo(t, s, dest)
	saveTo(t, s, dest)
	appendText(t, a, id, "after")
	had := messageKeys(t, a, id)

	look := openStore(t, dest, Options{Logger: quiet, Inspect: true})
	b, _ := openAccount(t, look, "alice")
	if got := messageKeys(t, b, id); got[1] != had[1] {
		t.Errorf("in a backup that is only looked at, the message is %v instead of %v", got[1], had[1])
	}
	if err := look.Close(); err != nil {
		t.Fatal(err)
	}

	var last uint32
	for range 2 { // the second start is one like others
		r := openStore(t, dest, opts)
		b, _ = openAccount(t, r, "alice")
		appendText(t, b, id, "another")
		got := messageKeys(t, b, id)
		if got[1].validity <= had[1].validity || last != 0 && got[1].validity != last {
			t.Errorf("UIDVALIDITY was %d, became %d, and is %d", had[1].validity, last, got[1].validity)
		}
		last = got[1].validity
		if got[1].email != had[1].email || got[2].email == had[2].email {
			t.Errorf("EMAILIDs were %v, and are %v", had, got)
		}
		if list := problems(t, r, false); len(list) != 0 {
			t.Error(list)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// messageKey is what clients know a message by.
type messageKey struct {
	validity uint32
	email    store.EmailID
}

// messageKeys are those of a mailbox's messages, by UID.
func messageKeys(t *testing.T, a store.Account, id store.MailboxID) map[int]messageKey {
	t.Helper()
	box, err := a.Mailbox(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[int]messageKey)
	for m, err := range a.Messages(t.Context(), id, allUIDs, store.WantMetadata) {
		if err != nil {
			t.Fatal(err)
		}
		keys[int(m.UID)] = messageKey{box.UIDValidity, m.EmailID}
	}
	return keys
}

// TestRestorePowerLoss: what a power failure leaves of a copy that was just served for the first time has another
// UIDVALIDITY, or will get one, also where commits are not durable at once.
func TestRestorePowerLoss(t *testing.T) {
	d, dir := newDisk(), t.TempDir()
	opts := Options{Logger: quiet, Durability: Relaxed, files: d}
	s := openStore(t, dir, opts)
	a, id := newAccount(t, s, "alice")
	appendText(t, a, id, "before")
	had := messageKeys(t, a, id)[1].validity
	if err := errors.Join(a.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	account := filepath.Join(dir, accountsDir, "alice")
	if _, err := d.create(filepath.Join(account, backupName)); err != nil {
		t.Fatal(err)
	}
	if err := d.syncDir(account); err != nil {
		t.Fatal(err)
	}

	openAccount(t, openStore(t, dir, opts), "alice")
	to := filepath.Join(t.TempDir(), "data")
	d.save(t, dir, to, false)
	a, id = openAccount(t, openStore(t, to, Options{Logger: quiet}), "alice")
	if got := messageKeys(t, a, id)[1].validity; got <= had {
		t.Errorf("UIDVALIDITY was %d and is %d", had, got)
	}
}
