package imap

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar/spec"
)

// neverBroken are files of the grammar that only add names to lists which take any name,
// or codes that are kept as they came where they are wrong.
var neverBroken = map[string]string{
	"rfc2221": "a capability", "rfc5550": "a capability", "rfc6785": "a capability",
	"rfc5788": "keywords", "rfc8457": "keywords", "rfc9979": "keywords and attributes",
	"rfc6858": "a response code", "rfc7888": "a response code", "rfc9585": "a response code",
}

// TestBrokenExtensions: five broken sentences of each extension, and what the error tells a
// person. testdata/broken.txt has a line for each, and behind it what -update writes.
func TestBrokenExtensions(t *testing.T) {
	const file = "testdata/broken.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	sentences := map[string]int{}
	section := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "\t"):
			continue
		case strings.HasPrefix(line, "# "):
			section = line[2:]
			got = append(got, line)
		default:
			sentences[section]++
			got = append(got, line, "\t"+brokenBy(t, line))
		}
	}
	want := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-was +is; go test ./imap -run TestBrokenExtensions -update, if that is right\n%s", d)
	}
	for _, name := range spec.Names() {
		if neverBroken[name] == "" && !slices.Contains([]string{"core", "rfc9051", "rfc3501"}, name) && sentences[name] < 5 {
			t.Errorf("%d sentences of %s", sentences[name], name)
		}
	}
}

// brokenBy is what the error of a line says. The line is text within a string of Go.
func brokenBy(t *testing.T, line string) string {
	t.Helper()
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	rule := "command"
	if text[0] == '*' {
		rule = "response"
	}
	_, err = rootOf(rule).decode(new(Decoder), Frame{Bytes: []byte(text + "\r\n")})
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || !syntax.Recoverable() {
		t.Errorf("%s: %v", line, err)
		return "decodes"
	}
	return fmt.Sprintf("byte %d: expected %s (%s)", syntax.Offset, syntax.Expected, syntax.Rule)
}
