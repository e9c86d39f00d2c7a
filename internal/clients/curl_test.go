package clients

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// curl runs curl quietly and returns what it wrote, byte for byte.
func curl(t *testing.T, args ...string) []byte {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command("curl", append([]string{"--silent", "--show-error", "--max-time", "30", "--noproxy", "*"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("curl %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// TestCurlReads fetches the whole sample mailbox over each kind of connection and with each mechanism.
func TestCurlReads(t *testing.T) {
	need(t, "curl")
	s := start(t)
	plain, secure := "imap://127.0.0.1:"+s.plainPort(), "imaps://localhost:"+s.tlsPort()
	login := []string{"--user", "test:any password"}
	ways := []struct {
		name string
		url  string
		args []string
	}{
		{"plain", plain, nil},
		{"AUTH=PLAIN", plain, []string{"--login-options", "AUTH=PLAIN"}},
		{"AUTH=PLAIN with initial response", plain, []string{"--login-options", "AUTH=PLAIN", "--sasl-ir"}},
		{"AUTH=LOGIN", plain, []string{"--login-options", "AUTH=LOGIN"}},
		{"STARTTLS", "imap://localhost:" + s.plainPort(), []string{"--ssl-reqd", "--cacert", s.cert}},
		{"TLS", secure, []string{"--cacert", s.cert}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			args := append(append([]string{}, login...), way.args...)
			for i, want := range samples(t) {
				got := curl(t, append(args, fmt.Sprintf("%s/INBOX;UID=%d", way.url, i+1))...)
				if !bytes.Equal(got, want) {
					t.Errorf("message %d: %s", i+1, cmp.Diff(string(want), string(got)))
				}
			}
		})
	}
}

// TestCurlRefusesOtherCertificates shows that --cacert above proved something.
func TestCurlRefusesOtherCertificates(t *testing.T) {
	need(t, "curl")
	s := start(t)
	err := exec.Command("curl", "--silent", "--noproxy", "*", "--user", "test:x", "imaps://localhost:"+s.tlsPort()+"/").Run()
	if err == nil {
		t.Error("curl trusted a certificate that nobody vouches for")
	}
}

func TestCurlLists(t *testing.T) {
	need(t, "curl")
	s := start(t)
	out := curl(t, "--user", "somebody:x", "imap://127.0.0.1:"+s.plainPort()+"/")
	var names []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		names = append(names, strings.Trim(fields[len(fields)-1], `"`))
	}
	sort.Strings(names)
	want := []string{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("mailboxes of a new account (-want +got):\n%s\n%s", diff, out)
	}
}

func TestCurlUploads(t *testing.T) {
	need(t, "curl")
	s := start(t)
	base := "imap://127.0.0.1:" + s.plainPort()
	message := bytes.Repeat([]byte("0123456789 abcdefghijklmnopqrstuvwxyz ÄÖÜ\r\n"), 50_000)
	message = append([]byte("Subject: uploaded\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"), message...)
	file := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(file, message, 0o600); err != nil {
		t.Fatal(err)
	}
	curl(t, "--user", "uploader:x", "--upload-file", file, base+"/Sent")
	got := curl(t, "--user", "uploader:x", base+"/Sent;UID=1")
	if !bytes.Equal(got, message) {
		t.Errorf("2 MB came back as %d bytes, %d went up", len(got), len(message))
	}
	status := string(curl(t, "--user", "uploader:x", base, "-X", "STATUS Sent (MESSAGES UNSEEN)"))
	// curl uploads with \Seen.
	if want := "* STATUS Sent (MESSAGES 1 UNSEEN 0)\r\n"; status != want {
		t.Errorf("STATUS says %q, want %q", status, want)
	}
}

func TestCurlSectionsAndSearch(t *testing.T) {
	need(t, "curl")
	s := start(t)
	inbox := "imap://127.0.0.1:" + s.plainPort() + "/INBOX"
	login := []string{"--user", "test:x"}
	first := samples(t)[0]
	header, text, _ := bytes.Cut(first, []byte("\r\n\r\n"))
	tests := []struct {
		url  string
		want string
	}{
		{inbox + ";UID=1;SECTION=TEXT", string(text)},
		{inbox + ";UID=1;SECTION=HEADER", string(header) + "\r\n\r\n"},
		{inbox + ";UID=3;SECTION=1", "The list of open orders is attached. Please mark what has come in.\r\n"},
		{inbox + "?SUBJECT%20meeting", "* SEARCH 1 8\r\n"},
		{inbox + "?BODY%20lichens", "* SEARCH 2\r\n"},
		{inbox + "?UNSEEN", "* SEARCH 4 5 6 7 8\r\n"},
		{inbox + "?SINCE%201-Jan-2038", "* SEARCH\r\n"},
	}
	for _, tt := range tests {
		got := string(curl(t, append(login, tt.url)...))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.url, diff)
		}
	}
}
