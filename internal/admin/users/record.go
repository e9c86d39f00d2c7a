package users

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// recordVersion says how the fields of a record were made. Others are refused, never guessed at.
const recordVersion = 1

// What version 1 fixes: argon2id with the first choice of OWASP for little memory, so that many may run at a time,
// and PBKDF2 with far more rounds than the 4,096 that RFC 7677 §4 asks for, since whoever steals the database would try
// passwords against the cheaper of the two.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
	scramRounds  = 100_000
	saltSize     = 16
	keySize      = 32
	maxPassword  = 1024 // octets
)

var (
	errPassword      = errors.New("a password has between 1 and 1,024 octets, is UTF-8 and has no control characters")
	errRecordVersion = errors.New("unknown version of a password record")
)

// record is what is kept of a password.
type record struct {
	version             int
	argonSalt, argonKey []byte
	scram               Scram
}

// Scram is what a server keeps for SCRAM-SHA-256 (RFC 5802 §3, RFC 7677).
type Scram struct {
	Salt                 []byte
	Iterations           int
	StoredKey, ServerKey []byte
}

// prepare brings a password to the one form that all spellings of it have (OpaqueString, RFC 8265 §4.2).
func prepare(password string) (string, error) {
	if password == "" || len(password) > maxPassword || !utf8.ValidString(password) {
		return "", errPassword
	}
	prepared, err := precis.OpaqueString.String(password)
	if err != nil {
		return "", errPassword // the cause could quote the password
	}
	return prepared, nil
}

// newRecord makes a record with salts of its own.
func newRecord(password string) (*record, error) {
	password, err := prepare(password)
	if err != nil {
		return nil, err
	}
	salts := make([]byte, 2*saltSize)
	rand.Read(salts) // never fails
	r := &record{version: recordVersion, argonSalt: salts[:saltSize]}
	r.argonKey = argonHash(password, r.argonSalt)
	r.scram, err = newScram(password, salts[saltSize:])
	return r, err
}

func argonHash(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keySize)
}

// newScram computes the keys of RFC 5802 §3.
func newScram(password string, salt []byte) (Scram, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramRounds, sha256.Size)
	if err != nil {
		return Scram{}, fmt.Errorf("deriving keys: %w", err)
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	return Scram{Salt: salt, Iterations: scramRounds, StoredKey: stored[:], ServerKey: mac(salted, "Server Key")}, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// matches tells whether a password, prepared, is the record's. It takes the same time whatever the answer.
func (r *record) matches(password string) bool {
	return subtle.ConstantTimeCompare(argonHash(password, r.argonSalt), r.argonKey) == 1
}
