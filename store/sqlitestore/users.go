package sqlitestore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// serverDatabase is the file name of the server-wide database.
const serverDatabase = "server.db"

// serverSchema is what the server-wide database has.
var serverSchema = schema{`
CREATE TABLE user (
	name    TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	record  TEXT NOT NULL,    -- of the password; JSON with a version
	created INTEGER NOT NULL, -- Unix seconds
	changed INTEGER NOT NULL  -- when the password was set
) STRICT, WITHOUT ROWID;

-- A secret of this server: what it says of users that do not exist depends on it.
CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL) STRICT;
INSERT INTO secret VALUES (1, randomblob(32));
`}

var errUserName = errors.New("a user name needs 1 to 1,024 octets of text, without control characters")

// User is somebody who may log in.
type User struct {
	// Name is what the user logs in with.
	Name string
	// Account is the id of the account that is the user's own.
	Account string
	// Created and Changed are when the user was added, and when the password
	// was set.
	Created, Changed time.Time
}

// Users is the server-wide list of users. Its methods may be called from
// several goroutines at a time.
type Users struct {
	store  *Store
	secret []byte
	dummy  *record       // verified when there is no such user
	slots  chan struct{} // one for each verification that runs
	cache  verified

	mu sync.Mutex
	db *conn // nil when the store is closed
}

// Users opens the list of users. It is made when it is opened first.
func (s *Store) Users() (*Users, error) {
	const op = "open users"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, fail(op, "", store.Unavailable, errStoreClosed)
	}
	if s.users != nil {
		return s.users, nil
	}
	path := filepath.Join(s.dir, serverDatabase)
	db, err := serverSchema.open(s.fs, path, s.opts.Durability, true)
	if err != nil {
		return nil, fail(op, path, codeOf(err), err)
	}
	u, err := newUsers(s, db)
	if err == nil {
		err = s.fs.syncDir(s.dir)
	}
	if err != nil {
		_ = db.Close() // the first error says more
		return nil, fail(op, path, codeOf(err), err)
	}
	s.users = u
	return u, nil
}

func newUsers(s *Store, db *conn) (*Users, error) {
	u := &Users{store: s, db: db, slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	err := db.query("SELECT value FROM secret", func(r *sqlite.Stmt) error {
		u.secret = blob(r, 0)
		return nil
	})
	if err != nil {
		return nil, err
	}
	u.cache.key = newSalt()
	u.dummy, err = newRecord(u.secret)
	return u, err
}

// close closes the database at the store's end.
func (u *Users) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.db.Close()
	u.db = nil
	return err
}

// with runs fn with the database.
func (u *Users) with(ctx context.Context, op, name string, fn func(*conn) error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.db == nil {
		return fail(op, name, store.Unavailable, errStoreClosed)
	}
	if err := ctx.Err(); err != nil {
		return fail(op, name, store.Unavailable, err)
	}
	err := fn(u.db)
	var e *store.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	u.store.opts.Logger.Error("the list of users failed", "file", u.db.path, "operation", op, "error", err)
	return fail(op, name, codeOf(err), err)
}

// checkUserName refuses what no user name is.
func checkUserName(op, name string) error {
	if name == "" || len(name) > maxID || !utf8.ValidString(name) || strings.ContainsFunc(name, control) {
		return fail(op, name[:min(len(name), 64)], store.Cannot, errUserName)
	}
	return nil
}

