package script

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parrot is a server for tests: each command names what to answer, by its word.
type parrot struct{ setup [][]string }

func (e *parrot) Setup(_ context.Context, _ *Script, d Directive) error {
	if d.Words[0] == "fail" {
		return fmt.Errorf("no %s", d.Words[0])
	}
	e.setup = append(e.setup, d.Words)
	return nil
}

func (e *parrot) Dial(_ context.Context, _ int) (net.Conn, error) {
	client, server := net.Pipe()
	go serveParrot(server)
	return client, nil
}

var parrotAnswers = map[string]string{
	"NOOP":   "* 3 EXISTS\r\n* 1 RECENT\r\n",
	"BODY":   "* 1 FETCH (BODY[] {12}\r\none\r\ntwo {3} UID 7)\r\n",
	"STATUS": "* OK text {5}\r\n",
}

func serveParrot(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	_, _ = io.WriteString(conn, "* OK ready\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), " ")
		if i := strings.LastIndexByte(rest, '{'); i >= 0 {
			n, _ := strconv.Atoi(strings.TrimRight(rest[i+1:], "+}"))
			if !strings.HasSuffix(rest, "+}") {
				_, _ = io.WriteString(conn, "+ go on\r\n")
			}
			data := make([]byte, n)
			_, _ = io.ReadFull(in, data)
			_, _ = in.ReadString('\n')
			_, _ = fmt.Fprintf(conn, "* ECHO %d\r\n", len(data))
		}
		if rest == "LOGOUT" {
			_, _ = fmt.Fprintf(conn, "* BYE\r\n%s OK bye\r\n", tag)
			return
		}
		_, _ = io.WriteString(conn, parrotAnswers[rest])
		_, _ = fmt.Fprintf(conn, "%s OK %s done\r\n", tag, rest)
	}
}

func TestRun(t *testing.T) {
	tests := []struct{ name, dialogue, wantErr string }{
		{name: "lines", dialogue: "S1: * OK ready\nC1: a NOOP\nS1: * 3 EXISTS\nS1: * 1 RECENT\nS1: a OK …\nS: (none)"},
		{name: "short sides", dialogue: "S: …\nC: a X\nS: a OK X done"},
		{name: "any order", dialogue: "S: …\nC: a NOOP\nS: (any order)\nS: * 1 RECENT\nS: a OK …\nS: * 3 EXISTS\nS: (end)"},
		{name: "skip", dialogue: "S: (skip)\nS: * OK …\nC: a NOOP\nS: (skip)\nS: a OK …"},
		{name: "do and two connections", dialogue: "C1: (do) NOOP\nC2: (do) NOOP\nC1: b X\nS1: b OK X done"},
		{name: "variables", dialogue: "C: (do) X\nC: a NOOP\nS~: \\* (?P<n>\\d+) EXISTS\nS: (skip)\nS: a OK …\nC: b ${n}\nS: b OK 3 done"},
		{name: "literal in line", dialogue: "C: (do) X\nC: a BODY\nS: * 1 FETCH (BODY[] {12}\nS: one\nS: two {3} UID 7)\nS: a OK …"},
		{name: "literal from file", dialogue: "C: (do) X\nC: a A {=f}\nS: + …\nC:\nS: * ECHO 10\nS: a OK …"},
		{name: "non-synchronizing", dialogue: "C: (do) X\nC: a A {=f+}\nC:\nS: * ECHO 10\nS: a OK …"},
		{name: "raw", dialogue: "C: (do) X\nC raw: \"a N\"\nC raw: \"OOP\\r\\n\"\nS: (skip)\nS: a OK NOOP done"},
		{name: "status text is no literal", dialogue: "C: (do) X\nC: a STATUS\nS: * OK text {5}\nS: a OK …"},
		{name: "end", dialogue: "C: (do) X\nC: a LOGOUT\nS: * BYE\nS: a OK bye\nS: (eof)"},
		{name: "wrong line", dialogue: "S: …\nC: a NOOP\nS: * 4 EXISTS", wantErr: "x.txtar:8: wrong response (wanted by line 8)\n  want * 4 EXISTS\n  got  * 3 EXISTS\n         ^"},
		{name: "missing in group", dialogue: "S: …\nC: a NOOP\nS: (any order)\nS: * 9 EXISTS\nS: (end)", wantErr: "still wanted (line 9): * 9 EXISTS"},
		{name: "not silent", dialogue: "S: …\nC: a NOOP\nS: (none)", wantErr: "got * 3 EXISTS"},
		{name: "tagged is not skipped", dialogue: "C: (do) X\nC: a X\nS: (skip)\nS: b OK …", wantErr: "got  a OK X done"},
		{name: "no such file", dialogue: "C: a {=g}", wantErr: `no file "g"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			archive := "about\n-- f --\none\ntwo\n-- dialogue --\n" + tt.dialogue + "\n"
			s, err := Parse("x.txtar", []byte(archive))
			if err != nil {
				t.Fatal(err)
			}
			err = Run(t.Context(), s, &parrot{})
			if tt.wantErr == "" && err != nil {
				t.Fatal(err)
			}
			if tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error %v\nwant one with %s", err, tt.wantErr)
			}
		})
	}
}

func TestParseSetup(t *testing.T) {
	s, err := Parse("x", []byte("-- setup --\n# comment\nuser alice\nmailbox \"a b\" \\Sent\n-- dialogue --\nC: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Directive{{Line: 3, Words: []string{"user", "alice"}}, {Line: 4, Words: []string{"mailbox", "a b", `\Sent`}}}
	if diff := cmp.Diff(want, s.Setup); diff != "" {
		t.Error(diff)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, archive, want string }{
		{"nothing", "only text\n", "no dialogue"},
		{"not a line", "-- dialogue --\nC: x\nhello\n", "x:3: want C1"},
		{"bad regexp", "-- dialogue --\nS~: (\n", "x:2: "},
		{"bad raw", "-- dialogue --\nC raw: hello\n", "x:2: "},
		{"bad wait", "-- dialogue --\nwait long\n", "x:2: "},
		{"server raw", "-- dialogue --\nS raw: \"x\"\n", "x:2: "},
		{"bad quotes", "-- setup --\nuser \"a\n-- dialogue --\nC: x\n", "x:2: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("x", []byte(tt.archive))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
