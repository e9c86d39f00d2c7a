package sqlitestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/imapsrv/imapsrv/store"
)

// CreateAccount makes an account with INBOX and what setup asks for. It is
// built beside the others and gets its name when it is complete.
func (s *Store) CreateAccount(ctx context.Context, id string, setup store.Setup) error {
	const op = "create account"
	if err := s.check(ctx, op, id); err != nil {
		return err
	}
	if id == "" || len(id) > maxID {
		return fail(op, id[:min(64, len(id))], store.Cannot, errAccountID)
	}
	dir := s.accountDir(id)
	if s.exists(dir) {
		return fail(op, id, store.AlreadyExists, nil)
	}
	temp := newPrefix + strconv.FormatUint(s.number.Add(1), 16)
	a := &account{store: s, id: id, dir: filepath.Join(s.dir, accountsDir, temp)}
	err := a.build(op, setup)
	if err == nil {
		err = s.publish(a.dir, dir)
	}
	if err == nil {
		return nil
	}
	_ = s.fs.removeAll(a.dir) // if it stays, the next start removes it
	if errors.Is(err, os.ErrExist) {
		return fail(op, id, store.AlreadyExists, nil)
	}
	return a.report(op, id, err)
}

func (s *Store) exists(dir string) bool {
	_, err := s.fs.list(dir)
	return !errors.Is(err, os.ErrNotExist)
}

// publish gives a new account's directory its name. The lock keeps two from
// getting the same.
func (s *Store) publish(temp, dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exists(dir) {
		return os.ErrExist
	}
	if err := s.fs.rename(temp, dir); err != nil {
		return err
	}
	return s.fs.syncDir(filepath.Dir(dir))
}

// build makes the files of an account that nobody else sees.
func (a *account) build(name string, setup store.Setup) (err error) {
	for _, dir := range []string{a.dir, a.path(segmentsDir), a.path(bodiesDir)} {
		if err := makeDir(a.store.fs, dir); err != nil {
			return err
		}
	}
	db, err := accountSchema.open(a.store.fs, a.path(databaseName), a.store.opts.Durability, true)
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = a.store.fs.syncDir(a.dir)
		}
	}()
	m := meta{modseq: 0, nextBox: 1, quota: store.Quota{MaxMessages: setup.MaxMessages, MaxSize: setup.MaxSize}}
	if err := db.exec(insertAccount, append([]any{a.id}, m.values()...)...); err != nil {
		return err
	}
	if a.state, err = readState(db); err != nil {
		return err
	}
	a.db = db
	o := &op{name: name, ctx: context.Background(), run: func(t *tx) error { return t.setUp(setup) }}
	if err := a.transact([]*op{o}); err != nil {
		return err
	}
	return o.err
}

// setUp makes the first mailboxes.
func (t *tx) setUp(setup store.Setup) error {
	inbox := store.NewMailbox{Name: store.Inbox}
	for _, m := range setup.Mailboxes {
		if m.Name == store.Inbox {
			inbox = m
		}
	}
	t.create(inbox)
	for _, m := range setup.Mailboxes {
		if m.Name == store.Inbox {
			continue
		}
		if _, err := t.createWithSuperiors(m); err != nil {
			return err
		}
	}
	return nil
}
