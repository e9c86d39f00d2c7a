package imap

import (
	"bytes"
	"iter"
)

// skipString is the index behind the string at i, -1 where there is none.
func skipString(b []byte, i int) int {
	switch {
	case i >= len(b):
		return -1
	case b[i] == '"':
		for i++; i < len(b) && b[i] != '\r' && b[i] != '\n'; i++ {
			switch b[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return -1
	}
	_, end := literalAt(b, i)
	return end
}

// literalAt is where the octets of the literal announced at i are; both are -1
// where none is announced, or where it is not in the unit.
func literalAt(b []byte, i int) (start, end int) {
	if i < len(b) && b[i] == '~' {
		i++
	}
	if i >= len(b) || b[i] != '{' {
		return -1, -1
	}
	j, size := i+1, 0
	for ; j < len(b) && isDigit(b[j]); j++ {
		if size = size*10 + int(b[j]-'0'); size > len(b) {
			return -1, -1
		}
	}
	if j == i+1 {
		return -1, -1
	}
	if j < len(b) && b[j] == '+' {
		j++
	}
	if !bytes.HasPrefix(b[j:], []byte("}\r\n")) || size > len(b)-j-3 {
		return -1, -1
	}
	return j + 3, j + 3 + size
}

// skipList is the index behind the list at i, -1 where it has no end.
func skipList(b []byte, i int) int {
	if i >= len(b) || b[i] != '(' {
		return -1
	}
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '\r', '\n':
			return -1
		}
		if i = skipPast(b, i); i < 0 {
			return -1
		}
	}
	return -1
}

// skipPast is the index behind the string, the literal or the octet at i; -1
// where a string has no end.
func skipPast(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '~':
		if _, end := literalAt(b, i); end >= 0 {
			return end
		}
	}
	return i + 1
}

// walk passes over a unit in which quotes may be missing.
type walk struct {
	// open: there is a quote that has no other, so that none means anything, up to the end of the line.
	open bool
}

// past is the index behind the string, the literal or the octet at i.
func (w *walk) past(b []byte, i int) int {
	if b[i] == '\n' {
		w.open = false
	}
	if w.open && b[i] == '"' {
		return i + 1
	}
	j := skipPast(b, i)
	if j < 0 {
		w.open = true
		return i + 1
	}
	return j
}

// skipValue is the index behind the string, list or word at i.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '(':
		return skipList(b, i)
	case '"':
		return skipString(b, i)
	case '{', '~':
		if _, end := literalAt(b, i); end >= 0 {
			return end
		}
	}
	return run(b, i, isWord)
}

