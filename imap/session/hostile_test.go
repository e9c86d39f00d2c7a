package session

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/imapsrv/imapsrv/store/memstore"

	"github.com/imapsrv/imapsrv/store"
)

// loudHandler fails a test for whatever the server logs as an error: panics, and
// commands that fail for a reason of the server's own.
type loudHandler struct {
	slog.Handler
	t *testing.T
}

func (h loudHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (h loudHandler) Handle(_ context.Context, r slog.Record) error {
	h.t.Errorf("logged: %s", r.Message)
	r.Attrs(func(a slog.Attr) bool {
		h.t.Logf("  %s", a)
		return true
	})
	return nil
}

// recording is a client that has said all it will ever say.
type recording struct{ io.Reader }

func (recording) Write(p []byte) (int, error) { return len(p), nil }
func (recording) Close() error                { return nil }

// mutate changes some octets of a command, mostly to such as mean something.
func mutate(rng *rand.Rand, text []byte) []byte {
	const meaningful = "(){}[]<>\"\\*%$:,+-~ \r\n0123456789\x00\xffA"
	out := bytes.Clone(text)
	for range 1 + rng.IntN(3) {
		at := rng.IntN(len(out))
		c := meaningful[rng.IntN(len(meaningful))]
		switch rng.IntN(3) {
		case 0:
			out[at] = c
		case 1:
			out = append(out[:at:at], append([]byte{c}, out[at:]...)...)
		default:
			out = append(out[:at:at], out[at+1:]...)
		}
		if len(out) == 0 {
			return text
		}
	}
	return out
}

// TestMutatedCommands: broken commands are answered or end the connection, and
// are never the server's own fault.
func TestMutatedCommands(t *testing.T) {
	mail := memstore.New(memstore.Options{Summarizer: Summarizer(), Dir: t.TempDir()})
	t.Cleanup(func() { _ = mail.Close() })
	if err := mail.CreateAccount(t.Context(), "a", store.Setup{}); err != nil {
		t.Fatal(err)
	}
	acct, err := mail.Account(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = acct.Close() })
	inbox, err := acct.Lookup(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	appendMany(t, acct, inbox.ID, 50)
	srv := &Server{Store: mail, Log: slog.New(loudHandler{t: t})}
	srv.Limits.BadCommands = -1
	t.Cleanup(func() { _ = srv.Close() })

	commands := rfcCommands(t)
	rng := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		said := []byte("s SELECT INBOX\r\n")
		for range 20 {
			said = append(said, mutate(rng, []byte(commands[rng.IntN(len(commands))].Text))...)
		}
		client := recording{bytes.NewReader(said)}
		if err := srv.ServeConn(client, Listener{}, &Identity{Account: "a"}); err != nil {
			t.Fatal(err)
		}
	}
}
