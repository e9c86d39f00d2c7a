package main

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// TestListJSON: programs can read the list of users, with and without a server.
func TestListJSON(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "x\n", "user", "add", "alice")
	p.run(0, "", "user", "del", "alice")
	if out := p.run(0, "", "user", "list", "--json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("of nobody: %s", out)
	}
	if out := p.run(0, "", "user", "list"); !strings.Contains(out, "user add NAME") {
		t.Error(out)
	}
	p.run(0, "x\n", "user", "add", "alice")
	_, stop := p.serve()
	defer stop()
	var list []struct {
		Name    string
		Account string
		Created time.Time
		Changed time.Time `json:"password_changed"`
	}
	if err := json.Unmarshal([]byte(p.run(0, "", "user", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name != "alice" || list[0].Account != "alice" || time.Since(list[0].Changed) > time.Hour {
		t.Errorf("%+v", list)
	}
}

// TestSessionsEnd: a changed password and a removed user end the sessions that are open, and refuse new ones at once,
// whatever has been verified before.
func TestSessionsEnd(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	p.run(0, "secret\n", "user", "add", "bob")
	address, stop := p.serve()
	defer stop()
	bob := p.login(address, "bob", "secret", "OK ")
	first := p.login(address, "alice", "secret", "OK ")
	first.send("2 SELECT INBOX")
	first.expect("2 OK ")
	first.send("3 IDLE")
	first.expect("+ ")
	p.run(0, "other\n", "user", "passwd", "alice")
	first.expect("* BYE Your password has changed")
	p.login(address, "alice", "secret", "NO [AUTHENTICATIONFAILED]")
	second := p.login(address, "alice", "other", "OK ")
	p.run(0, "", "user", "del", "alice")
	second.expect("* BYE This user has been removed")
	p.login(address, "alice", "other", "NO [AUTHENTICATIONFAILED]")
	bob.send("2 NOOP")
	bob.expect("2 OK ")
}

// TestSCRAM logs in without showing the password, with a library's client.
func TestSCRAM(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "pa,ss=wörd²\n", "user", "add", "al,ice=ä")
	address, stop := p.serve()
	defer stop()
	for password, want := range map[string]string{"pa,ss=wörd²": "OK ", "wrong": "NO [AUTHENTICATIONFAILED]"} {
		conn, err := net.DialTimeout("tcp", address, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		c := converse(t, conn)
		if greeting := c.expect("* OK ")[0]; !strings.Contains(greeting, " AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN]") {
			t.Error(greeting)
		}
		client, err := scram.SHA256.NewClient("al,ice=ä", password, "")
		if err != nil {
			t.Fatal(err)
		}
		scramLogin(t, c, client.NewConversation(), want)
	}
}

func scramLogin(t *testing.T, c *conversation, dialog *scram.ClientConversation, want string) {
	t.Helper()
	message, err := dialog.Step("")
	c.send("1 AUTHENTICATE SCRAM-SHA-256")
	for err == nil {
		lines := c.expect("")
		challenge, ok := strings.CutPrefix(lines[0], "+ ")
		if !ok {
			if !strings.HasPrefix(lines[0], "1 "+want) {
				t.Errorf("%s, want %s", lines[0], want)
			}
			return
		}
		if challenge != "" {
			var text []byte
			if text, err = base64.StdEncoding.DecodeString(challenge); err != nil {
				break
			}
			message = ""
			if !dialog.Done() {
				message, err = dialog.Step(string(text))
			}
		}
		c.send(base64.StdEncoding.EncodeToString([]byte(message)))
	}
	t.Fatal(err)
}
