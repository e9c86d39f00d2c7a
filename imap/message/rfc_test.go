package message

import (
	"strings"
	"testing"
)

// TestRFC2046Simple is the example of RFC 2046 §5.1.1.
func TestRFC2046Simple(t *testing.T) {
	m := parseText(t, crlf(`From: Nathaniel Borenstein <nsb@bellcore.com>
To: Ned Freed <ned@innosoft.com>
Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)
Subject: Sample message
MIME-Version: 1.0
Content-type: multipart/mixed; boundary="simple boundary"

This is the preamble.  It is to be ignored, though it
is a handy place for composition agents to include an
explanatory note to non-MIME conformant readers.

--simple boundary

This is implicitly typed plain US-ASCII text.
It does NOT end with a linebreak.
--simple boundary
Content-type: text/plain; charset=us-ascii

This is explicitly typed plain US-ASCII text.
It DOES end with a linebreak.

--simple boundary--

This is the epilogue.  It is also to be ignored.
`))
	want := `(("TEXT" "PLAIN" ` + usASCII + `80 1)("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 78 2) "mixed")`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	for name, want := range map[string]string{
		"1": "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
		"2": "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
	} {
		if got := fetch(t, m, name, nil); got != want {
			t.Errorf("BODY[%s] = %q, want %q", name, got, want)
		}
	}
}

// TestRFC2046Digest is the example of RFC 2046 §5.1.5, whose boundaries look like delimiters.
func TestRFC2046Digest(t *testing.T) {
	m := parseText(t, crlf(`From: Moderator-Address
To: Recipient-List
Date: Mon, 22 Mar 1994 13:34:51 +0000
Subject: Internet Digest, volume 42
MIME-Version: 1.0
Content-Type: multipart/mixed;
              boundary="---- main boundary ----"

------ main boundary ----

  ...Introductory text or table of contents...

------ main boundary ----
Content-Type: multipart/digest;
              boundary="---- next message ----"

------ next message ----

From: someone-else
Date: Fri, 26 Mar 1993 11:13:32 +0200
Subject: my opinion

  ...body goes here ...

------ next message ----

From: someone-else-again
Date: Fri, 26 Mar 1993 10:07:13 -0500
Subject: my different opinion

  ... another body goes here ...

------ next message ------

------ main boundary ------
`))
	for name, want := range map[string]string{
		"1":          "  ...Introductory text or table of contents...\r\n",
		"2.1.TEXT":   "  ...body goes here ...\r\n",
		"2.1.1":      "  ...body goes here ...\r\n",
		"2.2.1":      "  ... another body goes here ...\r\n",
		"2.2.HEADER": "From: someone-else-again\r\nDate: Fri, 26 Mar 1993 10:07:13 -0500\r\nSubject: my different opinion\r\n\r\n",
		"2.3":        "NIL",
		"3":          "NIL",
	} {
		if got := fetch(t, m, name, nil); got != want {
			t.Errorf("BODY[%s] = %q, want %q", name, got, want)
		}
	}
	body := render(m.Body())
	for _, want := range []string{`"digest") "mixed")`, `("MESSAGE" "RFC822" NIL NIL NIL "7BIT" `, `"my different opinion"`, `((NIL NIL "someone-else" ""))`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// TestRFC2049Complex is the example of RFC 2049, appendix A.
func TestRFC2049Complex(t *testing.T) {
	m := parseText(t, crlf(`MIME-Version: 1.0
From: Nathaniel Borenstein <nsb@nsb.fv.com>
To: Ned Freed <ned@innosoft.com>
Date: Fri, 07 Oct 1994 16:15:05 -0700 (PDT)
Subject: A multipart example
Content-Type: multipart/mixed;
              boundary=unique-boundary-1

This is the preamble area of a multipart message.

--unique-boundary-1

  ... Some text appears here ...

--unique-boundary-1
Content-type: text/plain; charset=US-ASCII

This could have been part of the previous part, but
illustrates explicit versus implicit typing of body
parts.

--unique-boundary-1
Content-Type: multipart/parallel; boundary=unique-boundary-2

--unique-boundary-2
Content-Type: audio/basic
Content-Transfer-Encoding: base64

  ... base64-encoded 8000 Hz single-channel
      mu-law-format audio data goes here ...

--unique-boundary-2
Content-Type: image/jpeg
Content-Transfer-Encoding: base64

  ... base64-encoded image data goes here ...

--unique-boundary-2--

--unique-boundary-1
Content-type: text/enriched

This is <bold><italic>enriched.</italic></bold>

--unique-boundary-1
Content-Type: message/rfc822

From: (mailbox in US-ASCII)
To: (address in US-ASCII)
Subject: (subject in US-ASCII)
Content-Type: Text/plain; charset=ISO-8859-1
Content-Transfer-Encoding: Quoted-printable

  ... Additional text in ISO-8859-1 goes here ...

--unique-boundary-1--
`))
	want := `(("TEXT" "PLAIN" ` + usASCII + `34 1)` +
		`("text" "plain" ("charset" "US-ASCII") NIL NIL "7BIT" 114 3)` +
		`(("audio" "basic" NIL NIL NIL "base64" 91)("image" "jpeg" NIL NIL NIL "base64" 47) "parallel")` +
		`("text" "enriched" NIL NIL NIL "7BIT" 49 1)` +
		`("message" "rfc822" NIL NIL NIL "7BIT" 232 (NIL "(subject in US-ASCII)" NIL NIL NIL NIL NIL NIL NIL NIL) ` +
		`("Text" "plain" ("charset" "ISO-8859-1") NIL NIL "Quoted-printable" 51 1) 7) "mixed")`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := fetch(t, m, "5.1.MIME", nil); !strings.HasPrefix(got, "From: (mailbox") {
		t.Errorf("BODY[5.1.MIME] = %q", got)
	}
	if got := fetch(t, m, "3.2.MIME", nil); got != "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n" {
		t.Errorf("BODY[3.2.MIME] = %q", got)
	}
}
