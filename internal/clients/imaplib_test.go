package clients

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestImaplib runs testdata/imaplib_driver.py, which holds the checks.
func TestImaplib(t *testing.T) {
	need(t, "python3")
	s := start(t)
	samples := filepath.Join("..", "demo", "messages")
	out, err := exec.Command("python3", filepath.Join("testdata", "imaplib_driver.py"),
		s.plainPort(), s.tlsPort(), s.cert, samples).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.HasSuffix(string(out), "imaplib: all checks passed\n") {
		t.Errorf("the driver ended early:\n%s", out)
	}
}
