package message

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// parseAddresses reads an address list (RFC 5322 §3.4, §4.4) as ENVELOPE shows it, at
// most limit addresses; all tells whether these are all. A group is an address with
// its name as mailbox and no host, then its members, then one of only NILs. What has
// no "@" is a mailbox with an empty host, since NIL would make it a group.
func parseAddresses(s string, limit int) (list []imap.Address, all bool) {
	p := addressParser{s: s}
	for p.i < len(p.s) && len(p.list) < limit {
		p.entry()
	}
	p.endGroup()
	return p.list, p.i >= len(p.s)
}

type addressParser struct {
	s       string
	i       int
	list    []imap.Address
	inGroup bool

	words   []word // of the entry so far
	at      bool   // there is an "@" among them
	comment string // the last one of the entry
}

// word is an element of an entry: an atom with the dots in it, a quoted string, a
// domain literal, or "@".
type word struct {
	text   string
	spaced bool // white space or a comment is in front of it
	quoted bool
}

func (w word) isAt() bool { return w.text == "@" && !w.quoted }

func nstring(s string) imap.NString { return imap.NString{Value: s, Valid: true} }

// optional is NIL for an empty string.
func optional(s string) imap.NString { return imap.NString{Value: s, Valid: s != ""} }

// add appends an address.
func (p *addressParser) add(a imap.Address) { p.list = append(p.list, a) }

// entry reads up to the next comma or the start or end of a group, and past it.
func (p *addressParser) entry() {
	p.words, p.at, p.comment = p.words[:0], false, ""
	for {
		spaced := p.space()
		if p.i >= len(p.s) {
			p.bare()
			return
		}
		switch c := p.s[p.i]; {
		case c == ',':
			p.i++
			p.bare()
			return
		case c == ';':
			p.i++
			p.bare()
			p.endGroup()
			return
		case c == ':' && !p.inGroup && !p.at:
			p.i++
			p.startGroup()
			return
		case c == '<':
			p.i++
			p.angle()
			return
		default:
			p.word(spaced)
		}
	}
}

// space skips white space and comments, and keeps the text of the last comment.
func (p *addressParser) space() bool {
	start := p.i
	for {
		p.i = skipSpace(p.s, p.i)
		if p.i >= len(p.s) || p.s[p.i] != '(' {
			return p.i > start
		}
		p.comment, p.i = comment(p.s, p.i)
	}
}

// word reads one element. An octet that no element starts with is skipped.
func (p *addressParser) word(spaced bool) {
	w := word{spaced: spaced}
	switch c := p.s[p.i]; c {
	case '"':
		w.text, p.i = quotedString(p.s, p.i)
		w.quoted = true
	case '[':
		end := until(p.s, p.i, "]")
		end = min(end+1, len(p.s))
		w.text, p.i = p.s[p.i:end], end
	case '@':
		w.text = "@"
		p.at = true
		p.i++
	default:
		end := until(p.s, p.i, "()<>[]:;@,\" \t")
		if end == p.i {
			p.i++
			return
		}
		w.text, p.i = p.s[p.i:end], end
	}
	p.words = append(p.words, w)
}

// lastAt returns the place of the last "@", -1 if there is none.
func lastAt(words []word) int {
	for i := len(words) - 1; i >= 0; i-- {
		if words[i].isAt() {
			return i
		}
	}
	return -1
}

// startGroup makes the words so far the name of a group.
func (p *addressParser) startGroup() {
	p.inGroup = true
	p.add(imap.Address{Mailbox: nstring(phrase(p.words))})
}

// endGroup ends a group, if there is one.
func (p *addressParser) endGroup() {
	if p.inGroup {
		p.inGroup = false
		p.add(imap.Address{})
	}
}

// angle reads from behind "<" and takes the words so far for the name.
func (p *addressParser) angle() {
	name := phrase(p.words)
	p.words = p.words[:0]
	route := p.route()
	for {
		spaced := p.space()
		if p.i >= len(p.s) || strings.IndexByte(",;>", p.s[p.i]) >= 0 {
			break
		}
		p.word(spaced)
	}
	mailbox, host := address(p.words)
	p.toComma()
	if name == "" {
		name = p.comment
	}
	p.add(imap.Address{Name: optional(name), Route: optional(route), Mailbox: nstring(mailbox), Host: nstring(host)})
}

// route reads an obsolete route (@a,@b:) if there is one.
func (p *addressParser) route() string {
	p.space()
	if p.i >= len(p.s) || p.s[p.i] != '@' {
		return ""
	}
	end := until(p.s, p.i, ":>")
	if end >= len(p.s) || p.s[end] != ':' {
		return ""
	}
	route := p.s[p.i:end]
	p.i = end + 1
	return strings.Join(strings.Fields(route), "")
}

// toComma skips what follows an address, up to the comma or the end of the group.
func (p *addressParser) toComma() {
	for {
		p.space()
		if p.i >= len(p.s) || p.s[p.i] == ';' {
			return
		}
		if p.s[p.i] == ',' {
			p.i++
			return
		}
		p.word(false)
	}
}

// bare makes an address of the words so far, which were not followed by "<".
func (p *addressParser) bare() {
	words := p.words
	if len(words) == 0 {
		return
	}
	first := 0
	if at := lastAt(words); at >= 0 {
		first = localStart(words, at)
	} else if len(words) > 1 {
		first = len(words) // a name without an address
	}
	mailbox, host := address(words[first:])
	name := phrase(words[:first])
	if name == "" {
		name = p.comment
	}
	p.add(imap.Address{Name: optional(name), Mailbox: nstring(mailbox), Host: nstring(host)})
}

// localStart returns where the local part before the "@" at the given place starts.
func localStart(words []word, at int) int {
	i := max(at-1, 0)
	for i > 0 && !apart(words[i-1], words[i]) {
		i--
	}
	return i
}

// hostEnd returns where the domain behind the "@" at the given place ends.
func hostEnd(words []word, at int) int {
	i := min(at+2, len(words))
	for i < len(words) && !apart(words[i-1], words[i]) {
		i++
	}
	return i
}

// apart reports whether two words that follow each other are not of one address: white
// space in an address (RFC 5322 §4.4) is only next to a dot.
func apart(left, right word) bool {
	return right.spaced && !strings.HasSuffix(left.text, ".") && !strings.HasPrefix(right.text, ".")
}

// address splits the words of an addr-spec at the last "@".
func address(words []word) (mailbox, host string) {
	at := lastAt(words)
	if at < 0 {
		return concat(words), ""
	}
	return concat(words[:at]), concat(words[at+1 : hostEnd(words, at)])
}

func concat(words []word) string {
	if len(words) == 1 {
		return words[0].text
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.text)
	}
	return b.String()
}

// phrase joins words, with one space where there was white space.
func phrase(words []word) string {
	if len(words) == 1 {
		return words[0].text
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 && w.spaced {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}
