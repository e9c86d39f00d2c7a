package users

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"sync"
	"time"
)

const (
	// cacheTime is how long a password that was right needs no argon2id. Clients log in again and again.
	cacheTime = 10 * time.Minute
	// cacheSize bounds the cache, which is emptied when it is full.
	cacheSize = 10_000
)

// nobody is the record that the passwords of users who do not exist are compared with, so that it takes as long.
var nobody = &record{version: recordVersion, argonSalt: make([]byte, saltSize), argonKey: make([]byte, keySize)}

// verifier compares passwords with records: argon2id, of which only so many run at once, since each takes 19 MiB and a
// processor; and a cache of what was right, by a hash with a key that is never stored.
type verifier struct {
	slots chan struct{}
	key   []byte

	mu    sync.Mutex
	right map[[sha256.Size]byte]time.Time // when it was verified
}

func newVerifier() verifier {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return verifier{
		slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0))),
		key:   key,
		right: make(map[[sha256.Size]byte]time.Time),
	}
}

// verify compares. The record is part of what is remembered: a new password has a new one.
func (v *verifier) verify(ctx context.Context, name, password string, r *record) (bool, error) {
	hash := v.hash(name, password, r)
	if v.remembers(hash) {
		return true, nil
	}
	select {
	case v.slots <- struct{}{}:
		defer func() { <-v.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	ok := r.matches(password)
	if ok {
		v.remember(hash)
	}
	return ok, nil
}

func (v *verifier) hash(name, password string, r *record) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, v.key)
	for _, part := range [][]byte{[]byte(name), []byte(password), r.argonSalt, r.argonKey} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}

func (v *verifier) remembers(hash [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	at, ok := v.right[hash]
	return ok && time.Since(at) < cacheTime
}

func (v *verifier) remember(hash [sha256.Size]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.right) >= cacheSize {
		clear(v.right)
	}
	v.right[hash] = time.Now()
}
