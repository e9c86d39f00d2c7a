package demo

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// SampleAccount is the account that starts with the sample mailbox as its INBOX.
const SampleAccount = "test"

// Store is a store in memory in which every account exists: one that does not is made when it is first opened, with
// INBOX, Drafts, Sent, Junk, Trash and Archive. In INBOX of SampleAccount the second half of the sample mailbox is
// \Recent again whenever the account's last session has ended, so that a session always begins in the same way.
type Store struct {
	*memstore.Store
	mu sync.Mutex // held while an account is made, so that nobody sees half of one
}

// NewStore returns a Store without accounts.
func NewStore() *Store {
	s := &Store{}
	s.Store = memstore.New(memstore.Options{Summarizer: session.Summarizer(), Idle: s.idle})
	return s
}

// Account opens an account, and makes it first if need be.
func (s *Store) Account(ctx context.Context, id string) (store.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, err := s.Store.Account(ctx, id)
	if !store.IsCode(err, store.NonExistent) {
		return account, err
	}
	if err := s.CreateAccount(ctx, id, setup(id)); err != nil {
		return nil, err
	}
	account, err = s.Store.Account(ctx, id)
	if err != nil || id != SampleAccount {
		return account, err
	}
	if err := errors.Join(fill(ctx, account), s.resetRecent(ctx)); err != nil {
		return nil, errors.Join(err, account.Close())
	}
	return account, nil
}

// idle is called when the last session of an account has ended.
func (s *Store) idle(account string) {
	if account != SampleAccount {
		return
	}
	// All it can fail for is that the store is closed or INBOX is gone, which INBOX cannot be.
	_ = s.resetRecent(context.Background())
}

func (s *Store) resetRecent(ctx context.Context) error {
	return s.SetRecent(ctx, SampleAccount, store.Inbox, firstRecent)
}

// setup is what an account starts with.
func setup(id string) store.Setup {
	inbox := store.NewMailbox{Name: store.Inbox, Subscribe: true}
	if id == SampleAccount {
		inbox.UIDValidity = 1
	}
	return store.Setup{Mailboxes: []store.NewMailbox{
		inbox,
		{Name: "Drafts", Use: store.UseDrafts, Subscribe: true},
		{Name: "Sent", Use: store.UseSent, Subscribe: true},
		{Name: "Junk", Use: store.UseJunk, Subscribe: true},
		{Name: "Trash", Use: store.UseTrash, Subscribe: true},
		{Name: "Archive", Use: store.UseArchive, Subscribe: true},
	}}
}

// fill appends the samples to INBOX, in one transaction.
func fill(ctx context.Context, account store.Account) error {
	samples, err := Samples()
	if err != nil {
		return err
	}
	inbox, err := account.Lookup(ctx, store.Inbox)
	if err != nil {
		return err
	}
	messages := make([]store.NewMessage, len(samples))
	for i, sample := range samples {
		staged, err := account.Stage(ctx, bytes.NewReader(sample.Body), int64(len(sample.Body)))
		if err != nil {
			return err
		}
		defer staged.Close()
		messages[i] = store.NewMessage{
			Body:         staged,
			Flags:        sample.Flags,
			InternalDate: imap.DateTimeOf(sample.InternalDate),
		}
	}
	_, err = account.Append(ctx, inbox.ID, messages)
	return err
}
