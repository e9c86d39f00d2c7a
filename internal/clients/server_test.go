package clients

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the server under test, set by TestMain.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	binary = os.Getenv("IMAPSRV")
	if binary == "" {
		dir, err := os.MkdirTemp("", "imapsrv-clients-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "imapsrv")
		build := exec.Command("go", "build", "-o", binary, "./cmd/imapsrv")
		build.Dir = filepath.Join("..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the server: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// server is a running demo server.
type server struct {
	plain string // host:port of the plaintext listener
	tls   string // host:port of the TLS listener
	cert  string // file of its certificate
}

// plainPort returns the port alone, for clients that take it apart from the host.
func (s server) plainPort() string { return port(s.plain) }

func (s server) tlsPort() string { return port(s.tls) }

func port(address string) string {
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		panic(err) // the address was printed by the server and matched by a pattern
	}
	return p
}

var (
	plainLine = regexp.MustCompile(`^\s*plain\s+(127\.0\.0\.1:\d+)`)
	tlsLine   = regexp.MustCompile(`^\s*TLS\s+(127\.0\.0\.1:\d+)`)
	certLine  = regexp.MustCompile(`^\s*certificate\s+(\S.*)$`)
)

// start runs a demo server until the test ends, when it must stop in good order.
func start(t *testing.T) server {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0")
	stderr := new(strings.Builder)
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	s := readBanner(lines)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	t.Cleanup(func() { stop(t, cmd, drained, stderr) })
	if s.plain == "" || s.tls == "" || s.cert == "" {
		t.Fatalf("the server's first lines lack an address or the certificate: %+v", s)
	}
	return s
}

// readBanner reads until it knows all that a test needs.
func readBanner(lines *bufio.Scanner) server {
	var s server
	for lines.Scan() {
		if m := plainLine.FindStringSubmatch(lines.Text()); m != nil {
			s.plain = m[1]
		}
		if m := tlsLine.FindStringSubmatch(lines.Text()); m != nil {
			s.tls = m[1]
		}
		if m := certLine.FindStringSubmatch(lines.Text()); m != nil {
			s.cert = m[1]
		}
		if s.plain != "" && s.tls != "" && s.cert != "" {
			break
		}
	}
	return s
}

func stop(t *testing.T, cmd *exec.Cmd, drained <-chan struct{}, stderr *strings.Builder) {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("stopping the server: %v", err)
	}
	timer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	<-drained
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if log := stderr.String(); strings.Contains(log, "panic") || strings.Contains(log, "DATA RACE") || t.Failed() {
		t.Logf("the server's log:\n%s", log)
	}
}

// need skips the test where a client program is missing; in CI nothing may be missing.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed", program)
}

// samples returns the sample mailbox in its order: the content of the account "test".
func samples(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "demo", "messages", "*.eml"))
	if err != nil || len(files) != 8 {
		t.Fatalf("found %d sample messages (%v), want 8", len(files), err)
	}
	sort.Strings(files)
	var messages [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, data)
	}
	return messages
}
