package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Admin is what a Service and a Client can both do.
type Admin interface {
	AddUser(ctx context.Context, name, password string) error
	SetPassword(ctx context.Context, name, password string) error
	ListUsers(ctx context.Context) ([]sqlitestore.User, error)
	RemoveUser(ctx context.Context, name string, purge bool) error
	Deliver(ctx context.Context, user string, message io.Reader) error
	Check(ctx context.Context, repair bool, report func(sqlitestore.Problem)) error
	Import(ctx context.Context, user string, source Source, listen transfer.Listener) error
	Export(ctx context.Context, user string, have transfer.Have, to transfer.Receiver, warn func(string)) error
	Backup(ctx context.Context, dest string, report func(sqlitestore.Saved)) error
	Close() error
}

var (
	_ Admin = (*Service)(nil)
	_ Admin = (*Client)(nil)
)

// patience is how long Connect waits for a server that has the directory but does not answer: it may be starting, or
// be another command that is soon done.
const patience = 5 * time.Second

// Connect returns a Client of the server that has a data directory, or a Service if nobody has it.
func Connect(ctx context.Context, dir string, options sqlitestore.Options) (Admin, error) {
	return connect(ctx, dir, func() (*Service, error) { return open(dir, options, false) })
}

// Checker is an Admin that can check.
type Checker interface {
	Check(ctx context.Context, repair bool, report func(sqlitestore.Problem)) error
	Close() error
}

// ConnectToCheck is Connect to check a directory, which may be so damaged that nothing else can be done with it. A backup
// that is only checked remains one.
func ConnectToCheck(ctx context.Context, dir string, options sqlitestore.Options, repair bool) (Checker, error) {
	options.Inspect = !repair
	return connect(ctx, dir, func() (*Service, error) { return open(dir, options, true) })
}

func connect(ctx context.Context, dir string, open func() (*Service, error)) (Admin, error) {
	deadline := time.Now().Add(patience)
	for {
		client, dialErr := Dial(ctx, dir)
		if dialErr == nil {
			return client, nil
		}
		service, err := open()
		if err == nil {
			return service, nil
		}
		if !store.IsCode(err, store.InUse) {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, &Error{Kind: Later, Text: fmt.Sprintf("%v, and that does not answer: %v", inner(err), dialErr)}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// inner is what the store's error says beside its code.
func inner(err error) error {
	var e *store.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err
	}
	return err
}
