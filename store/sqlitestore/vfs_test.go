package sqlitestore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// This file lets SQLite use a disk. It follows the conventions of code that
// was translated from C: pointers are uintptr, functions are pointers to Go's
// function values. Locks and shared memory are not needed: each database is
// opened by one connection in exclusive mode.

// vfsFile is SQLite's file object.
type vfsFile struct {
	methods uintptr
	number  uintptr // in vfsState.files
}

var vfsState = struct {
	mu    sync.Mutex
	names map[*disk]string
	disks map[uintptr]*disk // by VFS
	files map[uintptr]*diskFile
	next  uintptr

	methods uintptr
}{names: map[*disk]string{}, disks: map[uintptr]*disk{}, files: map[uintptr]*diskFile{}}

func octets(p uintptr, n int32) []byte { return unsafe.Slice((*byte)(cPointer(p)), n) }

func setInt32(p uintptr, v int32) { *(*int32)(cPointer(p)) = v }

var vfsMethods = sqlite3.Tsqlite3_io_methods{
	FiVersion:               1,
	FxClose:                 cValue(vfsClose),
	FxRead:                  cValue(vfsRead),
	FxWrite:                 cValue(vfsWrite),
	FxTruncate:              cValue(vfsTruncate),
	FxSync:                  cValue(vfsSync),
	FxFileSize:              cValue(vfsFileSize),
	FxLock:                  cValue(vfsLock),
	FxUnlock:                cValue(vfsLock),
	FxCheckReservedLock:     cValue(vfsCheckLock),
	FxFileControl:           cValue(vfsControl),
	FxSectorSize:            cValue(vfsSectorSize),
	FxDeviceCharacteristics: cValue(vfsCharacteristics),
}

// foreign copies v to memory that is not Go's, where it stays.
func foreign[T any](tls *libc.TLS, v T) uintptr {
	p := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(v)))
	*(*T)(cPointer(p)) = v
	return p
}

// diskVFS registers a disk with SQLite and returns the name of the VFS.
func diskVFS(d *disk) string {
	vfsState.mu.Lock()
	defer vfsState.mu.Unlock()
	if name, ok := vfsState.names[d]; ok {
		return name
	}
	tls := libc.NewTLS()
	defer tls.Close()
	sqlite3.Xsqlite3_initialize(tls)
	vfs := *(*sqlite3.Tsqlite3_vfs)(cPointer(sqlite3.Xsqlite3_vfs_find(tls, 0)))
	name := fmt.Sprintf("disk%d", len(vfsState.names))
	cname, err := libc.CString(name)
	if err != nil {
		panic(err)
	}
	vfs.FiVersion = 1
	vfs.FszOsFile = int32(unsafe.Sizeof(vfsFile{}))
	vfs.FpNext = 0
	vfs.FzName = cname
	vfs.FxOpen = cValue(vfsOpen)
	vfs.FxDelete = cValue(vfsDelete)
	vfs.FxAccess = cValue(vfsAccess)
	vfs.FxFullPathname = cValue(vfsFullPathname)
	if vfsState.methods == 0 {
		vfsState.methods = foreign(tls, vfsMethods)
	}
	p := foreign(tls, vfs)
	sqlite3.Xsqlite3_vfs_register(tls, p, 0)
	vfsState.names[d], vfsState.disks[p] = name, d
	return name
}

func diskOf(vfs uintptr) *disk {
	vfsState.mu.Lock()
	defer vfsState.mu.Unlock()
	return vfsState.disks[vfs]
}

func fileOf(p uintptr) *diskFile {
	vfsState.mu.Lock()
	defer vfsState.mu.Unlock()
	return vfsState.files[(*vfsFile)(cPointer(p)).number]
}

// result maps an error to SQLite's codes.
func result(err error, code int32) int32 {
	switch {
	case err == nil:
		return sqlite3.SQLITE_OK
	case errors.Is(err, syscall.ENOSPC):
		return sqlite3.SQLITE_FULL
	}
	return code
}

