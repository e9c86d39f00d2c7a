package admin

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// purge empties an account, in steps that sessions which are still open see as if a client had taken them: every
// mailbox but INBOX goes, INBOX loses its messages, and the subscriptions go. Then their octets go.
func (s *Service) purge(ctx context.Context, name string) (err error) {
	account, err := s.Store.Account(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	boxes, err := account.Mailboxes(ctx)
	if err != nil {
		return err
	}
	for _, box := range slices.Backward(boxes) { // inferiors before superiors
		if err := purgeMailbox(ctx, account, box); err != nil {
			return err
		}
	}
	names, err := account.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := account.Unsubscribe(ctx, name); err != nil {
			return err
		}
	}
	return s.Store.Collect(ctx, name)
}

func purgeMailbox(ctx context.Context, account store.Account, box store.Mailbox) error {
	if box.Name != store.Inbox {
		return account.Delete(ctx, box.Name)
	}
	everything := imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}
	_, err := account.Expunge(ctx, box.ID, everything, store.AllGiven)
	return err
}
