package message

import (
	"fmt"
	"strings"
	"testing"
)

func TestContentTypes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		// RFC 2045 §5.1.
		{`text/plain; charset=us-ascii (Plain text)`, `text/plain ("charset" "us-ascii")`},
		{`text/plain; charset="us-ascii"`, `text/plain ("charset" "us-ascii")`},
		// RFC 2231 §3, §4, §4.1.
		{
			`message/external-body; access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"`,
			`message/external-body ("access-type" "URL" "URL" "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar")`,
		},
		{
			`application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A`,
			`application/x-stuff ("title*" "This is ***fun***")`,
		},
		{
			`application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn't it!"`,
			`application/x-stuff ("title*" "This is even more ***fun*** isn't it!")`,
		},
		// Others that are right.
		{`a/b; n*1*=%E4; x=y; N*0*=iso-8859-1''%DC`, `a/b ("n*" "Üä" "x" "y")`},
		{`a/b; n*=utf-8''%C3%A4%zz%4`, `a/b ("n*" "ä%zz%4")`},
		{`a/b; n="q\"\\uoted; x=y"; m = (c) t (d) ; o="\a"`, `a/b ("n" "q\"\\uoted; x=y" "m" "t" "o" "a")`},
		{`multipart/mixed`, `multipart/mixed NIL`},
		{` a (c) / (d) b (e) ; x=y`, `a/b ("x" "y")`},
		{`a/b; x=1; x=2; X=3`, `a/b ("x" "1" "x" "2" "X" "3")`},
		{`a/b; x=""`, `a/b ("x" "")`},
		// Wrong ones.
		{``, `TEXT/PLAIN NIL`},
		{`a`, `TEXT/PLAIN NIL`},
		{`a/`, `TEXT/PLAIN NIL`},
		{`/b; x=y`, `TEXT/PLAIN ("x" "y")`},
		{`multipart/; boundary=x`, `multipart/MIXED ("boundary" "x")`},
		{`a/b;`, `a/b NIL`},
		{`a/b;;; =x; y; z=; "q"=1; x=y`, `a/b ("z" "" "\"q\"" "1" "x" "y")`},
		{`a/b x=y; z=1`, `a/b ("z" "1")`},
		{`a/b; name=my file (1).pdf; x=y`, `a/b ("name" "my file" "x" "y")`},
		{`a/b; name=file(1).pdf; x=y`, `a/b ("name" "file(1).pdf" "x" "y")`},
		{`a/b; name="unclosed; x=y`, `a/b ("name" "unclosed; x=y")`},
		{`a/b; name="x" trailing; y=z`, `a/b ("name" "x" "y" "z")`},
		{`a/b; name=naïve`, `a/b ("name" "naïve")`},
		{`a/b; n*1=b; n*2=c`, `a/b ("n" "bc")`},
		{`a/b; n*0=a; n*2=c`, `a/b ("n" "a")`},
		{`a/b; n*0=a; n*0=x; n*1=b`, `a/b ("n" "ab")`},
		{`a/b; n*x=a; n**=b; *=c; *0=d`, `a/b ("n*x" "a" "n**" "b" "*" "c" "*0" "d")`},
		{`a/b; n*99999999=a`, `a/b ("n*99999999" "a")`},
		{`a/b; n*=plain`, `a/b ("n*" "plain")`},
		{`a/b; n*=x-unknown''%e4`, `a/b ("n*" "ä")`},
		{`a/b; n*=utf-8''%00%0d`, `a/b ("n*" "? ")`},
		{`a/b; (`, `a/b NIL`},
		{`(`, `TEXT/PLAIN NIL`},
	} {
		m := parseContentType(test.text)
		got := fmt.Sprintf("%s/%s %s", m.typ, m.subtype, render(m.params))
		if got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestDefaultCharset(t *testing.T) {
	for text, want := range map[string]string{
		"":                             `("TEXT" "PLAIN" ` + usASCII + `0 0)`,
		"Content-Type: text/plain":     `("text" "plain" ` + usASCII + `0 0)`,
		"Content-Type: text/html":      `("text" "html" NIL NIL NIL "7BIT" 0 0)`,
		"Content-Type: text/plain;x=y": `("text" "plain" ("x" "y") NIL NIL "7BIT" 0 0)`,
		"content-TYPE: IMAGE/GIF":      `("IMAGE" "GIF" NIL NIL NIL "7BIT" 0)`,
	} {
		if got := render(parseText(t, strings.TrimLeft(text+"\n", "\n")+"\n").Body()); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestExtensionData(t *testing.T) {
	m := parseText(t, crlf(`Content-Type: multipart/mixed; boundary=b; x=y
Content-Disposition: inline
Content-Language: en (English), de-CH,fr
Content-Location: http://example.org/a
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
Content-ID: <ignored@example.org>

--b
Content-Type: image/gif; name=x.gif
Content-Transfer-Encoding: (comment) BASE64 junk
Content-ID: <a@b>
Content-Description: some
  thing
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
Content-Disposition: attachment; filename=genome.jpeg;
 modification-date="Wed, 12 Feb 1997 16:29:51 -0500"; filename*=utf-8''x
Content-Language: i-klingon
Content-Location:

AAAA
--b
Content-Disposition: ; filename=x
Content-Transfer-Encoding:

--b--
`))
	want := `(("image" "gif" ("name" "x.gif") "<a@b>" "some  thing" "BASE64" 4 "Q2hlY2sgSW50ZWdyaXR5IQ==" ` +
		`("attachment" ("filename" "genome.jpeg" "modification-date" "Wed, 12 Feb 1997 16:29:51 -0500" "filename*" "x")) ("i-klingon") "")` +
		`("TEXT" "PLAIN" ` + usASCII + `0 0 NIL ("attachment" ("filename" "x")) NIL NIL) ` +
		`"mixed" ("boundary" "b" "x" "y") ("inline" NIL) ("en" "de-CH" "fr") "http://example.org/a")`
	if got := render(m.BodyStructure()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	want = `(("image" "gif" ("name" "x.gif") "<a@b>" "some  thing" "BASE64" 4)("TEXT" "PLAIN" ` + usASCII + `0 0) "mixed")`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestGlobalMessageIsBasicInIMAP4rev1(t *testing.T) {
	m := parseText(t, "Content-Type: message/global\n\nSubject: x\n\nbody\n")
	want := `("message" "global" NIL NIL NIL "7BIT" 17)`
	if got := render(m.Structure(StructureOptions{BasicGlobal: true})); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	want = `("message" "global" NIL NIL NIL "7BIT" 17 (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `5 1) 3)`
	if got := render(m.Body()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestParameterLimit(t *testing.T) {
	m := parseContentType("a/b" + strings.Repeat("; x=y", 3*MaxParams))
	if len(m.params) != MaxParams {
		t.Errorf("%d parameters", len(m.params))
	}
}
