package sqlitestore

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/imapsrv/imapsrv/store"
)

// TestPowerLossAtStart pulls the plug at one call after the other of the first
// start, and of the first account: the next start finds nothing that it cannot
// use.
func TestPowerLossAtStart(t *testing.T) {
	for n, ended := 1+rand.IntN(*faultStep), false; !ended && !t.Failed(); n += *faultStep {
		d, dir := newDisk(), t.TempDir()
		d.setFault(func(string, string) error {
			if d.calls >= n {
				return errIO
			}
			return nil
		})
		ended = firstStart(t, dir, engineOptions(d)) == nil
		to := filepath.Join(t.TempDir(), "data")
		d.save(t, dir, to, rand.IntN(2) == 0)
		if err := firstStart(t, to, engineOptions(nil)); err != nil && !(ended && store.IsCode(err, store.AlreadyExists)) {
			t.Errorf("after a power failure at call %d: %v", n, err)
		}
	}
}

// firstStart is what a new server does.
func firstStart(t *testing.T, dir string, opts Options) error {
	s, err := Open(dir, opts)
	if err != nil {
		return err
	}
	defer s.Close() // nothing is written any more
	if _, err := s.Users(); err != nil {
		return err
	}
	return s.CreateAccount(t.Context(), "alice", store.Setup{})
}
