package message

import "strings"

// The functions of this file read the lexical elements of structured fields (RFC 5322
// §3.2) from s at i and return where they end. They accept every input; an element
// that is not closed reaches to the end of s.

// skipSpace skips white space.
func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// skipComments skips white space and comments.
func skipComments(s string, i int) int {
	for {
		i = skipSpace(s, i)
		if i >= len(s) || s[i] != '(' {
			return i
		}
		i = endOfComment(s, i)
	}
}

// endOfComment returns the end of the comment that starts at i. Comments nest.
func endOfComment(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// comment returns the text of the comment that starts at i, without quoting, and its end.
func comment(s string, i int) (text string, end int) {
	end = endOfComment(s, i)
	text = s[i+1 : end]
	if strings.HasSuffix(text, ")") && !strings.HasSuffix(text, `\)`) {
		text = text[:len(text)-1]
	}
	return strings.Trim(unquote(text), " \t"), end
}

// quotedString returns the text of the quoted string that starts at i and its end.
func quotedString(s string, i int) (text string, end int) {
	i++
	for end = i; end < len(s) && s[end] != '"'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	if end >= len(s) {
		return unquote(s[i:]), len(s)
	}
	return unquote(s[i:end]), end + 1
}

// unquote removes the backslashes of quoted pairs.
func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// until returns the end of the run of octets from i on that are not in stop.
func until(s string, i int, stop string) int {
	if n := strings.IndexAny(s[i:], stop); n >= 0 {
		return i + n
	}
	return len(s)
}
