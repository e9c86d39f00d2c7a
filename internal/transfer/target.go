package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// AccountName is the file in a directory that an account was exported to which says what messages cannot.
const AccountName = "imapsrv-account.json"

// accountVersion is the version of AccountFile and of the files of Lines.
const accountVersion = 1

// AccountFile is the content of AccountName.
type AccountFile struct {
	// Version is the version of this form: 1.
	Version int `json:"imapsrv-account"`
	// Format is "maildir" or "mbox".
	Format string `json:"format"`
	// User is whose account it is.
	User string `json:"user"`
	// Complete is set when the export has come to its end.
	Complete bool `json:"complete"`
	// Mailboxes are all mailboxes, with their places.
	Mailboxes []Place `json:"mailboxes"`
	// Subscriptions are names, of mailboxes or not.
	Subscriptions []string `json:"subscriptions"`
}

// Place is a mailbox and where it is.
type Place struct {
	Mailbox
	// Path is relative to the directory, with slashes.
	Path string `json:"path"`
}

// Account is what the file says, without places.
func (f *AccountFile) Account() Account {
	a := Account{Subscriptions: f.Subscriptions}
	for _, p := range f.Mailboxes {
		a.Mailboxes = append(a.Mailboxes, p.Mailbox)
	}
	return a
}

// ReadAccount reads the file of a directory; nil if it has none.
func ReadAccount(root *os.Root) (*AccountFile, error) {
	data, err := readSmall(root, AccountName, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f AccountFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", AccountName, err)
	}
	if f.Version != accountVersion {
		return nil, fmt.Errorf("%s has version %d; this program knows version %d", AccountName, f.Version, accountVersion)
	}
	return &f, nil
}

// readSmall reads a regular file of at most so many octets.
func readSmall(root *os.Root, name string, most int64) ([]byte, error) {
	f, info, err := OpenRegular(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > most {
		return nil, fmt.Errorf("%s is too large", name)
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// ReadSmall reads a regular file of at most 64 MiB.
func ReadSmall(root *os.Root, name string) ([]byte, error) { return readSmall(root, name, maxRecord) }

// errNotRegular is what is not read: a link could lead anywhere, a pipe would wait for ever.
var errNotRegular = errors.New("no regular file")

// OpenRegular opens a file for reading, unless it is a link, a pipe or something else that is no file.
func OpenRegular(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	// It may have been replaced in between.
	opened, err := f.Stat()
	if err == nil && !os.SameFile(info, opened) {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, nil, err
	}
	return f, opened, nil
}

// Target is a directory that an account is exported to. Nothing is written outside of it, whatever links are in it.
type Target struct {
	// Root is the directory.
	Root *os.Root
	// Resumed tells that an earlier export to it goes on.
	Resumed bool

	file AccountFile
	old  map[string]string // places of an earlier export, by MAILBOXID
	path map[string]string // places by name
}

// ErrTaken is a directory that has something in it which must not be overwritten.
var ErrTaken = errors.New("it is not empty")

// OpenTarget opens a directory, which is made if it does not exist. It must be empty, or be one that an export of the
// same account in the same format did not finish.
func OpenTarget(path, format, user string) (_ *Target, err error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	t := &Target{Root: root, old: make(map[string]string), path: make(map[string]string)}
	t.file = AccountFile{Version: accountVersion, Format: format, User: user}
	if err := t.resume(path); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return t, nil
}

// resume finds out what is there.
func (t *Target) resume(path string) error {
	earlier, err := ReadAccount(t.Root)
	if err != nil {
		return err
	}
	if earlier == nil {
		dir, err := t.Root.Open(".")
		if err != nil {
			return err
		}
		names, err := dir.Readdirnames(2)
		_ = dir.Close() // it was only read
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		// An export that was killed while it began may have left a part of the account's file.
		names = slices.DeleteFunc(names, func(name string) bool { return name == AccountName+unfinished })
		if len(names) > 0 {
			return fmt.Errorf("%s: %w; export to a new directory", path, ErrTaken)
		}
		return nil
	}
	switch {
	case earlier.Complete:
		return fmt.Errorf("%s: %w: a finished export of %q; export to a new directory", path, ErrTaken, earlier.User)
	case earlier.User != t.file.User || earlier.Format != t.file.Format:
		return fmt.Errorf("%s: %w: an export of %q as %s that was interrupted; export to a new directory",
			path, ErrTaken, earlier.User, earlier.Format)
	}
	t.Resumed = true
	for _, p := range earlier.Mailboxes {
		if p.ID != "" && filepath.IsLocal(filepath.FromSlash(p.Path)) {
			t.old[p.ID] = p.Path
		}
	}
	return nil
}

// Earlier are the places of an earlier export that goes on, by MAILBOXID.
func (t *Target) Earlier() map[string]string { return t.old }

// Begin notes the account and gives each mailbox a place, which pathOf proposes. Places that file systems take for the
// same, because letters' case does not count there, are told apart.
func (t *Target) Begin(a Account, pathOf func(name string, attempt int) string) error {
	t.file.Subscriptions = slices.Clone(a.Subscriptions)
	taken := make(map[string]bool)
	for _, p := range t.old {
		taken[folded(p)] = true
	}
	for _, m := range a.Mailboxes {
		path, ok := t.old[m.ID]
		for attempt := 0; !ok; attempt++ {
			path = pathOf(m.Name, attempt)
			ok = !taken[folded(path)]
		}
		taken[folded(path)] = true
		t.path[m.Name] = path
		t.file.Mailboxes = append(t.file.Mailboxes, Place{m, path})
	}
	return t.save()
}

// Places are the mailboxes with their places.
func (t *Target) Places() []Place { return t.file.Mailboxes }

// Path is where a mailbox is.
func (t *Target) Path(m Mailbox) (string, error) {
	if path, ok := t.path[m.Name]; ok {
		return path, nil
	}
	return "", fmt.Errorf("mailbox %q was not announced", m.Name)
}

// Finish notes that the export is complete.
func (t *Target) Finish() error {
	t.file.Complete = true
	return errors.Join(t.save(), SyncDir(t.Root, "."))
}

// Close gives the directory back.
func (t *Target) Close() error { return t.Root.Close() }

// save writes the account's file, in place of the one before.
func (t *Target) save() error {
	data, err := json.MarshalIndent(t.file, "", "\t")
	if err != nil {
		return err
	}
	return WriteFile(t.Root, AccountName, append(data, '\n'))
}

// unfinished ends the name of a file that is still being written.
const unfinished = ".new"

// WriteFile writes a small file, completely or not at all.
func WriteFile(root *os.Root, name string, data []byte) error {
	temp := name + unfinished
	_ = root.Remove(temp) // of an export that was interrupted; a link would be followed
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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
	return root.Rename(temp, name)
}

// SyncDir makes the entries of a directory durable.
func SyncDir(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
