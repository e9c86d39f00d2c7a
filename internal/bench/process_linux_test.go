package bench

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var goals = flag.Bool("goals", false, "fail where a goal is missed, instead of only printing the figure")

// echoEnv makes this test binary an echo server.
const echoEnv = "IMAPSRV_BENCH_ECHO"

// binary is the server: the program that IMAPSRV names, or one that TestMain builds.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(echoEnv) != "" {
		echoServer()
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	defer printTable(os.Stdout)
	defer printComparisons(os.Stdout)
	defer removeShared()
	if bench := flag.Lookup("test.bench"); bench.Value.String() == "" {
		return m.Run() // nothing here needs the server
	}
	if binary = os.Getenv("IMAPSRV"); binary != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "imapsrv-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "imapsrv")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/imapsrv/imapsrv/cmd/imapsrv").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "building the server: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a server under measurement.
type process struct {
	plain, tls string // addresses
	pid        int
	tree       bool // its children belong to it
}

var (
	plainLine = regexp.MustCompile(`^\s*plain\s+(127\.0\.0\.1:\d+)`)
	tlsLine   = regexp.MustCompile(`^\s*TLS\s+(127\.0\.0\.1:\d+)`)
)

// startServer runs the demo server until the benchmark ends.
func startServer(b *testing.B) process {
	return startProcess(b, exec.Command(binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0"))
}

// startEcho runs a server that answers each line with one of a given length, as barely as Go can.
func startEcho(b *testing.B, answer int) process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), echoEnv+"="+strconv.Itoa(answer))
	return startProcess(b, cmd)
}

func startProcess(b *testing.B, cmd *exec.Cmd) process {
	b.Helper()
	cmd.Stderr = complaints{os.Stderr}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait() // how it ends does not change what was measured
	})
	p := process{pid: cmd.Process.Pid}
	lines := bufio.NewScanner(stdout)
	for (p.plain == "" || p.tls == "") && lines.Scan() {
		if m := plainLine.FindStringSubmatch(lines.Text()); m != nil {
			p.plain = m[1]
		}
		if m := tlsLine.FindStringSubmatch(lines.Text()); m != nil {
			p.tls = m[1]
		}
	}
	if p.plain == "" {
		b.Fatalf("%s did not say where it listens", cmd.Path)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return p
}

// complaints passes on what a server logs, except for what is as it should be.
type complaints struct{ w io.Writer }

func (c complaints) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		if bytes.Contains(line, []byte("level=INFO")) {
			continue
		}
		if _, err := c.w.Write(line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// echoServer prints its address as the real server does and answers lines until it is killed.
func echoServer() {
	size, err := strconv.Atoi(os.Getenv(echoEnv))
	if err != nil {
		panic(err) // this program set it
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Printf("plain %s\nTLS %s\n", listener.Addr(), listener.Addr())
	answer := []byte(strings.Repeat("x", size-2) + "\r\n")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go echoLines(conn, answer)
	}
}

func echoLines(conn net.Conn, answer []byte) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		if _, err := r.ReadSlice('\n'); err != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// cpu is the process's user and system time so far, with that of its children if they belong to it.
func (p process) cpu(b *testing.B) time.Duration {
	b.Helper()
	spent, ended, _, err := cpuTimes(p.pid)
	if err != nil {
		b.Fatal(err)
	}
	if !p.tree {
		return spent
	}
	spent += ended
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		pid, _ := strconv.Atoi(filepath.Base(name)) // it is a number
		// One that has ended meanwhile has given its time to its parent.
		if own, reaped, parent, err := cpuTimes(pid); err == nil && parent == p.pid {
			spent += own + reaped
		}
	}
	return spent
}

// cpuTimes are the user and system time of a process, and of its children that have ended; and its parent.
func cpuTimes(pid int) (own, ended time.Duration, parent int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0, err
	}
	// The second field, the program's name in parentheses, may hold anything; the parent is field 4, the times are
	// fields 14 to 17.
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	parent, err = strconv.Atoi(fields[1])
	var ticks [4]time.Duration
	for i := range ticks {
		n, e := strconv.ParseInt(fields[11+i], 10, 64)
		err = errors.Join(err, e)
		ticks[i] = time.Duration(n) * time.Second / 100 // USER_HZ, which is 100 on every Linux that Go supports
	}
	return ticks[0] + ticks[1], ticks[2] + ticks[3], parent, err
}

// memory returns a field of /proc/PID/status in bytes: VmRSS is resident memory, VmHWM its peak.
func (p process) memory(b *testing.B, field string) int64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		if name != field {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		return kilobytes << 10
	}
	b.Fatalf("no %s in /proc/%d/status", field, p.pid)
	return 0
}

// resetPeak makes VmHWM start again from the present VmRSS.
func (p process) resetPeak(b *testing.B) {
	b.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}
