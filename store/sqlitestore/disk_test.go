package sqlitestore

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// disk is a file system in memory that knows what a power failure would
// leave: of a file what was synced, and of a directory the entries that it
// had when it was synced. The store's own files and SQLite's are on it.
type disk struct {
	mu   sync.Mutex
	root *node
	// fault, if not nil, is asked before every call that may fail; write
	// says how much of a write still happens.
	fault func(call, path string) error
	// ignore, if not nil, makes syncs lie.
	ignore func(call, path string) bool
	calls  int
}

// node is a file or a directory.
type node struct {
	// A file:
	data    []byte // as the running system sees it
	durable []byte // after a power failure
	writes  []span // since the last sync
	dirSync bool   // SQLite wants the directory synced with the first sync
	// A directory:
	entries map[string]*node
	kept    map[string]*node // after a power failure
}

// span is a part of a file that was written: data[from:to].
type span struct{ from, to int }

func newDir() *node { return &node{entries: map[string]*node{}, kept: map[string]*node{}} }

func newDisk() *disk { return &disk{root: newDir()} }

var (
	errIO   = syscall.EIO
	errFull = syscall.ENOSPC
)

// setFault sets fault while the disk is in use.
func (d *disk) setFault(fault func(call, path string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// count returns how many calls there have been.
func (d *disk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// begin counts a call and asks whether it may happen. d.mu is held.
func (d *disk) begin(call, path string) error {
	d.calls++
	if d.fault == nil {
		return nil
	}
	if err := d.fault(call, path); err != nil {
		return &fs.PathError{Op: call, Path: path, Err: err}
	}
	return nil
}

// find returns a node, or nil.
func (d *disk) find(path string) *node {
	n := d.root
	for part := range strings.SplitSeq(strings.Trim(filepath.ToSlash(path), "/"), "/") {
		if n == nil || n.entries == nil {
			return nil
		}
		n = n.entries[part]
	}
	return n
}

func (d *disk) parent(path string) (*node, string) {
	return d.find(filepath.Dir(path)), filepath.Base(path)
}

func (d *disk) create(path string) (file, error) { return d.openFile(path, true, true) }
func (d *disk) open(path string) (file, error)   { return d.openFile(path, false, false) }
func (d *disk) vfs() string                      { return diskVFS(d) }

func (d *disk) openFile(path string, create, exclusive bool) (*diskFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin("open", path); err != nil {
		return nil, err
	}
	n := d.find(path)
	switch {
	case n != nil && exclusive:
		return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrExist}
	case n == nil && !create:
		return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
	case n == nil:
		dir, base := d.parent(path)
		if dir == nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
		}
		n = &node{dirSync: !exclusive}
		dir.entries[base] = n
	}
	return &diskFile{disk: d, path: path, node: n}, nil
}

func (d *disk) remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin("remove", path); err != nil {
		return err
	}
	dir, base := d.parent(path)
	if dir == nil || dir.entries[base] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: os.ErrNotExist}
	}
	delete(dir.entries, base)
	return nil
}

func (d *disk) removeAll(path string) error {
	if err := d.remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (d *disk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin("rename", from); err != nil {
		return err
	}
	src, old := d.parent(from)
	dst, base := d.parent(to)
	if src == nil || dst == nil || src.entries[old] == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: os.ErrNotExist}
	}
	dst.entries[base] = src.entries[old]
	delete(src.entries, old)
	return nil
}

func (d *disk) mkdir(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin("mkdir", path); err != nil {
		return err
	}
	n := d.root
	for part := range strings.SplitSeq(strings.Trim(filepath.ToSlash(path), "/"), "/") {
		if n.entries[part] == nil {
			n.entries[part] = newDir()
		}
		n = n.entries[part]
	}
	return nil
}

