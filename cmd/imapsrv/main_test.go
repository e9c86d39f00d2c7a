package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// obey runs a command line without input and returns exit status, standard output and standard error.
func obey(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(args, environment{
		ctx:    t.Context(),
		stdin:  strings.NewReader(""),
		stdout: nopCloser{&stdout},
		stderr: &stderr,
	})
	return code, stdout.String(), stderr.String()
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestCommandLine(t *testing.T) {
	tests := []struct {
		args   string
		code   int
		stdout string // a part of it
		stderr string // a part of it
	}{
		{"--help", 0, "Print which imapsrv this is", ""},
		{"serve --help", 0, "imapsrv serve --demo --listen 127.0.0.1:2143", ""},
		{"version", 0, "imapsrv ", ""},
		{"", 2, "", "expected one of"},
		{"dance", 2, "", "unexpected argument dance"},
		{"serve --demo --data x", 2, "", "it has no --data"},
		{"serve --listen-tls 127.0.0.1:0 --data nowhere/at/all", 2, "", "needs --cert and --key"},
		{"serve --stdio --user x --data nowhere/at/all", 1, "", "is no data directory"},
		{"user list --data nowhere/at/all", 1, "", "is no data directory"},
		{"user del nobody\xff --data nowhere/at/all", 2, "", `"nobody\xff" is not UTF-8`},
		{"serve --demo --colour", 2, "", "unknown flag --colour"},
		{"serve --demo --user x", 2, "", "--user is for --stdio"},
		{"serve --stdio", 2, "", "--stdio needs --user"},
		{"serve --stdio --user x --listen 127.0.0.1:0", 2, "", "listens on no address"},
		{"serve --demo --cert main.go", 2, "", "--cert and --key belong together"},
		{"serve --demo --cert nowhere.pem --key nowhere.pem", 2, "", "no such file"},
		{"serve --demo --cert main.go --key main.go", 1, "", "loading the certificate"},
		{"serve --demo --listen 0.0.0.0:0", 2, "", "not a loopback address"},
		{"serve --demo --listen :1193", 2, "", "not a loopback address"},
		{"serve --demo --listen [::]:0", 2, "", "not a loopback address"},
		{"serve --demo --listen 192.0.2.1:0", 2, "", "not a loopback address"},
		{"serve --demo --listen 127.0.0.1:0 --listen-tls 0.0.0.0:0", 2, "", "not a loopback address"},
		{"serve --demo --listen 127.0.0.1", 2, "", "missing port"},
		{"serve --demo --listen 127.0.0.1:99999", 2, "", "invalid port"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			code, stdout, stderr := obey(t, strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("status %d (want %d)\nstdout: %s(want %q)\nstderr: %s(want %q)",
					code, tt.code, stdout, tt.stdout, stderr, tt.stderr)
			}
		})
	}
}

func TestVersionLine(t *testing.T) {
	tests := []struct {
		info debug.BuildInfo
		want string // the beginning
	}{
		{debug.BuildInfo{}, "imapsrv (devel) go"},
		{debug.BuildInfo{Main: debug.Module{Version: "v0.3.1"}}, "imapsrv v0.3.1 go"},
		{debug.BuildInfo{Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"},
		}}, "imapsrv (devel) 0123456789ab modified go"},
	}
	for _, tt := range tests {
		if got := versionLine(&tt.info); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q does not begin with %q", got, tt.want)
		}
	}
}

// TestGoodEnd: nothing is left behind, and the end is orderly, when the server is told to stop.
func TestGoodEnd(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	d := startDemo(t)
	c := d.dial(t)
	c.expect("* OK ")
	c.send("1 LOGIN somebody x")
	c.expect("1 OK ")
	d.stop()
	c.expect("* BYE ")
	if code := <-d.exited; code != 0 {
		t.Errorf("exit status %d\n%s", code, d.stderr.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestStdio speaks through pipes, as a tunnel does.
func TestStdio(t *testing.T) {
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	var stderr bytes.Buffer
	exited := make(chan int, 1)
	go func() {
		exited <- run([]string{"serve", "--demo", "--stdio", "--user", "test"},
			environment{ctx: t.Context(), stdin: inRead, stdout: outWrite, stderr: &stderr})
	}()
	c := newConversation(t, outRead, inWrite)
	c.expect("* PREAUTH ")
	c.send("1 SELECT INBOX")
	c.expect("* 8 EXISTS")
	c.expect("1 OK [READ-WRITE]")
	c.send("2 LOGOUT")
	c.expect("* BYE ")
	c.expect("2 OK ")
	wait(t, exited, 0)
}

// TestStdioInterrupted: input that never comes does not keep the server from ending.
func TestStdioInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	inRead, _ := io.Pipe()
	outRead, outWrite := io.Pipe()
	exited := make(chan int, 1)
	go func() {
		exited <- run([]string{"serve", "--demo", "--stdio", "--user", "test"},
			environment{ctx: ctx, stdin: inRead, stdout: outWrite, stderr: io.Discard})
	}()
	c := newConversation(t, outRead, nil)
	c.expect("* PREAUTH ")
	cancel()
	c.expect("* BYE ")
	wait(t, exited, 0)
}

func wait(t *testing.T, exited <-chan int, want int) {
	t.Helper()
	select {
	case code := <-exited:
		if code != want {
			t.Errorf("exit status %d, want %d", code, want)
		}
	case <-time.After(2 * grace):
		t.Error("the server did not end")
	}
}

// TestStdioEnds: what was sent before the end of the input is answered in full.
func TestStdioEnds(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run([]string{"serve", "--demo", "--stdio", "--user", "test"}, environment{
		ctx:    t.Context(),
		stdin:  strings.NewReader("1 SELECT INBOX\r\n2 FETCH 1:* BODY.PEEK[]\r\n"),
		stdout: nopCloser{&stdout},
		stderr: &stderr,
	})
	if code != 0 || !strings.Contains(stdout.String(), "\r\n2 OK ") {
		t.Errorf("status %d, %s\n%s", code, stderr.String(), stdout.String())
	}
}

// TestBinary starts the program and ends it with a signal, as a service manager would.
func TestBinary(t *testing.T) {
	cmd := exec.Command(build(t), "serve", "--demo", "--listen", "127.0.0.1:0", "--listen-tls", "[::1]:0", "--listen", "localhost:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := newConversation(t, stdout, nil)
	c.expect("  plain        127.0.0.1:")
	c.expect("  plain        127.0.0.1:")
	c.expect("  TLS          [::1]:")
	c.expect("Ctrl-C stops the server.")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// TestBinaryStdio ends a session whose input never comes, on a pipe that the process has inherited.
func TestBinaryStdio(t *testing.T) {
	cmd := exec.Command(build(t), "serve", "--demo", "--stdio", "--user", "test")
	stdin, err := cmd.StdinPipe() // stays open
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(2*grace, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	c := newConversation(t, stdout, nil)
	c.expect("* PREAUTH ")
	begun := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	c.expect("* BYE ")
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if took := time.Since(begun); took > grace/2 {
		t.Errorf("that took %v", took)
	}
}

// asProgram makes the test binary the program itself: see build.
const asProgram = "IMAPSRV_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // exits
	}
	os.Exit(m.Run())
}

// build returns the program's path: that of the test binary, which has all of it and need not be built again.
func build(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asProgram, "1")
	return path
}
