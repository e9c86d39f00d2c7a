package message

import "strings"

// DecodeText decodes the encoded words (RFC 2047, RFC 2231 §5) in a header field value
// that is unfolded, to UTF-8. Words are found wherever they stand, also in quoted
// strings and without white space around them. Neighbours in one charset are decoded
// together, so that a character may be split between them. Other 8-bit octets are
// taken as by [ToUTF8] for an unknown charset, and what is no encoded word stays.
func DecodeText(s string) string {
	last := strings.LastIndex(s, "?=") // behind which no word ends
	if last < 0 {
		return plainText(s)
	}
	var d wordDecoder
	done := 0
	for at := 0; at < last; {
		n := strings.Index(s[at:last], "=?")
		if n < 0 {
			break
		}
		at += n
		w, end, ok := parseWord(s, at+2)
		if !ok {
			at += 2
			continue
		}
		d.plain(s[done:at])
		d.word(w)
		done, at = end, end
	}
	d.plain(s[done:])
	d.flush()
	return d.b.String()
}

// plainText makes text of what is not encoded.
func plainText(s string) string {
	for i := range len(s) { // octets, not runes
		if s[i] >= 0x80 {
			text, _ := ToUTF8("", []byte(s))
			return text
		}
	}
	return s
}

// encodedWord is an encoded word with its encoding undone.
type encodedWord struct {
	charset string
	octets  []byte
}

// maxCharset is the longest name of a charset, with a language, in an encoded word.
const maxCharset = 80

// parseWord reads the encoded word whose charset starts at i and returns its end.
func parseWord(s string, i int) (w encodedWord, end int, ok bool) {
	n := strings.IndexByte(s[i:min(len(s), i+maxCharset)], '?')
	if n <= 0 || strings.ContainsAny(s[i:i+n], " \t") {
		return w, 0, false
	}
	w.charset, _, _ = strings.Cut(s[i:i+n], "*") // RFC 2231 §5: a language behind it
	i += n + 1
	if i+1 >= len(s) || s[i+1] != '?' {
		return w, 0, false
	}
	letter, i := s[i], i+2
	n = strings.Index(s[i:], "?=")
	if n < 0 {
		return w, 0, false
	}
	switch letter {
	case 'B', 'b':
		d := base64Decoder{}
		w.octets = d.decode(d.decode(nil, []byte(s[i:i+n])), nil)
	case 'Q', 'q':
		w.octets = decodeQ(s[i : i+n])
	default:
		return w, 0, false
	}
	return w, i + n + 2, true
}

// decodeQ undoes the Q encoding (RFC 2047 §4.2).
func decodeQ(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '_' {
			c = ' '
		}
		if c == '=' && i+2 < len(s) {
			if hi, lo := hexValue(s[i+1]), hexValue(s[i+2]); hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		b = append(b, c)
	}
	return b
}

// wordDecoder puts a text together.
type wordDecoder struct {
	b       strings.Builder
	charset string
	octets  []byte // of the words since the last text
	inWords bool   // the last thing was a word
}

// plain takes what is in front of a word or at the end. White space between two words
// is none (RFC 2047 §6.2).
func (d *wordDecoder) plain(s string) {
	if d.inWords && strings.Trim(s, " \t\r\n") == "" {
		return
	}
	d.flush()
	d.b.WriteString(plainText(s))
}

// word takes an encoded word.
func (d *wordDecoder) word(w encodedWord) {
	if d.inWords && !strings.EqualFold(w.charset, d.charset) {
		d.flush()
	}
	d.charset, d.inWords = w.charset, true
	d.octets = append(d.octets, w.octets...)
}

// flush decodes the words so far.
func (d *wordDecoder) flush() {
	if d.inWords {
		text, _ := ToUTF8(d.charset, d.octets)
		d.b.WriteString(text)
	}
	d.octets, d.inWords = d.octets[:0], false
}
