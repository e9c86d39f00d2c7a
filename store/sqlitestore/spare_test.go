package sqlitestore

import (
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// TestSpareClass checks that a block always has the octets that it is asked for.
func TestSpareClass(t *testing.T) {
	for n := int32(1); n < 2*largestSpare; n++ {
		class, ok := spareClass(n)
		if !ok {
			if n > smallestSpare/2 && n <= largestSpare-blockHeader {
				t.Fatalf("%d octets have no class", n)
			}
			continue
		}
		if size := spareSize(class); class >= len(kept.blocks) || size < n {
			t.Fatalf("%d octets are of class %d", n, class)
		} else if again, _ := spareClass(size); again != class {
			t.Fatalf("a block of class %d comes back as one of class %d", class, again)
		}
	}
}

// TestSparesAreBounded keeps no more than there is room for, and gives each
// block to one only.
func TestSparesAreBounded(t *testing.T) {
	var s spares
	n := 0
	for s.put(n%len(s.blocks), uintptr(n+1)) {
		n++
	}
	if s.octets > maxSpare || s.octets < maxSpare/2 {
		t.Errorf("%d octets are kept, at most %d may be", s.octets, maxSpare)
	}
	seen := make(map[uintptr]bool)
	for class := range s.blocks {
		for p := s.take(class); p != 0; p = s.take(class) {
			seen[p] = true
		}
	}
	if len(seen) != n || s.octets != 0 {
		t.Errorf("%d of %d blocks came back, %d octets are left", len(seen), n, s.octets)
	}
}

// TestSQLiteUsesSpares looks at what SQLite does with blocks of many sizes:
// whether they have room, and whether it gets those again that it has freed.
func TestSQLiteUsesSpares(t *testing.T) {
	tls := libc.NewTLS()
	defer tls.Close()
	for _, n := range []int32{10, 3000, 4088, 4089, 20_000, 100_000, 200_000} {
		p := sqlite3.Xsqlite3_malloc(tls, n)
		clear(octets(p, n))
		p = sqlite3.Xsqlite3_realloc(tls, p, n+n/2)
		if size := sqlite3.Xsqlite3_msize(tls, p); size < uint64(n+n/2) {
			t.Errorf("%d octets instead of %d", size, n+n/2)
		}
		clear(octets(p, n+n/2))
		sqlite3.Xsqlite3_free(tls, p)
	}
	class, _ := spareClass(5000)
	var list []uintptr
	for range 3 {
		list = append(list, sqlite3.Xsqlite3_malloc(tls, 5000))
	}
	before := len(kept.blocks[class])
	sqlite3.Xsqlite3_free(tls, list[0])
	if after := len(kept.blocks[class]); after != before+1 && kept.octets < maxSpare/2 {
		t.Errorf("there are %d blocks after one was freed, %d before", after, before)
	}
	if p := sqlite3.Xsqlite3_malloc(tls, 6000); kept.octets < maxSpare/2 && p != list[0] {
		t.Error("the block that was freed is not used")
	}
}
