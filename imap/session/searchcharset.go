package session

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
)

// searchText returns what decodes the strings of a SEARCH command to UTF-8. No
// CHARSET means UTF-8 (RFC 9051 §6.4.4), in both revisions: clients send it
// without saying so. An unknown CHARSET is NO [BADCHARSET].
func searchText(charset string) (func(string) (string, error), error) {
	switch strings.ToUpper(charset) {
	case "", "UTF-8", "UTF8", "US-ASCII", "ASCII":
		return utf8Text, nil
	}
	enc, err := ianaindex.IANA.Encoding(charset)
	if err != nil || enc == nil {
		return nil, errBadCharset
	}
	return func(s string) (string, error) { return decodeText(enc, s) }, nil
}

// utf8Text takes strings as they are. Octets that are no UTF-8 are looked for as
// they are, too: a header field may hold the same.
func utf8Text(s string) (string, error) { return s, nil }

func decodeText(enc encoding.Encoding, s string) (string, error) {
	text, err := enc.NewDecoder().String(s)
	if err != nil || !utf8.ValidString(text) {
		return "", bad("string is not in the CHARSET given")
	}
	return text, nil
}
