package users

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// FileName is the database's name in a data directory.
const FileName = "users.db"

// maxName is the longest name of a user, in octets.
const maxName = 255

// What goes wrong with a user.
var (
	ErrExists  = errors.New("there is a user of this name")
	ErrUnknown = errors.New("there is no user of this name")
	ErrWrong   = errors.New("wrong user name or password")
	ErrName    = errors.New("a user's name has between 1 and 255 octets, is UTF-8 in NFC, has no control characters and neither begins nor ends with a space")
)

// applicationID marks the database for file(1); schemaVersion is its PRAGMA user_version.
const (
	applicationID = 0x696d7075 // "impu"
	schemaVersion = 1
)

const schema = `
CREATE TABLE user (
	name             TEXT PRIMARY KEY,
	created          INTEGER NOT NULL, -- Unix seconds
	version          INTEGER NOT NULL, -- of the record of the password, which is the rest
	argon_salt       BLOB NOT NULL,
	argon_key        BLOB NOT NULL,
	scram_salt       BLOB NOT NULL,
	scram_iterations INTEGER NOT NULL,
	stored_key       BLOB NOT NULL,
	server_key       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = %d;
PRAGMA user_version = %d;
`

// pragmas are set on the connection, in this order. The process that has the data directory is alone with the database
// (locking_mode), a commit is one write and one sync (journal_mode) and survives a power failure (synchronous).
var pragmas = []string{
	"PRAGMA locking_mode = EXCLUSIVE",
	"PRAGMA journal_mode = WAL",
	"PRAGMA synchronous = FULL",
	"PRAGMA trusted_schema = OFF",
	"PRAGMA cell_size_check = ON",
}

// DB is the open database. Methods may be called from several goroutines at a time.
type DB struct {
	mu     sync.Mutex // held while conn is in use
	conn   *sqlite.Conn
	verify verifier
}

// Open opens the database in a data directory, which the caller must own, and makes it if there is none. One of a newer
// schema is refused and not touched.
func Open(dir string) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if err := touch(path); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := setUp(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), conn.Close())
	}
	return &DB{conn: conn, verify: newVerifier()}, nil
}

// touch makes the file that SQLite would make readable by others.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func setUp(conn *sqlite.Conn) error {
	version, err := schemaOf(conn)
	if err != nil {
		return err
	}
	if version > schemaVersion {
		return fmt.Errorf("schema version %d; this program knows versions up to %d", version, schemaVersion)
	}
	for _, pragma := range pragmas {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return err
		}
	}
	if version == schemaVersion {
		return nil
	}
	return sqlitex.ExecuteScript(conn, fmt.Sprintf(schema, applicationID, schemaVersion), nil)
}

func schemaOf(conn *sqlite.Conn) (int, error) {
	version := 0
	err := sqlitex.ExecuteTransient(conn, "PRAGMA user_version", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			version = stmt.ColumnInt(0)
			return nil
		},
	})
	return version, err
}

// Close ends the database.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.conn.Close()
}

// CheckName tells whether a user can have this name (ErrName).
func CheckName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.TrimSpace(name) != name {
		return ErrName
	}
	return nil
}

