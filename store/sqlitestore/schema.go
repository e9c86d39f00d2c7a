package sqlitestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
)

// applicationID marks our databases for file(1) and for people.
const applicationID = 0x696d6170 // "imap"

// schema is the definition of a kind of database: the statements of each
// version, which lead from the one before it. Versions are only ever added.
type schema []string

// accountSchema is what an account's database has.
var accountSchema = schema{`
-- The account itself: one row.
CREATE TABLE account (
	one          INTEGER PRIMARY KEY CHECK (one = 1),
	id           TEXT NOT NULL,
	modseq       INTEGER NOT NULL,
	uidvalidity  INTEGER NOT NULL, -- the newest that was given out
	next_id      INTEGER NOT NULL, -- object ids: the next one,
	last_id      INTEGER NOT NULL, -- and the end of the block it is in
	next_box     INTEGER NOT NULL,
	messages     INTEGER NOT NULL, -- quota: counts and limits, 0 for none
	size         INTEGER NOT NULL,
	max_messages INTEGER NOT NULL,
	max_size     INTEGER NOT NULL,
	segment      INTEGER NOT NULL, -- where bodies are written now
	segment_end  INTEGER NOT NULL
) STRICT;

-- box is a small number that is never used again; the upper half of the keys
-- of its pages.
CREATE TABLE mailbox (
	box          INTEGER PRIMARY KEY,
	id           INTEGER NOT NULL UNIQUE,
	name         TEXT NOT NULL UNIQUE,
	use          INTEGER NOT NULL,
	uidvalidity  INTEGER NOT NULL,
	uidnext      INTEGER NOT NULL,
	modseq       INTEGER NOT NULL,
	messages     INTEGER NOT NULL,
	unseen       INTEGER NOT NULL,
	deleted      INTEGER NOT NULL,
	recent       INTEGER NOT NULL,
	size         INTEGER NOT NULL,
	first_recent INTEGER NOT NULL,
	floor        INTEGER NOT NULL, -- history of expunges: complete from here on,
	ranges       INTEGER NOT NULL, -- and how many ranges it has
	keywords     TEXT NOT NULL     -- separated by spaces; pages refer to the place
) STRICT;

-- Up to 1,000 messages of a mailbox. key is box << 32 | lowest possible UID.
CREATE TABLE page (
	key    INTEGER PRIMARY KEY,
	count  INTEGER NOT NULL,
	modseq INTEGER NOT NULL, -- the highest of its messages
	data   BLOB NOT NULL
) STRICT;

-- UIDs that were expunged at once, as pairs of varints: distance to the last
-- range's end, length.
CREATE TABLE vanished (
	box    INTEGER NOT NULL,
	modseq INTEGER NOT NULL,
	count  INTEGER NOT NULL,
	ranges BLOB NOT NULL,
	PRIMARY KEY (box, modseq)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Mostly up to 16 emails, the immutable part of messages, by the first one's id.
CREATE TABLE email (
	first  INTEGER PRIMARY KEY,
	count  INTEGER NOT NULL,
	seg_lo INTEGER NOT NULL, -- the segments that their bodies are in
	seg_hi INTEGER NOT NULL,
	data   BLOB NOT NULL
) STRICT;

-- The summaries of the emails of the row with the same key.
CREATE TABLE summary (
	first   INTEGER PRIMARY KEY,
	version INTEGER NOT NULL, -- of the function that made them
	data    BLOB NOT NULL
) STRICT;

-- Files of small bodies: octets in use up to their end (of the current one,
-- up to where the tail begins), and of them those that nobody refers to.
CREATE TABLE segment (
	n     INTEGER PRIMARY KEY,
	bytes INTEGER NOT NULL,
	dead  INTEGER NOT NULL
) STRICT;

-- Emails that lost a reference at some time (Unix seconds): candidates of the
-- garbage collection.
CREATE TABLE dropped (
	id     INTEGER PRIMARY KEY,
	at     INTEGER NOT NULL,
	emails BLOB NOT NULL
) STRICT;
`, `
-- Metadata entries of mailboxes; box 0 is the account itself.
CREATE TABLE entry (
	box   INTEGER NOT NULL,
	name  TEXT NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (box, name)
) STRICT, WITHOUT ROWID;
`, `
-- The listings of the emails of the row with the same key, made together with
-- their summaries. A row that is missing is made when it is wanted.
CREATE TABLE listing (
	first   INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	data    BLOB NOT NULL
) STRICT;
`, `
-- Bodies of the current segment that it may not have durably: what follows
-- where its row ends, up to account.segment_end. The rest of the value is of
-- no interest. No row until one is needed.
CREATE TABLE tail (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	data BLOB NOT NULL
) STRICT;
`}

