package main

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the program and a data directory that does not exist yet.
type program struct {
	t          *testing.T
	path, data string
}

func buildProgram(t *testing.T) *program {
	t.Helper()
	return &program{t, build(t), filepath.Join(t.TempDir(), "data")}
}

// run obeys one command line and checks its exit status.
func (p *program) run(want int, input string, args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.path, append(args, "--data", p.data)...)
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // the status says it
	if got := cmd.ProcessState.ExitCode(); got != want {
		p.t.Fatalf("%v: status %d, want %d\n%s", args, got, want, out.String())
	}
	return out.String()
}

// serve starts a server and returns its address and a function that ends it in good order.
func (p *program) serve() (address string, stop func()) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.path, "serve", "--listen", "127.0.0.1:0", "--data", p.data)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "  plain "); ok {
			address = strings.TrimSpace(rest)
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	return address, func() {
		p.t.Helper()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			p.t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			p.t.Errorf("the server ended with %v", err)
		}
	}
}

func (p *program) login(address, user, password string, want string) *conversation {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", address, time.Minute)
	if err != nil {
		p.t.Fatal(err)
	}
	c := converse(p.t, conn)
	c.expect("* OK ")
	c.send(`1 LOGIN "` + user + `" "` + password + `"`)
	c.expect("1 " + want)
	return c
}

// TestUsers adds, changes and removes users with and without a server, and finds their mail again.
func TestUsers(t *testing.T) {
	p := buildProgram(t)
	p.run(1, "", "user", "list")
	p.run(0, "secret\n", "user", "add", "alice")
	if out := p.run(1, "x\n", "user", "add", "alice"); !strings.Contains(out, "already") {
		t.Error(out)
	}
	p.run(1, "\n", "user", "add", "bob")
	p.run(1, "x\n", "user", "passwd", "bob")
	address, stop := p.serve()
	c := p.login(address, "alice", "secret", "OK ")
	c.send(`2 LIST "" * RETURN (SUBSCRIBED)`)
	got := strings.Join(c.expect("2 OK "), "\n")
	for _, use := range []string{`\Drafts`, `\Sent`, `\Junk`, `\Trash`, `\Archive`} {
		if !strings.Contains(got, use) {
			t.Errorf("no %s in\n%s", use, got)
		}
	}
	if n := strings.Count(got, `\Subscribed`); n != 6 {
		t.Errorf("%d subscriptions:\n%s", n, got)
	}
	p.run(0, "p2\n", "user", "add", "../bob/ä")
	p.run(0, "new\n", "user", "passwd", "alice")
	p.login(address, "alice", "new", "OK ")
	p.login(address, "alice", "secret", "NO [AUTHENTICATIONFAILED]")
	info, err := os.Stat(filepath.Join(p.data, "admin.sock"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if out := p.run(1, "", "serve", "--listen", "127.0.0.1:0"); !strings.Contains(out, "in use by process") {
		t.Errorf("a second server: %s", out)
	}
	stop()
	if out := p.run(0, "", "user", "list"); !strings.HasPrefix(out, "CREATED ") || !strings.Contains(out, "  ../bob/ä\n") || !strings.Contains(out, "  alice\n") {
		t.Errorf("list: %s", out)
	}
	p.run(0, "", "user", "del", "alice")
	p.run(1, "", "user", "del", "alice")
	p.run(0, "", "user", "del", "--purge", "../bob/ä")
}

// TestTunnel: with and without a server, it is the same account; and without a user there is none.
func TestTunnel(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	const message = "Subject: x\r\n\r\ny\r\n"
	append1 := "1 APPEND INBOX {17+}\r\n" + message + "\r\n2 LOGOUT\r\n"
	if out := p.run(0, append1, "serve", "--stdio", "--user", "alice"); !strings.Contains(out, "1 OK ") {
		t.Fatal(out)
	}
	_, stop := p.serve()
	fetch := "1 SELECT INBOX\r\n2 FETCH 1 BODY[]\r\n3 LOGOUT\r\n"
	if out := p.run(0, fetch, "serve", "--stdio", "--user", "alice"); !strings.Contains(out, message) {
		t.Errorf("%s", out)
	}
	p.run(1, fetch, "serve", "--stdio", "--user", "bob")
	stop()
	p.run(1, fetch, "serve", "--stdio", "--user", "bob")
}

// TestDeliver: with a server, IDLE is woken; statuses are those that mail transfer agents know.
func TestDeliver(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	p.run(0, "Subject: first\n\nbody\n", "deliver", "--user", "alice")
	p.run(67, "Subject: x\n\n", "deliver", "--user", "bob")
	p.run(69, "", "deliver", "--user", "alice")
	address, stop := p.serve()
	defer stop()
	c := p.login(address, "alice", "secret", "OK ")
	c.send("2 SELECT INBOX")
	c.expect("* 1 EXISTS")
	c.expect("2 OK ")
	c.send("3 IDLE")
	c.expect("+ ")
	large := "Subject: second\r\n\r\n" + strings.Repeat("0123456789\r\n", 20_000)
	p.run(0, large, "deliver", "--user", "alice")
	c.expect("* 2 EXISTS")
	c.send("DONE")
	c.expect("3 OK ")
	c.send("4 FETCH 1:2 (RFC822.SIZE)")
	got := strings.Join(c.expect("4 OK "), "\n")
	if !strings.Contains(got, "RFC822.SIZE 24)") || !strings.Contains(got, "RFC822.SIZE 240019)") {
		t.Error(got)
	}
	p.run(67, "Subject: x\n\n", "deliver", "--user", "bob")
}

// TestCheck damages a body, which is found with and without a server.
func TestCheck(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	p.run(0, "Subject: x\n\nbody\n", "deliver", "--user", "alice")
	if out := p.run(0, "", "check"); !strings.Contains(out, "no problems") {
		t.Error(out)
	}
	segments, err := filepath.Glob(filepath.Join(p.data, "accounts", "alice", "segments", "*"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("%v, %v", segments, err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(segments[0], bytes.ReplaceAll(data, []byte("body"), []byte("BODY")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := p.run(1, "", "check"); !strings.Contains(out, `account "alice"`) {
		t.Error(out)
	}
	_, stop := p.serve()
	defer stop()
	if out := p.run(1, "", "check"); !strings.Contains(out, `account "alice"`) {
		t.Error(out)
	}
}
