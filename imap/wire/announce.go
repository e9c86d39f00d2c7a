package wire

import (
	"bytes"
	"math"
)

// quotes tells what is inside of quoted strings, octet by octet.
type quotes struct{ in, escape bool }

// feed passes over octets of a line.
func (q *quotes) feed(b []byte) {
	for _, c := range b {
		switch {
		case q.escape:
			q.escape = false
		case c == '"':
			q.in = !q.in
		case c == '\\':
			q.escape = q.in
		}
	}
}

// literalHead is what the end of a line says of the literal that follows.
type literalHead struct {
	size    int64 // math.MaxInt64 where the number is larger
	start   int   // of the announcement in the line, "~" included
	nonSync bool  // the octets come without leave
	binary  bool  // "~{"
}

// headAtEnd reads the announcement at the end of a line, whatever is before
// it. Cut is set where the line's octets start within what may be one: digits and no brace.
func headAtEnd(line []byte) (h literalHead, ok, cut bool) {
	n := len(line) - 1 // without LF
	if n > 0 && line[n-1] == '\r' {
		n--
	}
	return headBefore(line[:max(0, n)])
}

// headBefore is headAtEnd without the end of the line.
func headBefore(line []byte) (h literalHead, ok, cut bool) {
	i := len(line) - 1
	if i < 0 || line[i] != '}' {
		return h, false, false
	}
	if i--; i >= 0 && line[i] == '+' {
		h.nonSync = true
		i--
	}
	end := i + 1
	for i >= 0 && class[line[i]]&classDigit != 0 {
		i--
	}
	switch {
	case i < 0:
		return h, false, true
	case line[i] != '{' || i+1 == end:
		return h, false, false
	}
	h.start = i
	if h.size = parseSize(line[i+1 : end]); i > 0 && line[i-1] == '~' {
		h.binary = true
		h.start--
	}
	return h, true, false
}

// parseSize is the value of digits, math.MaxInt64 where that is too small.
func parseSize(digits []byte) (v int64) {
	for _, c := range digits {
		n := int64(c - '0')
		if v > (math.MaxInt64-n)/10 {
			return math.MaxInt64
		}
		v = v*10 + n
	}
	return v
}

// announced reads the announcement at the end of a line, which counts only
// outside of quoted strings.
func announced(line []byte) (literalHead, bool) {
	h, ok, _ := headAtEnd(line)
	if !ok {
		return h, false
	}
	var q quotes
	if bytes.IndexByte(line, '"') >= 0 {
		q.feed(line[:h.start])
	}
	return h, !q.in
}

// isText reports whether a line of a server ends in text for people, where
// "{5}" announces nothing: all but untagged data.
func isText(line []byte) bool {
	word, ok := bytes.CutPrefix(line, []byte("* "))
	if !ok {
		return true
	}
	n := 0
	for n < len(word) && word[n]|0x20 >= 'a' && word[n]|0x20 <= 'z' {
		n++
	}
	if n < len(word) && word[n] != ' ' && word[n] != '\r' && word[n] != '\n' {
		return false
	}
	return isStatus(word[:n])
}

func isStatus(word []byte) bool {
	for _, s := range [...]string{"OK", "NO", "BAD", "BYE", "PREAUTH"} {
		if len(s) == len(word) && bytes.EqualFold(word, []byte(s)) {
			return true
		}
	}
	return false
}

// tagOf is the tag that a command starts with, "" where there is none
// (RFC 9051 §9).
func tagOf(line []byte) string {
	n := 0
	for n < len(line) && class[line[n]]&classAString != 0 && line[n] != '+' {
		n++
	}
	if n == len(line) || line[n] != ' ' {
		return ""
	}
	return string(line[:n])
}
