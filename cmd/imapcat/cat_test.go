package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// imapcat runs the program in memory.
func imapcat(stdin string, args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(args, environment{stdin: strings.NewReader(stdin), stdout: &out, stderr: &err})
	return out.String(), err.String(), status
}

// crlf makes a stream of lines.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// golden compares with a file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestGolden shows every pair of files in testdata, in all forms. Those of real sessions come from TestRecord, others are
// dialogues of RFCs.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.client")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, client := range files {
		base := strings.TrimSuffix(client, ".client")
		server := base + ".server"
		t.Run(filepath.Base(base), func(t *testing.T) {
			forms := map[string][]string{
				".both.txt":    {"--client", client, "--server", server},
				".both.json":   {"--json", "--client", client, "--server", server},
				".client.json": {"--json", "--from", "client", client},
				".server.json": {"--json", "--from", "server", server},
			}
			for suffix, args := range forms {
				out, stderr, status := imapcat("", args...)
				if status != 0 || stderr != "" {
					t.Errorf("%s: status %d, %s", suffix, status, stderr)
				}
				golden(t, base+suffix, out)
			}
		})
	}
}

func TestExitStatus(t *testing.T) {
	client := []string{"--from", "client"}
	server := []string{"--from", "server"}
	tests := []struct {
		name   string
		args   []string
		stdin  string
		status int
		out    string // part of standard output and error
	}{
		{"a command", client, "a NOOP\r\n", 0, "Noop"},
		{"nothing", client, "", 0, ""},
		{"a broken command", client, "a FETCH 0 FLAGS\r\nb NOOP\r\n", 1, "b NOOP"},
		{"no end of the line", client, "a NOOP", 1, "the input ends within this unit"},
		{"no end of a literal", client, "a SELECT {10}\r\nINBOX", 1, "ends within"},
		{"no end of a long literal", client, "a APPEND INBOX {1000000}\r\nhello", 1, "ends within"},
		{"nothing after a literal", client, "a SELECT {5}\r\nINBOX", 1, "ends within"},
		{"no DONE", client, "a IDLE\r\n", 1, "DONE is missing"},
		{"no exchange", client, "a AUTHENTICATE PLAIN\r\n", 0, "Authenticate"},
		{"a response", server, "* 3 EXISTS\r\n", 0, "ExistsData"},
		{"a broken response", server, "* 3 FETCH (UID x)\r\na OK\r\n", 1, "a OK"},
		{"LF", client, "a NOOP\nb NOOP\r\n", 1, "b NOOP"},
		{"LF allowed", []string{"--from", "client", "--lf"}, "a NOOP\nb NOOP\n", 0, "b NOOP"},
		{"octets of TLS", client, "\x16\x03\x01\x02\x00\r\na NOOP\r\n", 1, "a NOOP"},
		{"TLS behind STARTTLS", client, "a STARTTLS\r\n\x16\x03\x01\x02\x00\r\nb NOOP\r\n\x00", 1, "TLS from here on, which cannot be read; imapsrv serve --trace writes what is inside: (16 octets)"},
		{"no TLS behind STARTTLS", client, "a STARTTLS\r\nb NOOP\r\n", 0, "b NOOP"},
		{"nothing behind STARTTLS", client, "a STARTTLS\r\n", 0, "StartTLS"},
		{"TLS of a server", server, "* OK hi\r\na OK go\r\n\x16\x03\x03\x00\r\n\x17\x03", 1, "(8 octets)"},
		{"what is compressed", client, "a COMPRESS DEFLATE\r\n\x9a\x33\x00\r\nb NOOP\r\n", 1, "compressed from here on"},
		{"what is not", client, "a COMPRESS DEFLATE\r\nb NOOP\r\n", 0, "b NOOP"},
		{"standard input by name", []string{"--from", "client", "-"}, "a NOOP\r\n", 0, "a NOOP"},
		{"no such file", []string{"--from", "client", "testdata/none"}, "", 1, "no such file"},
		{"help", []string{"--help"}, "", 0, "Examples:"},
		{"no side", nil, "", 2, "--from client"},
		{"a wrong side", []string{"--from", "proxy"}, "", 2, "client"},
		{"a wrong flag", []string{"--form", "client"}, "", 2, "--form"},
		{"one of both", []string{"--client", "x"}, "", 2, "belong together"},
		{"one and both", []string{"--from", "client", "--client", "x", "--server", "y"}, "", 2, "both sides"},
	}
	for _, tt := range tests {
		out, stderr, status := imapcat(tt.stdin, tt.args...)
		if status != tt.status || !strings.Contains(out+stderr, tt.out) {
			t.Errorf("%s: status %d, want %d with %q:\n%s%s", tt.name, status, tt.status, tt.out, out, stderr)
		}
		if slices.Contains(tt.args, "--help") || status == 2 {
			continue
		}
		schema(t, tt.stdin, tt.args...)
	}
}

