package crash

import (
	"io"
	"log/slog"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// place is where a message is.
type place struct {
	user string
	box  store.MailboxID
	uid  imap.UID
}

// modSeqs remembers what clients without CONDSTORE do not see.
type modSeqs struct {
	accounts map[string]imap.ModSeq // the highest seen
	done     map[string]int         // commands acknowledged until then
	messages map[place]imap.ModSeq
}

func newModSeqs(l *Load) *modSeqs {
	return &modSeqs{
		accounts: make(map[string]imap.ModSeq), done: l.Acknowledged(), messages: make(map[place]imap.ModSeq),
	}
}

// check opens the data directory, which no server has, and compares: each
// command that was acknowledged has taken a MODSEQ, no message has gone back
// to an earlier one, and nothing is damaged. A UID that is used again would
// have one that is lower than an account's that was seen with the message.
func (m *modSeqs) check(t *testing.T, dir string, l *Load) {
	t.Helper()
	s, err := sqlitestore.Open(dir, sqlitestore.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	done := l.Acknowledged()
	for user, n := range done {
		a, err := s.Account(t.Context(), user)
		if err != nil {
			t.Error(err)
			continue
		}
		m.account(t, a, n)
		_ = a.Close() // it was only read
	}
	m.done = done
	if err := s.Check(t.Context(), false, func(p sqlitestore.Problem) { t.Error(p) }); err != nil {
		t.Error(err)
	}
}

func (m *modSeqs) account(t *testing.T, a store.Account, done int) {
	t.Helper()
	now, err := a.ModSeq(t.Context())
	if err != nil {
		t.Error(err)
	}
	user := a.ID()
	if least := m.accounts[user] + imap.ModSeq(done-m.done[user]); now < least {
		t.Errorf("the MODSEQ of %q is %d, it must be %d at least", user, now, least)
	}
	m.accounts[user] = now
	boxes, err := a.Mailboxes(t.Context())
	if err != nil {
		t.Error(err)
	}
	for _, b := range boxes {
		v, err := a.Load(t.Context(), b.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, uid := range v.UIDs {
			at := place{user, b.ID, uid}
			if v.ModSeqs[i] < m.messages[at] || v.ModSeqs[i] > b.HighestModSeq || b.HighestModSeq > now {
				t.Errorf("UID %d of %q: MODSEQ was %d and is %d; the mailbox's is %d, the account's %d",
					uid, b.Name, m.messages[at], v.ModSeqs[i], b.HighestModSeq, now)
			}
			m.messages[at] = v.ModSeqs[i]
		}
	}
}
