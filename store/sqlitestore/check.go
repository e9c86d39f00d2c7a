package sqlitestore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// Problem is something that Check has found.
type Problem struct {
	// Account is the account's id, or the name of its directory if that is
	// all there is; "" for the list of users.
	Account string
	// File is where the problem is.
	File string
	// What says what is wrong, and what that costs.
	What string
	// Repaired tells that it is no longer so. What could not be repaired is
	// lost, unless a backup has it.
	Repaired bool
}

// String returns one line for people.
func (p Problem) String() string {
	s := fmt.Sprintf("%s: %s", p.File, p.What)
	if p.Account != "" {
		s = fmt.Sprintf("account %q: ", p.Account) + s
	}
	if p.Repaired {
		s += " (repaired)"
	}
	return s
}

// Check reads everything that is stored (every database, packed row, segment,
// body and counter) and calls report for each problem. With repair, what can
// be repaired is: counters and references are made to agree with the
// messages, damaged rows are removed, and messages that lost their place are
// put into the mailbox Recovered, and the list of users gets back from
// the accounts whom it has lost. The store can be in use meanwhile.
//
// An error means that Check could not go on, not that there are problems.
func (s *Store) Check(ctx context.Context, repair bool, report func(Problem)) error {
	const op = "check"
	if err := s.check(ctx, op, ""); err != nil {
		return err
	}
	names, err := s.fs.list(filepath.Join(s.dir, accountsDir))
	if err != nil {
		return fail(op, "", store.Unavailable, err)
	}
	slices.Sort(names)
	if err := s.checkUsers(ctx, names, repair, report); err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			continue // an account that is being made
		}
		if err := s.checkDir(ctx, name, repair, report); err != nil {
			return err
		}
	}
	return nil
}

// checkDir checks one account.
func (s *Store) checkDir(ctx context.Context, name string, repair bool, report func(Problem)) error {
	const op = "check"
	path := filepath.Join(s.dir, accountsDir, name, databaseName)
	found := func(what string) { report(Problem{Account: name, File: path, What: what}) }
	id, err := s.idOf(name)
	if err != nil {
		found("no account: " + err.Error())
		return nil
	}
	a, err := s.account(op, id)
	switch {
	case store.IsCode(err, store.Corruption):
		found("the account cannot be opened, restore it from a backup: " + err.Error())
		return ctx.Err()
	case err != nil: // a newer program may open it, or another user
		found("the account cannot be opened: " + err.Error())
		return ctx.Err()
	}
	defer s.release(a)
	return a.checkAll(ctx, repair, report)
}

// idOf is the id of the account in a directory of this name.
func (s *Store) idOf(name string) (string, error) {
	id, known, err := accountID(name)
	if err != nil || known {
		return id, err
	}
	s.mu.Lock()
	for id := range s.accounts {
		if dirName(id) == name {
			s.mu.Unlock()
			return id, nil // its database may be open, and nobody else gets in
		}
	}
	s.mu.Unlock()
	return s.readID(filepath.Join(s.dir, accountsDir, name, databaseName))
}

// readID reads an account's id from its database.
func (s *Store) readID(path string) (id string, err error) {
	db, err := accountSchema.open(s.fs, path, s.opts.Durability, false)
	if err != nil {
		return "", err
	}
	err = db.query("SELECT id FROM account", func(r *sqlite.Stmt) error {
		id = r.ColumnText(0)
		return nil
	})
	return id, errors.Join(err, db.Close())
}

// checkAll checks an account: first the database, in one transaction, and
// then the bodies, which may take long.
func (a *account) checkAll(ctx context.Context, repair bool, report func(Problem)) error {
	var c *checker
	o := &op{name: "check", ctx: ctx, done: make(chan struct{}), closed: a.store.ctx, settled: true, run: func(t *tx) error {
		c = &checker{tx: t, repair: repair}
		return c.run()
	}}
	err := a.submit(o)
	if c != nil {
		for _, p := range c.problems {
			p.Account, p.Repaired = a.id, p.Repaired && err == nil
			report(p)
		}
	}
	switch {
	case store.IsCode(err, store.Corruption):
		report(Problem{Account: a.id, File: a.path(databaseName), What: err.Error()})
		return nil
	case err != nil:
		return err
	}
	return a.checkBodies(ctx, c.emails, report)
}

// checkBodies reads all bodies and compares their hashes. Those that were
// collected meanwhile do not matter.
func (a *account) checkBodies(ctx context.Context, list []email, report func(Problem)) error {
	for i := range list {
		if err := ctx.Err(); err != nil {
			return fail("check", a.id, store.Unavailable, err)
		}
		e := &list[i]
		err := a.checkBody(e)
		if err != nil && !errors.Is(err, errNoEmail) {
			what := fmt.Sprintf("the body of message %s is lost: %v", store.EmailID(e.id), err)
			report(Problem{Account: a.id, File: a.bodyPath(e), What: what})
		}
	}
	return nil
}

func (a *account) checkBody(e *email) error {
	body, err := a.openOrFind(e)
	if err != nil {
		return err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(body, 0, body.Size())); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != e.hash {
		return errSum
	}
	return nil
}
