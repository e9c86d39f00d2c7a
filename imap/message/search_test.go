package message

import (
	"strings"
	"sync"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

const searchMessage = `From: =?iso-8859-1?Q?J=F6rg?= "von" Test <joerg@Example.org>
To: friends: a@b.test, "Smith, John" <js@c.test>;
Cc: c@d.test (Comment Name)
Bcc: hidden@e.test
Subject: =?utf-8?Q?Gr=C3=BC?=
 =?utf-8?B?w59l?= aus Berlin
Message-ID: <id1@example.org>
X-Long: one
	two =?utf-8?Q?drei?=
X-Empty:
Content-Type: multipart/mixed; boundary=b

preamble
--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne soft=
ware
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="secret-name.html"

PGI+0J/RgNC40LLQtdGCPC9iPg==
--b
Content-Type: application/octet-stream; name=inapplication

notsearched
--b
Content-Type: message/rfc822

Subject: inner subject
X-Inner: =?utf-8?Q?inner_header?=

inner body
--b
Content-Type: message/global
Content-Transfer-Encoding: base64

U3ViamVjdDogeAoKSGlkZGVuIHRleHQK
--b--
epilogue
`

func TestContains(t *testing.T) {
	const (
		from    = imap.SearchTextKeyFrom
		to      = imap.SearchTextKeyTo
		cc      = imap.SearchTextKeyCc
		bcc     = imap.SearchTextKeyBcc
		subject = imap.SearchTextKeySubject
		body    = imap.SearchTextKeyBody
		text    = imap.SearchTextKeyText
	)
	m := parseText(t, searchMessage)
	for _, test := range []struct {
		key    imap.SearchTextKey
		needle string
		want   bool
	}{
		{from, "jörg von test", true},
		{from, "JÖRG", true},
		{from, "joerg@example.ORG", true},
		{from, "Test <joerg", true},
		{from, "smith", false},
		{from, "", true},
		{to, "Smith, John", true},
		{to, "FRIENDS", true},
		{to, "a@b.test", true},
		{to, "js@c", true},
		{to, "joerg", false},
		{cc, "comment name", true},
		{bcc, "HIDDEN@", true},
		{bcc, "zzz", false},
		{subject, "grüße aus", true},
		{subject, "GRÜSSE", true},
		{subject, "=?utf-8", false},
		{subject, "inner subject", false},
		{body, "schöne SOFTWARE", true},
		{body, "ПРИВЕТ</b>", true},
		{body, "inner body", true},
		{body, "hidden text", true},
		{body, "Grüße", false},
		{body, "inner subject", false},
		{body, "secret-name", false},
		{body, "notsearched", false},
		{body, "preamble", false},
		{body, "", true},
		{text, "schöne", true},
		{text, "привет", true},
		{text, "grüße", true},
		{text, "subject: grü", true},
		{text, "one two drei", true},
		{text, "one\ttwo drei", true},
		{text, "secret-name.html", true},
		{text, "inapplication", true},
		{text, "inner subject", true},
		{text, "INNER header", true},
		{text, "hidden text", true},
		{text, "notsearched", false},
		{text, "epilogue", false},
		{text, "zzz", false},
	} {
		got, err := m.Contains(test.key, NewNeedle(test.needle))
		if got != test.want || err != nil {
			t.Errorf("key %d %q: %v, %v", test.key, test.needle, got, err)
		}
	}
}

func TestContainsHeader(t *testing.T) {
	m := parseText(t, searchMessage)
	for _, test := range []struct {
		name, needle string
		want         bool
	}{
		{"Message-ID", "<ID1@example", true},
		{"message-id", "", true},
		{"Message-ID", "zzz", false},
		{"In-Reply-To", "", false},
		{"Date", "", false},
		{"Subject", "grüße", true},
		{"x-long", "two DREI", true},
		{"X-Empty", "", true},
		{"X-Empty", "x", false},
		{"X-Absent", "", false},
		{"X-Inner", "", false},
		{"From", "<joerg@example.org>", true},
		{"To", `"smith, john" <js@c.test>;`, true},
		{"Content-Type", "boundary=b", true},
		{"", "", false},
		{"Subjec", "", false},
	} {
		got, err := m.ContainsHeader(test.name, NewNeedle(test.needle))
		if got != test.want || err != nil {
			t.Errorf("HEADER %s %q: %v, %v", test.name, test.needle, got, err)
		}
	}
}

// TestRepeatedFieldsAreAllSearched checks what the envelope does not hold.
func TestRepeatedFieldsAreAllSearched(t *testing.T) {
	m := parseText(t, "Subject: one\nSubject: two\nTo: a\nTo: b\n\n")
	for _, needle := range []string{"one", "TWO"} {
		if found, err := m.Contains(imap.SearchTextKeySubject, NewNeedle(needle)); !found || err != nil {
			t.Errorf("SUBJECT %s: %v, %v", needle, found, err)
		}
		if found, err := m.ContainsHeader("Subject", NewNeedle(needle)); !found || err != nil {
			t.Errorf("HEADER SUBJECT %s: %v, %v", needle, found, err)
		}
	}
	if _, known := m.Matches(imap.SearchTextKeySubject, NewNeedle("two")); known {
		t.Error("the summary claims to know all subjects")
	}
	many := "To: x@y\n" + strings.Repeat("To: a@b\n", 2*MaxAddresses) + "To: last@one\nCc: c@d\n\n"
	m = parseText(t, many)
	for key, needle := range map[imap.SearchTextKey]string{imap.SearchTextKeyTo: "last@one", imap.SearchTextKeyCc: "c@d"} {
		if found, err := m.Contains(key, NewNeedle(needle)); !found || err != nil {
			t.Errorf("%s: %v, %v", needle, found, err)
		}
	}
	if found, err := m.Contains(imap.SearchTextKeyBcc, NewNeedle("x")); found || err != nil {
		t.Errorf("BCC: %v, %v", found, err)
	}
}

// TestSearchOfSummary checks that the envelope's keys need no message.
func TestSearchOfSummary(t *testing.T) {
	m := parseText(t, searchMessage).Summary.Message(failing{})
	for key := imap.SearchTextKeyBcc; key <= imap.SearchTextKeyTo; key++ {
		_, err := m.Contains(key, NewNeedle("zzz"))
		needsBody := key == imap.SearchTextKeyBody || key == imap.SearchTextKeyText
		if (err != nil) != needsBody {
			t.Errorf("key %d: %v", key, err)
		}
	}
	if _, err := m.ContainsHeader("message-id", NewNeedle("zzz")); err != nil {
		t.Error(err)
	}
}

// TestSearchAcrossWindows puts the needle at every edge there may be.
func TestSearchAcrossWindows(t *testing.T) {
	const needle = "Größe der Nadel"
	for _, before := range []int{0, 1, 4080, 4090, 4096, window/2 - 8, window / 2, window - 5, window, 3*window - 7} {
		text := "Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat("x", before) + "GRÖSSE DER NADEL" + strings.Repeat("y", 100)
		m := ParseBytes([]byte(text))
		if found, err := m.Contains(imap.SearchTextKeyBody, NewNeedle(needle)); !found || err != nil {
			t.Errorf("%d octets before it: %v, %v", before, found, err)
		}
		if found, _ := m.Contains(imap.SearchTextKeyBody, NewNeedle(needle+"z")); found {
			t.Errorf("%d octets before it: another needle is found", before)
		}
	}
	long := strings.Repeat("lang ", 30_000)
	m := ParseBytes([]byte("\n" + strings.Repeat("kurz ", 1000) + long + "kurz"))
	for needle, want := range map[string]bool{long: true, long + "kurz": true, long + "lang": false, "z" + long: false} {
		if found, err := m.Contains(imap.SearchTextKeyText, NewNeedle(needle)); found != want || err != nil {
			t.Errorf("a needle of %d octets: %v, %v", len(needle), found, err)
		}
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	m := parseText(t, searchMessage)
	n := NewNeedle("привет")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if found, err := m.Contains(imap.SearchTextKeyText, n); !found || err != nil {
				t.Errorf("%v, %v", found, err)
			}
			if found, _ := m.Contains(imap.SearchTextKeyFrom, n); found {
				t.Error("FROM matches")
			}
			if c, err := m.Binary([]uint32{2}); err != nil || read(t, c, nil) != "<b>Привет</b>" {
				t.Errorf("BINARY[2]: %v", err)
			}
			render(m.BodyStructure())
		})
	}
	wg.Wait()
}
