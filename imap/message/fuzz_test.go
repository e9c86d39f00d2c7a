package message

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// FuzzParse checks the invariants of every message: parts within each other, sections
// that are what their ranges say, a summary that comes back, no panic.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		complexMessage, binaryMessage, searchMessage, "", "\n", "Subject: a",
		"Content-Type: multipart/digest; boundary=\"a b\"\n\n--a b\n\nSubject: x\n\n--a b\nhello\n--a b--\n",
		"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
		"From: (a) \"b\\\" <@c:d@e>, f:g@[h];\nSubject: =?utf-8?b?w6Q?= =?x?q?=e4?=\nDate: Tue, 1 Apr 2025 23:30:00 -1000\n\n",
		"Content-Type: text/plain; a*0*=utf-8''%e4; a*1=b; charset=utf-16\nContent-Transfer-Encoding: quoted-printable\n\n=e4=\r\n=0a \n",
	} {
		f.Add(text, "a", uint16(3), uint16(5))
	}
	f.Fuzz(func(t *testing.T, text, needle string, offset, count uint16) {
		if len(text) > 64<<10 {
			return
		}
		m := parseText(t, text)
		m.Date()
		checkSections(t, m, text, &imap.Partial{Offset: uint64(offset), Count: uint64(count)})
		checkSearch(t, m, NewNeedle(needle))
	})
}

// checkSections checks the sections of the first parts against each other.
func checkSections(t testing.TB, m *Message, text string, partial *imap.Partial) {
	all := append([][]uint32{nil}, numbers(m.root)...)
	for _, number := range all[:min(len(all), 20)] {
		var whole []string
		for what := imap.SectionText(0); what <= imap.SectionTextHeaderFieldsNot; what++ {
			s := imap.Section{Part: number, Text: what, Fields: []string{"Subject", "content-type"}}
			c, err := m.Section(s)
			if err != nil {
				if !errors.Is(err, ErrNoSection) {
					t.Fatal(err)
				}
				continue
			}
			whole = append(whole, checkContent(t, c, text, partial))
		}
		if p := m.root.message(number); p != nil {
			checkMessageSections(t, m, number)
		}
		if c, err := m.Binary(number); err == nil {
			b := read(t, c, nil)
			if got := read(t, c, partial); got != cut(b, partial) {
				t.Fatalf("BINARY partial is %q of %q", got, b)
			}
		}
		if len(whole) == 0 {
			t.Fatalf("part %v has no sections", number)
		}
	}
}

// checkContent checks that reader, partial and ranges of a section agree.
func checkContent(t testing.TB, c *Content, text string, partial *imap.Partial) string {
	whole := read(t, c, nil)
	if got := read(t, c, partial); got != cut(whole, partial) {
		t.Fatalf("partial is %q of %q", got, whole)
	}
	var b strings.Builder
	for r, err := range c.Ranges() {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text[r.Start:r.End])
	}
	if b.String() != whole {
		t.Fatalf("ranges have %q, the reader %q", b.String(), whole)
	}
	return whole
}

func cut(s string, p *imap.Partial) string {
	s = s[min(p.Offset, uint64(len(s))):]
	return s[:min(p.Count, uint64(len(s)))]
}

// checkMessageSections checks that header and text make a message, and that the fields
// and the other fields have all lines of the header.
func checkMessageSections(t testing.TB, m *Message, number []uint32) {
	get := func(what imap.SectionText, fields ...string) string {
		c, err := m.Section(imap.Section{Part: number, Text: what, Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		return read(t, c, nil)
	}
	header := get(imap.SectionTextHeader)
	if header+get(imap.SectionTextText) != get(0) {
		t.Fatalf("HEADER and TEXT of %v do not make the message", number)
	}
	lines := append(
		strings.SplitAfter(get(imap.SectionTextHeaderFields, "subject"), "\n"),
		strings.SplitAfter(get(imap.SectionTextHeaderFieldsNot, "SUBJECT"), "\n")...,
	)
	for _, line := range strings.SplitAfter(header, "\n") {
		if !slices.Contains(lines, line) && line != "" && !isSpace(line[0]) {
			t.Fatalf("%q is not among the fields or the others", line)
		}
	}
}

func checkSearch(t testing.TB, m *Message, n Needle) {
	body, err := m.Contains(imap.SearchTextKeyBody, n)
	if err != nil {
		t.Fatal(err)
	}
	text, err := m.Contains(imap.SearchTextKeyText, n)
	if err != nil || body && !text {
		t.Fatalf("BODY: %v, TEXT: %v, %v", body, text, err)
	}
	for key := imap.SearchTextKeyBcc; key <= imap.SearchTextKeyTo; key++ {
		if _, err := m.Contains(key, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.ContainsHeader("X", n); err != nil {
		t.Fatal(err)
	}
}

// FuzzSummary checks that no stored summary is harmful.
func FuzzSummary(f *testing.F) {
	for _, text := range []string{complexMessage, searchMessage, ""} {
		data, _ := ParseBytes([]byte(text)).MarshalBinary()
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { useSummary(t, data, complexMessage) })
}
