// Package size holds what the codec may weigh in a program.
package size

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// most is how many octets a program may have that only decodes commands, with symbols and debug information.
const most = 6_000_000

// TestSize builds that program, looks how large it is, and that it works.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), "decode.exe")
	build := exec.Command("go", "build", "-o", program, "./decode")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d octets of %d", info.Size(), int64(most))
	if info.Size() >= most {
		t.Errorf("the program has %d octets, %d or more; see with go tool nm -size -sort size what they are", info.Size(), int64(most))
	}
	for _, tt := range []struct {
		text string
		ok   bool
	}{{"a1 NOOP\r\na2 UID FETCH 1:* (FLAGS BODY.PEEK[1.MIME]<0.7>)\r\n", true}, {"a1 NOOP\r\na2 FETCH\r\n", false}} {
		run := exec.Command(program)
		run.Stdin = strings.NewReader(tt.text)
		var said bytes.Buffer
		run.Stderr = &said
		err := run.Run()
		var exit *exec.ExitError
		if tt.ok != (err == nil) || err != nil && !errors.As(err, &exit) || !tt.ok && !strings.Contains(said.String(), "syntax error") {
			t.Errorf("%q: %v: %s", tt.text, err, said.String())
		}
	}
}
