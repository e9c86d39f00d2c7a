package sqlitestore

import "zombiezen.com/go/sqlite"

// keepMemory keeps some of the memory that SQLite reads values into. Its allocator cuts blocks of the same size class
// (powers of two up to 16 KiB) from mappings of 64 KiB, and gives a mapping back to the kernel as soon as no block of
// it is in use: a value that is the only one of its class costs two system calls and fresh pages each time it is
// read, five times what reading it costs otherwise. One block of each class that is never freed prevents that.
// Larger values have mappings of their own, always. The memory goes when the connection is closed.
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
