package sqlitestore

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/store"
)

// conn is an open database. One goroutine uses it at a time.
type conn struct {
	*sqlite.Conn
	path     string
	reserved reservation
}

// exec runs a statement that returns nothing of interest.
func (c *conn) exec(query string, args ...any) error {
	return c.query(query, nil, args...)
}

// query runs a statement, and row for each of its rows. row must not use the
// same statement. Statements are prepared once for each connection.
func (c *conn) query(query string, row func(*sqlite.Stmt) error, args ...any) (err error) {
	stmt, err := c.Prepare(query)
	if err != nil {
		return err
	}
	defer func() {
		if e := stmt.Reset(); err == nil {
			err = e
		}
	}()
	if err := bind(stmt, args); err != nil {
		return err
	}
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		if row == nil {
			continue
		}
		if err := row(stmt); err != nil {
			return err
		}
	}
}

// bind sets all parameters. SQLite's integers are signed: what does not fit
// wraps, and comes back as it was.
func bind(stmt *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch v := arg.(type) {
		case int64:
			stmt.BindInt64(i+1, v)
		case int:
			stmt.BindInt64(i+1, int64(v))
		case uint64:
			stmt.BindInt64(i+1, int64(v))
		case uint32:
			stmt.BindInt64(i+1, int64(v))
		case string:
			stmt.BindText(i+1, v)
		case []byte:
			stmt.BindBytes(i+1, v)
		default:
			return fmt.Errorf("a parameter of type %T", arg)
		}
	}
	return nil
}

// blob returns a copy of a column.
func blob(stmt *sqlite.Stmt, col int) []byte {
	b := make([]byte, stmt.ColumnLen(col))
	stmt.ColumnBytes(col, b)
	return b
}

// scratch returns a copy of a column in buf, which grows if it must.
func scratch(stmt *sqlite.Stmt, col int, buf *[]byte) []byte {
	n := stmt.ColumnLen(col)
	if cap(*buf) < n {
		*buf = make([]byte, n+n/4)
	}
	b := (*buf)[:n]
	stmt.ColumnBytes(col, b)
	return b
}

// uint reads an unsigned column.
func column64(stmt *sqlite.Stmt, col int) uint64 { return uint64(stmt.ColumnInt64(col)) }

// number runs a query that returns one integer; 0 if it returns no row.
func (c *conn) number(query string, args ...any) (n int64, err error) {
	err = c.query(query, func(stmt *sqlite.Stmt) error {
		n = stmt.ColumnInt64(0)
		return nil
	}, args...)
	return n, err
}

// damage is stored data that cannot be read back as it was written.
type damage struct {
	file string
	what string
	err  error
}

func (d *damage) Error() string {
	s := d.file + ": " + d.what
	if d.err != nil {
		s += ": " + d.err.Error()
	}
	return s
}

func (d *damage) Unwrap() error { return d.err }

func isDamage(err error) bool {
	var d *damage
	return errors.As(err, &d)
}

// codeOf maps what happens underneath to a code. What is not known is
// Unavailable where the cause is the system's and ServerBug where it is ours.
func codeOf(err error) store.Code {
	var d *damage
	var e *store.Error
	var newer *errNewer
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &newer):
		return store.Unavailable
	case errors.As(err, &d):
		return store.Corruption
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return store.Corruption
	case sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultNoMem,
		sqlite.ResultCantOpen, sqlite.ResultReadOnly, sqlite.ResultInterrupt, sqlite.ResultPerm:
		return store.Unavailable
	case sqlite.ResultError, sqlite.ResultMisuse, sqlite.ResultRange, sqlite.ResultMismatch, sqlite.ResultConstraint,
		sqlite.ResultInternal:
		if isSystem(err) {
			return store.Unavailable
		}
		return store.ServerBug
	}
	return store.Unavailable
}

func fail(op, name string, code store.Code, err error) error {
	return &store.Error{Code: code, Op: op, Name: name, Err: err}
}
