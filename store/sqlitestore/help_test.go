package sqlitestore

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// newAccount makes an account, and returns it with its INBOX.
func newAccount(t testing.TB, s *Store, id string) (store.Account, store.MailboxID) {
	t.Helper()
	if err := s.CreateAccount(t.Context(), id, store.Setup{}); err != nil {
		t.Fatal(err)
	}
	return openAccount(t, s, id)
}

func openAccount(t testing.TB, s *Store, id string) (store.Account, store.MailboxID) {
	t.Helper()
	a, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	inbox, err := a.Lookup(t.Context(), store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	return a, inbox.ID
}

// appendText appends messages with the same text.
func appendText(t testing.TB, a store.Account, id store.MailboxID, text string) {
	t.Helper()
	appendMany(t, a, id, text, 1)
}

func appendMany(t testing.TB, a store.Account, id store.MailboxID, text string, n int) {
	t.Helper()
	msgs := make([]store.NewMessage, n)
	for i := range msgs {
		s, err := a.Stage(t.Context(), strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		msgs[i] = store.NewMessage{Body: s}
	}
	if _, err := a.Append(t.Context(), id, msgs); err != nil {
		t.Fatal(err)
	}
}

// readBody reads a message.
func readBody(t testing.TB, a store.Account, id store.MailboxID, uid int) (string, error) {
	t.Helper()
	b, err := a.Body(t.Context(), id, imap.UID(uid))
	if err != nil {
		return "", err
	}
	defer b.Close()
	text, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	return string(text), err
}

// flip changes one octet of a file.
func flip(t testing.TB, path string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, offset); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x40
	if _, err := f.WriteAt(b, offset); err != nil {
		t.Fatal(err)
	}
}

// readPrefix is a Summarizer that keeps the first 400 octets, and as listing
// the first 600.
func readPrefix(r io.ReaderAt, size int64) (summary, listing []byte, err error) {
	b := make([]byte, min(size, 600))
	_, err = io.ReadFull(io.NewSectionReader(r, 0, size), b)
	return b[:min(size, 400)], b, err
}

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
