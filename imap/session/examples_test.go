package session

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imapsrv/imapsrv/store"
)

// rfcExample is one line of the inventory's examples.
type rfcExample struct {
	RFC       int    `json:"rfc"`
	Section   string `json:"section"`
	Side      string `json:"side"`
	Text      string `json:"text"`
	Shape     string `json:"shape"`
	Uncertain bool   `json:"uncertain"`
	Elided    bool   `json:"elided"`
	Pseudo    bool   `json:"pseudo"`
}

// rfcCommands are the commands in the examples of all RFCs, also of those that the
// server does not know: a client may send any of them.
func rfcCommands(t *testing.T) []rfcExample {
	f, err := os.Open("../testdata/inventory/examples.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []rfcExample
	dec := json.NewDecoder(f)
	for {
		var e rfcExample
		if err := dec.Decode(&e); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if e.Side == "C" && e.Shape == "command" && !e.Uncertain && !e.Elided && !e.Pseudo && strings.HasSuffix(e.Text, "\r\n") {
			out = append(out, e)
		}
	}
}

// TestExampleCommands sends every command of the RFCs' examples to a session that
// has a mailbox selected. Each gets one tagged answer, and none of them is the
// server's own fault.
func TestExampleCommands(t *testing.T) {
	commands := rfcCommands(t)
	if len(commands) < 500 {
		t.Fatalf("only %d commands", len(commands))
	}
	synctest.Test(t, func(t *testing.T) {
		env := newScriptEnv(t)
		defer env.close()
		env.preauth = &Identity{Account: "alice"}
		if _, err := env.alice.Create(t.Context(), store.NewMailbox{Name: "Trash"}); err != nil {
			t.Fatal(err)
		}
		inbox, err := env.alice.Lookup(t.Context(), "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		appendMany(t, env.alice, inbox.ID, 20)
		for _, e := range commands {
			answer := env.ask(t, e.Text)
			if strings.Contains(answer, "SERVERBUG") || answer == "" {
				t.Errorf("RFC %d §%s: %q: %q", e.RFC, e.Section, e.Text, answer)
			}
		}
	})
}

// ask sends one command on a connection of its own and returns its last answer,
// which is tagged, or * BAD for a tag that is none; empty if there is none.
func (e *scriptEnv) ask(t *testing.T, text string) string {
	conn, err := e.Dial(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	go func() {
		// The session ends with the connection; write errors do not matter.
		_, _ = io.WriteString(conn, "sel SELECT INBOX\r\n"+text)
	}()
	tag, _, _ := strings.Cut(text, " ")
	return readAnswer(in, conn, strings.TrimSpace(tag), strings.Contains(text, "{"))
}

// readAnswer reads up to the tagged answer. Where the server asks for more, it gets
// the end of IDLE, unless it only asks for a literal, which is on its way.
func readAnswer(in *bufio.Reader, conn net.Conn, tag string, literal bool) string {
	for {
		line, err := in.ReadString('\n')
		switch {
		case err != nil:
			return ""
		case strings.HasPrefix(line, tag+" "), strings.HasPrefix(line, "* BAD"):
			return line
		case strings.HasPrefix(line, "+") && !literal:
			go func() { _, _ = io.WriteString(conn, "DONE\r\n") }()
		}
	}
}
