package sqlitestore

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/store"
)

// tailRun is an account on a disk whose syncs of segments are counted.
type tailRun struct {
	*testing.T
	disk  *disk
	dir   string
	store *Store
	acct  store.Account
	inbox store.MailboxID
	a     *account
	syncs int
	fail  bool // the next sync of a segment fails
	texts []string
}

func newTailRun(t *testing.T) *tailRun {
	r := &tailRun{T: t, disk: newDisk(), dir: t.TempDir()}
	r.disk.fault = func(call, path string) error {
		if call != "sync" || !strings.HasSuffix(path, ".segment") {
			return nil
		}
		r.syncs++
		if r.fail {
			r.fail = false
			return errIO
		}
		return nil
	}
	r.store = openStore(t, r.dir, Options{Logger: quiet, files: r.disk})
	r.acct, r.inbox = newAccount(t, r.store, "alice")
	r.a = r.acct.(*handle).account
	return r
}

// add appends messages of a size, and returns how many syncs of segments that took.
func (r *tailRun) add(n, size int) int {
	r.Helper()
	before := r.syncs
	for range n {
		text := crashBody(uint32(len(r.texts)), size)
		appendText(r, r.acct, r.inbox, text)
		r.texts = append(r.texts, text)
	}
	return r.syncs - before
}

// verify reads all messages.
func (r *tailRun) verify(acct store.Account, inbox store.MailboxID) {
	r.Helper()
	for i, want := range r.texts {
		if text, err := readBody(r, acct, inbox, 1+i); err != nil || text != want {
			r.Errorf("message %d: %d octets, %v", 1+i, len(text), err)
		}
	}
}

// verifyCut starts on what a power failure would leave.
func (r *tailRun) verifyCut() {
	r.Helper()
	dir := filepath.Join(r.TempDir(), "data")
	r.disk.save(r, r.dir, dir, false)
	s := openStore(r, dir, Options{Logger: quiet})
	acct, inbox := openAccount(r, s, "alice")
	r.verify(acct, inbox)
	appendText(r, acct, inbox, "more")
	for _, p := range problems(r.T, s, false) {
		r.Error(p)
	}
}

// TestTail: small messages that come one by one need one sync of their segment for many, and yet a power failure takes
// none of them.
func TestTail(t *testing.T) {
	r := newTailRun(t)
	if n := r.add(1, 4000); n != 1 {
		t.Errorf("the first message took %d syncs of its segment", n)
	}
	if n := r.add(16, 4000); n != 0 {
		t.Errorf("16 messages took %d syncs of their segment", n)
	}
	r.verify(r.acct, r.inbox)
	r.verifyCut()
	if n := r.add(1, 4000); n != 1 {
		t.Errorf("a message for which there is no more room took %d syncs of its segment", n)
	}
	r.verifyCut()
	if n := r.add(16, 4000); n != 0 {
		t.Errorf("16 more messages took %d syncs of their segment", n)
	}
	r.a.tryClose() // its segment is another open file afterwards
	r.add(3, 4000)
	r.verify(r.acct, r.inbox)
	r.verifyCut()
}

// TestTailLarge: what is too large for the tail takes it along to the segment.
func TestTailLarge(t *testing.T) {
	r := newTailRun(t)
	r.add(3, 100)
	if n := r.add(1, ownFile-1); n != 1 {
		t.Errorf("a message for which there is no room took %d syncs of its segment", n)
	}
	r.verifyCut()
	r.add(3, 0)
	r.add(1, 10)
	r.verifyCut()
}

// TestTailSegments: the tail is of one segment only.
func TestTailSegments(t *testing.T) {
	r := newTailRun(t)
	r.store.opts.segmentSize = 10_000
	r.add(20, 3000)
	r.verify(r.acct, r.inbox)
	r.verifyCut()
}

// TestTailSyncFails: whatever a segment has lost when a sync has failed is written again.
func TestTailSyncFails(t *testing.T) {
	r := newTailRun(t)
	r.add(17, 4000)
	r.fail = true
	body, err := r.acct.Stage(t.Context(), strings.NewReader(crashBody(0, 4000)), 4000)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, err := r.acct.Append(t.Context(), r.inbox, []store.NewMessage{{Body: body}}); !store.IsCode(err, store.Unavailable) {
		t.Errorf("append without a sync: %v", err)
	}
	r.verifyCut()
	r.add(2, 4000)
	r.verifyCut()
}

// TestTailDamaged: a tail that cannot be read keeps nobody from appending.
func TestTailDamaged(t *testing.T) {
	r := newTailRun(t)
	r.add(5, 4000)
	if err := r.a.db.exec("DELETE FROM tail"); err != nil {
		t.Fatal(err)
	}
	r.a.tryClose()
	r.add(1, ownFile-1)
	r.add(20, 4000)
	r.verify(r.acct, r.inbox)
	r.verifyCut()
}
