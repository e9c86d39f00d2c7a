package admin

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/crlf"
	"github.com/imapsrv/imapsrv/store"
)

// Deliver puts a message into a user's INBOX, as APPEND does. Lines may end in LF, as messages in pipes do; they are
// stored with CRLF. It is durable when Deliver returns.
func (s *Service) Deliver(ctx context.Context, user string, message io.Reader) error {
	user, err := s.user(ctx, user)
	if err != nil {
		return err
	}
	sp, err := s.readSpool(crlf.NewReader(message), s.Store.Limits().MessageSize)
	if err != nil {
		return err
	}
	if sp.size == 0 {
		return errors.Join(&Error{Kind: Refused, Text: "the message is empty"}, sp.Close())
	}
	return errors.Join(s.deliver(ctx, user, "", sp), sp.Close())
}

// deliver appends a header of its own and a message to INBOX.
func (s *Service) deliver(ctx context.Context, user, header string, sp *spool) (err error) {
	account, err := s.Store.Account(ctx, user)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	inbox, err := account.Lookup(ctx, store.Inbox)
	if err != nil {
		return err
	}
	octets := io.MultiReader(strings.NewReader(header), sp.reader())
	staged, err := account.Stage(ctx, octets, int64(len(header))+sp.size)
	if err != nil {
		return err
	}
	defer func() { _ = staged.Close() }() // nothing depends on what is thrown away
	_, err = account.Append(ctx, inbox.ID, []store.NewMessage{{Body: staged, Flags: imap.FlagSet{}}})
	return err
}
