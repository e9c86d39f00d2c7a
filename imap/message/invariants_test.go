package message

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// checkInvariants checks what holds for every message, however broken.
func checkInvariants(t testing.TB, m *Message, text string) {
	t.Helper()
	if m.Size() != int64(len(text)) || m.root.header.Start != 0 || m.root.body.End != m.size {
		t.Fatalf("the root is %v %v, of %d octets", m.root.header, m.root.body, len(text))
	}
	checkPart(t, m.root, text, 1)
	if n := countParts(m.root); n > 2*MaxParts {
		t.Fatalf("%d parts", n)
	}
	checkStrings(t, m)
	checkRoundTrip(t, m)
}

func countParts(p *part) (n int) {
	p.walk(func(*part) bool { n++; return true })
	return n
}

// checkPart checks that parts are in order within each other and not too deep.
func checkPart(t testing.TB, p *part, text string, depth int) {
	t.Helper()
	if depth > MaxDepth {
		t.Fatalf("depth %d", depth)
	}
	if p.header.Len() < 0 || p.body.Len() < 0 || p.header.End != p.body.Start {
		t.Fatalf("header %v body %v", p.header, p.body)
	}
	if n := strings.Count(text[p.body.Start:p.body.End], "\n"); uint64(n) != p.lines {
		t.Fatalf("%d lines, want %d, in %q", p.lines, n, text[p.body.Start:p.body.End])
	}
	if (p.kind == leaf) != (len(p.children) == 0) || p.kind == nested && len(p.children) != 1 {
		t.Fatalf("kind %d with %d children", p.kind, len(p.children))
	}
	at := p.body.Start
	for _, c := range p.children {
		if c.header.Start < at || !p.body.contains(c.header) || !p.body.contains(c.body) {
			t.Fatalf("%v %v is not within %v behind %d", c.header, c.body, p.body, at)
		}
		at = c.body.End
		checkPart(t, c, text, depth+1)
	}
	if p.kind == nested {
		if c := p.children[0]; c.header.Start != p.body.Start || c.body.End != p.body.End || c.envelope == nil {
			t.Fatalf("message %v %v in %v", c.header, c.body, p.body)
		}
	}
}

// checkStrings checks that IMAP strings can hold all values.
func checkStrings(t testing.TB, m *Message) {
	t.Helper()
	for _, s := range []string{render(m.BodyStructure()), render(m.Envelope())} {
		s = strings.ReplaceAll(s, `\\`, "")
		if strings.Contains(s, `\x00`) || strings.Contains(s, `\r`) || strings.Contains(s, `\n`) {
			t.Fatalf("a value has NUL, CR or LF: %s", s)
		}
	}
}

// checkRoundTrip checks that the stored form of the summary is complete.
func checkRoundTrip(t testing.TB, m *Message) {
	t.Helper()
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var s Summary
	if err := s.UnmarshalBinary(data); err != nil {
		t.Fatalf("%v: %s", err, render(m.BodyStructure()))
	}
	// cmp.Diff takes time exponential in the depth of the tree.
	if !reflect.DeepEqual(m.Summary, &s) {
		t.Fatalf("the summary comes back as another one:\n%s\n%s", render(m.BodyStructure()), render(s.BodyStructure()))
	}
}

// read returns what Open gives, read in two ways, and checks the size.
func read(t testing.TB, c *Content, p *imap.Partial) string {
	t.Helper()
	r, size, err := c.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(onlyReader{r})
	if err != nil || int64(len(b)) != size {
		t.Fatalf("%d octets of %d, %v", len(b), size, err)
	}
	r, _, err = c.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	if _, err := r.(io.WriterTo).WriteTo(&w); err != nil || w.String() != string(b) {
		t.Fatalf("WriteTo gives %q, Read gives %q, %v", w.String(), b, err)
	}
	return string(b)
}

type onlyReader struct{ io.Reader }

// fetch returns the octets of a section, or "NIL" if there is none.
func fetch(t testing.TB, m *Message, name string, partial *imap.Partial) string {
	t.Helper()
	c, err := m.Section(section(t, name))
	if errors.Is(err, ErrNoSection) {
		return "NIL"
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(t, c, partial)
}

// fromRanges puts the octets of a section together from its ranges.
func fromRanges(t testing.TB, m *Message, name, text string) string {
	t.Helper()
	c, err := m.Section(section(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	last := Range{-1, -1}
	for r, err := range c.Ranges() {
		if err != nil {
			t.Fatal(err)
		}
		if r.Start <= last.End {
			t.Fatalf("%v behind %v", r, last)
		}
		last = r
		b.WriteString(text[r.Start:r.End])
	}
	return b.String()
}

// numbers lists the numbers of all parts of a message.
func numbers(p *part) [][]uint32 {
	var all [][]uint32
	var list func(e *part, prefix []uint32)
	list = func(e *part, prefix []uint32) {
		for n := uint32(1); ; n++ {
			c := e.numbered(n)
			if c == nil {
				return
			}
			number := append(slices.Clone(prefix), n)
			all = append(all, number)
			switch c.kind {
			case nested:
				list(c.children[0], number)
			case multipart:
				if c != e {
					list(c, number)
				}
			}
		}
	}
	list(p, nil)
	return all
}