// pragmas are set on each connection, in this order.
//
//   - locking_mode: one process owns the data, and uses one connection to
//     each database. The lock is taken once instead of for each transaction,
//     and the index of the log lives in memory instead of in a shared file,
//     which saves a descriptor.
//   - journal_mode: a commit is one sequential write and one sync.
//   - cache_size: KiB of pages kept by each of perhaps 600 connections. The
//     kernel's cache has the rest.
//   - temp_store: nothing we do needs temporary files.
//   - cell_size_check, trusted_schema: a damaged or forged file is noticed
//     early and runs nothing.
//   - foreign_keys: none are declared; Check looks at references.
//   - wal_autocheckpoint: 1,000 pages of 4 KiB before the log is copied back.
//   - journal_size_limit: after a burst the log shrinks to so many octets.
const pragmas = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA cache_size = -%d;
PRAGMA temp_store = MEMORY;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
PRAGMA foreign_keys = OFF;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = 4194304;
PRAGMA synchronous = %s;
`

// cacheKiB is cache_size.
const cacheKiB = 256

// errNewer says that a database was written by a newer version.
type errNewer struct {
	file         string
	found, known int
}

func (e *errNewer) Error() string {
	return fmt.Sprintf("%s has schema version %d; this program knows versions up to %d", e.file, e.found, e.known)
}

var errNoDatabase = errors.New("the database has not been set up")

// open opens a database and brings it to the newest version. A new file
// becomes one only with create.
func (s schema) open(fs files, path string, d Durability, create bool) (*conn, error) {
	if err := s.peek(fs, path); err != nil {
		return nil, err
	}
	flags := sqlite.OpenReadWrite
	if create {
		// SQLite would let everybody read it, and gives its log the same mode.
		if err := createPrivate(fs, path); err != nil {
			return nil, err
		}
		flags |= sqlite.OpenCreate
	}
	uri, vfs := path, fs.vfs()
	if vfs != "" {
		uri, flags = "file:"+escapeURI(path)+"?vfs="+vfs, flags|sqlite.OpenURI
	}
	sc, err := sqlite.OpenConn(uri, flags)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: sc, path: path}
	if err := s.prepare(c, d, create); err != nil {
		_ = c.Close() // the first error says more
		return nil, err
	}
	return c, nil
}

// createPrivate makes an empty file that only its owner can read, unless there is one.
func createPrivate(fs files, path string) error {
	f, err := fs.create(path)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// peek refuses a newer database before anything touches it: the version is
// in its header.
func (s schema) peek(fs files, path string) error {
	f, err := fs.open(path)
	if err != nil {
		return nil // not there yet, or SQLite will say why not
	}
	defer f.Close()
	var header [100]byte
	if n, err := f.ReadAt(header[:], 0); err != nil && !(errors.Is(err, io.EOF) && n == 0) {
		return nil
	}
	if v := int(binary.BigEndian.Uint32(header[60:])); v > len(s) && string(header[:6]) == "SQLite" {
		return &errNewer{path, v, len(s)}
	}
	return nil
}

func (s schema) prepare(c *conn, d Durability, create bool) error {
	c.SetBusyTimeout(0) // whoever else has it open will not go away
	if err := c.script(fmt.Sprintf(pragmas, cacheKiB, d.synchronous())); err != nil {
		return err
	}
	version, err := c.number("PRAGMA user_version")
	switch {
	case err != nil:
		return err
	case int(version) > len(s):
		return &errNewer{c.path, int(version), len(s)}
	case int(version) == len(s):
		return nil
	case version == 0 && !create:
		return &damage{file: c.path, what: "database", err: errNoDatabase}
	}
	return s.migrate(c, int(version))
}

// migrate runs the steps from a version to the newest in one transaction,
// and then empties the log, so that peek sees the version.
func (s schema) migrate(c *conn, from int) (err error) {
	if err := c.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil && !c.AutocommitEnabled() {
			_ = c.script("ROLLBACK") // closing would do the same
		}
	}()
	for _, step := range s[from:] {
		if err := c.script(step); err != nil {
			return err
		}
	}
	version := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", applicationID, len(s))
	if err := c.script(version); err != nil {
		return err
	}
	return c.script("PRAGMA wal_checkpoint(TRUNCATE)")
}

// script runs statements that take no parameters.
func (c *conn) script(text string) error {
	for {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		stmt, rest, err := c.PrepareTransient(text)
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			more, err = stmt.Step()
		}
		if e := stmt.Finalize(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		text = text[len(text)-rest:]
	}
}
