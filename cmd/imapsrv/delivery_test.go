package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/internal/demo"
)

// running is a server started with arguments of a test's own.
type running struct {
	p      *program
	cmd    *exec.Cmd
	banner string
	stderr *lockedBuffer
}

// start runs "serve" with arguments until the test ends.
func (p *program) start(args ...string) *running {
	p.t.Helper()
	r := &running{p: p, stderr: &lockedBuffer{}}
	r.cmd = exec.CommandContext(p.t.Context(), p.path, append([]string{"serve", "--data", p.data}, args...)...)
	r.cmd.Stderr = r.stderr
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // unless stop was called
		_ = r.cmd.Wait()
	})
	r.banner = strings.Join(newConversation(p.t, stdout, nil).expect("Ctrl-C stops"), "\n")
	return r
}

// find returns an address from what the server has printed.
func (r *running) find(kind string) string {
	r.p.t.Helper()
	m := regexp.MustCompile(`(?m)^  ` + kind + ` +(\S+)`).FindStringSubmatch(r.banner)
	if m == nil {
		r.p.t.Fatalf("no %s in\n%s", kind, r.banner)
	}
	return m[1]
}

func (r *running) stop() {
	r.p.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.p.t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		r.p.t.Errorf("the server ended with %v\n%s", err, r.stderr.String())
	}
}

// TestLMTP delivers through a Unix socket and an address while a client idles.
func TestLMTP(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	path := filepath.Join(t.TempDir(), "lmtp")
	r := p.start("--listen", "127.0.0.1:0", "--listen-lmtp", "unix:"+path, "--listen-lmtp", "127.0.0.1:0",
		"--lmtp-socket-mode", "0660", "--hostname", "mx.example.org", "--durability", "relaxed", "--max-message", "10000")
	if got := r.find("LMTP"); got != "unix:"+path {
		t.Errorf("%s, not %s", got, path)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != os.ModeSocket|0o660 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if out := p.run(1, "", "serve", "--listen", "127.0.0.1:0", "--listen-lmtp", "unix:"+path); !strings.Contains(out, "in use by process") {
		t.Error(out)
	}
	tcp := regexp.MustCompile(`(?m)^  LMTP +(127\S+)`).FindStringSubmatch(r.banner)[1]
	c := p.login(r.find("plain"), "alice", "secret", "OK ")
	c.send("2 SELECT INBOX")
	c.expect("2 OK ")
	c.send("3 IDLE")
	c.expect("+ ")
	for i, where := range [][2]string{{"unix", path}, {"tcp", tcp}} {
		conn, err := net.Dial(where[0], where[1])
		if err != nil {
			t.Fatal(err)
		}
		l := converse(t, conn)
		l.expect("220 mx.example.org LMTP")
		for _, line := range []string{"LHLO me", "MAIL FROM:<a@b>", "RCPT TO:<alice@example.org>"} {
			l.send(line)
			l.expect("250 ")
		}
		l.send("RCPT TO:<bob@example.org>")
		l.expect("550 5.1.1 ")
		l.send("DATA")
		l.expect("354 ")
		l.send(fmt.Sprintf("Subject: %d\r\n\r\nbody\r\n.", i))
		l.expect("250 2.1.5 <alice@example.org>")
		c.expect(fmt.Sprintf("* %d EXISTS", i+1))
		l.send("MAIL FROM:<a@b> SIZE=10001")
		l.expect("552 5.3.4 ")
	}
	c.send("DONE")
	c.expect("3 OK ")
	c.send("4 FETCH 1 BODY.PEEK[HEADER.FIELDS (Return-Path Delivered-To Received)]")
	got := strings.Join(c.expect("4 OK "), "\n")
	for _, want := range []string{"Return-Path: <a@b>\n", "Delivered-To: alice@example.org\n", "Received: from me\n\tby mx.example.org with LMTP id "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	r.stop()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
	if out := p.run(2, "", "serve", "--listen-lmtp", "0.0.0.0:0"); !strings.Contains(out, "--lmtp-allow-remote") {
		t.Error(out)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := p.run(1, "", "serve", "--listen", "127.0.0.1:0", "--listen-lmtp", "unix:"+file); !strings.Contains(out, "is no socket") {
		t.Error(out)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine" {
		t.Errorf("%q, %v", data, err)
	}
}

// writeCertificate makes a certificate and returns its fingerprint.
func writeCertificate(t *testing.T, dir string) string {
	t.Helper()
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
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return string(made.TLS.Certificate[0])
}

// TestCertificateReload: SIGHUP takes a new certificate; one that cannot be used is not taken; open sessions go on.
func TestCertificateReload(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	dir := t.TempDir()
	first := writeCertificate(t, dir)
	config := filepath.Join(dir, "imapsrv.toml")
	if err := os.WriteFile(config, []byte("cert = 'cert.pem'\nkey = 'key.pem'\nlisten-tls = ['127.0.0.1:0']\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := p.start("--config", config)
	dial := func() (*conversation, string) {
		conn, err := tls.Dial("tcp", r.find("TLS"), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		c := converse(t, conn)
		c.expect("* OK ")
		return c, string(conn.ConnectionState().PeerCertificates[0].Raw)
	}
	open, got := dial()
	if got != first {
		t.Error("another certificate than the one in the file")
	}
	hangup := func(says string) {
		t.Helper()
		before := strings.Count(r.stderr.String(), says)
		if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if strings.Count(r.stderr.String(), says) > before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("the server does not say %q:\n%s", says, r.stderr.String())
	}
	second := writeCertificate(t, dir)
	hangup("the certificate has been read again")
	if _, got := dial(); got != second {
		t.Error("not the new certificate")
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangup("the certificate stays as it is")
	if _, got := dial(); got != second {
		t.Error("not the last good certificate")
	}
	open.send("1 LOGIN alice secret")
	open.expect("1 OK ")
	r.stop()
}

// TestReloader: a certificate that is replaced is noticed without a signal.
func TestReloader(t *testing.T) {
	dir := t.TempDir()
	first := writeCertificate(t, dir)
	r, err := newReloader(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), logger(environment{stderr: &bytes.Buffer{}}))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		pair, err := r.certificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(pair.Certificate[0])
	}
	second := writeCertificate(t, dir)
	future := time.Now().Add(time.Hour) // on disks whose times are coarse
	if err := os.Chtimes(filepath.Join(dir, "cert.pem"), future, future); err != nil {
		t.Fatal(err)
	}
	if shown() != first {
		t.Error("the files are looked at for each handshake")
	}
	r.looked = time.Now().Add(-2 * lookEvery)
	if shown() != second {
		t.Error("the new certificate was not noticed")
	}
}

// TestHangupWithoutCertificate: the signal ends nothing.
func TestHangupWithoutCertificate(t *testing.T) {
	p := buildProgram(t)
	p.run(0, "secret\n", "user", "add", "alice")
	r := p.start("--listen", "127.0.0.1:0", "--max-bad-before-login", "1")
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c := p.login(r.find("plain"), "alice", "secret", "OK ")
	c.send("2 LOGOUT")
	c.expect("* BYE ")
	bad := converse(t, func() net.Conn {
		conn, err := net.Dial("tcp", r.find("plain"))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}())
	bad.expect("* OK ")
	bad.send("1 DANCE")
	bad.send("2 DANCE")
	bad.expect("* BYE Too many bad commands")
	r.stop()
}
