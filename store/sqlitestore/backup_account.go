package sqlitestore

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
)

// accountBackup copies one account.
type accountBackup struct {
	*backup
	*account
	dir      string
	saved    *Saved
	segments map[uint64]uint64 // octets in use
	same     map[uint64]uint64 // of them those that the earlier backup has as well
	bodies   []email           // those that have files of their own
	earlier  []savedBody       // what is in segments of the earlier backup, in the order of ids
	used     map[string]bool   // all files, relative to the account's directory
}

func (k *accountBackup) run() error {
	for _, sub := range []string{segmentsDir, bodiesDir} {
		if err := os.MkdirAll(filepath.Join(k.dir, sub), 0o700); err != nil {
			return err
		}
	}
	// Files that the copy of the database refers to must not go meanwhile.
	k.hold.Add(1)
	defer k.unhold()
	k.earlier = k.inEarlier()
	next := filepath.Join(k.dir, databaseName+".next")
	if err := k.snapshot(next); err != nil {
		return err
	}
	if err := k.files(); err != nil {
		return err
	}
	for _, sub := range []string{segmentsDir, bodiesDir} {
		if err := (osFiles{}).syncDir(filepath.Join(k.dir, sub)); err != nil {
			return err
		}
	}
	if err := k.markCopy(); err != nil {
		return err
	}
	path := filepath.Join(k.dir, databaseName)
	if err := removeLogs(path); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	if err := k.copyUsers(); err != nil {
		return err
	}
	return errors.Join(k.removeUnused(), osFiles{}.syncDir(k.dir))
}

// copyUsers copies the copies of users.
func (k *accountBackup) copyUsers() error {
	names, err := k.userCopies()
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(k.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the user has just been removed
		}
		if err == nil {
			err = writeDurably(filepath.Join(k.dir, name), data)
		}
		if err != nil {
			return err
		}
		k.used[name] = true
	}
	return nil
}

