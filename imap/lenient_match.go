package imap

import "strings"

// A pattern is text around the place where decoding failed.
type pattern struct {
	before, after []element
	// start and end count elements from the failing place, negative before it.
	start, end int
}

// An element is text, compared without case, or a kind of text.
type element struct{ kind, text string }

// newPattern reads a pattern. "^" is where decoding failed, « and » stand around
// what is to be replaced. Elements in <> are kinds:
//
//	<sp>      spaces, at least one
//	<num>     digits, at least one
//	<word>    octets other than space, parenthesis, quote and control, at least one
//	<line>    octets up to the end of the unit without a quote, at least one
//	<str>     a quoted string or a literal; before "^" quoted only
//	<list>    a list in parentheses
//	<params>  a list or NIL
//	<val>     a string, a list or a word
//	$         the end of the unit
//
// Everything else stands for itself.
func newPattern(s string) pattern {
	var all []element
	place, start, end := 0, 0, 0
	for s != "" {
		switch {
		case strings.HasPrefix(s, "^"):
			place, s = len(all), s[1:]
		case strings.HasPrefix(s, "«"):
			start, s = len(all), s[len("«"):]
		case strings.HasPrefix(s, "»"):
			end, s = len(all), s[len("»"):]
		case s[0] == '<':
			i := strings.IndexByte(s, '>')
			all, s = append(all, element{kind: s[1:i]}), s[i+1:]
		case s[0] == '$':
			all, s = append(all, element{kind: "end"}), s[1:]
		default:
			n := strings.IndexAny(s, "^«»<$")
			if n < 0 {
				n = len(s)
			}
			all, s = append(all, element{text: s[:n]}), s[n:]
		}
	}
	return pattern{before: all[:place], after: all[place:], start: start - place, end: end - place}
}

// matched is what a pattern matched: the stretch to be replaced, and what its kinds are.
type matched struct {
	start, end int
	kinds      []string
}

// match matches at the failing place.
func (p *pattern) match(b []byte, at int) (matched, bool) {
	m := matched{start: at, end: at}
	i := at
	for k := len(p.before) - 1; k >= 0; k-- {
		e := p.before[k]
		j := e.backward(b, i)
		if j < 0 {
			return m, false
		}
		if e.text == "" {
			m.kinds = append([]string{string(b[j:i])}, m.kinds...)
		}
		i = j
		m.reach(p, k-len(p.before), i)
	}
	i = at
	for k, e := range p.after {
		j := e.forward(b, i)
		if j < 0 {
			return m, false
		}
		if e.text == "" {
			m.kinds = append(m.kinds, string(b[i:j]))
		}
		i = j
		m.reach(p, k+1, i)
	}
	return m, true
}

// reach notes an end of the stretch where the pattern has it.
func (m *matched) reach(p *pattern, elements, i int) {
	if elements == p.start {
		m.start = i
	}
	if elements == p.end {
		m.end = i
	}
}

// expand writes what was matched in the place of $1 to $9.
func (m *matched) expand(with string) string {
	var out strings.Builder
	for i := 0; i < len(with); i++ {
		if with[i] == '$' && i+1 < len(with) {
			i++
			out.WriteString(m.kinds[with[i]-'1'])
			continue
		}
		out.WriteByte(with[i])
	}
	return out.String()
}

// forward returns the index behind the element at i, -1 where it is not there.
func (e element) forward(b []byte, i int) int {
	end := unitEnd(b)
	switch e.kind {
	case "":
		if foldAt(b, i, e.text) {
			return i + len(e.text)
		}
		return -1
	case "end":
		if i == end {
			return i
		}
		return -1
	case "sp":
		return run(b, i, isSpace)
	case "num":
		return run(b, i, isDigit)
	case "word":
		return run(b, i, isWord)
	case "line":
		return run(b[:end], i, func(c byte) bool { return c != '"' && c != '\r' && c != '\n' })
	case "str":
		return skipString(b, i)
	case "list":
		return skipList(b, i)
	case "params":
		if foldAt(b, i, "NIL") {
			return i + len("NIL")
		}
		return skipList(b, i)
	}
	return skipValue(b, i)
}

// backward returns the index of the element that ends before i, -1 where it is not there.
func (e element) backward(b []byte, i int) int {
	switch e.kind {
	case "":
		if j := i - len(e.text); j >= 0 && foldAt(b, j, e.text) {
			return j
		}
		return -1
	case "sp":
		return runBack(b, i, isSpace)
	case "num":
		return runBack(b, i, isDigit)
	case "word":
		return runBack(b, i, isWord)
	case "str":
		if i < 2 || b[i-1] != '"' {
			return -1
		}
		return openingQuote(b, i-1)
	}
	return -1
}

// openingQuote is the quote before i that is not escaped.
func openingQuote(b []byte, i int) int {
	for i--; i >= 0 && b[i] != '\n'; i-- {
		if b[i] == '"' && (i == 0 || b[i-1] != '\\') {
			return i
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isWord(c byte) bool  { return c > ' ' && c != '(' && c != ')' && c != '"' && c != 0x7f }

// isGap reports whether an octet stands between the items of a list.
func isGap(c byte) bool { return c == ' ' || c == '(' || c == ')' }

// run is the index behind a run at i, -1 where it is empty.
func run(b []byte, i int, in func(byte) bool) int {
	j := i
	for j < len(b) && in(b[j]) {
		j++
	}
	if j == i {
		return -1
	}
	return j
}

// runBack is the index of the run that ends before i, -1 where it is empty.
func runBack(b []byte, i int, in func(byte) bool) int {
	j := i
	for j > 0 && in(b[j-1]) {
		j--
	}
	if j == i {
		return -1
	}
	return j
}

// foldAt reports whether text stands at i, in any case.
func foldAt(b []byte, i int, text string) bool {
	return i >= 0 && len(text) <= len(b)-i && strings.EqualFold(string(b[i:i+len(text)]), text)
}

// indexFold is the place of text at or behind i in any case, -1 where there is none.
func indexFold(b []byte, i int, text string) int {
	for ; i+len(text) <= len(b); i++ {
		if b[i]|0x20 == text[0]|0x20 && foldAt(b, i, text) {
			return i
		}
	}
	return -1
}
