package script

import (
	"fmt"
	"regexp"
	"strings"
)

var announced = regexp.MustCompile(`\{([0-9]+)\}$`)

// wanted makes the expectation of a step: literals that the line announces take
// in the following lines of the same connection, or a file of the archive.
func (r *runner) wanted(step Step) (wanted, error) {
	if step.Kind != Expect && step.Kind != Match {
		return wanted{}, fmt.Errorf("want a response in line %d", step.Line)
	}
	text := expand(step.Text, r.vars)
	if step.Kind == Match {
		return newWanted(step.Line, Match, text)
	}
	for {
		line, file, err := r.announce(text)
		if err != nil {
			return wanted{}, err
		}
		if file != nil {
			rest, err := r.continuation(step)
			if err != nil {
				return wanted{}, err
			}
			text = line + "\r\n" + string(file) + rest
			continue
		}
		size, more := literalSize(text)
		if !more {
			return newWanted(step.Line, Expect, text)
		}
		if text, err = r.inline(step, text, int(size)); err != nil {
			return wanted{}, err
		}
	}
}

// inline appends the octets of a literal that the text announces, and what
// follows them, from the next lines of the script.
func (r *runner) inline(step Step, text string, size int) (string, error) {
	start := len(text) + len("\r\n")
	for len(text) < start+size {
		rest, err := r.continuation(step)
		if err != nil {
			return "", err
		}
		text += "\r\n" + rest
	}
	if len(text) == start+size {
		// The literal ended exactly at a line's end: what follows it is there too.
		rest, err := r.continuation(step)
		if err != nil {
			return "", err
		}
		text += rest
	}
	return text, nil
}

// continuation takes the next line of the script, which belongs to the same response.
func (r *runner) continuation(step Step) (string, error) {
	if r.next >= len(r.script.Steps) {
		return "", fmt.Errorf("the literal of line %d is incomplete", step.Line)
	}
	next := r.script.Steps[r.next]
	if next.Kind != Expect || next.Conn != step.Conn {
		return "", fmt.Errorf("line %d: the literal of line %d goes on here", next.Line, step.Line)
	}
	r.next++
	return expand(next.Text, r.vars), nil
}

// mismatch describes the difference between what was wanted and what came.
func mismatch(w wanted, got string) error {
	n := w.common(got)
	mark := strings.Repeat(" ", len([]rune(lastLine(got[:n])))) + "^"
	return fmt.Errorf("wrong response (wanted by line %d)\n  want %s\n  got  %s\n       %s", w.line, indent(w.text), indent(got), mark)
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

func indent(s string) string { return strings.ReplaceAll(s, "\r\n", "\r\n       ") }

// list shows the responses of a group.
func list(title string, wants []wanted) string {
	var b strings.Builder
	for _, w := range wants {
		fmt.Fprintf(&b, "  %s (line %d): %s\n", title, w.line, w.text)
	}
	return b.String()
}

// tailLines is how much of the conversation a message shows.
const tailLines = 12

// tail shows the end of the conversation.
func (r *runner) tail() string {
	lines := r.log
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return "  conversation so far:\n    " + strings.Join(lines, "\n    ")
}
