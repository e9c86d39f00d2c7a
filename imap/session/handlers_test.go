package session

import (
	"context"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// arguments make each command of the grammar one that decodes.
var arguments = map[string]string{
	"APPEND": "x {1+}\r\nx", "CREATE": "x", "DELETE": "x", "EXAMINE": "x", "LIST": `"" *`, "RENAME": "x y", "SELECT": "x",
	"STATUS": "x (MESSAGES)", "SUBSCRIBE": "x", "UNSUBSCRIBE": "x", "ENABLE": "X", "LSUB": `"" *`, "LOGIN": "x y",
	"AUTHENTICATE": "PLAIN", "COPY": "1 x", "FETCH": "1 UID", "STORE": "1 FLAGS ()", "SEARCH": "ALL", "UID EXPUNGE": "1",
	"MOVE": "1 x",
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
	}
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