// removeUnused removes what only the database before referred to. An account that is damaged may not know all that is
// its own.
func (k *accountBackup) removeUnused() error {
	dirs := []string{".", segmentsDir, bodiesDir}
	if k.saved.Problem != "" {
		dirs = dirs[:1]
	}
	for _, dir := range dirs {
		entries, err := os.ReadDir(filepath.Join(k.dir, dir))
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			if k.used[name] || dir == "." && !strings.HasPrefix(name, userCopyPrefix) {
				continue
			}
			if err := removeIfThere(filepath.Join(k.dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// snapshot copies the database, and lists the files that it refers to.
func (k *accountBackup) snapshot(path string) error {
	const op = "backup"
	if err := k.acquire(op); err != nil {
		return err
	}
	defer k.account.release()
	err := copyDatabase(k.db, path)
	if err == nil {
		err = k.listFiles()
	}
	if err != nil {
		return k.account.report(op, "", err)
	}
	info, err := os.Stat(path)
	if err == nil {
		k.saved.Copied += info.Size()
	}
	return err
}

// listFiles lists segments and bodies.
func (k *accountBackup) listFiles() error {
	k.segments = make(map[uint64]uint64)
	err := k.db.query("SELECT n, bytes FROM segment", func(r *sqlite.Stmt) error {
		k.segments[column64(r, 0)] = column64(r, 1)
		return nil
	})
	if err != nil {
		return err
	}
	k.same = maps.Clone(k.segments)
	// A row that is damaged is passed over: what is behind it is copied.
	return k.db.query("SELECT first, data FROM email", func(r *sqlite.Stmt) error {
		list, err := decodeEmails(scratch(r, 1, &k.scratch))
		if err != nil {
			k.problem(k.damagedEmails(column64(r, 0), err))
			clear(k.same)
		}
		for i := range list {
			e := &list[i]
			switch {
			case e.segment == 0:
				k.bodies = append(k.bodies, email{offset: e.offset, size: e.size})
			case !k.hasEarlier(e):
				k.same[e.segment] = min(k.same[e.segment], e.offset)
			}
		}
		return nil
	})
}

// savedBody is where an earlier backup has a small body.
type savedBody struct {
	id, segment, offset uint64
	crc                 uint32
}

// inEarlier lists what is in the segments of the backup that is brought up to date. That may be one of a store with
// another past, restored from an older copy or begun anew: its segments have the same names and other octets. So they are
// used again only as far as its database says the same of them. Without that, nothing is.
func (k *accountBackup) inEarlier() (list []savedBody) {
	if !k.trust {
		return nil
	}
	db, err := accountSchema.open(osFiles{}, filepath.Join(k.dir, databaseName), Relaxed, false)
	if err != nil {
		return nil
	}
	defer func() { _ = db.Close() }() // it will be replaced
	err = db.query("SELECT data FROM email WHERE seg_hi > 0 ORDER BY first", func(r *sqlite.Stmt) error {
		row, err := decodeEmails(blob(r, 0))
		for i := range row {
			list = append(list, savedBody{row[i].id, row[i].segment, row[i].offset, row[i].crc})
		}
		return err
	})
	if err != nil {
		return nil
	}
	return list
}

// hasEarlier tells whether the earlier backup has a small body at the same place.
func (k *accountBackup) hasEarlier(e *email) bool {
	i, found := slices.BinarySearchFunc(k.earlier, e.id, func(s savedBody, id uint64) int { return cmp.Compare(s.id, id) })
	return found && k.earlier[i] == savedBody{e.id, e.segment, e.offset, e.crc}
}

func (k *accountBackup) problem(err error) {
	if k.saved.Problem == "" {
		k.saved.Problem = err.Error()
	}
}

// files copies segments and bodies.
func (k *accountBackup) files() error {
	k.used = make(map[string]bool)
	for n, octets := range k.segments {
		name := filepath.Join(segmentsDir, segmentName(n))
		k.used[name] = true
		if err := k.file(name, int64(octets), int64(k.same[n])); err != nil {
			return err
		}
	}
	for i := range k.bodies {
		e := &k.bodies[i]
		name := filepath.Join(bodiesDir, bodyName(e.offset))
		k.used[name] = true
		size := int64(e.size) + 4*blocks(int64(e.size)) + footerSize
		if err := k.file(name, size, size); err != nil { // no two have the same name
			return err
		}
	}
	return nil
}

// file copies what a copy does not have of a file that only grows, of which it
// can have at most same octets. One that is damaged is copied as far as it goes.
func (k *accountBackup) file(name string, size, same int64) error {
	if err := k.ctx.Err(); err != nil {
		return err
	}
	dst, err := os.OpenFile(filepath.Join(k.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = dst.Close() }() // synced below
	info, err := dst.Stat()
	if err != nil {
		return err
	}
	have := min(info.Size(), same)
	if !k.trust && have > 0 {
		have = 0
	}
	if have == size {
		k.saved.Kept += size
		return nil
	}
	src, err := os.Open(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		k.problem(&damage{file: k.path(name), what: "file", err: err})
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // it was only read
	for _, f := range []*os.File{src, dst} {
		if _, err := f.Seek(have, io.SeekStart); err != nil {
			return err
		}
	}
	n, err := io.Copy(dst, io.LimitReader(src, size-have))
	if err != nil {
		return err
	}
	if have+n < size {
		k.problem(&damage{file: k.path(name), what: "file", err: errSize})
	}
	k.saved.Kept += have
	k.saved.Copied += n
	return dst.Sync()
}

// unhold lets files go again. What was to go meanwhile goes now.
func (a *account) unhold() {
	if a.hold.Add(-1) > 0 || !a.skipped.Swap(false) {
		return
	}
	if a.acquire("sweep") != nil {
		return // the next start sweeps
	}
	defer a.release()
	a.sweepFiles()
}
