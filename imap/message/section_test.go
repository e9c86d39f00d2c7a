package message

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// complexMessage is the example of RFC 9051 §6.4.5.1, made concrete.
var complexMessage = crlf(`From: Outer <outer@example.org>
Subject: outer
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="top"

preamble
--top
Content-Type: text/plain

part one
--top
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAEC
--top
Content-Type: message/rfc822

Subject: three
Content-Type: multipart/mixed; boundary=three

--three

three one
--three
Content-Type: application/octet-stream

three two

--three--
three epilogue
--top
Content-Type: multipart/mixed; boundary="top-four"

--top-four
Content-Type: image/gif
Content-ID: <gif@example.org>

GIF
--top-four
Content-Type: message/rfc822

Subject: four two
X-Fold: a
 b
Content-Type: multipart/mixed; boundary="4.2"

--4.2

four two one
--4.2
Content-Type: multipart/alternative; boundary=alt

--alt

plain
--alt
Content-Type: text/richtext

rich
--alt--
--4.2--
--top-four--

four epilogue
--top--
epilogue
`)

func TestSectionsOfRFC9051(t *testing.T) {
	m := parseText(t, complexMessage)
	between := func(from, to string) string {
		start := strings.Index(complexMessage, crlf(from))
		end := strings.Index(complexMessage[start:], crlf(to))
		return complexMessage[start : start+end]
	}
	for name, want := range map[string]string{
		"":               complexMessage,
		"HEADER":         between("From: Outer", "preamble"),
		"TEXT":           complexMessage[strings.Index(complexMessage, "preamble"):],
		"1":              "part one",
		"1.MIME":         "Content-Type: text/plain\r\n\r\n",
		"1.1":            "NIL",
		"1.HEADER":       "NIL",
		"1.TEXT":         "NIL",
		"2":              "AAEC",
		"2.MIME":         "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"3":              between("Subject: three", "\n--top\nContent-Type: multipart"),
		"3.MIME":         "Content-Type: message/rfc822\r\n\r\n",
		"3.HEADER":       "Subject: three\r\nContent-Type: multipart/mixed; boundary=three\r\n\r\n",
		"3.TEXT":         between("--three\n\nthree one", "\n--top\nContent-Type: multipart"),
		"3.1":            "three one",
		"3.1.MIME":       "\r\n",
		"3.2":            "three two\r\n",
		"3.2.MIME":       "Content-Type: application/octet-stream\r\n\r\n",
		"3.3":            "NIL",
		"4":              between("--top-four\nContent-Type: image", "\n--top--"),
		"4.MIME":         "Content-Type: multipart/mixed; boundary=\"top-four\"\r\n\r\n",
		"4.HEADER":       "NIL",
		"4.1":            "GIF",
		"4.1.MIME":       "Content-Type: image/gif\r\nContent-ID: <gif@example.org>\r\n\r\n",
		"4.2":            between("Subject: four two", "\n--top-four--"),
		"4.2.HEADER":     between("Subject: four two", "--4.2\n"),
		"4.2.TEXT":       between("--4.2\n", "\n--top-four--"),
		"4.2.1":          "four two one",
		"4.2.2":          between("--alt\n", "\n--4.2--"),
		"4.2.2.MIME":     "Content-Type: multipart/alternative; boundary=alt\r\n\r\n",
		"4.2.2.1":        "plain",
		"4.2.2.2":        "rich",
		"4.2.2.2.MIME":   "Content-Type: text/richtext\r\n\r\n",
		"4.2.2.3":        "NIL",
		"4.2.2.1.1":      "NIL",
		"5":              "NIL",
		"0":              "NIL",
		"4294967295":     "NIL",
		"MIME":           "NIL",
		"4.2.2.1.HEADER": "NIL",

		"HEADER.FIELDS (SUBJECT)":               "Subject: outer\r\n\r\n",
		"HEADER.FIELDS (x-none)":                "\r\n",
		"HEADER.FIELDS.NOT (SUBJECT from)":      between("MIME-Version", "preamble"),
		"4.2.HEADER.FIELDS (x-fold)":            "X-Fold: a\r\n b\r\n\r\n",
		"4.2.HEADER.FIELDS.NOT (content-type)":  "Subject: four two\r\nX-Fold: a\r\n b\r\n\r\n",
		"4.2.HEADER.FIELDS.NOT (X-FOLD absent)": "Subject: four two\r\nContent-Type: multipart/mixed; boundary=\"4.2\"\r\n\r\n",
		"4.1.HEADER.FIELDS (Content-ID)":        "NIL",
	} {
		if got := fetch(t, m, name, nil); got != want {
			t.Errorf("BODY[%s]\n got %q\nwant %q", name, got, want)
		}
		if want != "NIL" {
			if got := fromRanges(t, m, name, complexMessage); got != want {
				t.Errorf("ranges of BODY[%s]\n got %q\nwant %q", name, got, want)
			}
		}
	}
}

