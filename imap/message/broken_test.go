package message

import (
	"strings"
	"testing"
)

const usASCII = `("CHARSET" "US-ASCII") NIL NIL "7BIT" `

// TestBrokenMessages has messages that are wrong or at the edge, with the structure
// they get and some of their sections.
func TestBrokenMessages(t *testing.T) {
	const mixed = "Content-Type: multipart/mixed; boundary=b\n\n"
	for _, test := range []struct {
		name, text, want string
		sections         map[string]string
	}{
		{
			name: "empty message", text: "",
			want:     `("TEXT" "PLAIN" ` + usASCII + `0 0)`,
			sections: map[string]string{"": "", "HEADER": "", "TEXT": "", "1": ""},
		},
		{
			name: "only a blank line", text: "\r\n",
			want:     `("TEXT" "PLAIN" ` + usASCII + `0 0)`,
			sections: map[string]string{"HEADER": "\r\n", "TEXT": ""},
		},
		{
			name: "no blank line", text: "Subject: a\r\nnot a field\r\nTo: b",
			want:     `("TEXT" "PLAIN" ` + usASCII + `0 0)`,
			sections: map[string]string{"HEADER": "Subject: a\r\nnot a field\r\nTo: b", "TEXT": ""},
		},
		{
			name: "bare LF and mixed line ends", text: "Subject: a\nTo: b\r\n\nx\ny\r\nz\r",
			want:     `("TEXT" "PLAIN" ` + usASCII + `7 2)`,
			sections: map[string]string{"HEADER": "Subject: a\nTo: b\r\n\n", "1": "x\ny\r\nz\r"},
		},
		{
			name: "lone CR ends no line", text: "Subject: a\rTo: b\r\n\r\nx\ry",
			want:     `("TEXT" "PLAIN" ` + usASCII + `3 0)`,
			sections: map[string]string{"1": "x\ry"},
		},
		{
			name: "white space line continues the header", text: "A: b\n \nC: d\n\nx",
			want:     `("TEXT" "PLAIN" ` + usASCII + `1 0)`,
			sections: map[string]string{"1": "x", "HEADER": "A: b\n \nC: d\n\n"},
		},
		{
			name: "multipart without a boundary parameter", text: "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `13 4) "mixed")`,
			sections: map[string]string{"1": "--b\n\nx\n--b--\n", "1.MIME": "", "2": "NIL"},
		},
		{
			name: "multipart whose boundary never comes", text: mixed + "x\n--c\n",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `6 2) "mixed")`,
			sections: map[string]string{"1": "x\n--c\n"},
		},
		{
			name: "empty multipart", text: mixed,
			want: `(("TEXT" "PLAIN" ` + usASCII + `0 0) "mixed")`,
		},
		{
			name: "multipart with only the end", text: mixed + "--b--\nx",
			want: `(("TEXT" "PLAIN" ` + usASCII + `7 1) "mixed")`,
		},
		{
			name: "no end", text: mixed + "--b\n\nx\n--b\n\ny\n",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `1 0)("TEXT" "PLAIN" ` + usASCII + `2 1) "mixed")`,
			sections: map[string]string{"1": "x", "2": "y\n"},
		},
		{
			name: "white space behind delimiters", text: mixed + "--b \t\n\nx\n--b--  \nend",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "x", "TEXT": "--b \t\n\nx\n--b--  \nend"},
		},
		{
			name: "space in front of a delimiter", text: mixed + "--b\n\nx\n --b\ny",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `8 2) "mixed")`,
			sections: map[string]string{"1": "x\n --b\ny"},
		},
		{
			name: "delimiter with more behind it (RFC 2046 §5.1.1)", text: mixed + "--b\n\nx\n--bar\n\ny\n--b--more\nz",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `1 0)("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "x", "2": "y"},
		},
		{
			name: "empty parts", text: mixed + "--b\n--b\n\n--b\nA: b\n--b\nA: b\n\n--b\n\n\n--b--",
			want: `(` + strings.Repeat(`("TEXT" "PLAIN" `+usASCII+`0 0)`, 5) + ` "mixed")`,
			sections: map[string]string{
				"1.MIME": "", "2.MIME": "\n", "3.MIME": "A: b\n", "4.MIME": "A: b\n\n", "5.MIME": "\n", "5": "", "6": "NIL",
			},
		},
		{
			name: "part without its blank line", text: mixed + "--b\nHello\nthere\n--b--",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `11 1) "mixed")`,
			sections: map[string]string{"1": "Hello\nthere", "1.MIME": ""},
		},
		{
			name: "outer boundary starts with the inner one",
			text: "Content-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bb\n\ny\n--bb--",
			want: `((("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{
				"1.1": "x", "2": "y", "1": "--b\n\nx",
			},
		},
		{
			name:     "inner boundary starts with the outer one",
			text:     mixed + "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n\ny\n--b--",
			want:     `((("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1.1": "x", "1": "--bb\n\nx\n--bb--", "2": "y"},
		},
		{
			name:     "the same boundary inside",
			text:     mixed + "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b--\nepilogue\n--b\n\ny\n--b--",
			want:     `((("TEXT" "PLAIN" ` + usASCII + `1 0) "alternative")("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1.1": "x", "1": "--b\n\nx\n--b--\nepilogue", "2": "y"},
		},
		{
			name:     "inner multipart without its end",
			text:     mixed + "--b\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n--b\n\ny\n--b--",
			want:     `((("TEXT" "PLAIN" ` + usASCII + `1 0) "alternative")("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1.1": "x", "1": "--i\n\nx", "2": "y"},
		},
		{
			name:     "delimiter in the header of a part",
			text:     mixed + "--b\nContent-Type: image/gif\n--b\n\ny\n--b--",
			want:     `(("image" "gif" NIL NIL NIL "7BIT" 0)("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "", "1.MIME": "Content-Type: image/gif\n", "2": "y"},
		},
		{
			name:     "delimiter in the header of a message in a part",
			text:     mixed + "--b\nContent-Type: message/rfc822\n\nSubject: cut\n--b\n\ny\n--b--",
			want:     `(("message" "rfc822" NIL NIL NIL "7BIT" 13 (NIL "cut" NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `0 0) 1)("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "Subject: cut\n", "1.HEADER": "Subject: cut\n", "1.TEXT": "", "2": "y"},
		},
		{
			name:     "message part that ends with its own header",
			text:     mixed + "--b\nContent-Type: message/rfc822\n--b--",
			want:     `(("message" "rfc822" NIL NIL NIL "7BIT" 0 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `0 0) 0) "mixed")`,
			sections: map[string]string{"1": "", "1.HEADER": "", "1.1": ""},
		},
		{
			name:     "delimiter after the end is epilogue",
			text:     mixed + "--b\n\nx\n--b--\n--b\n\ny\n",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "x", "2": "NIL"},
		},
		{
			name: "digest", text: "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b\nContent-Type: text/plain\n\nz\n--b--",
			want: `(("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 13 (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `1 0) 2)` +
				`("text" "plain" ` + usASCII + `1 0) "digest")`,
			sections: map[string]string{"1.HEADER": "Subject: x\n\n", "1.1": "y", "2": "z"},
		},
		{
			name: "digest part without its blank line", text: "Content-Type: multipart/digest; boundary=b\n\n--b\nhello\n\nx\n--b--",
			want:     `(("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 8 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `1 0) 2) "digest")`,
			sections: map[string]string{"1.1": "x"},
		},
		{
			name: "empty boundary", text: "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n",
			want: `(("TEXT" "PLAIN" ` + usASCII + `6 3) "mixed")`,
		},
		{
			name: "boundary that ends with a space", text: "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\nx\n--b--\n",
			want: `(("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
		},
		{
			name: "continued boundary", text: "Content-Type: multipart/mixed; boundary*1=c; boundary*0=b\n\n--bc\n\nx\n--bc--\n",
			want: `(("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
		},
		{
			name: "boundary that looks like an end", text: "Content-Type: multipart/mixed; boundary=\"---\"\n\n-----\n\nx\n-----\n\ny\n-------\nz",
			want:     `(("TEXT" "PLAIN" ` + usASCII + `1 0)("TEXT" "PLAIN" ` + usASCII + `1 0) "mixed")`,
			sections: map[string]string{"1": "x", "2": "y"},
		},
		{
			name: "types that are none", text: "Content-Type: text\n\nx",
			want: `("TEXT" "PLAIN" ` + usASCII + `1 0)`,
		},
		{
			name: "type without subtype keeps its parameters", text: "Content-Type: nonsense; charset=utf-8\n\nx",
			want: `("TEXT" "PLAIN" ("charset" "utf-8") NIL NIL "7BIT" 1 0)`,
		},
		{
			name: "encoded message is opaque but addressable", text: "Content-Type: message/rfc822\nContent-Transfer-Encoding: BASE64\n\nU3ViamVjdDogeA==\n",
			want:     `("message" "rfc822" NIL NIL NIL "BASE64" 17 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ` + usASCII + `0 0) 1)`,
			sections: map[string]string{"1": "U3ViamVjdDogeA==\n"},
		},
		{
			name: "NUL and CR in values", text: "Content-Type: text/plain; name=\"a\x00b\rc\"\nContent-ID: <a\x00b>\n\nx\x00y",
			want:     `("text" "plain" ("name" "a?b c") "<a?b>" NIL "7BIT" 3 0)`,
			sections: map[string]string{"1": "x\x00y"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				checkBroken(t, test.text, test.want, test.sections, end)
			}
		})
	}
}

// checkBroken checks a message, and, since its line ends make no difference, checks it
// with CRLF, too, if it has only LF.
func checkBroken(t *testing.T, text, want string, sections map[string]string, end string) {
	t.Helper()
	convert := func(s string) string { return strings.ReplaceAll(s, "\n", end) }
	if end == "\r\n" && strings.Contains(text, "\r") {
		return
	}
	m := parseText(t, convert(text))
	if got := render(m.Body()); end == "\n" && got != want {
		t.Errorf("structure\n got %s\nwant %s", got, want)
	}
	for name, want := range sections {
		if got := fetch(t, m, name, nil); got != convert(want) {
			t.Errorf("BODY[%s] = %q, want %q", name, got, convert(want))
		}
	}
}
