package script

import (
	"fmt"
	"regexp"
	"strings"
)

// Wildcard stands for any bytes in a wanted response.
const Wildcard = "…"

// wanted is one response that the script expects.
type wanted struct {
	line int    // of the script
	text string // with wildcards, or the regular expression
	re   *regexp.Regexp
}

// newWanted compiles a step whose variables have been filled in.
func newWanted(line int, kind StepKind, text string) (wanted, error) {
	w := wanted{line: line, text: text}
	expr := text
	if kind != Match {
		parts := strings.Split(text, Wildcard)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		expr = strings.Join(parts, `.*?`)
	}
	re, err := regexp.Compile(`(?s)\A(?:` + expr + `)\z`)
	if err != nil {
		return w, fmt.Errorf("line %d: %w", line, err)
	}
	w.re = re
	return w, nil
}

// match reports whether the response fits and stores its named groups.
func (w wanted) match(response string, vars map[string]string) bool {
	m := w.re.FindStringSubmatch(response)
	if m == nil {
		return false
	}
	for i, name := range w.re.SubexpNames() {
		if name != "" {
			vars[name] = m[i]
		}
	}
	return true
}

// expand replaces ${name}; an unknown name stays as it is.
func expand(text string, vars map[string]string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	for name, value := range vars {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

// common returns how many bytes of the wanted text, up to its first wildcard,
// the response begins with: where the two part.
func (w wanted) common(response string) int {
	plain, _, _ := strings.Cut(w.text, Wildcard)
	n := 0
	for n < len(plain) && n < len(response) && plain[n] == response[n] {
		n++
	}
	return n
}
