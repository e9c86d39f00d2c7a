package sqlitestore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

const (
	// maxID is the longest account id, in octets.
	maxID = 1024
	// maxDirName is the longest name that says the whole id. File systems
	// allow 255 octets, some fewer.
	maxDirName = 120
	// hashedName begins the name of a directory of a longer id. No other
	// name has this sign.
	hashedName = "="
)

var errDirName = errors.New("not the name of an account's directory")

// dirName returns the name of an account's directory. Different ids have
// different names on every file system, also where letters' case does not
// count: lower-case letters, digits and a few signs stand for themselves,
// every other octet is %XX. The id of a name that would be too long is in the
// account's database only.
func dirName(id string) string {
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || i > 0 && strings.IndexByte("-_.@+", c) >= 0
		if plain && !(c == '.' && i == len(id)-1) { // Windows drops a last dot
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteString(strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	if b.Len() <= maxDirName {
		return b.String()
	}
	sum := sha256.Sum256([]byte(id))
	return hashedName + hex.EncodeToString(sum[:])
}

// accountID returns the id that dirName made a name of; ok is false if only
// the database knows it.
func accountID(name string) (id string, ok bool, err error) {
	if strings.HasPrefix(name, hashedName) {
		return "", false, nil
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '%' {
			b.WriteByte(name[i])
			continue
		}
		if i+2 >= len(name) {
			return "", false, errDirName
		}
		c, err := hex.DecodeString(name[i+1 : i+3])
		if err != nil {
			return "", false, errDirName
		}
		b.WriteByte(c[0])
		i += 2
	}
	if dirName(b.String()) != name {
		return "", false, errDirName
	}
	return b.String(), true, nil
}
