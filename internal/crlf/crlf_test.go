package crlf

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	for in, want := range map[string]string{
		"":                 "",
		"a":                "a",
		"a\n":              "a\r\n",
		"\n\n":             "\r\n\r\n",
		"a\r\nb\n":         "a\r\nb\r\n",
		"a\rb\r\r\nc\n\r":  "a\rb\r\r\nc\r\n\r",
		"\r\n\n\r\n":       "\r\n\r\n\r\n",
		"a\x00\n\xff\r\n.": "a\x00\r\n\xff\r\n.",
	} {
		for _, wrap := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader,
		} {
			got, err := io.ReadAll(iotest.OneByteReader(NewReader(wrap(strings.NewReader(in)))))
			if err != nil || string(got) != want {
				t.Errorf("%q → %q, %v, want %q", in, got, err, want)
			}
			got, err = io.ReadAll(NewReader(wrap(strings.NewReader(in))))
			if err != nil || string(got) != want {
				t.Errorf("%q → %q, %v, want %q", in, got, err, want)
			}
		}
	}
}
