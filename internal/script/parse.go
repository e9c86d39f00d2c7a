package script

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Script is one parsed archive.
type Script struct {
	Name    string // file name, for messages
	Comment string // what the script is about
	Setup   []Directive
	Steps   []Step
	files   map[string][]byte
}

// Directive is one line of the setup.
type Directive struct {
	Line  int
	Words []string
}

// StepKind says what a step of the dialogue does.
type StepKind uint8

// The kinds of step.
const (
	Send     StepKind = iota // a line of the client
	SendRaw                  // bytes of the client
	Do                       // a command that must succeed
	Close                    // the client closes
	StartTLS                 // the client starts TLS
	Expect                   // a response
	Match                    // a response, as a regular expression
	AnyOrder                 // begin of a group
	End                      // end of a group
	Skip                     // skip untagged responses
	None                     // silence
	EOF                      // the server closes
	Wait                     // time passes
)

// Step is one line of the dialogue.
type Step struct {
	Line int // in the archive, from 1
	Kind StepKind
	Conn int
	Text string
	Wait time.Duration
}

// File returns a file of the archive with CRLF line ends, and whether it exists.
func (s *Script) File(name string) ([]byte, bool) {
	data, ok := s.files[name]
	return data, ok
}

// Load reads and parses the archive at path.
func Load(path string) (*Script, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse parses an archive. Errors name file and line.
func Parse(name string, data []byte) (*Script, error) {
	archive := txtar.Parse(data)
	s := &Script{Name: name, Comment: string(archive.Comment), files: map[string][]byte{}}
	line := 1 + strings.Count(string(archive.Comment), "\n")
	for _, f := range archive.Files {
		line++ // the "-- name --" line
		var err error
		switch f.Name {
		case "setup":
			err = s.parseSetup(string(f.Data), line)
		case "dialogue":
			err = s.parseDialogue(string(f.Data), line)
		default:
			s.files[f.Name] = crlf(f.Data)
		}
		if err != nil {
			return nil, err
		}
		line += strings.Count(string(f.Data), "\n")
	}
	if len(s.Steps) == 0 {
		return nil, fmt.Errorf("%s: no dialogue", name)
	}
	return s, nil
}

// crlf makes every line end a CRLF.
func crlf(data []byte) []byte {
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

func (s *Script) parseSetup(text string, line int) error {
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		words, err := splitWords(l)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", s.Name, line+i, err)
		}
		s.Setup = append(s.Setup, Directive{Line: line + i, Words: words})
	}
	return nil
}

// splitWords splits at spaces; a word that begins with a quote is a Go string.
func splitWords(l string) ([]string, error) {
	var words []string
	for l = strings.TrimSpace(l); l != ""; l = strings.TrimLeft(l, " \t") {
		if l[0] != '"' {
			word, rest, _ := strings.Cut(l, " ")
			words, l = append(words, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(l)
		if err != nil {
			return nil, fmt.Errorf("bad quoted word in %q", l)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, l = append(words, word), l[len(quoted):]
	}
	return words, nil
}

func (s *Script) parseDialogue(text string, line int) error {
	for i, l := range strings.Split(text, "\n") {
		if strings.TrimSpace(l) == "" || l[0] == '#' {
			continue
		}
		step, err := parseStep(l)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", s.Name, line+i, err)
		}
		step.Line = line + i
		s.Steps = append(s.Steps, step)
	}
	return nil
}

var stepHead = regexp.MustCompile(`^([CS])([0-9]*)(~| raw)?:(?: (.*))?$`)

func parseStep(l string) (Step, error) {
	if rest, ok := strings.CutPrefix(l, "wait "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		return Step{Kind: Wait, Wait: d}, err
	}
	m := stepHead.FindStringSubmatch(l)
	if m == nil {
		return Step{}, fmt.Errorf("want C1: …, S1: …, wait … or a comment, not %q", l)
	}
	step := Step{Conn: 1, Text: m[4]}
	if m[2] != "" {
		step.Conn, _ = strconv.Atoi(m[2]) // digits only, by the pattern
	}
	switch m[1] + m[3] {
	case "C":
		return clientStep(step), nil
	case "C raw":
		text, err := strconv.Unquote(step.Text)
		step.Kind, step.Text = SendRaw, text
		return step, err
	case "S":
		return serverStep(step), nil
	case "S~":
		step.Kind = Match
		_, err := regexp.Compile(step.Text)
		return step, err
	}
	return Step{}, fmt.Errorf("%q does not go with %s", m[3], m[1])
}

func clientStep(step Step) Step {
	switch {
	case step.Text == "(close)":
		step.Kind = Close
	case step.Text == "(tls)":
		step.Kind = StartTLS
	case strings.HasPrefix(step.Text, "(do) "):
		step.Kind, step.Text = Do, strings.TrimPrefix(step.Text, "(do) ")
	default:
		step.Kind = Send
	}
	return step
}

func serverStep(step Step) Step {
	kinds := map[string]StepKind{
		"(any order)": AnyOrder, "(end)": End, "(skip)": Skip, "(none)": None, "(eof)": EOF,
	}
	kind, ok := kinds[step.Text]
	if !ok {
		kind = Expect
	}
	step.Kind = kind
	return step
}
