package sqlitestore

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/xdg-go/stringprep"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"github.com/imapsrv/imapsrv/imap"
)

// The cost of a password. One verification takes about 20 ms and 19 MiB,
// which is what OWASP asks for; records say what they were made with, so it
// can be raised.
const (
	argonMemory     = 19 << 10 // KiB
	argonTime       = 2
	argonThreads    = 1
	scramIterations = 10_000 // RFC 7677 §4: at least 4,096
	saltSize        = 16
	recordVersion   = 1
	// maxPassword is the longest password, in octets.
	maxPassword = 1024
)

var (
	errRecord      = errors.New("a password record cannot be read")
	errPassword    = errors.New("a password needs 1 to 1,024 octets of text, without control characters")
	errCredentials = errors.New("no such user, or a wrong password")
)

// record is how a password is kept: as argon2id, for those who send it, and as
// the keys of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677), for those who do not.
// Nobody who reads it learns the password.
type record struct {
	Version int       `json:"v"`
	Argon   argonHash `json:"argon2id"`
	SCRAM   SCRAMKeys `json:"scram-sha-256"`
}

// argonHash is an argon2id hash with its parameters (RFC 9106).
type argonHash struct {
	Memory  uint32 `json:"m"` // KiB
	Time    uint32 `json:"t"`
	Threads uint8  `json:"p"`
	Salt    []byte `json:"salt"`
	Hash    []byte `json:"hash"`
}

// SCRAMKeys is what a server needs for SCRAM-SHA-256 (RFC 5802 §5.1).
type SCRAMKeys struct {
	Iterations int    `json:"i"`
	Salt       []byte `json:"salt"`
	StoredKey  []byte `json:"stored"`
	ServerKey  []byte `json:"server"`
}

// String keeps the keys out of logs.
func (SCRAMKeys) String() string { return "[redacted]" }

// GoString keeps the keys out of logs.
func (SCRAMKeys) GoString() string { return "[redacted]" }

// prepare makes equal what is typed equal on different keyboards (RFC 8265
// §4.2, the successor of what SCRAM calls for).
func prepare(password imap.Secret) ([]byte, error) {
	if password == "" || len(password) > maxPassword || !utf8.ValidString(string(password)) {
		return nil, errPassword
	}
	p, err := precis.OpaqueString.Bytes([]byte(password))
	if err != nil {
		return nil, errPassword
	}
	return p, nil
}

// saslPrepared is what a client of SCRAM makes of a password before it hashes it (SASLprep, RFC 5802 §2.2): compatibility
// characters, such as a superscript 2, become what they stand for. Where SASLprep, which knows Unicode 3.2, refuses a
// password, clients take it as it is.
func saslPrepared(password []byte) string {
	if p, err := stringprep.SASLprep.Prepare(string(password)); err == nil {
		return p
	}
	return string(password)
}

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	return salt
}

// newRecord makes the record of a prepared password.
func newRecord(password []byte) (*record, error) {
	a := argonHash{Memory: argonMemory, Time: argonTime, Threads: argonThreads, Salt: newSalt()}
	a.Hash = a.of(password)
	s := SCRAMKeys{Iterations: scramIterations, Salt: newSalt()}
	salted, err := pbkdf2.Key(sha256.New, saslPrepared(password), s.Salt, s.Iterations, sha256.Size)
	if err != nil {
		return nil, err
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	s.StoredKey, s.ServerKey = stored[:], mac(salted, "Server Key")
	return &record{Version: recordVersion, Argon: a, SCRAM: s}, nil
}

// mac is HMAC-SHA-256 of texts that cannot run into each other.
func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

func (a *argonHash) of(password []byte) []byte {
	return argon2.IDKey(password, a.Salt, a.Time, a.Memory, a.Threads, sha256.Size)
}

// matches compares in constant time.
func (a *argonHash) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(a.of(password), a.Hash) == 1
}

func (r *record) encode() (string, error) {
	text, err := json.Marshal(r)
	return string(text), err
}

// decodeRecord refuses what could make verification cost more than it may.
func decodeRecord(text string) (*record, error) {
	r := new(record)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		return nil, errRecord // the cause would quote the record
	}
	if r.Version != recordVersion {
		return nil, fmt.Errorf("%w: version %d", errRecord, r.Version)
	}
	a := &r.Argon
	if a.Memory > 1<<20 || a.Time == 0 || a.Time > 100 || a.Threads == 0 || len(a.Hash) != sha256.Size {
		return nil, errRecord
	}
	return r, nil
}
