package sqlitestore

import (
	"io"
	"log/slog"
	"testing"

	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/storetest"
)

// quiet is a logger for tests that provoke errors.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func openStore(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func options(c storetest.Config) Options {
	return Options{Limits: c.Limits, Summarizer: c.Summarizer, History: c.History, Logger: quiet}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New: func(t *testing.T, c storetest.Config) store.Store {
			return openStore(t, t.TempDir(), options(c))
		},
		Reopen: func(t *testing.T, s store.Store, c storetest.Config) store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openStore(t, s.(*Store).dir, options(c))
		},
	})
}