func control(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// Add adds a user; AlreadyExists if there is one of this name. The account is
// not touched: CreateAccount makes it.
func (u *Users) Add(ctx context.Context, name, account string, password imap.Secret) error {
	const op = "add user"
	if err := checkUserName(op, name); err != nil {
		return err
	}
	text, err := u.newRecord(ctx, op, name, password)
	if err != nil {
		return err
	}
	return u.with(ctx, op, name, func(db *conn) error {
		now := u.store.opts.Now().Unix()
		err := db.exec("INSERT INTO user VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", name, account, text, now, now)
		if err == nil && db.Changes() == 0 {
			return fail(op, name, store.AlreadyExists, nil)
		}
		if err == nil {
			u.saveCopy(db, name)
		}
		return err
	})
}

// newRecord makes a password's record when there is a slot for the work.
func (u *Users) newRecord(ctx context.Context, op, name string, password imap.Secret) (string, error) {
	prepared, err := prepare(password)
	if err != nil {
		return "", fail(op, name, store.Cannot, err)
	}
	if err := u.takeSlot(ctx, op, name); err != nil {
		return "", err
	}
	defer u.giveSlot()
	r, err := newRecord(prepared)
	if err != nil {
		return "", fail(op, name, store.ServerBug, err)
	}
	text, err := r.encode()
	if err != nil {
		return "", fail(op, name, store.ServerBug, err)
	}
	return text, nil
}

// SetPassword changes a password; NonExistent if there is no such user. The
// old one is of no use from then on.
func (u *Users) SetPassword(ctx context.Context, name string, password imap.Secret) error {
	const op = "set password"
	text, err := u.newRecord(ctx, op, name, password)
	if err != nil {
		return err
	}
	return u.with(ctx, op, name, func(db *conn) error {
		err := db.exec("UPDATE user SET record = ?, changed = ? WHERE name = ?", text, u.store.opts.Now().Unix(), name)
		if err = existing(db, op, name, err); err == nil {
			u.saveCopy(db, name)
		}
		return err
	})
}

// existing makes NonExistent of a statement that found no row.
func existing(db *conn, op, name string, err error) error {
	if err == nil && db.Changes() == 0 {
		return fail(op, name, store.NonExistent, nil)
	}
	return err
}

// Delete removes a user; NonExistent if there is none. The account stays.
func (u *Users) Delete(ctx context.Context, name string) error {
	const op = "delete user"
	return u.with(ctx, op, name, func(db *conn) error {
		if err := u.removeCopy(db, name); err != nil {
			return err
		}
		return existing(db, op, name, db.exec("DELETE FROM user WHERE name = ?", name))
	})
}

// List returns all users, sorted by name.
func (u *Users) List(ctx context.Context) (list []User, err error) {
	err = u.with(ctx, "list users", "", func(db *conn) error {
		return db.query("SELECT name, account, created, changed FROM user ORDER BY name", func(r *sqlite.Stmt) error {
			list = append(list, userOf(r))
			return nil
		})
	})
	return list, err
}

func userOf(r *sqlite.Stmt) User {
	return User{
		Name: r.ColumnText(0), Account: r.ColumnText(1),
		Created: time.Unix(r.ColumnInt64(2), 0), Changed: time.Unix(r.ColumnInt64(3), 0),
	}
}

// find reads a user and the password's record, as it is stored; "" if there
// is none.
func (u *Users) find(ctx context.Context, op, name string) (user User, text string, err error) {
	err = u.with(ctx, op, name, func(db *conn) error {
		return db.query("SELECT name, account, created, changed, record FROM user WHERE name = ?", func(r *sqlite.Stmt) error {
			user, text = userOf(r), r.ColumnText(4)
			return nil
		}, name)
	})
	return user, text, err
}

// Verify returns the user with this name and password, or NoPerm, which takes
// as long when there is no such user as when the password is wrong. Few
// verifications run at a time, since each needs much memory; the others wait.
// One that has succeeded is remembered, so that it costs next to nothing when
// it is repeated with the same password.
func (u *Users) Verify(ctx context.Context, name string, password imap.Secret) (User, error) {
	const op = "verify password"
	user, text, err := u.find(ctx, op, name)
	if err != nil {
		return User{}, err
	}
	known := u.cache.tag(name, text, string(password))
	if text != "" && u.cache.has(known) {
		return user, nil
	}
	r := u.dummy
	if text != "" {
		if r, err = decodeRecord(text); err != nil {
			return User{}, fail(op, name, store.Corruption, err)
		}
	}
	prepared, bad := prepare(password)
	if err := u.takeSlot(ctx, op, name); err != nil {
		return User{}, err
	}
	matches := r.Argon.matches(prepared)
	u.giveSlot()
	if text == "" || bad != nil || !matches {
		return User{}, fail(op, name, store.NoPerm, errCredentials)
	}
	u.cache.add(known)
	return user, nil
}

// SCRAM returns what SCRAM-SHA-256 needs to authenticate a user, and the user.
// For a name that nobody has, the salt is always the same and the keys match
// no password, so that a client cannot tell; the User is zero then.
func (u *Users) SCRAM(ctx context.Context, name string) (User, SCRAMKeys, error) {
	const op = "find SCRAM keys"
	user, text, err := u.find(ctx, op, name)
	if err != nil {
		return User{}, SCRAMKeys{}, err
	}
	if text == "" {
		return User{}, SCRAMKeys{
			Iterations: scramIterations, Salt: mac(u.secret, "salt "+name)[:saltSize],
			StoredKey: mac(u.secret, "stored "+name), ServerKey: mac(u.secret, "server "+name),
		}, nil
	}
	r, err := decodeRecord(text)
	if err != nil {
		return User{}, SCRAMKeys{}, fail(op, name, store.Corruption, err)
	}
	return user, r.SCRAM, nil
}

// takeSlot waits until a verification may run.
func (u *Users) takeSlot(ctx context.Context, op, name string) error {
	select {
	case u.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fail(op, name, store.Unavailable, ctx.Err())
	}
}

func (u *Users) giveSlot() { <-u.slots }

const (
	// maxVerified is how many verifications are remembered.
	maxVerified = 20_000
	// verifiedFor is how long.
	verifiedFor = time.Hour
)

// verified remembers verifications that succeeded, by a keyed hash of name,
// record and password: a password that was changed is another record, and
// whoever reads the memory finds no password.
type verified struct {
	key  []byte
	mu   sync.Mutex
	tags map[[sha256.Size]byte]time.Time
}

// tag is the keyed hash. Lengths keep the parts apart.
func (v *verified) tag(parts ...string) [sha256.Size]byte {
	var text []byte
	for _, p := range parts {
		text = binary.AppendUvarint(text, uint64(len(p)))
		text = append(text, p...)
	}
	return [sha256.Size]byte(mac(v.key, string(text)))
}

func (v *verified) has(tag [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	until, ok := v.tags[tag]
	return ok && time.Now().Before(until)
}

func (v *verified) add(tag [sha256.Size]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tags == nil || len(v.tags) >= maxVerified {
		v.tags = make(map[[sha256.Size]byte]time.Time) // they come back, one by one
	}
	v.tags[tag] = time.Now().Add(verifiedFor)
}
