package sqlitestore

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"

	"zombiezen.com/go/sqlite"
)

// userCopyPrefix begins the name of a file in an account's directory that has a
// copy of what the list of users says of one of its users. It is there before
// anybody relies on it and goes before the user does: a user who has a copy and
// is not on the list has been lost, not removed.
const userCopyPrefix = "user-"

// userCopy is the content of such a file.
type userCopy struct {
	Version int    `json:"imapsrv-user"`
	Name    string `json:"name"`
	Account string `json:"account"`
	// Record is that of the password.
	Record  string `json:"record"`
	Created int64  `json:"created"`
	Changed int64  `json:"changed"`
}

const (
	userCopyVersion = 1
	// maxUserCopy is the longest such file.
	maxUserCopy = 64 << 10
)

var errUserCopy = errors.New("not a copy of a user")

func userCopyName(name string) string { return userCopyPrefix + dirName(name) + ".json" }

// accountOf is an account's directory; nobody need have opened it.
func (s *Store) accountOf(id string) *account {
	return &account{store: s, id: id, dir: s.accountDir(id)}
}

// userCopies lists the files with copies of users.
func (a *account) userCopies() ([]string, error) {
	names, err := a.store.fs.list(a.dir)
	var list []string
	for _, name := range names {
		if strings.HasPrefix(name, userCopyPrefix) && strings.HasSuffix(name, ".json") {
			list = append(list, name)
		}
	}
	return list, err
}

// readUserCopy reads one.
func (a *account) readUserCopy(name string) (c userCopy, err error) {
	f, err := a.store.fs.open(a.path(name))
	if err != nil {
		return c, err
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.NewSectionReader(f, 0, maxUserCopy))
	if err != nil {
		return c, err
	}
	err = json.Unmarshal(data, &c)
	if err == nil && (c.Version != userCopyVersion || c.Account != a.id || userCopyName(c.Name) != name) {
		err = errUserCopy
	}
	if err == nil {
		_, err = decodeRecord(c.Record)
	}
	return c, err
}

// writeUserCopy writes one, durably, completely or not at all.
func (a *account) writeUserCopy(c userCopy) error {
	fsys := a.store.fs
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	path := a.path(userCopyName(c.Name))
	temp := path + ".new"
	if err := fsys.remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := fsys.create(temp)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(data, '\n'), 0)
	if err == nil {
		err = f.sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fsys.rename(temp, path); err != nil {
		return err
	}
	return fsys.syncDir(a.dir)
}

// rows reads what is on the list.
func userRows(db *conn) (list []userCopy, err error) {
	err = db.query("SELECT name, account, record, created, changed FROM user ORDER BY name", func(r *sqlite.Stmt) error {
		list = append(list, userCopyOf(r))
		return nil
	})
	return list, err
}

func userCopyOf(r *sqlite.Stmt) userCopy {
	return userCopy{
		Version: userCopyVersion, Name: r.ColumnText(0), Account: r.ColumnText(1), Record: r.ColumnText(2),
		Created: r.ColumnInt64(3), Changed: r.ColumnInt64(4),
	}
}

// saveCopy copies a user who has been added or changed. If that fails, Check
// does it: the list is not damaged for it.
func (u *Users) saveCopy(db *conn, name string) {
	var c userCopy
	err := db.query("SELECT name, account, record, created, changed FROM user WHERE name = ?", func(r *sqlite.Stmt) error {
		c = userCopyOf(r)
		return nil
	}, name)
	if err == nil {
		if a := u.store.accountOf(c.Account); u.store.exists(a.dir) {
			err = a.writeUserCopy(c)
		}
	}
	if err != nil {
		u.store.opts.Logger.Warn("a user has no copy beside the account; run: imapsrv check --repair", "user", name, "error", err)
	}
}

// removeCopy removes the copy of a user who is about to be removed.
func (u *Users) removeCopy(db *conn, name string) error {
	var id string
	err := db.query("SELECT account FROM user WHERE name = ?", func(r *sqlite.Stmt) error {
		id = r.ColumnText(0)
		return nil
	}, name)
	if err != nil || id == "" {
		return err
	}
	a := u.store.accountOf(id)
	err = u.store.fs.remove(a.path(userCopyName(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return u.store.fs.syncDir(a.dir)
}
