package sqlitestore

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// aheadSizes are sizes of bodies that are read together, alone, and not from a segment.
var aheadSizes = []int{1, 4000, 0, 60_000, 50_000, 40_000, 3, ownFile, 7, 7, ownFile - 1, ownFile - 1, ownFile - 1, 12}

// aheadMessages makes an account whose bodies lie one behind the other.
func aheadMessages(t *testing.T, dir string) (store.Account, store.MailboxID, []string) {
	t.Helper()
	s := openStore(t, dir, Options{Logger: quiet})
	a, id := newAccount(t, s, "alice")
	var texts []string
	for i, size := range aheadSizes {
		texts = append(texts, crashBody(uint32(i), size))
		appendText(t, a, id, texts[i])
	}
	return a, id, texts
}

// content reads an open body.
func content(b store.Body) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	return string(text), err
}

// TestReadAhead: bodies that were read together are what they are alone, as long as each is open, whatever is closed
// before and read meanwhile.
func TestReadAhead(t *testing.T) {
	a, id, texts := aheadMessages(t, t.TempDir())
	for round := range 20 {
		r := rand.New(rand.NewPCG(uint64(round), 1))
		open := map[imap.UID]store.Body{}
		check := func(uid imap.UID) {
			text, err := content(open[uid])
			if err != nil || text != texts[uid-1] {
				t.Errorf("UID %d has %d octets, want %d, or others: %v", uid, len(text), len(texts[uid-1]), err)
			}
		}
		set := imap.UIDSet{}
		for uid := range texts {
			if round == 0 || r.IntN(4) > 0 {
				set.Add(imap.UID(uid + 1))
			}
		}
		for m, err := range a.Messages(t.Context(), id, set, store.WantBody) {
			if err != nil {
				t.Fatal(err)
			}
			open[m.UID] = m.Body
			for uid := range open {
				check(uid)
				if r.IntN(3) == 0 {
					_ = open[uid].Close() // it was only read
					_ = open[uid].Close() // nothing happens
					if _, err := open[uid].ReadAt(make([]byte, 1), 0); err == nil {
						t.Errorf("UID %d can be read though it is closed", uid)
					}
					delete(open, uid)
				}
			}
			if r.IntN(20) == 0 {
				break
			}
		}
		// Memory that was given back is used by others.
		for m, err := range a.Messages(t.Context(), id, allUIDs, store.WantBody) {
			if err != nil {
				t.Fatal(err)
			}
			_ = m.Body.Close()
		}
		for uid, b := range open {
			check(uid)
			_ = b.Close()
		}
	}
}

// TestReadAheadDamage: one damaged body is Corruption, and the ones before and behind it are what they were.
func TestReadAheadDamage(t *testing.T) {
	dir := t.TempDir()
	a, id, texts := aheadMessages(t, dir)
	const damaged = 5
	segments, err := filepath.Glob(filepath.Join(dir, accountsDir, "alice", segmentsDir, "*"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	flip(t, segments[0], int64(len(strings.Join(texts[:damaged], ""))-1)) // its last octet
	for from := imap.UID(1); int(from) <= len(texts); from++ {
		want := from
		for m, err := range a.Messages(t.Context(), id, imap.UIDSet{{Start: from, Stop: imap.UID(len(texts))}}, store.WantBody) {
			if err != nil {
				var e *store.Error
				if want != damaged || !errors.As(err, &e) || e.Code != store.Corruption {
					t.Errorf("from %d: at UID %d: %v", from, want, err)
				}
				break
			}
			text, err := content(m.Body)
			if m.UID != want || m.UID == damaged || err != nil || text != texts[m.UID-1] {
				t.Error(fmt.Sprintf("from %d: UID %d, want %d", from, m.UID, want), err)
			}
			_ = m.Body.Close()
			want++
		}
		if end := imap.UID(len(texts)) + 1; from <= damaged && want != damaged || from > damaged && want != end {
			t.Errorf("from %d: it ended at %d", from, want)
		}
	}
}