func vfsOpen(_ *libc.TLS, vfs, path, file uintptr, flags int32, out uintptr) int32 {
	f := (*vfsFile)(cPointer(file))
	f.methods = 0
	d, err := diskOf(vfs).openFile(libc.GoString(path), flags&sqlite3.SQLITE_OPEN_CREATE != 0, false)
	if err != nil {
		return sqlite3.SQLITE_CANTOPEN
	}
	vfsState.mu.Lock()
	defer vfsState.mu.Unlock()
	vfsState.next++
	f.methods, f.number = vfsState.methods, vfsState.next
	vfsState.files[f.number] = d
	if out != 0 {
		setInt32(out, flags)
	}
	return sqlite3.SQLITE_OK
}

func vfsDelete(_ *libc.TLS, vfs, path uintptr, syncDir int32) int32 {
	d, name := diskOf(vfs), libc.GoString(path)
	err := d.remove(name)
	if errors.Is(err, os.ErrNotExist) {
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	}
	return result(err, sqlite3.SQLITE_IOERR_DELETE)
}

func vfsAccess(_ *libc.TLS, vfs, path uintptr, _ int32, out uintptr) int32 {
	d := diskOf(vfs)
	d.mu.Lock()
	defer d.mu.Unlock()
	there := int32(0)
	if d.find(libc.GoString(path)) != nil {
		there = 1
	}
	setInt32(out, there)
	return sqlite3.SQLITE_OK
}

func vfsFullPathname(_ *libc.TLS, _, path uintptr, n int32, out uintptr) int32 {
	name := libc.GoString(path)
	if len(name) >= int(n) {
		return sqlite3.SQLITE_CANTOPEN
	}
	copy(octets(out, n), name+"\x00")
	return sqlite3.SQLITE_OK
}

func vfsClose(_ *libc.TLS, file uintptr) int32 {
	vfsState.mu.Lock()
	defer vfsState.mu.Unlock()
	delete(vfsState.files, (*vfsFile)(cPointer(file)).number)
	return sqlite3.SQLITE_OK
}

func vfsRead(_ *libc.TLS, file, buf uintptr, n int32, off int64) int32 {
	p := octets(buf, n)
	k, err := fileOf(file).ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		clear(p[k:])
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return result(err, sqlite3.SQLITE_IOERR_READ)
}

func vfsWrite(_ *libc.TLS, file, buf uintptr, n int32, off int64) int32 {
	_, err := fileOf(file).WriteAt(octets(buf, n), off)
	return result(err, sqlite3.SQLITE_IOERR_WRITE)
}

func vfsTruncate(_ *libc.TLS, file uintptr, size int64) int32 {
	return result(fileOf(file).truncate(size), sqlite3.SQLITE_IOERR_TRUNCATE)
}

func vfsSync(_ *libc.TLS, file uintptr, _ int32) int32 {
	return result(fileOf(file).sync(), sqlite3.SQLITE_IOERR_FSYNC)
}

func vfsFileSize(_ *libc.TLS, file, out uintptr) int32 {
	size, err := fileOf(file).size()
	*(*int64)(cPointer(out)) = size
	return result(err, sqlite3.SQLITE_IOERR_FSTAT)
}

func vfsLock(*libc.TLS, uintptr, int32) int32 { return sqlite3.SQLITE_OK }

func vfsCheckLock(_ *libc.TLS, _, out uintptr) int32 {
	setInt32(out, 0)
	return sqlite3.SQLITE_OK
}

func vfsControl(*libc.TLS, uintptr, int32, uintptr) int32 { return sqlite3.SQLITE_NOTFOUND }
func vfsSectorSize(*libc.TLS, uintptr) int32              { return sector }

// vfsCharacteristics are those of SQLite's own layer: a write changes nothing
// but its own octets, whatever happens. Without this SQLite pads commits, and
// what it pads with is not synced.
func vfsCharacteristics(*libc.TLS, uintptr) int32 { return sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE }
