package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// arguments make each command of the grammar one that decodes.
var arguments = map[string]string{
	"APPEND": "x {1+}\r\nx", "CREATE": "x", "DELETE": "x", "EXAMINE": "x", "LIST": `"" *`, "RENAME": "x y", "SELECT": "x",
	"STATUS": "x (MESSAGES)", "SUBSCRIBE": "x", "UNSUBSCRIBE": "x", "ENABLE": "X", "LSUB": `"" *`, "LOGIN": "x y",
	"AUTHENTICATE": "PLAIN", "COPY": "1 x", "FETCH": "1 UID", "STORE": "1 FLAGS ()", "SEARCH": "ALL", "UID EXPUNGE": "1",
	"MOVE": "1 x", "ID": "NIL", "RLIST": `"" *`, "RLSUB": `"" *`, "XLIST": `"" *`, "SETACL": "x y lr", "DELETEACL": "x y", "GETACL": "x",
	"LISTRIGHTS": "x y", "MYRIGHTS": "x", "GENURLAUTH": "x INTERNAL", "URLFETCH": "x", "COMPRESS": "DEFLATE",
	"CONVERSIONS": "x y", "CONVERT": `1 ("x/y") UID`, "SETMETADATA": "x (/y NIL)", "GETMETADATA": "x /y", "NOTIFY": "NONE",
	"ESEARCH": "ALL", "GETQUOTA": "x", "GETQUOTAROOT": "x", "SETQUOTA": "x ()", "XAPPLEPUSHSERVICE": "aps-version 2",
	"UIDBATCHES": "100", "SORT": "(DATE) UTF-8 ALL", "THREAD": "REFERENCES UTF-8 ALL", "CANCELUPDATE": `"x"`,
	"REPLACE": "1 x {1+}\r\nx",
}

// TestEveryCommandIsAnswered decodes each command of the grammar and looks
// whether the engine has a handler and a state for it.
func TestEveryCommandIsAnswered(t *testing.T) {
	for _, info := range imap.Commands {
		var d imap.Decoder
		line := strings.TrimSpace("a "+info.Name+" "+arguments[info.Name]) + "\r\n"
		_, cmd, err := d.Command(imap.Frame{Bytes: []byte(line)})
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if st := []state{notAuthenticated, authenticated, selected}; !st[0].allows(cmd) && !st[1].allows(cmd) && !st[2].allows(cmd) {
			t.Errorf("%s is allowed in no state", info.Name)
		}
		if !handles(cmd) {
			t.Errorf("nothing handles %s", info.Name)
		}
		if missing(cmd) {
			for _, c := range Capabilities() {
				if slices.Contains(info.Caps, string(c)) {
					t.Errorf("%s is advertised, and %s is not implemented", c, info.Name)
				}
			}
		}
	}
}

// TestUnimplementedIsUnknown: what the grammar has and the engine does not is answered
// like a command that nobody has heard of.
func TestUnimplementedIsUnknown(t *testing.T) {
	for _, info := range imap.Commands {
		line := strings.TrimSpace("a "+info.Name+" "+arguments[info.Name]) + "\r\n"
		_, cmd, err := new(imap.Decoder).Command(imap.Frame{Bytes: []byte(line)})
		if err != nil || !missing(cmd) {
			continue // the other test tells
		}
		var d imap.Decoder
		d.SetCaps(Capabilities()...)
		_, cmd, err = d.Command(imap.Frame{Bytes: []byte(line)})
		if _, unknown := cmd.(*imap.UnknownCommand); !unknown || err != nil {
			t.Errorf("%q: %T, %v", line, cmd, err)
		}
	}
}

// missing tells whether a command is among those of unimplemented.go.
func missing(cmd imap.Command) bool {
	defer func() { _ = recover() }() // as in handles: it is not
	_, err := imap.Dispatch(context.Background(), (*session)(nil), "a", cmd)
	return errors.Is(err, errUnknown)
}

// handles tells whether there is a handler, by letting it fail on a session that
// has nothing.
func handles(cmd imap.Command) (known bool) {
	defer func() {
		if recover() != nil {
			known = true // a handler was called, and missed its session
		}
	}()
	known, _ = imap.Dispatch(context.Background(), (*session)(nil), "a", cmd)
	return known
}
