package message

import (
	"strings"
	"testing"
	"time"
)

// TestEnvelopeOfRFC9051 is the message of RFC 9051 §8.
func TestEnvelopeOfRFC9051(t *testing.T) {
	m := parseText(t, crlf(`Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
From: Terry Gray <gray@cac.washington.edu>
Subject: IMAP4rev2 WG mtg summary and minutes
To: imap@cac.washington.edu
cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
Message-Id: <B27397-0100000@cac.washington.edu>
MIME-Version: 1.0
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII

`)+strings.Repeat("0123456789012345678901234567890\r\n", 91)+strings.Repeat("x", 13)+"\r\n")
	gray := `(("Terry Gray" NIL "gray" "cac.washington.edu"))`
	want := `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ` +
		gray + " " + gray + " " + gray + ` ((NIL NIL "imap" "cac.washington.edu")) ` +
		`((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) ` +
		`NIL NIL "<B27397-0100000@cac.washington.edu>")`
	if got := render(m.Envelope()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	want = `("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3018 92)`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if n := len(fetch(t, m, "HEADER", nil)); n != 342 {
		t.Errorf("the header has %d octets, RFC 9051 §8 says 342", n)
	}
}

func TestEnvelopeFields(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"absent", "X: y\n", `(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{
			"present but empty", "Date:\nSubject: \nFrom:\nSender:\nReply-To:\nTo:\nCc: \nBcc:\nIn-Reply-To:\nMessage-ID:\n",
			`("" "" NIL NIL NIL NIL NIL NIL "" "")`,
		},
		{
			"senders default to From", "From: a@b\nSender: \nReply-To:  \n",
			`(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL)`,
		},
		{
			"own senders", "From: a@b\nSender: c@d\nReply-To: e@f\n",
			`(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) ((NIL NIL "e" "f")) NIL NIL NIL NIL NIL)`,
		},
		{
			"folded and 8-bit values stay", "Subject: a\r\n  =?utf-8?Q?b?=\r\n\tc\xff\nIn-Reply-To: <x>\n <y>\n",
			`(NIL "a  =?utf-8?Q?b?=\tc\xff" NIL NIL NIL NIL NIL NIL "<x> <y>" NIL)`,
		},
		{
			"the first of repeated fields, all of repeated lists", "Subject: 1\nsubject: 2\nTO: a@b\nTo: c@d\n",
			`(NIL "1" NIL NIL NIL ((NIL NIL "a" "b")(NIL NIL "c" "d")) NIL NIL NIL NIL)`,
		},
		{"obsolete space", "Subject : x\n", `(NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL)`},
		{"NUL", "Subject: a\x00b\rc\n", `(NIL "a?b c" NIL NIL NIL NIL NIL NIL NIL NIL)`},
	} {
		m := parseText(t, test.text)
		if got := render(m.Envelope()); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		// RFC 5322, appendix A.
		{`John Doe <jdoe@machine.example>`, `(("John Doe" NIL "jdoe" "machine.example"))`},
		{`"Joe Q. Public" <john.q.public@example.com>`, `(("Joe Q. Public" NIL "john.q.public" "example.com"))`},
		{
			`Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>`,
			`(("Mary Smith" NIL "mary" "x.test")(NIL NIL "jdoe" "example.org")("Who?" NIL "one" "y.test"))`,
		},
		{
			`<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>`,
			`((NIL NIL "boss" "nil.test")("Giant; \"Big\" Box" NIL "sysservices" "example.net"))`,
		},
		{
			`A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;`,
			`((NIL NIL "A Group" NIL)("Ed Jones" NIL "c" "a.test")(NIL NIL "joe" "where.test")("John" NIL "jdoe" "one.test")(NIL NIL NIL NIL))`,
		},
		{`Undisclosed recipients:;`, `((NIL NIL "Undisclosed recipients" NIL)(NIL NIL NIL NIL))`},
		{
			`Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`,
			`(("Pete" NIL "pete" "silly.test"))`,
		},
		{
			"A Group(Some people)\t :Chris Jones <c@(Chris's host.)public.example>,\t  joe@example.org,\t John <jdoe@one.test> (my dear friend); (the end of the group)",
			`((NIL NIL "A Group" NIL)("Chris Jones" NIL "c" "public.example")(NIL NIL "joe" "example.org")("John" NIL "jdoe" "one.test")(NIL NIL NIL NIL))`,
		},
		{`(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;`, `((NIL NIL "Hidden recipients" NIL)(NIL NIL NIL NIL))`},
		{`Joe Q. Public <john.q.public@example.com>`, `(("Joe Q. Public" NIL "john.q.public" "example.com"))`},
		{
			`Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example`,
			`(("Mary Smith" "@node.test" "mary" "example.net")(NIL NIL "jdoe" "test.example"))`,
		},
		{`John Doe <jdoe@machine(comment).  example>`, `(("John Doe" NIL "jdoe" "machine.example"))`},
		// Others that are right.
		{`<@a.test, @b.test:x@y>`, `((NIL "@a.test,@b.test" "x" "y"))`},
		{`"a b"@c`, `((NIL NIL "a b" "c"))`},
		{`"a@b"@c`, `((NIL NIL "a@b" "c"))`},
		{`"".x@c`, `((NIL NIL ".x" "c"))`},
		{`x@[IPv6:2001::1]`, `((NIL NIL "x" "[IPv6:2001::1]"))`},
		{`x@y (Real Name)`, `(("Real Name" NIL "x" "y"))`},
		{`<x@y> (Real Name)`, `(("Real Name" NIL "x" "y"))`},
		{`=?utf-8?Q?J=C3=B6rg?= <x@y>`, `(("=?utf-8?Q?J=C3=B6rg?=" NIL "x" "y"))`},
		{"J\u00f6rg <j\u00f6@\u00e4.test>", `(("Jörg" NIL "jö" "ä.test"))`},
		{`a:;,b@c`, `((NIL NIL "a" NIL)(NIL NIL NIL NIL)(NIL NIL "b" "c"))`},
		{`"" <x@y>`, `((NIL NIL "x" "y"))`},
		// Wrong ones.
		{``, `NIL`},
		{` , ,`, `NIL`},
		{`root`, `((NIL NIL "root" ""))`},
		{`John Doe`, `(("John Doe" NIL "" ""))`},
		{`<>`, `((NIL NIL "" ""))`},
		{`x@`, `((NIL NIL "x" ""))`},
		{`@y`, `((NIL NIL "" "y"))`},
		{`x@y@z`, `((NIL NIL "x@y" "z"))`},
		{`John Doe john@x.test`, `(("John Doe" NIL "john" "x.test"))`},
		{`john@x.test John Doe`, `((NIL NIL "john" "x.test"))`},
		{`John <john@x, mary@y`, `(("John" NIL "john" "x")(NIL NIL "mary" "y"))`},
		{`<<x@y>>, b@c`, `((NIL NIL "x" "y")(NIL NIL "b" "c"))`},
		{`"unclosed <x@y>, b@c`, `((NIL NIL "unclosed <x@y>, b@c" ""))`},
		{`x@y (unclosed, b@c`, `(("unclosed, b@c" NIL "x" "y"))`},
		{`group: a@b, c@d`, `((NIL NIL "group" NIL)(NIL NIL "a" "b")(NIL NIL "c" "d")(NIL NIL NIL NIL))`},
		{`a@b; c@d`, `((NIL NIL "a" "b")(NIL NIL "c" "d"))`},
		{`g: h: a@b;;`, `((NIL NIL "g" NIL)("h" NIL "a" "b")(NIL NIL NIL NIL))`},
		{`)x@y(`, `((NIL NIL "x" "y"))`},
		{`[x@y`, `((NIL NIL "[x@y" ""))`},
		{`a\`, `((NIL NIL "a\\" ""))`},
		{`"a\`, `((NIL NIL "a\\" ""))`},
		{`(`, `NIL`},
		{`<`, `((NIL NIL "" ""))`},
		{`<@`, `((NIL NIL "" ""))`},
	} {
		list, all := parseAddresses(test.text, MaxAddresses)
		if got := render(list); got != test.want || !all {
			t.Errorf("%s (all: %v)\n got %s\nwant %s", test.text, all, got, test.want)
		}
	}
}

func TestAddressLimit(t *testing.T) {
	for text, want := range map[string]string{
		"a@b, c@d, e@f":   `((NIL NIL "a" "b")(NIL NIL "c" "d"))`,
		"g: a@b, c@d;":    `((NIL NIL "g" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL))`,
		"a@b, g: c@d, e;": `((NIL NIL "a" "b")(NIL NIL "g" NIL)(NIL NIL NIL NIL))`,
	} {
		list, all := parseAddresses(text, 2)
		if got := render(list); got != want || all {
			t.Errorf("%s (all: %v)\n got %s\nwant %s", text, all, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]string{
		"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)":     "1996-07-17T02:23:25-07:00",
		"Fri, 21 Nov 1997 09:55:06 -0600":           "1997-11-21T09:55:06-06:00",
		"21 Nov 97 09:55:06 GMT":                    "1997-11-21T09:55:06Z",
		"Thu,\r\n\t13\r\n Feb 1969 23:32 -0330":     "1969-02-13T23:32:00-03:30",
		"Fri, 21 Nov 1997 09(comment): 55 : 06 EST": "1997-11-21T00:00:00-05:00",
		"1 Jan 21 00:00:60 +0000":                   "2021-01-01T00:00:59Z",
		"1 Jan 49 0:00":                             "2049-01-01T00:00:00Z",
		"1 Jan 50 0:00":                             "1950-01-01T00:00:00Z",
		"1 Jan 105 0:00":                            "2005-01-01T00:00:00Z",
		"1 January 2005":                            "2005-01-01T00:00:00Z",
		"Mon Jan  2 15:04:05 2006":                  "2006-01-02T15:04:05Z",
		"Mon Jan  2 15:04:05 EST 2006":              "2006-01-02T15:04:05-05:00",
		"02-Jan-2006 15:04:05 +0530":                "2006-01-02T15:04:05+05:30",
		"2006-01-02T15:04:05Z":                      "2006-01-02T15:04:05Z",
		"2006-01-02T15:04:05.123+05:30":             "2006-01-02T15:04:05+05:30",
		"2006-01-02 15:04":                          "2006-01-02T15:04:00Z",
		"Tue, 31 Dec 2019 99:99:99 -0800":           "2019-12-31T00:00:00-08:00",
		"29 feb 2024 12:00 PDT":                     "2024-02-29T12:00:00-07:00",
		"29 Feb 2023":                               "",
		"31 Apr 2023":                               "",
		"0 Jan 2023":                                "",
		"Jan 2023":                                  "",
		"":                                          "",
		"garbage":                                   "",
		"(((":                                       "",
		"12 13 14 15":                               "",
		"-- : + 5":                                  "",
		"T T: -:-":                                  "",
	} {
		got, ok := ParseDate(strings.NewReplacer("\r\n", "").Replace(text))
		if !ok != (want == "") || ok && got.Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v; want %s", text, got.Format(time.RFC3339), ok, want)
		}
	}
}

func TestMonths(t *testing.T) {
	for m := time.January; m <= time.December; m++ {
		got, ok := ParseDate("3 " + m.String()[:3] + " 2020")
		if !ok || got.Month() != m || got.Day() != 3 {
			t.Errorf("%v: %v %v", m, got, ok)
		}
	}
}

func TestDateOfMessage(t *testing.T) {
	m := parseText(t, "Date: Tue, 1 Apr 2025 23:30:00 -1000\n\n")
	if d, ok := m.Date(); !ok || d.Day() != 1 || d.Month() != time.April {
		t.Errorf("%v %v: the day must be that of the field's zone", d, ok)
	}
	if _, ok := parseText(t, "\n").Date(); ok {
		t.Error("a message without a date has one")
	}
}
