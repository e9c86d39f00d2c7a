package crash

import (
	"bufio"
	"flag"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var kills = flag.Int("kills", 15, "how often TestKill kills the server")

const password = "secret"

// users are the load's.
var users = []string{"alice@example.com", "bob/ä"}

// server is the program on a data directory.
type server struct {
	t          *testing.T
	path, data string
	address    string
	process    *exec.Cmd
}

// build builds the program, and makes a data directory with the users.
func build(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{t: t, path: filepath.Join(dir, "imapsrv"), data: filepath.Join(dir, "data")}
	out, err := exec.Command("go", "build", "-o", s.path, "github.com/imapsrv/imapsrv/cmd/imapsrv").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, user := range users {
		add := exec.Command(s.path, "user", "add", user, "--data", s.data)
		add.Stdin = strings.NewReader(password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return s
}

// start starts the server.
func (s *server) start() {
	s.t.Helper()
	s.process = exec.Command(s.path, "serve", "--listen", "127.0.0.1:0", "--data", s.data)
	s.process.Stderr = complaints{s.t}
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for s.address = ""; s.address == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "  plain "); ok {
			s.address = strings.TrimSpace(rest)
		}
	}
	if s.address == "" {
		s.t.Fatal("the server did not say where it listens")
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
}

// kill ends the server at once.
func (s *server) kill() {
	_ = s.process.Process.Kill() // it may have failed by itself, which the log says
	_ = s.process.Wait()         // it was killed
}

// complaints makes what a server logs that is not as it should be a failure.
type complaints struct{ t *testing.T }

func (c complaints) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
			c.t.Errorf("the server says: %s", line)
		}
	}
	return len(p), nil
}

func (s *server) dial(user string) (*Client, error) {
	conn, err := net.DialTimeout("tcp", s.address, patience)
	if err != nil {
		return nil, err
	}
	c, err := NewClient(conn)
	if err == nil {
		err = c.Login(user, password)
	}
	if err != nil {
		_ = conn.Close() // the first error says more
		return nil, err
	}
	return c, nil
}

// TestKill kills the server at random moments while several clients of two
// users work: whatever it has acknowledged is there when it has been started
// again, octet for octet, and nothing else but what was under way.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a server for some seconds")
	}
	s := build(t)
	s.start()
	load := New(users, 3)
	if err := load.SetUp(s.dial); err != nil {
		t.Fatal(err)
	}
	modseqs := newModSeqs(load)
	for round := range *kills {
		kill := time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { _ = s.process.Process.Kill() })
		if err := load.Run(t.Context(), s.dial); err != nil {
			t.Error(err)
		}
		kill.Stop()
		s.kill()
		if round%2 == 0 {
			modseqs.check(t, s.data, load)
		}
		s.start()
		if err := load.Verify(s.dial); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	s.kill()
	modseqs.check(t, s.data, load)
	n := 0
	for _, done := range load.Acknowledged() {
		n += done
	}
	t.Logf("%d kills, %d commands acknowledged", *kills, n)
}
