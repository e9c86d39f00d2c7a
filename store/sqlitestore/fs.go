package sqlitestore

import (
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// files is all that the store does with files of its own. SQLite does its
// files itself, through the VFS that is named here, so that tests can put
// both on the same ground.
type files interface {
	// create makes a file that must not exist; open opens one.
	create(path string) (file, error)
	open(path string) (file, error)
	remove(path string) error
	removeAll(path string) error
	rename(from, to string) error
	mkdir(path string) error // with its parents
	list(dir string) ([]string, error)
	// syncDir makes the entries of a directory durable.
	syncDir(dir string) error
	// vfs names SQLite's file layer; "" stands for its own.
	vfs() string
}

// file is an open file. Methods may be called by several goroutines.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	size() (int64, error)
	truncate(size int64) error
	// sync makes the content durable, and the size.
	sync() error
}

// osFiles is the operating system's.
type osFiles struct{}

type osFile struct{ *os.File }

func (osFiles) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFiles) open(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFiles) remove(path string) error     { return os.Remove(path) }
func (osFiles) removeAll(path string) error  { return os.RemoveAll(path) }
func (osFiles) rename(from, to string) error { return os.Rename(from, to) }
func (osFiles) mkdir(path string) error      { return os.MkdirAll(path, 0o700) }
func (osFiles) vfs() string                  { return "" }

func (osFiles) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (osFiles) syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil // a file system whose directories need no sync
	}
	return errors.Join(err, f.Close())
}

func (f osFile) truncate(size int64) error { return f.Truncate(size) }
func (f osFile) sync() error               { return datasync(f.File) }

func (f osFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// isSystem tells whether the operating system refused something.
func isSystem(err error) bool {
	var path *fs.PathError
	var errno syscall.Errno
	return errors.As(err, &path) || errors.As(err, &errno)
}

// makeDir makes a directory and its entry in its parent durable.
func makeDir(fs files, path string) error {
	if err := fs.mkdir(path); err != nil {
		return err
	}
	return fs.syncDir(filepath.Dir(path))
}

// escapeURI makes a path part of a file: URI.
func escapeURI(path string) string { return (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() }