func (d *disk) list(path string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin("list", path); err != nil {
		return nil, err
	}
	n := d.find(path)
	if n == nil || n.entries == nil {
		return nil, &fs.PathError{Op: "list", Path: path, Err: os.ErrNotExist}
	}
	var names []string
	for name := range n.entries {
		names = append(names, name)
	}
	return names, nil
}

func (d *disk) syncDir(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncDirLocked(path)
}

func (d *disk) syncDirLocked(path string) error {
	if err := d.begin("syncdir", path); err != nil {
		return err
	}
	n := d.find(path)
	if n == nil || d.ignore != nil && d.ignore("syncdir", path) {
		return nil
	}
	n.kept = make(map[string]*node, len(n.entries))
	for name, e := range n.entries {
		n.kept[name] = e
	}
	return nil
}

// diskFile is an open file.
type diskFile struct {
	disk *disk
	path string
	node *node
}

func (f *diskFile) Close() error { return nil }

func (f *diskFile) size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.node.data)), f.disk.begin("size", f.path)
}

func (f *diskFile) ReadAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("read", f.path); err != nil {
		return 0, err
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes; one that fails has written half of it.
func (f *diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	err := f.disk.begin("write", f.path)
	if err != nil {
		p = p[:len(p)/2]
	}
	n := f.node
	if end := int(off) + len(p); end > len(n.data) {
		n.data = append(n.data, make([]byte, end-len(n.data))...)
	}
	copy(n.data[off:], p)
	n.writes = append(n.writes, span{int(off), int(off) + len(p)})
	return len(p), err
}

func (f *diskFile) truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("truncate", f.path); err != nil {
		return err
	}
	n := f.node
	if int(size) > len(n.data) {
		n.data = append(n.data, make([]byte, int(size)-len(n.data))...)
	}
	n.data = n.data[:size:size]
	return nil
}

func (f *diskFile) sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("sync", f.path); err != nil {
		f.node.writes = nil // what the kernel does with pages that it could not write
		return err
	}
	if f.disk.ignore != nil && f.disk.ignore("sync", f.path) {
		return nil
	}
	f.node.flush()
	if f.node.dirSync && strings.HasSuffix(f.path, "-wal") {
		f.node.dirSync = false
		_ = f.disk.syncDirLocked(filepath.Dir(f.path)) // SQLite tries once, and does not look at the result
	}
	return nil
}

// flush makes what was written since the last sync durable.
func (n *node) flush() {
	n.durable = resize(n.durable, len(n.data))
	for _, w := range n.writes {
		if w.from < len(n.data) {
			copy(n.durable[w.from:], n.data[w.from:min(w.to, len(n.data))])
		}
	}
	n.writes = nil
}

func resize(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	return append(b, make([]byte, n-len(b))...)
}

// save writes what a power failure would leave under dir to a real directory:
// with a chance of half, each piece of what was not synced has made it to the
// disk if torn is set.
func (d *disk) save(t testing.TB, dir, to string, torn bool) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.root
	for part := range strings.SplitSeq(strings.Trim(filepath.ToSlash(dir), "/"), "/") {
		if n = n.entries[part]; n == nil {
			return // it has not been made yet
		} // its parents are not ours to sync
	}
	n.save(t, to, torn)
}

func (n *node) save(t testing.TB, to string, torn bool) {
	t.Helper()
	if n.entries != nil {
		if err := os.MkdirAll(to, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, e := range n.kept {
			e.save(t, filepath.Join(to, name), torn)
		}
		return
	}
	data := append([]byte(nil), n.durable...)
	if torn {
		data = n.tear(data)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sector is what a disk writes at once.
const sector = 4096

func (n *node) tear(data []byte) []byte {
	for _, w := range n.writes {
		for at := w.from; at < w.to; at = (at/sector + 1) * sector {
			end := min((at/sector+1)*sector, w.to, len(n.data))
			if at < end && rand.IntN(2) == 0 {
				data = resize(data, max(len(data), end))
				copy(data[at:end], n.data[at:end])
			}
		}
	}
	return data
}
