package sqlitestore

import (
	"math/bits"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite takes memory for each packed row that it reads or writes, and gives
// it back at the end of the statement. Its C library then returns it to the
// system, since most of the time nothing else of that size is in use: two
// system calls to map, two to unmap and the faults of fresh memory, for each
// row. That was two fifths of the time of a STORE on all of a mailbox. So some
// blocks are kept here for the next statement.

const (
	// smallestSpare and largestSpare are the smallest and the largest blocks
	// that are kept; in between are the powers of two.
	smallestSpare = 4 << 10
	largestSpare  = 128 << 10
	// maxSpare is how many octets are kept in the whole process.
	maxSpare = 1 << 20
	// blockHeader is what SQLite's own allocator has before each block.
	blockHeader = 8
)

// spares are the blocks that are kept, by size.
type spares struct {
	mu     sync.Mutex
	octets int
	blocks [6][]uintptr // bits.Len(largestSpare / smallestSpare)
}

// kept serves all of SQLite in this process.
var kept spares

// spareSize is the size of the blocks of class i, without SQLite's header: with
// it, a block is as large as the library's.
func spareSize(i int) int32 { return smallestSpare<<i - blockHeader }

// spareClass is the smallest class whose blocks have n octets; false if blocks
// of about that size are not kept.
func spareClass(n int32) (int, bool) {
	if n <= smallestSpare/2-blockHeader || n > largestSpare-blockHeader {
		return 0, false
	}
	return bits.Len32(uint32(n+blockHeader-1) / smallestSpare), true
}

// take returns a block of a class; 0 if there is none.
func (s *spares) take(class int) uintptr {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.blocks[class]
	if len(list) == 0 {
		return 0
	}
	s.octets -= smallestSpare << class
	s.blocks[class] = list[:len(list)-1]
	return list[len(list)-1]
}

// put keeps a block of a class; false if there are enough.
func (s *spares) put(class int, p uintptr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.octets+smallestSpare<<class > maxSpare {
		return false
	}
	s.octets += smallestSpare << class
	s.blocks[class] = append(s.blocks[class], p)
	return true
}

// sqliteMemory is SQLite's own allocator, which all blocks come from.
var sqliteMemory struct {
	malloc func(*libc.TLS, int32) uintptr
	free   func(*libc.TLS, uintptr)
	size   func(*libc.TLS, uintptr) int32
}

// spareMalloc is malloc for SQLite.
func spareMalloc(tls *libc.TLS, n int32) uintptr {
	class, ok := spareClass(n)
	if !ok {
		return sqliteMemory.malloc(tls, n)
	}
	if p := kept.take(class); p != 0 {
		return p
	}
	return sqliteMemory.malloc(tls, spareSize(class))
}

// spareFree is free for SQLite. A block that has the size of a class is one of
// it, wherever it came from.
func spareFree(tls *libc.TLS, p uintptr) {
	n := sqliteMemory.size(tls, p)
	if class, ok := spareClass(n); ok && n == spareSize(class) && kept.put(class, p) {
		return
	}
	sqliteMemory.free(tls, p)
}

// init tells SQLite, which allows it only before the first database is opened:
// in a program where somebody else has opened one, things stay as they are.
//
// This follows the conventions of code that was translated from C: pointers are
// uintptr, functions are pointers to Go's function values.
func init() {
	tls := libc.NewTLS()
	defer tls.Close()
	const room = unsafe.Sizeof(sqlite3.Tsqlite3_mem_methods{})
	methods := tls.Alloc(int(room) + 16)
	defer tls.Free(int(room) + 16)
	m := (*sqlite3.Tsqlite3_mem_methods)(cPointer(methods))
	arguments := libc.VaList(methods+room, methods)
	if sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_GETMALLOC, arguments) != sqlite3.SQLITE_OK {
		return
	}
	sqliteMemory.malloc = cFunction[func(*libc.TLS, int32) uintptr](m.FxMalloc)
	sqliteMemory.free = cFunction[func(*libc.TLS, uintptr)](m.FxFree)
	sqliteMemory.size = cFunction[func(*libc.TLS, uintptr) int32](m.FxSize)
	m.FxMalloc, m.FxFree = cValue(spareMalloc), cValue(spareFree)
	arguments = libc.VaList(methods+room, methods)
	sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_MALLOC, arguments)
}

// cPointer is p as Go sees it. SQLite's memory is not Go's: nothing moves.
func cPointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// cValue makes a pointer of a function.
func cValue[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// cFunction makes a function of a pointer.
func cFunction[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }
