package sqlitestore

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// problems checks a store.
func problems(t *testing.T, s *Store, repair bool) []string {
	t.Helper()
	var list []string
	if err := s.Check(t.Context(), repair, func(p Problem) { list = append(list, p.String()) }); err != nil {
		t.Fatal(err)
	}
	return list
}

// checked makes an account with something of everything.
func checked(t *testing.T) (*Store, *handle) {
	t.Helper()
	s := openStore(t, t.TempDir(), Options{Logger: quiet, Summarizer: summaryOf, Grace: 1 << 60})
	a, id := newAccount(t, s, "alice")
	for i := range 5 {
		appendText(t, a, id, crashBody(uint32(i), 500))
	}
	appendText(t, a, id, crashBody(9, ownFile+1))
	appendMany(t, a, id, "many", 1500)
	box, err := a.Create(t.Context(), store.NewMailbox{Name: "box"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Copy(t.Context(), id, imap.UIDSet{{Start: 2, Stop: 20}}, box.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Expunge(t.Context(), id, imap.UIDSet{{Start: 7, Stop: 40}}, store.AllGiven); err != nil {
		t.Fatal(err)
	}
	change := store.FlagChange{Op: store.FlagsAdd, Flags: imap.FlagsOf("word", `\Seen`)}
	if _, err := a.StoreFlags(t.Context(), id, imap.UIDSet{{Start: 1, Stop: 3}}, change); err != nil {
		t.Fatal(err)
	}
	return s, a.(*handle)
}

// TestCheck damages the database in all ways that a row can be damaged.
func TestCheck(t *testing.T) {
	const spoil = "data = zeroblob(length(data))"
	table := []struct {
		name, sql, want string
		lost            bool // messages are gone for good
	}{
		{"page", "UPDATE page SET " + spoil + " WHERE key = (SELECT max(key) FROM page WHERE key < (2 << 32))", "messages is lost", false},
		{"page counters", "UPDATE page SET count = 3, modseq = 1", "has wrong counters", false},
		{"page of no mailbox", "INSERT INTO page VALUES (99 << 32, 1, 1, x'00')", "belongs to no mailbox", false},
		{"mailbox counters", "UPDATE mailbox SET messages = 7, unseen = 9, size = 1", "counters of mailbox", false},
		{"emails", "UPDATE email SET " + spoil + " WHERE first = (SELECT min(first) FROM email)", "emails", true},
		{"emails' count", "UPDATE email SET count = count + 1 WHERE first = (SELECT max(first) FROM email)", "is lost", true},
		{"summaries", "UPDATE summary SET data = x'01'", "summaries", false},
		{"no summaries", "DELETE FROM summary", "summaries", false},
		{"listings", "UPDATE listing SET data = x'01'", "listings", false},
		{"listings of others", "UPDATE listing SET data = (SELECT data FROM listing ORDER BY first DESC LIMIT 1)", "listings", false},
		{"summaries of nothing", "INSERT INTO summary VALUES (1, 1, x'00')", "summary belongs to no email", false},
		{"listings of nothing", "INSERT INTO listing VALUES (1, 1, x'00')", "listing belongs to no email", false},
		{"history", "UPDATE vanished SET ranges = x'00'", "history", false},
		{"history's count", "UPDATE mailbox SET ranges = 9", "history", false},
		{"garbage", "UPDATE dropped SET emails = x'00'", "garbage", false},
		{"quota", "UPDATE account SET messages = 1, size = 2", "quota", false},
		{"emails' segments", "UPDATE email SET seg_lo = seg_lo + 7, seg_hi = seg_hi + 7", "range of segments", false},
		{"segment", "UPDATE segment SET dead = 5", "octets of garbage", false},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			s, h := checked(t)
			if list := problems(t, s, false); len(list) != 0 {
				t.Fatal("before any damage:", list)
			}
			damageRows(t, h, row.sql)
			if list := strings.Join(problems(t, s, false), "\n"); !strings.Contains(list, row.want) {
				t.Fatalf("found %q, want %q", list, row.want)
			}
			repaired := problems(t, s, true)
			if list := problems(t, s, false); len(list) != 0 {
				t.Errorf("after repairing %q:\n%s", repaired, strings.Join(list, "\n"))
			}
			compareRepaired(t, h, row.lost)
		})
	}
}

// damageRows changes the database behind the store's back.
func damageRows(t *testing.T, h *handle, sql string) {
	t.Helper()
	if err := h.acquire("damage"); err != nil {
		t.Fatal(err)
	}
	err := h.db.script(sql)
	if e := h.closeLocked(); err == nil {
		err = e
	}
	h.loaded = false // so that the state is read again
	h.release()
	if err != nil {
		t.Fatal(err)
	}
}

// compareRepaired reads everything, and checks that no message is missing.
func compareRepaired(t *testing.T, h *handle, lost bool) {
	t.Helper()
	list, err := h.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[string]bool)
	for _, m := range list {
		if _, err := h.Changes(t.Context(), m.ID, 1); err != nil {
			t.Error(err)
		}
		for msg, err := range h.Messages(t.Context(), m.ID, allUIDs, store.WantBody|store.WantSummary|store.WantListing|store.WantMetadata) {
			if err != nil {
				t.Fatal(err)
			}
			text, err := readBody(t, h, m.ID, int(msg.UID))
			if err != nil || !strings.HasPrefix(text, string(msg.Summary)) || len(msg.Summary) == 0 ||
				!strings.HasPrefix(text, string(msg.Listing)) || len(msg.Listing) == 0 {
				t.Errorf("UID %d of %q: %v, or a wrong summary", msg.UID, m.Name, err)
			}
			bodies[text] = true
			_ = msg.Body.Close() // it was only read
		}
	}
	for i := range 5 {
		if !bodies[crashBody(uint32(i), 500)] && !lost {
			t.Errorf("message %d is gone", i)
		}
	}
}

// TestCheckBodies: what cannot be repaired is told, each time.
func TestCheckBodies(t *testing.T) {
	s, h := checked(t)
	for pattern, offset := range map[string]int64{"*.segment": 700, "*.body": 70} {
		names, err := filepath.Glob(filepath.Join(h.dir, "*", pattern))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		flip(t, names[0], offset)
	}
	for range 2 {
		list := problems(t, s, true)
		if len(list) != 2 || !strings.Contains(list[0]+list[1], "is lost") {
			t.Errorf("two damaged bodies gave %q", list)
		}
	}
}

// TestCheckDirectories: whatever else is among the accounts is told, and does
// not keep the others from being checked.
func TestCheckDirectories(t *testing.T) {
	s, h := checked(t)
	for i, name := range []string{"Bad", "empty", "%ZZ"} {
		if err := s.fs.mkdir(filepath.Join(s.dir, accountsDir, name)); err != nil {
			t.Fatal(err)
		}
		if list := problems(t, s, true); len(list) != i+1 {
			t.Errorf("%d bad directories: %q", i+1, list)
		}
	}
	damageRows(t, h, "UPDATE account SET messages = 5")
	if list := problems(t, s, true); len(list) != 4 {
		t.Error(list)
	}
	long := strings.Repeat("long", 200)
	if err := s.CreateAccount(t.Context(), long, store.Setup{}); err != nil {
		t.Fatal(err)
	}
	dir := s.accountDir(long)
	if err := s.fs.remove(filepath.Join(dir, databaseName)); err != nil {
		t.Fatal(err)
	}
	if list := problems(t, s, true); len(list) != 4 {
		t.Error(fmt.Sprint(list))
	}
}
