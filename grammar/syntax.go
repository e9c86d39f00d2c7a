package grammar

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/participle/v2"
)

// maxSyntaxErrors bounds how many syntax errors of one file are reported.
const maxSyntaxErrors = 10

// parse reads a file. After a syntax error it goes on with the next rule that
// begins a line, so that one run reports more than one mistake.
func (l *loader) parse(f File) *abnfFile {
	text := string(f.Data)
	for range maxSyntaxErrors {
		parsed, err := abnfParser.ParseString(f.Name, text)
		if err == nil {
			return parsed
		}
		offset := l.syntaxError(f, text, err)
		rest := blankRule(text, offset)
		if rest == text {
			break
		}
		text = rest
	}
	return &abnfFile{}
}

// syntaxError reports where a file stops being ABNF, and returns the offset.
func (l *loader) syntaxError(f File, text string, err error) int {
	var unexpected *participle.UnexpectedTokenError
	var other participle.Error
	switch {
	case errors.As(err, &unexpected):
		pos := unexpected.Position()
		l.add(place(pos), ruleAround(text, pos.Offset), "%s", advice(unexpected, text[:pos.Offset]))
		return pos.Offset
	case errors.As(err, &other):
		pos := other.Position()
		l.add(place(pos), ruleAround(text, pos.Offset), "%s; remove it or write it as ABNF", other.Message())
		return pos.Offset
	}
	l.add(Pos{File: f.Name, Line: 1, Column: 1}, "", "%v", err)
	return len(text)
}

// advice says what to do about a token that cannot stand where it does, behind
// the text before it.
func advice(err *participle.UnexpectedTokenError, before string) string {
	token := strings.TrimSpace(err.Unexpected.Value)
	lines := strings.Split(strings.TrimRight(before, " \t\r\n"), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	switch {
	case strings.HasPrefix(last, ";@") && token != "":
		return "the annotation " + quoteToken(last) + " stands in the middle of a rule; write it on a line before the rule"
	case openBracket(before) != "":
		return "the " + openBracket(before) + " is not closed before " + quoteToken(token) + "; close it"
	case token == "":
		return "the file ends in the middle of a rule; complete it"
	case strings.HasPrefix(token, ";@"):
		return "the annotation " + quoteToken(token) + " stands in the middle of a rule; write it on a line before the rule"
	case strings.HasPrefix(token, ";"):
		return "the note " + quoteToken(token) + " has no element before it; write it after an element"
	case strings.Contains(err.Message(), "expected <defined>"):
		return "= is missing behind a rule's name, before " + quoteToken(token) + "; write name = elements"
	}
	return "unexpected " + quoteToken(token) + "; a rule is written name = elements, with / between alternatives"
}

func quoteToken(token string) string {
	if token == "" {
		return "the end of the file"
	}
	return "`" + token + "`"
}

// openBracket is the last parenthesis or bracket of the last rule in the text
// that is still open, or "".
func openBracket(text string) string {
	if m := lastHead(text, len(text)); m != nil {
		text = text[m[0]:]
	}
	tokens, err := abnfLexer.LexString("", text)
	if err != nil {
		return ""
	}
	open := ""
	for t, err := tokens.Next(); err == nil && !t.EOF(); t, err = tokens.Next() {
		switch {
		case t.Value == "(" || t.Value == "[":
			open += t.Value
		case (t.Value == ")" || t.Value == "]") && open != "":
			open = open[:len(open)-1]
		}
	}
	return open[max(0, len(open)-1):]
}

var ruleHead = regexp.MustCompile(`(?m)^([A-Za-z][A-Za-z0-9_-]*)[ \t]*=/?`)

// ruleAround is the name of the rule that begins before the offset, or "".
func ruleAround(text string, offset int) string {
	if m := lastHead(text, offset); m != nil {
		return text[m[2]:m[3]]
	}
	return ""
}

// lastHead finds the last rule that begins a line before the offset.
func lastHead(text string, offset int) []int {
	heads := ruleHead.FindAllStringSubmatchIndex(text[:min(offset, len(text))], -1)
	if len(heads) == 0 {
		return nil
	}
	return heads[len(heads)-1]
}

var lineStart = regexp.MustCompile(`(?m)^[;A-Za-z]`)

// blankRule replaces the rule around the offset by spaces, so that places in the
// rest stay what they are. It returns the text as it is where that would be everything.
func blankRule(text string, offset int) string {
	begin, end := 0, len(text)
	if m := lastHead(text, offset); m != nil {
		begin = m[0]
	}
	offset = min(offset+1, len(text))
	if m := lineStart.FindStringIndex(text[offset:]); m != nil {
		end = offset + m[0]
	}
	blank := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return ' '
	}, text[begin:end])
	return text[:begin] + blank + text[end:]
}