// Add makes a user; ErrExists if there is one.
func (db *DB) Add(name, password string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	r, err := newRecord(password)
	if err != nil {
		return err
	}
	const insert = `INSERT INTO user VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return db.change(ErrExists, insert, append([]any{name, time.Now().Unix()}, r.columns()...)...)
}

// SetPassword changes a password; ErrUnknown if there is no such user.
func (db *DB) SetPassword(name, password string) error {
	r, err := newRecord(password)
	if err != nil {
		return err
	}
	const update = `UPDATE user SET (version, argon_salt, argon_key, scram_salt, scram_iterations, stored_key,
		server_key) = (?2, ?3, ?4, ?5, ?6, ?7, ?8) WHERE name = ?1`
	return db.change(ErrUnknown, update, append([]any{name}, r.columns()...)...)
}

// Remove removes a user; ErrUnknown if there is no such user.
func (db *DB) Remove(name string) error {
	return db.change(ErrUnknown, `DELETE FROM user WHERE name = ?`, name)
}

func (r *record) columns() []any {
	s := r.scram
	return []any{r.version, r.argonSalt, r.argonKey, s.Salt, s.Iterations, s.StoredKey, s.ServerKey}
}

// change runs a statement that changes one row, and returns none if it changed nothing.
func (db *DB) change(none error, query string, args ...any) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := sqlitex.Execute(db.conn, query, &sqlitex.ExecOptions{Args: args}); err != nil {
		return fmt.Errorf("%s: %w", FileName, err)
	}
	if db.conn.Changes() == 0 {
		return none
	}
	return nil
}

// User is a line of a list of users.
type User struct {
	// Name is the user's and the account's.
	Name string `json:"name"`
	// Created is when the user was added.
	Created time.Time `json:"created"`
}

// List returns all users by name.
func (db *DB) List() ([]User, error) {
	var list []User
	err := db.query(`SELECT name, created FROM user ORDER BY name`, func(stmt *sqlite.Stmt) {
		list = append(list, User{Name: stmt.ColumnText(0), Created: time.Unix(stmt.ColumnInt64(1), 0).UTC()})
	})
	return list, err
}

// Exists tells whether there is a user of this name.
func (db *DB) Exists(name string) (bool, error) {
	found := false
	err := db.query(`SELECT 1 FROM user WHERE name = ?`, func(*sqlite.Stmt) { found = true }, name)
	return found, err
}

// record reads what is kept of a user's password; ErrUnknown if there is no such user.
func (db *DB) record(name string) (*record, error) {
	var r *record
	const query = `SELECT version, argon_salt, argon_key, scram_salt, scram_iterations, stored_key, server_key
		FROM user WHERE name = ?`
	err := db.query(query, func(stmt *sqlite.Stmt) {
		r = &record{version: stmt.ColumnInt(0), argonSalt: octets(stmt, 1), argonKey: octets(stmt, 2)}
		r.scram = Scram{octets(stmt, 3), stmt.ColumnInt(4), octets(stmt, 5), octets(stmt, 6)}
	}, name)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, ErrUnknown
	case r.version != recordVersion:
		return nil, errRecordVersion
	}
	return r, nil
}

// Scram returns the keys of a user for SCRAM-SHA-256; ErrUnknown if there is no such user.
func (db *DB) Scram(name string) (Scram, error) {
	r, err := db.record(name)
	if err != nil {
		return Scram{}, err
	}
	return r.scram, nil
}

func octets(stmt *sqlite.Stmt, column int) []byte {
	b := make([]byte, stmt.ColumnLen(column))
	stmt.ColumnBytes(column, b)
	return b
}

func (db *DB) query(query string, row func(*sqlite.Stmt), args ...any) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	err := sqlitex.Execute(db.conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(stmt *sqlite.Stmt) error {
		row(stmt)
		return nil
	}})
	if err != nil {
		return fmt.Errorf("%s: %w", FileName, err)
	}
	return nil
}

// Verify tells whether a password is the user's: nil, ErrWrong for a wrong password and for a user that does not exist,
// between which not even time tells, or what keeps the database from telling. It waits while too many others verify,
// and gives up when ctx ends.
func (db *DB) Verify(ctx context.Context, name, password string) error {
	password, err := prepare(password)
	if err != nil {
		return ErrWrong
	}
	r, err := db.record(name)
	switch {
	case errors.Is(err, ErrUnknown):
		r = nobody
	case err != nil:
		return err
	}
	ok, err := db.verify.verify(ctx, name, password, r)
	switch {
	case err != nil:
		return err
	case !ok || r == nobody:
		return ErrWrong
	}
	return nil
}