// parens lists the parentheses that are open at a place, outermost first.
func (m *mender) parens(at int) []int {
	var open []int
	var w walk
	for i := 0; i < at; {
		switch m.b[i] {
		case '(':
			open = append(open, i)
		case ')':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		i = w.past(m.b, i)
	}
	return open
}

// open is the innermost parenthesis that is open at a place, -1 where there is none.
func (m *mender) open(at int) int {
	open := m.parens(at)
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}

// parenAt is the list that begins at a place.
func parenAt(m *mender, at int) (start, end int, ok bool) {
	end = skipList(m.b, at)
	return at, end, end >= 0
}

// quotedAround is the quoted string that a place is in.
func quotedAround(m *mender, at int) (start, end int, ok bool) {
	if start = openingQuote(m.b, at); start < 0 {
		return 0, 0, false
	}
	end = skipString(m.b, start)
	return start, end, end > at
}

// literalAround is the literal that a place is in, with its announcement.
func literalAround(m *mender, at int) (start, end int, ok bool) {
	return m.literalWhere(func(from, to int) bool { return from <= at && at < to }, at)
}

// literalWhere finds a literal of the unit that begins before a place.
func (m *mender) literalWhere(is func(start, end int) bool, at int) (start, end int, ok bool) {
	var w walk
	for i := 0; i < at; {
		if from, to := literalAt(m.b, i); from >= 0 && is(from, to) {
			return i, to, true
		}
		i = w.past(m.b, i)
	}
	return 0, 0, false
}

// literalBefore is the literal that ends at a place, together with what follows
// up to the next item or the end of the list.
func literalBefore(m *mender, at int) (start, end int, ok bool) {
	if start, _, ok = m.literalWhere(func(_, to int) bool { return to == at }, at); !ok {
		return 0, 0, false
	}
	end = m.nextItem(at)
	return start, end, end > at && !isGap(m.b[at])
}

// nextItem is the place of the space before what looks like an item, or that of
// the parenthesis at the end of the unit.
func (m *mender) nextItem(at int) int {
	end := unitEnd(m.b)
	for i := at; i < end; i++ {
		if m.b[i] == ' ' && looksLikeItem(m.b[i+1:end]) {
			return i
		}
	}
	if end > at && m.b[end-1] == ')' {
		return end - 1
	}
	return end
}

// looksLikeItem reports whether text begins with a name in capitals and a value.
func looksLikeItem(b []byte) bool {
	n := 0
	for n < len(b) && (b[n] >= 'A' && b[n] <= 'Z' || n > 0 && (isDigit(b[n]) || b[n] == '.' || b[n] == '-')) {
		n++
	}
	if n < 3 || n+1 >= len(b) || string(b[:n]) == "NIL" {
		return false
	}
	if b[n] == '[' {
		return true
	}
	return b[n] == ' ' && (b[n+1] == '(' || b[n+1] == '"' || b[n+1] == '{' || isDigit(b[n+1]) || foldAt(b, n+1, "NIL"))
}

// items is where the list of named items of the unit begins, -1 where there is none.
func (m *mender) items() int {
	open := bytes.IndexByte(m.b, '(')
	line := m.b
	if !bytes.HasPrefix(line, []byte("* ")) {
		if len(line) > 0 && (line[0] == ' ' || line[0] == ')') {
			return 0 // what follows a streamed literal
		}
		return -1
	}
	if open < 0 {
		return -1
	}
	word := run(line, 2, isDigit)
	switch {
	case word > 0 && (foldAt(line, word, " FETCH (") || foldAt(line, word, " UIDFETCH (")):
	case foldAt(line, 2, "STATUS "):
		if name := skipValue(line, len("* STATUS ")); name >= 0 && foldAt(line, name, " (") {
			open = name + 1
		}
	default:
		return -1
	}
	return open + 1
}

// item is the named item that a place is in, with the space that separates it
// from its neighbour.
func (m *mender) item(at int) (start, end int, ok bool) {
	if start = m.itemStart(at); start < 0 {
		return 0, 0, false
	}
	start, end = m.itemWithSpace(start, m.itemEnd(start, at))
	return start, end, start < end
}

// itemStart is where the named item begins that a place is in, -1 where there is none.
func (m *mender) itemStart(at int) int {
	start := m.items()
	if start < 0 || start > at {
		return -1
	}
	for {
		if m.b[start] == ' ' {
			start++
		}
		end := m.skipItem(start)
		if end < 0 || end > at || end <= start || end >= unitEnd(m.b) {
			return start
		}
		start = end
	}
}

// itemEnd is where the item that begins at start ends, which has a fault at a place.
func (m *mender) itemEnd(start, at int) int {
	end := m.skipItem(start)
	if end < 0 || end < at || m.b[end] != ' ' && m.b[end] != ')' {
		return m.nextItem(start + 1)
	}
	return end
}

// itemWithSpace adds one of the spaces around an item to it.
func (m *mender) itemWithSpace(start, end int) (from, to int) {
	switch {
	case start > 0 && m.b[start-1] == ' ':
		return start - 1, end
	case m.b[end] == ' ':
		return start, end + 1
	}
	return start, end
}

// skipItem is the index behind the name and the value at i.
func (m *mender) skipItem(i int) int {
	for i < len(m.b) && isWord(m.b[i]) && m.b[i] != '[' {
		i++
	}
	if m.b[i] == '[' {
		n := bytes.IndexByte(m.b[i:], ']')
		if n < 0 || m.b[i+1] == ' ' {
			return -1
		}
		if i += n + 1; m.b[i] == '<' {
			i = run(m.b, i, isWord)
		}
	}
	if m.b[i] != ' ' || looksLikeItem(m.b[i+1:]) {
		return -1 // it has no value
	}
	return skipValue(m.b, i+1)
}

// mostCuts bounds how many lists around a place are tried to be left out.
const mostCuts = 4

// cuts are what can be left out so that the rest survives, the least first:
// elements of lists of lists, then the item. What was repaired from there on is
// as it was received: it can have been misunderstood.
func (m *mender) cuts(at int) iter.Seq[repair] {
	return func(yield func(repair) bool) {
		start, with := m.itemStart(at), ""
		if start >= 0 && foldAt(m.b, start, "BODY") {
			with = emptyPart // a part less would renumber the others
		}
		open := m.parens(at)
		for i := len(open) - 1; i > 0 && i >= len(open)-mostCuts; i-- {
			if r, ok := m.cutList(open[i], with); ok && !yield(r) {
				return
			}
		}
		if start < 0 {
			return
		}
		if as, ok := m.rewound(start); ok {
			end := as.itemEnd(start, m.position(at)-m.position(start)+start)
			from, to := as.itemWithSpace(start, end)
			yield(repair{quirk: QuirkBrokenItem, start: from, end: to, rewound: as})
		}
	}
}

// cutList leaves out the list that begins at start, if it is an element of a list of lists.
func (m *mender) cutList(start int, with string) (repair, bool) {
	as, ok := m.rewound(start)
	if !ok || !isNested(m.b[start-1]) {
		return repair{}, false
	}
	end := skipList(as.b, start)
	if end < 0 || !isNested(as.b[end]) {
		return repair{}, false
	}
	return repair{quirk: QuirkBrokenItem, start: start, end: end, with: with, rewound: as}, true
}

// isNested reports whether an octet is what elements of lists of lists have
// around them.
func isNested(c byte) bool { return c == '(' || c == ')' }
