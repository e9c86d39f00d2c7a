package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Close answers CLOSE (RFC 9051 §6.4.1): it expunges without a word and closes
// the mailbox. Of a mailbox that does not exist any more there is nothing to
// expunge.
func (s *session) Close(ctx context.Context, _ string, _ *imap.Close) error {
	v := s.view
	var err error
	if !v.readOnly {
		err = s.expunge(ctx, v.all())
	}
	s.deselect()
	if store.IsCode(err, store.NonExistent) {
		return nil
	}
	return err
}
