package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/internal/demo"
)

// conversation is a test's end of a connection. Failures end the test.
type conversation struct {
	t   *testing.T
	in  *bufio.Scanner
	out io.Writer
}

func newConversation(t *testing.T, in io.Reader, out io.Writer) *conversation {
	return &conversation{t, bufio.NewScanner(in), out}
}

// send writes one line.
func (c *conversation) send(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.out, line+"\r\n"); err != nil {
		c.t.Fatal(err)
	}
}

// expect reads up to a line that begins so, and returns all lines that it has read.
func (c *conversation) expect(prefix string) []string {
	c.t.Helper()
	var lines []string
	for c.in.Scan() {
		lines = append(lines, c.in.Text())
		if strings.HasPrefix(c.in.Text(), prefix) {
			return lines
		}
	}
	c.t.Fatalf("no line begins with %q (%v):\n%s", prefix, c.in.Err(), strings.Join(lines, "\n"))
	return nil
}

// demoServer is "serve --demo" within this process.
type demoServer struct {
	plain, tls, file, fingerprint string
	stop                          context.CancelFunc
	exited                        chan int
	stderr                        *lockedBuffer
}

// lockedBuffer is written by the server's goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func startDemo(t *testing.T, args ...string) *demoServer {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d := &demoServer{stop: stop, exited: make(chan int, 1), stderr: &lockedBuffer{}}
	r, w := io.Pipe()
	args = append([]string{"serve", "--demo", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0"}, args...)
	go func() {
		code := run(args, environment{ctx: ctx, stdin: strings.NewReader(""), stdout: w, stderr: d.stderr})
		w.Close()
		d.exited <- code
	}()
	t.Cleanup(stop)
	banner := strings.Join(newConversation(t, r, nil).expect("Ctrl-C stops"), "\n")
	find := func(pattern string) string {
		m := regexp.MustCompile(`(?m)^  ` + pattern).FindStringSubmatch(banner)
		if m == nil {
			t.Fatalf("no %s in:\n%s", pattern, banner)
		}
		return m[1]
	}
	d.plain = find(`plain +(127\.0\.0\.1:\d+)  \(STARTTLS`)
	d.tls = find(`TLS +(127\.0\.0\.1:\d+)$`)
	d.file = find(`certificate +(.+)$`)
	d.fingerprint = find(`SHA-256 +([0-9A-F:]+)$`)
	return d
}

func (d *demoServer) dial(t *testing.T) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", d.plain)
	if err != nil {
		t.Fatal(err)
	}
	return converse(t, conn)
}

func converse(t *testing.T, conn net.Conn) *conversation {
	t.Cleanup(func() { conn.Close() })
	// All of a test may take so long that starts programs with the race detector on a busy machine.
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return newConversation(t, conn, conn)
}

// TestREADME plays the conversation of README.md, again and again: what is printed there is what people type first.
func TestREADME(t *testing.T) {
	script := readmeConversation(t)
	d := startDemo(t)
	for round := range 3 {
		c := d.dial(t)
		for _, step := range script {
			if step.send != "" {
				c.send(step.send)
			}
			got := c.expect(step.last)
			for _, want := range step.want {
				if !matches(want, got) {
					t.Errorf("round %d: after %q nothing is %q:\n%s", round, step.send, want, strings.Join(got, "\n"))
				}
			}
		}
	}
}

// TestREADMEExample: the Go code in README.md is that of the Go example, which is compiled and run.
func TestREADMEExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../imap/session/example_basic_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := bytes.Cut(readme, []byte("```go\n"))
	code, _, closed := bytes.Cut(code, []byte("```"))
	if !found || !closed || !bytes.Contains(example, code) {
		t.Errorf("not in the example:\n%s", code)
	}
}

// step is a command and the lines that must be among its answers.
type step struct {
	send string
	want []string
	last string // beginning of the answer's last line
}

