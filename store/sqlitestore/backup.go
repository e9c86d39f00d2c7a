package sqlitestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// backupName is the file that makes a directory a backup: nobody has served it
// since, so that what is in it need not be copied again. Open removes it.
const backupName = "backup.json"

// backupMark is its content.
type backupMark struct {
	Version int `json:"imapsrv-backup"`
	// Complete is set when everything is there.
	Complete bool `json:"complete"`
}

// Saved says what Backup has copied of one account.
type Saved struct {
	// Account is the account's id, or the name of its directory if that is
	// all there is.
	Account string `json:"account"`
	// Copied are the octets that were written, Kept those of bodies that an
	// earlier backup had.
	Copied int64 `json:"copied"`
	Kept   int64 `json:"kept"`
	// Problem is what could not be copied; "" if all is well.
	Problem string `json:"problem,omitempty"`
}

var (
	errBackupInside = errors.New("a backup cannot be within the data directory")
	errNotABackup   = errors.New("the directory is neither empty nor a backup that nobody has served since")
	errUnfinished   = errors.New("this backup was interrupted: run it once more")
)

// Backup copies the store to another directory, which can be opened like this
// one. It must not exist, be empty, or be an earlier backup, of which bodies
// are used again. The store can be in use meanwhile: each account is copied as
// it is at one moment after Backup was called. Everything is durable when
// Backup returns without an error. Damage is reported, and costs no more than
// what is damaged.
func (s *Store) Backup(ctx context.Context, dest string, report func(Saved)) (err error) {
	const op = "backup"
	if err := s.check(ctx, op, ""); err != nil {
		return err
	}
	b := &backup{store: s, ctx: ctx, report: report}
	if err := b.prepare(dest); err != nil {
		return fail(op, dest, store.Cannot, err)
	}
	err = b.run()
	if e := b.lock.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fail(op, dest, codeOf(err), err)
	}
	return nil
}

// backup is one Backup.
type backup struct {
	store  *Store
	ctx    context.Context
	dest   string
	lock   *os.File
	report func(Saved)
	trust  bool // what is there is durable
}

// prepare makes the directory, takes it, and marks it as incomplete.
func (b *backup) prepare(dest string) (err error) {
	if b.dest, err = filepath.Abs(dest); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dest, 0o700); err != nil {
		return err
	}
	if err := b.outside(); err != nil {
		return err
	}
	if err := b.allowed(); err != nil {
		return err
	}
	if b.lock, err = lockDir(b.dest); err != nil {
		return err
	}
	err = b.mark(false)
	if err == nil {
		err = os.MkdirAll(filepath.Join(b.dest, accountsDir), 0o700)
	}
	if err != nil {
		return errors.Join(err, b.lock.Close())
	}
	return nil
}