// schema checks the form of every object: the keys, their types, and that offsets and lengths cover the stream.
func schema(t *testing.T, stdin string, args ...string) []map[string]any {
	t.Helper()
	out, _, _ := imapcat(stdin, append([]string{"--json"}, args...)...)
	var records []map[string]any
	for line := range strings.Lines(out) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		records = append(records, r)
		form := fmt.Sprintf("%T %T %T %T %T", r["offset"], r["length"], r["tag"], r["type"], r["value"])
		if _, broken := r["error"]; broken {
			e := r["error"].(map[string]any)
			form = fmt.Sprintf("%T %T %T %T %d", r["offset"], e["offset"], e["rule"], e["message"], len(e))
			if form != "float64 float64 string string 3" {
				t.Errorf("%s in %s", form, line)
			}
			continue
		}
		if form != "float64 float64 string string map[string]interface {}" {
			t.Errorf("%s in %s", form, line)
		}
		if _, ok := r["encoded"]; !ok {
			t.Errorf("no encoded in %s", line)
		}
	}
	return records
}

// TestSecrets: whatever a client does with its password, imapcat does not show it. With --show-secrets it does.
func TestSecrets(t *testing.T) {
	const secret, base64, scram = "hunter2", "AGFsaWNlAGh1bnRlcjI=", "cj1mb28scD1odW50ZXIy"
	tests := [][]string{
		{"a LOGIN alice " + secret},
		{"a login alice \"" + secret + "\""},
		{"a LOGIN alice {7}", secret},
		{"a LOGIN {5+}", "alice {7+}", secret},
		{"a LOGIN alice \"" + secret},
		{"a LOGIN alice " + secret + " " + secret},
		{"a LOGIN " + secret},
		{"a LOGIN alice  " + secret},
		{"a LOGIN alice {3}", secret},
		{"a LOGN alice " + secret},
		{"alice " + secret},
		{secret},
		{"a AUTHENTICATE PLAIN " + base64},
		{"a AUTHENTICATE PLAIN", base64},
		{"a authenticate plain", "", base64},
		{"a AUTHENTICATE LOGIN", "YWxpY2U=", "aHVudGVyMg=="},
		{"a AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9eA==", scram, "", "b NOOP"},
		{"a AUTHENTICATE PLAIN", secret},
		{"a AUTHENTICATE PLAIN", "alice " + secret, base64},
		{"a AUTHENTICATE PLAIN {7}", secret},
		{"a AUTHENTICATE " + secret + " ("},
		{"a AUTHENTICATE PLAIN", "{7}", secret},
		{"a AUTHENTICATE PLAIN", "b LOGIN alice {7+}", secret, "c NOOP"},
		{"a SELECT INBOX", "b LOGIN alice \"" + secret},
		{"a NOOP", base64},
	}
	secrets := []string{secret, base64, "aHVudGVyMg==", scram}
	for _, lines := range tests {
		in := crlf(lines...)
		for _, format := range []string{"", "--json"} {
			args := slices.DeleteFunc([]string{"--from", "client", format}, func(s string) bool { return s == "" })
			out, stderr, _ := imapcat(in, args...)
			for _, s := range secrets {
				if strings.Contains(out+stderr, s) {
					t.Errorf("%q %s shows %s:\n%s", in, format, s, out)
				}
			}
		}
		out, _, status := imapcat(in, "--from", "client", "--show-secrets")
		if status == 0 && !slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(out, s) }) {
			t.Errorf("%q with --show-secrets:\n%s", in, out)
		}
	}
	challenge := "* OK hi\r\n+ cj1mb28scz1iYXI=\r\n"
	if out, _, _ := imapcat(challenge, "--from", "server", "--json"); strings.Contains(out, "cj1mb28") || !strings.Contains(out, "AuthChallenge") {
		t.Errorf("challenge:\n%s", out)
	}
}