// readmeConversation takes the dialogue from README.md: lines that begin with "C:" and "S:".
func readmeConversation(t *testing.T) []step {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := []step{{last: "* OK "}}
	for line := range strings.Lines(string(data)) {
		who, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch who {
		case "C":
			tag, _, _ := strings.Cut(text, " ")
			steps = append(steps, step{send: text, last: tag + " "})
		case "S":
			last := &steps[len(steps)-1]
			last.want = append(last.want, text)
		}
	}
	if len(steps) != 5 || len(steps[3].want) != 6 {
		t.Fatalf("README.md has another conversation than the one that the server was made for: %q", steps)
	}
	return steps
}

// matches tells whether a line is as wanted, where "…" stands for anything.
func matches(want string, lines []string) bool {
	pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".+") + "$")
	for _, line := range lines {
		if pattern.MatchString(line) {
			return true
		}
	}
	return false
}

func TestEveryUserHasAnAccount(t *testing.T) {
	d := startDemo(t)
	for _, user := range []string{"somebody", "else", `"J\\\"r\\g n"`} {
		c := d.dial(t)
		c.expect("* OK ")
		c.send("1 LOGIN " + user + ` ""`)
		c.expect("1 OK ")
		c.send(`2 LIST "" *`)
		got := strings.Join(c.expect("2 OK "), "\n")
		for name, use := range map[string]string{
			"Drafts": `\Drafts`, "Sent": `\Sent`, "Junk": `\Junk`, "Trash": `\Trash`, "Archive": `\Archive`, "INBOX": "",
		} {
			pattern := `\* LIST \([^)]*` + regexp.QuoteMeta(use) + `[^)]*\) "/" ` + name
			if !regexp.MustCompile(pattern).MatchString(got) {
				t.Errorf("%s: LIST lacks %s %s:\n%s", user, name, use, got)
			}
		}
		if n := strings.Count(got, "* LIST "); n != 6 {
			t.Errorf("%s: %d mailboxes:\n%s", user, n, got)
		}
		c.send("3 STATUS INBOX (MESSAGES)")
		c.expect("* STATUS INBOX (MESSAGES 0)")
		c.send("4 CREATE only-mine")
		c.expect("4 OK ")
	}
}

func TestTLS(t *testing.T) {
	d := startDemo(t)
	data, err := os.ReadFile(d.file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil || demo.Fingerprint(sha256.Sum256(block.Bytes)) != d.fingerprint {
		t.Errorf("%s is not the certificate with SHA-256 %s", d.file, d.fingerprint)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(data) {
		t.Fatal("no certificate in the file")
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		config := &tls.Config{RootCAs: roots, ServerName: name}
		conn, err := tls.Dial("tcp", d.tls, config)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := converse(t, conn)
		c.expect("* OK ")
		c.send("1 LOGIN test x")
		c.expect("1 OK ")
	}
	startTLS(t, d, &tls.Config{RootCAs: roots, ServerName: "localhost"})
}

func startTLS(t *testing.T, d *demoServer, config *tls.Config) {
	t.Helper()
	conn, err := net.Dial("tcp", d.plain)
	if err != nil {
		t.Fatal(err)
	}
	c := converse(t, conn)
	c.expect("* OK ")
	c.send("1 STARTTLS")
	c.expect("1 OK ")
	secure := converse(t, tls.Client(conn, config))
	secure.send("2 LOGIN test x")
	secure.expect("2 OK ")
}

// TestOwnCertificate serves with --cert and --key.
func TestOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	made, err := demo.NewCertificate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(made.TLS.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for name, data := range map[string][]byte{"cert.pem": made.PEM, "key.pem": keyPEM} {
		if err := os.WriteFile(fmt.Sprintf("%s/%s", dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := startDemo(t, "--cert", dir+"/cert.pem", "--key", dir+"/key.pem")
	if d.fingerprint != made.SHA256 || d.file != dir+"/cert.pem" {
		t.Errorf("serves %s from %s", d.fingerprint, d.file)
	}
}

func TestAuthorizationIdentity(t *testing.T) {
	d := startDemo(t)
	c := d.dial(t)
	c.expect("* OK ")
	c.send("1 AUTHENTICATE PLAIN b3RoZXIAdGVzdAB4") // other NUL test NUL x
	c.expect("1 NO [AUTHORIZATIONFAILED]")
}
