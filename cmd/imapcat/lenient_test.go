package main

import (
	"strings"
	"testing"
)

// TestLenient: what servers get wrong is read and reported with --lenient, and an error without.
func TestLenient(t *testing.T) {
	stream := crlf("* OK ready", "* 1 FETCH (UID 5  RFC822.SIZE -1)", "* 2 EXISTS")
	out, stderr, status := imapcat(stream, "--from", "server")
	if status != 1 || !strings.Contains(out, "error") || strings.Contains(out, "double-space") {
		t.Errorf("strict: %d, %s%s", status, out, stderr)
	}
	out, stderr, status = imapcat(stream, "--from", "server", "--lenient")
	for _, want := range []string{
		`double-space       at byte 17 (msg-att-item): " " is ""`,
		`negative-number    at byte 30 (number64): "-1" is "0"`,
		"ExistsData",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if status != 0 || strings.Contains(out, "error") {
		t.Errorf("lenient: %d, %s%s", status, out, stderr)
	}
	out, _, status = imapcat(stream, "--from", "server", "--lenient", "--json")
	want := `"diagnostics":[{"offset":17,"rule":"msg-att-item","quirk":"double-space","original":" ","read":""},` +
		`{"offset":30,"rule":"number64","quirk":"negative-number","original":"-1","read":"0"}]`
	if status != 0 || !strings.Contains(out, want) || strings.Count(out, "diagnostics") != 1 {
		t.Errorf("JSON: %d, %s", status, out)
	}
}

// TestLenientElided: offsets are those of the unit as it was sent, whatever literals were left out of it.
func TestLenientElided(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	head := "* 1 FETCH (BODY[] {100000}\r\n" + long
	out, _, status := imapcat("* OK ready\r\n"+head+"  UID 5)\r\n", "--from", "server", "--lenient")
	if status != 0 || !strings.Contains(out, "at byte 100029 (msg-att-item)") {
		t.Errorf("%d, %.300s", status, out)
	}
}