// endless yields a long message after a head, and a tail after that.
func endless(head string, size int64, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), io.LimitReader(repeat{}, size), strings.NewReader(tail))
}

type repeat struct{}

func (repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestLongLiterals are not held: 1 GiB passes through, and many short ones do not come together.
func TestLongLiterals(t *testing.T) {
	tests := []struct {
		name, side, head, tail string
		size                   int64
		want                   string
	}{
		{"APPEND", "client", "a APPEND INBOX (\\Seen) {%d+}\r\n", "\r\nb NOOP\r\n", 1 << 30, "FlagsLiteral"},
		{"FETCH", "server", "* 1 FETCH (BODY[] {%d}\r\n", " UID 7)\r\nb OK done\r\n", 1 << 20, "UID"},
		{"SEARCH", "client", "a SEARCH TEXT {%d}\r\n", " SEEN\r\nb NOOP\r\n", 100_000, "SearchText"},
		{"LOGIN", "client", "a LOGIN alice {%d}\r\n", "\r\nb NOOP\r\n", 100_000, "redacted"},
	}
	for _, tt := range tests {
		for _, format := range []string{"--json", "--lf"} {
			in := endless(fmt.Sprintf(tt.head, tt.size), tt.size, tt.tail)
			var out bytes.Buffer
			status := run([]string{"--from", tt.side, format}, environment{stdin: in, stdout: &out, stderr: io.Discard})
			if status != 0 || out.Len() > 2000 || !strings.Contains(out.String(), "b ") {
				t.Errorf("%s: status %d:\n%.2000s", tt.name, status, out.String())
			}
			if tt.name == "LOGIN" {
				continue
			}
			if size := fmt.Sprint(tt.size); !strings.Contains(out.String(), `"size":`+size+`,"sha256":"`) && !strings.Contains(out.String(), "["+size+" octets, SHA-256") {
				t.Errorf("%s does not say what it left out:\n%s", tt.name, out.String())
			}
		}
	}
}

// TestErrorOffsets are those of the unit as it was sent, whatever was left out of it.
func TestErrorOffsets(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	records := schema(t, "a NOOP\r\nb SELECT INBOX x\r\nc APPEND INBOX {70000+}\r\n"+long+" x\r\nd NOOP\r\n", "--from", "client")
	var got []string
	for _, r := range records {
		if e, ok := r["error"].(map[string]any); ok {
			got = append(got, fmt.Sprint(r["offset"], "+", e["offset"]))
		}
	}
	first := len("a NOOP\r\n")
	second := first + len("b SELECT INBOX x\r\n")
	want := []string{
		fmt.Sprint(float64(first), "+", float64(len("b SELECT INBOX "))),
		fmt.Sprint(float64(second), "+", float64(len("c APPEND INBOX {70000+}\r\n")+len(long)+len(" x"))),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for file, text := range map[string]string{one: "a NOOP\r\n", two: "b CHECK\r\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _, status := imapcat("", "--from", "client", one, filepath.Join(dir, "none"), two)
	if status != 1 || !strings.Contains(out, one+":\n") || !strings.Contains(out, "b CHECK") {
		t.Errorf("status %d:\n%s", status, out)
	}
	for _, r := range schema(t, "", "--from", "client", one, two) {
		if r["offset"] != 0.0 || r["file"] == nil {
			t.Errorf("%v", r)
		}
	}
}

func TestColour(t *testing.T) {
	var out bytes.Buffer
	run([]string{"--from", "server"}, environment{stdin: strings.NewReader("* OK hi\r\na NO \x1b[31m\r\n"), stdout: &out, colour: true})
	if got := out.String(); !strings.Contains(got, "\x1b[31m") || !strings.Contains(got, `\x1b[31m`) {
		t.Errorf("%q", got)
	}
	if out, _, _ := imapcat("* OK \x1b]0;title\x07\r\n", "--from", "server"); strings.Contains(out, "\x1b") {
		t.Errorf("escapes reach the terminal: %q", out)
	}
}