func TestStructureOfRFC9051Message(t *testing.T) {
	m := parseText(t, complexMessage)
	wantEnvelope := func(subject string) string {
		return `(NIL "` + subject + `" NIL NIL NIL NIL NIL NIL NIL NIL)`
	}
	plain := `("CHARSET" "US-ASCII") NIL NIL "7BIT" `
	want := `(("text" "plain" ` + plain + `8 0)` +
		`("application" "octet-stream" NIL NIL NIL "base64" 4)` +
		`("message" "rfc822" NIL NIL NIL "7BIT" 176 ` + wantEnvelope("three") +
		` (("TEXT" "PLAIN" ` + plain + `9 0)("application" "octet-stream" NIL NIL NIL "7BIT" 11) "mixed") 12)` +
		`(("image" "gif" NIL "<gif@example.org>" NIL "7BIT" 3)` +
		`("message" "rfc822" NIL NIL NIL "7BIT" 242 ` + wantEnvelope("four two") +
		` (("TEXT" "PLAIN" ` + plain + `12 0)(("TEXT" "PLAIN" ` + plain + `5 0)("text" "richtext" NIL NIL NIL "7BIT" 4 0) "alternative") "mixed") 19)` +
		` "mixed") "mixed")`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestPartials(t *testing.T) {
	text := crlf("Subject: s\nX: y\nTo: t\n\n0123456789")
	m := parseText(t, text)
	for _, name := range []string{"", "TEXT", "1", "HEADER", "HEADER.FIELDS (SUBJECT to)", "HEADER.FIELDS.NOT (x)"} {
		whole := fetch(t, m, name, nil)
		for offset := range len(whole) + 3 {
			for count := 1; count < len(whole)+3; count += 3 {
				start := min(offset, len(whole))
				want := whole[start:min(start+count, len(whole))]
				if got := fetch(t, m, name, &imap.Partial{Offset: uint64(offset), Count: uint64(count)}); got != want {
					t.Errorf("BODY[%s]<%d.%d> = %q, want %q", name, offset, count, got, want)
				}
			}
		}
	}
	if got := fetch(t, m, "1", &imap.Partial{Offset: 1 << 63, Count: 1<<64 - 1}); got != "" {
		t.Errorf("a partial far behind the end is %q", got)
	}
	if got := fetch(t, m, "1", &imap.Partial{Offset: 7, Count: 1<<64 - 1}); got != "789" {
		t.Errorf("a partial far over the end is %q", got)
	}
}

// TestSingleParts checks the numbers of messages that are not multiparts (RFC 9051 §6.4.5.1).
func TestSingleParts(t *testing.T) {
	plain := parseText(t, "Subject: a\r\n\r\nbody\r\n")
	message := parseText(t, "Content-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: message/global\r\n\r\nSubject: inner\r\n\r\nbody")
	for _, test := range []struct {
		m          *Message
		name, want string
	}{
		{plain, "1", "body\r\n"},
		{plain, "TEXT", "body\r\n"},
		{plain, "1.MIME", "Subject: a\r\n\r\n"},
		{plain, "1.HEADER", "NIL"},
		{plain, "1.1", "NIL"},
		{plain, "2", "NIL"},
		{message, "1.HEADER", "Subject: in\r\nContent-Type: message/global\r\n\r\n"},
		{message, "1.1", "Subject: inner\r\n\r\nbody"},
		{message, "1.1.HEADER", "Subject: inner\r\n\r\n"},
		{message, "1.1.TEXT", "body"},
		{message, "1.1.1", "body"},
		{message, "1.1.1.1", "NIL"},
		{message, "1.2", "NIL"},
	} {
		if got := fetch(t, test.m, test.name, nil); got != test.want {
			t.Errorf("BODY[%s] = %q, want %q", test.name, got, test.want)
		}
	}
}

// TestHeaderFields has the cases in which the blank line and the edges of fields matter.
func TestHeaderFields(t *testing.T) {
	for _, test := range []struct{ text, name, want string }{
		{"A: 1\r\nB: 2", "HEADER.FIELDS (B)", "B: 2"},
		{"A: 1\r\nB: 2", "HEADER.FIELDS (C)", ""},
		{"A: 1\r\nB: 2\r\n", "HEADER.FIELDS (a)", "A: 1\r\n"},
		{"A: 1\r\n\r\n", "HEADER.FIELDS (a)", "A: 1\r\n\r\n"},
		{"\r\nbody", "HEADER.FIELDS (a)", "\r\n"},
		{"", "HEADER.FIELDS (a)", ""},
		{"a: 1\nb: 2\r\n\nbody", "HEADER.FIELDS (a)", "a: 1\n\n"},
		{"A : 1\r\nAA: 2\r\nA: 3\r\n\tx\r\n \r\n\r\n", "HEADER.FIELDS (A)", "A : 1\r\nA: 3\r\n\tx\r\n \r\n\r\n"},
		{"junk\r\nA: 1\r\n more\r\n\r\n", "HEADER.FIELDS (A junk)", "A: 1\r\n more\r\n\r\n"},
		{"junk\r\nA: 1\r\n more\r\n\r\n", "HEADER.FIELDS.NOT (A)", "junk\r\n\r\n"},
		{" lead\r\nA: 1\r\n\r\n", "HEADER.FIELDS.NOT (B)", "A: 1\r\n\r\n"},
		{": x\r\nA: 1\r\n\r\n", "HEADER.FIELDS.NOT (A)", ": x\r\n\r\n"},
		{"A: 1\r\nB: 2\r\nA: 3\r\n\r\n", "HEADER.FIELDS (A A a)", "A: 1\r\nA: 3\r\n\r\n"},
		{"\u00c4: 1\r\nB: 2\r\n\r\n", "HEADER.FIELDS (\u00c4)", "\u00c4: 1\r\n\r\n"},
		{"\u00c4: 1\r\nB: 2\r\n\r\n", "HEADER.FIELDS (\u00e4)", "\r\n"},
	} {
		m := parseText(t, test.text)
		if got := fetch(t, m, test.name, nil); got != test.want {
			t.Errorf("%q BODY[%s] = %q, want %q", test.text, test.name, got, test.want)
		}
		if got := fromRanges(t, m, test.name, test.text); got != test.want {
			t.Errorf("%q ranges of BODY[%s] = %q, want %q", test.text, test.name, got, test.want)
		}
	}
}

// TestFieldsAndOthersMakeTheHeader checks that HEADER.FIELDS and HEADER.FIELDS.NOT
// divide every header.
func TestFieldsAndOthersMakeTheHeader(t *testing.T) {
	text := strings.Repeat("A: 1\r\nBee: 2\r\n  \r\nnoise\r\nA:\r\n", 50) + strings.Repeat("x", 3*window) + ": y\r\n\r\nbody"
	m := parseText(t, text)
	yes, no := fetch(t, m, "HEADER.FIELDS (A)", nil), fetch(t, m, "HEADER.FIELDS.NOT (A)", nil)
	if want := strings.Repeat("A: 1\r\nA:\r\n", 50) + "\r\n"; yes != want {
		t.Errorf("HEADER.FIELDS gives %q", yes)
	}
	if got, want := len(yes)+len(no), len(fetch(t, m, "HEADER", nil))+2; got != want {
		t.Errorf("fields and others have %d octets, the header %d", got, want)
	}
}

func TestLocate(t *testing.T) {
	m := parseText(t, "A: 1\r\n\r\nbody")
	for name, want := range map[string]Range{
		"": {0, 12}, "HEADER": {0, 8}, "TEXT": {8, 12}, "1": {8, 12}, "HEADER.FIELDS (A)": {0, 8},
	} {
		if got, err := m.Locate(section(t, name)); got != want || err != nil {
			t.Errorf("%s is at %v, %v", name, got, err)
		}
	}
	if _, err := m.Locate(section(t, "2")); !errors.Is(err, ErrNoSection) {
		t.Errorf("BODY[2]: %v", err)
	}
}

// failing is a store that breaks at some place.
type failing struct {
	text string
	at   int64
}

var errBroken = errors.New("broken disk")

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.at {
		return 0, errBroken
	}
	return strings.NewReader(f.text).ReadAt(b, off)
}