// outside refuses a destination in the data directory, however it is spelled.
func (b *backup) outside() error {
	own, err := os.Stat(b.store.dir)
	if err != nil {
		return err
	}
	dir, err := filepath.EvalSymlinks(b.dest)
	if err != nil {
		return err
	}
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if os.SameFile(own, info) {
			return errBackupInside
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// allowed refuses to overwrite what is no backup.
func (b *backup) allowed() error {
	if m, err := readMark(b.dest); err == nil {
		b.trust = m.Complete // after a power failure, files may have any content
		return nil
	}
	entries, err := os.ReadDir(b.dest)
	if err == nil && len(entries) > 0 {
		err = errNotABackup
	}
	return err
}

func readMark(dir string) (m backupMark, err error) {
	data, err := os.ReadFile(filepath.Join(dir, backupName))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	return m, err
}

// mark says what the directory is.
func (b *backup) mark(complete bool) error {
	return writeMark(filepath.Join(b.dest, backupName), complete)
}

func writeMark(path string, complete bool) error {
	text, err := json.Marshal(backupMark{1, complete})
	if err != nil {
		return err
	}
	return writeDurably(path, append(text, '\n'))
}

// writeDurably writes a small file, completely or not at all.
func writeDurably(path string, data []byte) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return osFiles{}.syncDir(filepath.Dir(path))
}

// claimBackup makes a backup a store like others: it is no longer the same as
// what it was made of. A backup that is not complete is refused.
func claimBackup(dir string) error {
	m, err := readMark(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !m.Complete:
		return fmt.Errorf("%w, or remove %s to use what is there", errUnfinished, filepath.Join(dir, backupName))
	}
	return os.Remove(filepath.Join(dir, backupName))
}

// run copies everything.
func (b *backup) run() error {
	if err := b.users(); err != nil {
		return err
	}
	names, err := b.store.fs.list(filepath.Join(b.store.dir, accountsDir))
	if err != nil {
		return err
	}
	slices.Sort(names)
	problem := false
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			continue // an account that is being made
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		saved := Saved{Account: name}
		if err := b.account(name, &saved); err != nil {
			if codeOf(err) != store.Corruption && (store.IsCode(err, store.Unavailable) || isSystem(err)) {
				return fmt.Errorf("account %q: %w", saved.Account, err)
			}
			saved.Problem = err.Error()
		}
		problem = problem || saved.Problem != ""
		b.report(saved)
	}
	if err := (osFiles{}).syncDir(filepath.Join(b.dest, accountsDir)); err != nil {
		return err
	}
	return b.mark(true)
}

// users copies the list of users.
func (b *backup) users() error {
	u, err := b.store.Users()
	if err != nil {
		return err
	}
	return u.with(b.ctx, "backup", "", func(db *conn) error {
		return copyDatabase(db, filepath.Join(b.dest, serverDatabase))
	})
}

// copyDatabase copies an open database, durably, in place of one that is
// there. The caller has the connection for itself.
func copyDatabase(db *conn, path string) (err error) {
	temp := path + ".new"
	if err := removeDatabase(temp); err != nil {
		return err
	}
	if err := createPrivate(osFiles{}, temp); err != nil {
		return err
	}
	dst, err := sqlite.OpenConn(temp, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	c := &conn{Conn: dst, path: temp}
	// If it is interrupted, it is thrown away; and it is synced below.
	err = c.script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
	if err == nil {
		err = copyPages(dst, db.Conn)
	}
	if e := dst.Close(); err == nil {
		err = e
	}
	if err != nil {
		return errors.Join(err, removeDatabase(temp))
	}
	if err := syncPath(temp); err != nil {
		return err
	}
	// A log of the database that goes would be taken for one of the new.
	if err := removeLogs(path); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return osFiles{}.syncDir(filepath.Dir(path))
}

func copyPages(dst, src *sqlite.Conn) error {
	b, err := sqlite.NewBackup(dst, "main", src, "main")
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		more, err = b.Step(-1)
	}
	if e := b.Close(); err == nil {
		err = e
	}
	return err
}

func removeDatabase(path string) error {
	return errors.Join(removeIfThere(path), removeLogs(path))
}

func removeLogs(path string) error {
	return errors.Join(removeIfThere(path+"-wal"), removeIfThere(path+"-journal"), removeIfThere(path+"-shm"))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// account copies one account. A new one is made beside the others and gets its
// name when it is complete; in one that is there, bodies come before the
// database, so that it is complete at every moment.
func (b *backup) account(name string, saved *Saved) error {
	id, err := b.store.idOf(name)
	if err != nil {
		return err
	}
	saved.Account = id
	a, err := b.store.account("backup", id)
	if err != nil {
		return err
	}
	defer b.store.release(a)
	final := filepath.Join(b.dest, accountsDir, name)
	dir := final
	if _, err := os.Stat(final); errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Join(b.dest, accountsDir, newPrefix+"backup")
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	k := &accountBackup{backup: b, account: a, dir: dir, saved: saved}
	if err := k.run(); err != nil {
		return err
	}
	if dir == final {
		return nil
	}
	return os.Rename(dir, final)
}
