package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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
	m, err := s.ReadMessage(message)
	if err != nil {
		return err
	}
	if m.Size() == 0 {
		return errors.Join(&Error{Kind: Refused, Text: "the message is empty"}, m.Close())
	}
	return errors.Join(s.DeliverMessage(ctx, user, "", m), m.Close())
}

// Message is a message on its way to one or several users. A large one is in a file.
type Message struct{ spool *spool }

// ReadMessage reads a message to its end. Lines may end in LF; they become CRLF.
func (s *Service) ReadMessage(src io.Reader) (*Message, error) {
	sp, err := s.readSpool(crlf.NewReader(src), s.Limit())
	if err != nil {
		return nil, err
	}
	return &Message{sp}, nil
}

// Size is the number of octets.
func (m *Message) Size() int64 { return m.spool.size }

// Close throws the message away.
func (m *Message) Close() error { return m.spool.Close() }

// Limit is the size of the largest message, in octets.
func (s *Service) Limit() int64 { return s.Store.Limits().MessageSize }

// DeliverMessage puts a message into the INBOX of a user, whose name is as Recipient returns it, behind a header of its
// own, which may be empty. It is durable when DeliverMessage returns. Several may run at a time.
func (s *Service) DeliverMessage(ctx context.Context, user, header string, m *Message) error {
	return s.deliver(ctx, user, header, m.spool)
}

// Recipient returns the user whom an address belongs to: the one who is called like all of it, or else like what is
// before the "@"; as it is written, or else in lower case; with what is behind a "+" in the local part, or else without.
// The domain is whoever's business who sends mail here.
func (s *Service) Recipient(ctx context.Context, address string) (string, error) {
	for _, name := range namesFor(address) {
		found, err := s.user(ctx, name)
		if err == nil || KindOf(err) != NoUser {
			return found, err
		}
	}
	return "", &Error{Kind: NoUser, Text: fmt.Sprintf("there is no user for %q", address)}
}

// namesFor are the names of users that an address may mean, best first.
func namesFor(address string) []string {
	local, domain := address, ""
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		local, domain = address[:at], address[at:]
	}
	forms := []string{local + domain, local}
	if base, _, tagged := strings.Cut(local, "+"); tagged && base != "" {
		forms = append(forms, base+domain, base)
	}
	var names []string
	for _, form := range forms {
		for _, name := range []string{form, strings.ToLower(form)} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// deliver appends a header of its own and a message to INBOX. A user who exists has both: where one is missing, that can
// be mended, and the message must not be lost meanwhile.
func (s *Service) deliver(ctx context.Context, user, header string, sp *spool) error {
	err := s.appendTo(ctx, user, header, sp)
	if store.IsCode(err, store.NonExistent) {
		return &Error{Kind: Failed, Text: fmt.Sprintf("user %q has no account, or no INBOX in it: %v", user, err)}
	}
	return err
}

func (s *Service) appendTo(ctx context.Context, user, header string, sp *spool) (err error) {
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
