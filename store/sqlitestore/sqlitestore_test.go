package sqlitestore

import (
	"flag"
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

// The suite does not look at what a power failure leaves; TestPowerLoss and
// TestKill do, with Full.
var durable = flag.Bool("durable", false, "run the conformance suite with Durability: Full, which takes three times as long")

func options(c storetest.Config) Options {
	o := Options{Limits: c.Limits, Summarizer: c.Summarizer, History: c.History, Logger: quiet, Durability: Relaxed}
	if *durable {
		o.Durability = Full
	}
	return o
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
