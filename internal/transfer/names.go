package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// LongestName is how many octets file systems let the name of a file have; we leave room for what is appended.
const LongestName = 200

// HashedName stands for a name that no file can have: too long, or taken.
func HashedName(name string, attempt int) string {
	sum := sha256.Sum256([]byte(name + strings.Repeat("\x00", attempt)))
	return "imapsrv-" + hex.EncodeToString(sum[:12])
}

// folded is what a path is on file systems that do not tell letters' case.
func folded(path string) string { return strings.ToLower(path) }

// FileName is the name of a file for one level of a mailbox name: the level itself, where what some file systems do not
// take is %XX. It never is ".", "..", hidden, or a device.
func FileName(level string) string {
	var b strings.Builder
	for i, r := range level {
		last := i+len(string(r)) == len(level)
		odd := unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' || strings.ContainsRune(`%<>:"/\|?*`, r) ||
			(i == 0 || last) && strings.ContainsRune(". ~-", r)
		if !odd {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	if isDevice(b.String()) {
		return "%" + strings.ToUpper(hex.EncodeToString([]byte(level[:1]))) + level[1:]
	}
	return b.String()
}

// isDevice tells the names that are devices on Windows, with whatever extension.
func isDevice(name string) bool {
	name, _, _ = strings.Cut(strings.ToUpper(name), ".")
	switch name {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(name) == 4 && (name[:3] == "COM" || name[:3] == "LPT")
}

// LevelOf is the level of a mailbox name that FileName made a file name of. Other names are what they are.
func LevelOf(file string) string {
	var b strings.Builder
	for i := 0; i < len(file); i++ {
		if file[i] == '%' && i+2 < len(file) {
			if c, err := hex.DecodeString(file[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(file[i])
	}
	return b.String()
}
