package clients

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mirror is a Maildir tree that mbsync keeps the same as an account on the server.
type mirror struct {
	dir    string // holds mail/ (the tree) and state/ (mbsync's own)
	config string
}

// How mbsync reaches the server: over TLS, or as a tunnel that is authenticated already.
const (
	overTLS = `
IMAPAccount demo
Host localhost
Port %s
User test
Pass any
SSLType IMAPS
SystemCertificates no
CertificateFile %s
`
	throughTunnel = `
IMAPAccount demo
Tunnel "exec %s serve --demo --stdio --user test"
SSLType None
`
)

const mbsyncConfig = `
IMAPStore far
Account demo

MaildirStore near
Path %[1]s/mail/
Inbox %[1]s/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Sync All
SyncState %[1]s/state/
CopyArrivalDate yes
`

func newMirror(t *testing.T, account string) mirror {
	t.Helper()
	m := mirror{dir: t.TempDir()}
	for _, name := range []string{"mail", "state"} {
		if err := os.Mkdir(filepath.Join(m.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m.config = filepath.Join(m.dir, "mbsyncrc")
	text := account + fmt.Sprintf(mbsyncConfig, m.dir)
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m mirror) sync(t *testing.T) {
	t.Helper()
	out, err := exec.Command("mbsync", "-c", m.config, "-a").CombinedOutput()
	if err != nil {
		t.Fatalf("mbsync: %v\n%s", err, out)
	}
}

// put adds a message to a mailbox of the tree, as a mail reader would; flags are Maildir's letters.
func (m mirror) put(t *testing.T, mailbox, name, flags, body string) {
	t.Helper()
	dir := filepath.Join(m.dir, "mail", mailbox)
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "cur", name+":2,"+flags)
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tuid is what mbsync adds to a message that it copies, to find it again on the other side.
var tuid = regexp.MustCompile(`(?m)^X-TUID: .*\r?\n`)

// contents returns mailbox → message → Maildir flags. Maildir has LF line ends, so messages are compared as such.
func (m mirror) contents(t *testing.T) map[string]map[string]string {
	t.Helper()
	tree := map[string]map[string]string{}
	root := filepath.Join(m.dir, "mail")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := filepath.Base(filepath.Dir(path))
		if d.IsDir() || base != "cur" && base != "new" {
			return nil
		}
		mailbox, err := filepath.Rel(root, filepath.Dir(filepath.Dir(path)))
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if tree[mailbox] == nil {
			tree[mailbox] = map[string]string{}
		}
		_, flags, _ := strings.Cut(filepath.Base(path), ":2,")
		tree[mailbox][string(tuid.ReplaceAll(data, nil))] = flags
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// state hashes every file with its name, so that one byte or one rename more is noticed.
func (m mirror) state(t *testing.T) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestMbsync syncs both ways through a tree with non-ASCII names, and shows that a second run changes nothing.
func TestMbsync(t *testing.T) {
	need(t, "mbsync")
	s := start(t)
	const far = "Projekte/Zürich 日本"
	other := dial(t, s, "test", nil)
	if err := other.Create(far, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	appendMessage(t, other, far, []byte("Subject: from elsewhere\r\n\r\nÜ\r\n"))
	account := fmt.Sprintf(overTLS, s.tlsPort(), s.cert)
	home := newMirror(t, account)
	home.sync(t)
	box := home.only(t, "Projekte/Z*")
	home.put(t, box, "1700000000.a.home", "S", "Subject: ü\nFrom: a@example.org\n\nvon zu Hause\n")
	home.put(t, box, "1700000001.b.home", "", "Subject: unread\n\nsecond\n\n.\n\nFrom the start\n")
	home.sync(t)

	want := map[string]map[string]string{"INBOX": sampleInbox(t), box: {
		"Subject: from elsewhere\n\nÜ\n":                     "",
		"Subject: ü\nFrom: a@example.org\n\nvon zu Hause\n":  "S",
		"Subject: unread\n\nsecond\n\n.\n\nFrom the start\n": "",
	}}
	if diff := cmp.Diff(want, home.contents(t)); diff != "" {
		t.Fatalf("after the first run (-want +got):\n%s", diff)
	}

	before := home.state(t)
	home.sync(t)
	if diff := cmp.Diff(before, home.state(t)); diff != "" {
		t.Errorf("the second run was no no-op:\n%s", diff)
	}

	office := newMirror(t, account)
	office.sync(t)
	if diff := cmp.Diff(want, office.contents(t)); diff != "" {
		t.Fatalf("a second tree (-first +second):\n%s", diff)
	}
	twoWay(t, home, office, box)
}

// sampleInbox is the sample mailbox as a Maildir holds it.
func sampleInbox(t *testing.T) map[string]string {
	t.Helper()
	inbox := map[string]string{}
	flags := []string{"RS", "S", "FS", "", "", "", "", ""}
	for i, message := range samples(t) {
		inbox[string(bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n")))] = flags[i]
	}
	return inbox
}

// TestMbsyncTunnel reads the sample mailbox through a server that mbsync starts by itself (PREAUTH).
func TestMbsyncTunnel(t *testing.T) {
	need(t, "mbsync")
	m := newMirror(t, fmt.Sprintf(throughTunnel, binary))
	m.sync(t)
	if diff := cmp.Diff(sampleInbox(t), m.contents(t)["INBOX"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// only returns the one mailbox of the tree that matches. How a non-ASCII name is spelled on disk depends on mbsync:
// up to 1.4 it is the wire's modified UTF-7.
func (m mirror) only(t *testing.T, pattern string) string {
	t.Helper()
	root := filepath.Join(m.dir, "mail")
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d mailboxes match %s: %q, %v", len(found), pattern, found, err)
	}
	name, err := filepath.Rel(root, found[0])
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// twoWay changes each tree and expects the changes in the other.
func twoWay(t *testing.T, home, office mirror, box string) {
	t.Helper()
	office.put(t, box, "1700000002.c.office", "F", "Subject: from the office\n\n3\n")
	office.put(t, "Office", "1700000003.d.office", "S", "Subject: new mailbox\n\n4\n")
	rename(t, home, "Subject: unread", "ST")
	home.sync(t) // expunges "unread"
	rename(t, office, "Subject: ü", "RS")
	office.sync(t)
	home.sync(t)
	got := home.contents(t)
	if diff := cmp.Diff(office.contents(t), got); diff != "" {
		t.Errorf("the trees differ (-office +home):\n%s", diff)
	}
	want := map[string]string{
		"Subject: from elsewhere\n\nÜ\n":                    "",
		"Subject: ü\nFrom: a@example.org\n\nvon zu Hause\n": "RS",
		"Subject: from the office\n\n3\n":                   "F",
	}
	if diff := cmp.Diff(want, got[box]); diff != "" {
		t.Errorf("%s (-want +got):\n%s", box, diff)
	}
	if diff := cmp.Diff(map[string]string{"Subject: new mailbox\n\n4\n": "S"}, got["Office"]); diff != "" {
		t.Errorf("Office (-want +got):\n%s", diff)
	}
}

// rename gives the one message that begins so other flags, as a mail reader does.
func rename(t *testing.T, m mirror, prefix, flags string) {
	t.Helper()
	found := false
	err := filepath.WalkDir(filepath.Join(m.dir, "mail"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || found {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(tuid.ReplaceAll(data, nil), []byte(prefix)) {
			return err
		}
		found = true
		name, _, _ := strings.Cut(filepath.Base(path), ":2,")
		return os.Rename(path, filepath.Join(filepath.Dir(filepath.Dir(path)), "cur", name+":2,"+flags))
	})
	if err != nil || !found {
		t.Fatalf("message %q: found %v, %v", prefix, found, err)
	}
}
