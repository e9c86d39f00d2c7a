package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dovecotMissing is what to do when there is nothing to compare with.
const dovecotMissing = `Dovecot is not installed. On Debian and Ubuntu:

  apt-get install dovecot-imapd

Its system service is not needed, and may be stopped and disabled: this benchmark starts a Dovecot of its own, on a
port of 127.0.0.1, with a configuration and mail in a temporary directory.`

// dovecotConfig runs without anything of the system's configuration. Anybody may log in.
const dovecotConfig = `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = sdbox:%[1]s/mail/%%u
mail_fsync = %[2]s
first_valid_uid = 1
default_internal_user = %[4]s
default_login_user = %[5]s
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=%[6]d gid=%[7]d home=%[1]s/home/%%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[3]d
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`

// dovecot is a Dovecot in a temporary directory.
type dovecot struct {
	dir     string
	program string
}

// findDovecot returns the program's path; "" if it is not there.
func findDovecot() string {
	for _, name := range []string{"dovecot", "/usr/sbin/dovecot", "/usr/local/sbin/dovecot"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// start runs it; fsync is "never" while mail is brought in, "optimized" is what Dovecot does by default. It ends with
// stop, or with the benchmark.
func (d *dovecot) start(b *testing.B, fsync string) (p process, stop func()) {
	b.Helper()
	port := freePort(b)
	config := filepath.Join(d.dir, "dovecot.conf")
	if err := os.WriteFile(config, []byte(d.config(b, fsync, port)), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(d.program, "-F", "-c", config)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait() // how it ends does not change what was measured
	}
	b.Cleanup(stop)
	p = process{plain: fmt.Sprintf("127.0.0.1:%d", port), pid: cmd.Process.Pid, tree: true}
	for range 100 {
		if conn, err := net.Dial("tcp", p.plain); err == nil {
			_ = conn.Close() // it was only to see whether somebody listens
			return p, stop
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	b.Fatalf("Dovecot does not listen; its log says:\n%s", log)
	return p, stop
}

// config is the configuration. As root, it runs as the package's users do, and mail belongs to nobody.
func (d *dovecot) config(b *testing.B, fsync string, port int) string {
	b.Helper()
	uid, gid := os.Getuid(), os.Getgid()
	internal, login := "dovecot", "dovenull"
	if uid != 0 {
		me, err := osuser.Current()
		if err != nil {
			b.Fatal(err)
		}
		internal, login = me.Username, me.Username
	} else {
		uid, gid = 65534, 65534
		for _, name := range []string{"mail", "home"} {
			path := filepath.Join(d.dir, name)
			if err := os.MkdirAll(path, 0o700); err != nil {
				b.Fatal(err)
			}
			if err := os.Chown(path, uid, gid); err != nil {
				b.Fatal(err)
			}
		}
	}
	return fmt.Sprintf(dovecotConfig, d.dir, fsync, port, internal, login, uid, gid)
}

func freePort(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// newDovecot makes one whose users have the same mail as those of the shared data directory.
func newDovecot(b *testing.B, program string) *dovecot {
	b.Helper()
	dir, err := os.MkdirTemp("", "imapsrv-bench-dovecot-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) }) // it is a temporary directory
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	d := &dovecot{dir: dir, program: program}
	p, stop := d.start(b, "never")
	defer stop()
	appendAll(b, dial(b, p.plain, false, "alice"), large, largeSize)
	appendAll(b, dial(b, p.plain, false, "bodies"), bodies, bodySize)
	return d
}

// appendAll uploads the messages of a user, some hundred in one command.
func appendAll(b *testing.B, c *client, count, size int) {
	b.Helper()
	for at := 0; at < count; at += importBatch {
		var command strings.Builder
		command.WriteString("APPEND INBOX")
		for i := at; i < min(at+importBatch, count); i++ {
			text := mail(i, size)
			fmt.Fprintf(&command, ` "02-Jan-2024 03:04:05 +0000" {%d+}`+"\r\n%s", len(text), text)
		}
		c.do(b, command.String())
	}
}
