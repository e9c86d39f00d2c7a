package trace

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// Redacted stands in the place of secrets.
const Redacted = "[redacted]"

// redactedBase64 is how it travels in the lines of an AUTHENTICATE exchange.
const redactedBase64 = "W3JlZGFjdGVkXQ=="

var (
	secretType      = reflect.TypeFor[imap.Secret]()
	secretBytesType = reflect.TypeFor[imap.SecretBytes]()
	literalType     = reflect.TypeFor[imap.Literal]()
)

// Redact replaces the secrets in the value that v points to, and reports
// whether there were any. Octets of length 0 are none.
func Redact(v any) bool { return redact(reflect.ValueOf(v)) }

func redact(v reflect.Value) bool {
	switch {
	case !v.IsValid(), v.Type() == literalType: // the body of a literal leads to the connection
		return false
	case v.Type() == secretType && v.CanSet():
		v.SetString(Redacted)
		return true
	case v.Type() == secretBytesType && v.CanSet() && v.Len() > 0:
		v.SetBytes([]byte(Redacted))
		return true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return redact(v.Elem())
	case reflect.Struct:
		return redactEach(v.NumField(), v.Field)
	case reflect.Slice:
		return v.Type().Elem().Kind() != reflect.Uint8 && redactEach(v.Len(), v.Index)
	}
	return false
}

func redactEach(n int, at func(int) reflect.Value) bool {
	found := false
	for i := range n {
		found = redact(at(i)) || found
	}
	return found
}

// RefusedName is the command that a server's trace has in the place of one that
// the server refused before it had read it.
const RefusedName = "X-REFUSED"

// harmless are commands that the grammar may not know, whose arguments are
// worth seeing and hold no secrets.
var harmless = []string{"ID", "COMPRESS", "LANGUAGE", "UNAUTHENTICATE", RefusedName}

// RedactUnknown replaces what may be a secret in a command that was not
// understood, and reports whether it did. Before a client has authenticated that is all
// of an unknown command, since a password may have gone astray.
func RedactUnknown(c *imap.UnknownCommand, authenticated bool) bool {
	name := strings.ToUpper(c.Name)
	switch {
	case bearsSecret(name):
	case authenticated, isKnown(name), slices.Contains(harmless, name):
		return false
	default:
		c.Name = "REDACTED"
	}
	if c.Args != "" {
		c.Args = Redacted
	}
	return true
}

// RedactLine returns what may be shown of a line that does not decode, CRLF not
// included.
func RedactLine(line []byte, authenticated bool) []byte {
	words := bytes.Fields(line[:min(len(line), 256)])
	name := ""
	if len(words) > 1 {
		name = strings.ToUpper(string(words[1]))
	}
	switch {
	case bearsSecret(name), isKnown(name) && !authenticated:
		return bytes.Join([][]byte{words[0], words[1], []byte(Redacted)}, []byte(" "))
	case authenticated:
		return bytes.TrimSuffix(line, []byte("\r\n"))
	}
	return []byte(Redacted)
}

// bearsSecret reports whether a command has a secret among its arguments.
func bearsSecret(name string) bool {
	name, _, _ = strings.Cut(name, "\"")
	return strings.HasPrefix(name, "LOGIN") || strings.HasPrefix(name, "AUTHENTICATE")
}

// isKnown reports whether the grammar has a command of that name.
func isKnown(name string) bool {
	return name == "UID" || slices.ContainsFunc(imap.Commands, func(c imap.CommandInfo) bool { return c.Name == name })
}

// isCommand reports whether a line begins like a command: with a tag, and the
// name of a command that the grammar has.
func isCommand(line []byte) bool {
	words := bytes.Fields(line[:min(len(line), 256)])
	return len(words) > 1 && isKnown(strings.ToUpper(string(words[1])))
}