func TestReadErrorsAreReported(t *testing.T) {
	text := crlf("Subject: s\nX: y\nContent-Type: text/plain; charset=latin1\nContent-Transfer-Encoding: base64\n\nAAAA\n")
	broken := failing{text, 20}
	if _, err := Parse(broken, int64(len(text))); !errors.Is(err, errBroken) {
		t.Errorf("Parse: %v", err)
	}
	m := ParseBytes([]byte(text)).Summary.Message(broken)
	c, _ := m.Section(section(t, "HEADER.FIELDS (x)"))
	if _, err := c.Size(); !errors.Is(err, errBroken) {
		t.Errorf("Size: %v", err)
	}
	if _, _, err := c.Open(nil); !errors.Is(err, errBroken) {
		t.Errorf("Open: %v", err)
	}
	for _, err := range c.Ranges() {
		if !errors.Is(err, errBroken) {
			t.Errorf("Ranges: %v", err)
		}
	}
	if _, err := m.BinarySize([]uint32{1}); !errors.Is(err, errBroken) {
		t.Errorf("BinarySize: %v", err)
	}
	for _, key := range []imap.SearchTextKey{imap.SearchTextKeyBody, imap.SearchTextKeyText} {
		if _, err := m.Contains(key, NewNeedle("zzz")); !errors.Is(err, errBroken) {
			t.Errorf("Contains %v: %v", key, err)
		}
	}
	if _, err := m.ContainsHeader("X", NewNeedle("zzz")); !errors.Is(err, errBroken) {
		t.Errorf("ContainsHeader: %v", err)
	}
}

func TestShortMessageIsUnexpectedEOF(t *testing.T) {
	for _, text := range []string{"", "A: b", "A: b\r\n\r\nbody\r\n"} {
		_, err := Parse(strings.NewReader(text), int64(len(text))+1)
		if fmt.Sprint(err) != "unexpected EOF" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
