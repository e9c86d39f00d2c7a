package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// converse shows two sides and returns who said what, and what was completed, in short.
func converse(t *testing.T, client, server string) (lines []string, status int) {
	t.Helper()
	dir := t.TempDir()
	c, s := filepath.Join(dir, "c"), filepath.Join(dir, "s")
	for file, text := range map[string]string{c: client, s: server} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, stderr, status := imapcat("", "--client", c, "--server", s)
	if stderr != "" {
		t.Error(stderr)
	}
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		short := words[1] + " " + strings.Join(words[3:min(5, len(words))], " ")
		if words[2] == "error" {
			short = words[1] + " error"
		}
		if _, paired, ok := strings.Cut(line, "  <- "); ok {
			short += " < " + strings.TrimSpace(paired)
		}
		lines = append(lines, short)
	}
	return lines, status
}

func TestConversation(t *testing.T) {
	tests := []struct {
		name           string
		client, server string
		want           []string
		status         int
	}{
		{"greeting first, then by turns", crlf("a NOOP", "b CHECK"), crlf("* OK hi", "* 1 EXISTS", "a OK x", "b OK x"),
			[]string{"S * OK", "C a NOOP", "S * 1", "S a OK < NOOP at 0", "C b CHECK", "S b OK < CHECK at 8"}, 0},
		{"an exchange", crlf("a AUTHENTICATE PLAIN", "AGEAYg==", "b NOOP"), crlf("* OK hi", "+ ", "a OK x", "b OK x"),
			[]string{"S * OK", "C a AUTHENTICATE", "S +", "C [redacted]", "S a OK < AUTHENTICATE at 0", "C b NOOP", "S b OK < NOOP at 32"}, 0},
		{"a refused exchange", crlf("a AUTHENTICATE X", "b NOOP"), crlf("* OK hi", "a NO x", "b OK x"),
			[]string{"S * OK", "C a AUTHENTICATE", "S a NO < AUTHENTICATE at 0", "C b NOOP", "S b OK < NOOP at 18"}, 0},
		{"IDLE", crlf("a IDLE", "DONE", "b NOOP"), crlf("* OK hi", "+ idling", "* 2 EXISTS", "a OK x", "b OK x"),
			[]string{"S * OK", "C a IDLE", "S + idling", "S * 2", "C DONE", "S a OK < IDLE at 0", "C b NOOP", "S b OK < NOOP at 14"}, 0},
		{"a refused IDLE", crlf("a IDLE", "b NOOP"), crlf("* OK hi", "a BAD x", "b OK x"),
			[]string{"S * OK", "C a IDLE", "S a BAD < IDLE at 0", "C b NOOP", "S b OK < NOOP at 8"}, 0},
		{"a literal", crlf("a SELECT {5}", "INBOX", "b NOOP"), crlf("* OK hi", "+ go", "a OK x", "b OK x"),
			[]string{"S * OK", `C a SELECT`, "S + go", "S a OK < SELECT at 0", "C b NOOP", "S b OK < NOOP at 21"}, 0},
		{"a refused literal", crlf("a APPEND x {999999}", "b NOOP"), crlf("* OK hi", "a NO x", "b OK x"),
			[]string{"S * OK", "C a APPEND", "S a NO < APPEND at 0", "C b NOOP", "S b OK < NOOP at 21"}, 0},
		{"pipelined, completed out of order", crlf("a NOOP", "b CHECK"), crlf("* OK hi", "b OK x", "a OK x"),
			[]string{"S * OK", "C a NOOP", "C b CHECK", "S b OK < CHECK at 8", "S a OK < NOOP at 0"}, 0},
		{"a completion of nothing", crlf("a NOOP"), crlf("* OK hi", "x OK x", "a OK x"),
			[]string{"S * OK", "C a NOOP", "S x OK", "S a OK < NOOP at 0"}, 0},
		{"no completion", crlf("a NOOP", "b NOOP"), crlf("* OK hi", "a OK x"),
			[]string{"S * OK", "C a NOOP", "S a OK < NOOP at 0", "C b NOOP", "C error"}, 1},
		{"the server has the last word", crlf("a LOGOUT"), crlf("* OK hi", "* BYE x", "a OK x", "* BYE y"),
			[]string{"S * OK", "C a LOGOUT", "S * BYE", "S a OK < LOGOUT at 0", "S * BYE"}, 0},
		{"no server", crlf("a NOOP"), "", []string{"C a NOOP", "C error"}, 1},
		{"no client", "", crlf("* BYE x"), []string{"S * BYE"}, 0},
	}
	for _, tt := range tests {
		got, status := converse(t, tt.client, tt.server)
		if diff := cmp.Diff(tt.want, got); diff != "" || status != tt.status {
			t.Errorf("%s: status %d (-want +got):\n%s", tt.name, status, diff)
		}
	}
}
