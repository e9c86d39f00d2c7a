package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// userChecker checks the list of users against its copies.
type userChecker struct {
	store  *Store
	ctx    context.Context
	repair bool
	report func(Problem)
}

func (c *userChecker) found(repaired bool, format string, args ...any) {
	c.report(Problem{
		File: filepath.Join(c.store.dir, serverDatabase), What: fmt.Sprintf(format, args...), Repaired: repaired,
	})
}

// checkUsers checks the list of users. A store without users has none.
func (s *Store) checkUsers(ctx context.Context, dirs []string, repair bool, report func(Problem)) error {
	c := &userChecker{store: s, ctx: ctx, repair: repair, report: report}
	copies := c.copies(dirs)
	s.mu.Lock()
	wanted := s.users != nil || len(copies) > 0
	s.mu.Unlock()
	if f, err := s.fs.open(filepath.Join(s.dir, serverDatabase)); err == nil {
		_ = f.Close() // nothing was written
		wanted = true
	}
	if !wanted {
		return nil
	}
	u, err := s.Users()
	if err == nil {
		err = u.with(ctx, "check", "", checkUserTable)
	}
	if store.IsCode(err, store.Corruption) {
		c.found(repair, "the list of users is damaged; it can be made anew from the accounts: %v", err)
		if !repair {
			return nil
		}
		if u, err = s.renewUsers(u); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return u.with(ctx, "check", "", func(db *conn) error { return c.compare(db, copies) })
}

// checkUserTable asks SQLite, and reads every row.
func checkUserTable(db *conn) error {
	err := db.query("PRAGMA integrity_check(1)", func(r *sqlite.Stmt) error {
		if text := r.ColumnText(0); text != "ok" {
			return &damage{file: db.path, what: text}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = userRows(db)
	return err
}

// copies reads the copies beside all accounts, by user.
func (c *userChecker) copies(dirs []string) map[string]userCopy {
	copies := make(map[string]userCopy)
	for _, dir := range dirs {
		if strings.HasPrefix(dir, ".") {
			continue
		}
		a := &account{store: c.store, dir: filepath.Join(c.store.dir, accountsDir, dir)}
		names, err := a.userCopies()
		if err != nil || len(names) == 0 {
			continue // the account's own check tells
		}
		id, err := c.store.idOf(dir)
		if err != nil {
			continue // as above
		}
		a.id = id
		for _, name := range names {
			u, err := a.readUserCopy(name)
			if err == nil {
				copies[u.Name] = u
				continue
			}
			c.report(Problem{Account: a.id, File: a.path(name), What: "the copy of a user is damaged: " + err.Error(), Repaired: c.repair})
			if c.repair {
				_ = c.store.fs.remove(a.path(name)) // what is on the list is copied again
			}
		}
	}
	return copies
}

// compare makes the list and the copies agree: whoever is in one of them is in
// both, with the newer password.
func (c *userChecker) compare(db *conn, copies map[string]userCopy) error {
	rows, err := userRows(db)
	if err != nil {
		return err
	}
	for _, row := range rows {
		beside, ok := copies[row.Name]
		delete(copies, row.Name)
		if err := c.compareOne(db, row, beside, ok); err != nil {
			return err
		}
	}
	for name, lost := range copies {
		c.found(c.repair, "user %q is missing from the list", name)
		if c.repair {
			if err := insertUser(db, lost); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareOne compares a user on the list with the copy, if there is one.
func (c *userChecker) compareOne(db *conn, row, beside userCopy, ok bool) error {
	_, bad := decodeRecord(row.Record)
	a := c.store.accountOf(row.Account)
	switch {
	case bad != nil && ok:
		c.found(c.repair, "the password of user %q is damaged; the account has a copy", row.Name)
		if c.repair {
			return insertUser(db, beside)
		}
	case bad != nil:
		c.found(false, "the password of user %q is damaged; set a new one with `imapsrv user passwd`", row.Name)
	case !c.store.exists(a.dir):
		c.found(false, "user %q has no account", row.Name)
	case ok && beside == row:
	case ok && beside.Changed > row.Changed:
		c.found(c.repair, "the password of user %q is older than the account's copy", row.Name)
		if c.repair {
			return insertUser(db, beside)
		}
	default:
		c.found(c.repair, "user %q has no copy beside the account that is up to date", row.Name)
		if c.repair {
			return a.writeUserCopy(row)
		}
	}
	return nil
}

func insertUser(db *conn, c userCopy) error {
	return db.exec("INSERT OR REPLACE INTO user VALUES (?, ?, ?, ?, ?)", c.Name, c.Account, c.Record, c.Created, c.Changed)
}

// renewUsers puts a damaged list of users aside and begins a new one. u is nil
// if the list could not even be opened.
func (s *Store) renewUsers(u *Users) (*Users, error) {
	const op = "renew users"
	path := filepath.Join(s.dir, serverDatabase)
	if u == nil {
		if err := s.putAside(path); err != nil {
			return nil, fail(op, path, codeOf(err), err)
		}
		return s.Users()
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.db != nil {
		_ = u.db.Close() // it is damaged
	}
	err := s.putAside(path)
	if err == nil {
		u.db, err = serverSchema.open(s.fs, path, s.opts.Durability, true)
	}
	if err == nil {
		// Users who do not exist keep their salts.
		err = u.db.exec("UPDATE secret SET value = ?", u.secret)
	}
	if err == nil {
		err = s.fs.syncDir(s.dir)
	}
	if err != nil {
		return nil, fail(op, path, codeOf(err), err)
	}
	return u, nil
}

// putAside renames a database that is damaged, with its log.
func (s *Store) putAside(path string) error {
	aside := path + ".damaged-" + strconv.FormatInt(s.opts.Now().Unix(), 10)
	for _, suffix := range []string{"", "-wal"} {
		f, err := s.fs.open(path + suffix)
		if err != nil {
			continue // it is not there
		}
		if err := errors.Join(f.Close(), s.fs.rename(path+suffix, aside+suffix)); err != nil {
			return err
		}
	}
	return s.fs.syncDir(s.dir)
}
