package message

import (
	"errors"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

func decodeAll(t testing.TB, encoding, text string, size int) string {
	t.Helper()
	d, ok := transferDecoder(encoding)
	if !ok {
		t.Fatal(encoding)
	}
	var out []byte
	for rest := text; rest != ""; {
		n := min(size, len(rest))
		out = d.decode(out, []byte(rest[:n]))
		rest = rest[n:]
	}
	return string(d.decode(out, nil))
}

func TestTransferDecoders(t *testing.T) {
	for _, test := range []struct{ encoding, text, want string }{
		{"base64", "", ""},
		{"base64", "SGVsbG8=", "Hello"},
		{"base64", "SGVs\r\nbG8gd29y\r\nbGQ=\r\n", "Hello world"},
		{"base64", "SGVsbG8", "Hello"},
		{"base64", "SGVsbG8h", "Hello!"},
		{"base64", "SG=VsbG8=", "H\x56\xc6\xc6"},
		{"base64", "S", ""},
		{"base64", "S=", ""},
		{"base64", "====", ""},
		{"base64", "SGk=SGk=", "HiHi"},
		{"base64", "S!G-k_=", "Hi"},
		{"quoted-printable", "", ""},
		// RFC 2045 §6.7.
		{
			"quoted-printable", "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
			"Now's the time for all folk to come to the aid of their country.",
		},
		{"quoted-printable", "a=3Db=c3=A4", "a=b\u00e4"},
		{"quoted-printable", "a  \r\nb\t\nc", "a\r\nb\nc"},
		{"quoted-printable", "a =  \r\nb=\nc= \nd", "a bcd"},
		{"quoted-printable", "a=", "a"},
		{"quoted-printable", "a=4", "a=4"},
		{"quoted-printable", "a=zz=4z==41", "a=zz=4z=A"},
		{"quoted-printable", "a= b=\rc", "a= b=\rc"},
		{"quoted-printable", "a\rb\r\r\n", "a\rb\r\n"},
		{"quoted-printable", "a \t", "a"},
		{"quoted-printable", strings.Repeat(" ", 5000) + "x", strings.Repeat(" ", 5000) + "x"},
		{"quoted-printable", "=" + strings.Repeat(" ", 5000) + "x", "=" + strings.Repeat(" ", 5000) + "x"},
	} {
		for _, size := range []int{1, 2, 3, 5, 10000} {
			if got := decodeAll(t, test.encoding, test.text, size); got != test.want {
				t.Errorf("%s %.80q in pieces of %d is %.80q, want %.80q", test.encoding, test.text, size, got, test.want)
			}
		}
	}
}

func TestCRLFDecoder(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a\nb": "a\r\nb", "a\r\nb\r\n": "a\r\nb\r\n", "\n\n": "\r\n\r\n", "\r\n\r\r\n": "\r\n\r\r\n", "\r": "\r",
	} {
		for size := 1; size < 8; size++ {
			d := &crlfDecoder{}
			var out []byte
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				out = d.decode(out, []byte(rest[:n]))
				rest = rest[n:]
			}
			if string(out) != want {
				t.Errorf("%q in pieces of %d is %q", text, size, out)
			}
		}
	}
}

const binaryMessage = `Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

J=C3=B6rg=
!
bye
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAEC
AwQF
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: x-rot13

abc
--b
Content-Type: message/rfc822

Content-Transfer-Encoding: 8bit

text
--b
Content-Type: message/global
Content-Transfer-Encoding: base64

U3ViamVjdDogeAoKSGlkZGVuIHRleHQK
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

a
b
--b--
`

func TestBinary(t *testing.T) {
	m := parseText(t, binaryMessage)
	for _, test := range []struct {
		number []uint32
		want   string
		err    error
	}{
		{[]uint32{1}, "Jörg!\r\nbye", nil},
		{[]uint32{2}, "\x00\x01\x02\x03\x04\x05", nil},
		{[]uint32{3}, "", ErrUnknownEncoding},
		{[]uint32{4}, "", ErrNotLeaf},
		{[]uint32{4, 1}, "text", nil},
		{[]uint32{5}, "Subject: x\n\nHidden text\n", nil},
		{[]uint32{6}, "a\nb", nil},
		{[]uint32{7}, "", ErrNoSection},
		{nil, binaryMessage, nil},
	} {
		c, err := m.Binary(test.number)
		if !errors.Is(err, test.err) {
			t.Errorf("BINARY%v: %v, want %v", test.number, err, test.err)
		}
		size, err := m.BinarySize(test.number)
		if !errors.Is(err, test.err) || size != int64(len(test.want)) {
			t.Errorf("BINARY.SIZE%v: %d, %v", test.number, size, err)
		}
		if c == nil {
			continue
		}
		if got := read(t, c, nil); got != test.want {
			t.Errorf("BINARY%v = %q, want %q", test.number, got, test.want)
		}
		if got := read(t, c, &imap.Partial{Offset: 2, Count: 3}); got != test.want[min(2, len(test.want)):min(5, len(test.want))] {
			t.Errorf("BINARY%v<2.3> = %q", test.number, got)
		}
	}
}

func TestHasNUL(t *testing.T) {
	m := parseText(t, binaryMessage)
	for n, want := range map[uint32]bool{1: false, 2: true, 6: false} {
		c, err := m.Binary([]uint32{n})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.HasNUL(); got != want || err != nil {
			t.Errorf("BINARY[%d]: %v, %v", n, got, err)
		}
		if size, err := c.Size(); size == 0 || err != nil {
			t.Errorf("BINARY[%d] has %d octets, %v", n, size, err)
		}
	}
	c, err := parseText(t, "\na\x00b").Section(imap.Section{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.HasNUL(); !got || err != nil {
		t.Errorf("BODY[]: %v, %v", got, err)
	}
}

func TestBinaryOfMultipartIsRefused(t *testing.T) {
	m := parseText(t, complexMessage)
	for _, number := range [][]uint32{{3}, {4}, {4, 2, 2}} {
		if _, err := m.Binary(number); !errors.Is(err, ErrNotLeaf) {
			t.Errorf("BINARY%v: %v", number, err)
		}
	}
	if c, err := m.Binary([]uint32{2}); err != nil || read(t, c, nil) != "\x00\x01\x02" {
		t.Errorf("BINARY[2]: %v", err)
	}
}

// TestBinaryStreams checks that a large part is decoded in windows.
func TestBinaryStreams(t *testing.T) {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	text := "Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(line, 5000)
	m := parseText(t, text)
	c, err := m.Binary([]uint32{1})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("ABC", 19*5000)
	if got := read(t, c, nil); got != want {
		t.Errorf("%d octets, want %d", len(got), len(want))
	}
	if got := read(t, c, &imap.Partial{Offset: 200_000, Count: 7}); got != want[200_000:200_007] {
		t.Errorf("partial is %q", got)
	}
}
