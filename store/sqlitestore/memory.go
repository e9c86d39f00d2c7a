package sqlitestore

import (
	"math/bits"

	"zombiezen.com/go/sqlite"
)

// keepMemory keeps some of the memory that values which are bound to statements are copied to. The allocator of SQLite's
// C library cuts blocks of the same size class (powers of two up to 16 KiB) from mappings of 64 KiB, and gives a mapping
// back to the kernel as soon as no block of it is in use: a value that is the only one of its class costs four system
// calls and fresh pages each time it is bound. One block of each class that is never freed prevents that, as long as
// its mapping has room. Larger values have mappings of their own, always. The memory goes when the connection is closed.
// What SQLite itself allocates is kept by spares.
func keepMemory() (*conn, error) {
	db, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: db, path: ":memory:"}
	stmt, err := c.Prepare("SELECT ?, ?, ?")
	if err != nil {
		_ = c.Close() // there is nothing to lose
		return nil, err
	}
	for i, size := range []int{3 << 10, 6 << 10, 12 << 10} {
		stmt.BindBytes(i+1, make([]byte, size))
	}
	return c, nil
}

// reservation is memory for binding rows, see reserve.
type reservation struct {
	rows  int // bound in this transaction
	held  [len(classes)]*sqlite.Stmt
	fresh [len(classes)]bool // in this transaction
}

// classes are statements that are never run. They hold a value of up to 4, 8 or 16 KiB each.
var classes = [...]string{"SELECT ?, ?, ?, 4", "SELECT ?, ?, ?, 8", "SELECT ?, ?, ?, 16"}

// reserve is called before a row of n octets is bound. From the second row of a transaction on, it does for its
// connection what keepMemory does for the process, whose mappings may be full: it leaves two blocks free in mappings
// that stay.
func (c *conn) reserve(n int) (err error) {
	r := &c.reserved
	r.rows++
	class := bits.Len(uint(max(n, 1)-1) >> 12)
	if r.rows < 2 || class >= len(classes) || r.fresh[class] {
		return nil
	}
	stmt := r.held[class]
	if stmt == nil {
		if stmt, err = c.Prepare(classes[class]); err != nil {
			return err
		}
		r.held[class] = stmt
	}
	room := make([]byte, 2<<10<<class+1)
	for param := range 3 {
		stmt.BindBytes(param+1, room)
	}
	// The third one is the newest: the mapping that it is in stays.
	stmt.BindNull(1)
	stmt.BindNull(2)
	r.fresh[class] = true
	return nil
}

// ended tells that a transaction has ended.
func (r *reservation) ended() { r.rows, r.fresh = 0, [len(classes)]bool{} }
