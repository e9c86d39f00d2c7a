package grammar

import (
	"errors"
	"strings"

	"github.com/alecthomas/participle/v2"
)

// syntaxError reports where a file stops being ABNF.
func (l *loader) syntaxError(f File, err error) {
	var unexpected *participle.UnexpectedTokenError
	var other participle.Error
	switch {
	case errors.As(err, &unexpected):
		l.add(place(unexpected.Position()), "", "%s", adviceFor(unexpected.Unexpected.Value))
	case errors.As(err, &other):
		l.add(place(other.Position()), "", "%s", other.Message())
	default:
		l.add(Pos{File: f.Name, Line: 1, Column: 1}, "", "%v", err)
	}
}

// adviceFor says what to do about a token that cannot stand where it does.
func adviceFor(token string) string {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return "the file ends in the middle of a rule; complete it"
	case strings.HasPrefix(token, ";@"):
		return "the annotation " + token + " stands inside a rule; write it on a line before the rule"
	case strings.HasPrefix(token, ";"):
		return "the note " + token + " has no element before it; write it after an element"
	}
	return "unexpected " + token + "; a rule is written name = elements"
}
