package message

import (
	"bytes"
	"strings"
)

// field names a header field that the structure of a message is made of.
type field uint8

const (
	fieldDate field = iota
	fieldSubject
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldInReplyTo
	fieldMessageID
	fieldContentType
	fieldEncoding
	fieldID
	fieldDescription
	fieldMD5
	fieldDisposition
	fieldLanguage
	fieldLocation
	fieldCount
	noField = fieldCount
)

// firstMIME is the first of the fields that body parts have, too.
const firstMIME = fieldContentType

// fieldNames has the names of the fields in lower case.
var fieldNames = [fieldCount]string{
	"date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id",
	"content-type", "content-transfer-encoding", "content-id", "content-description", "content-md5",
	"content-disposition", "content-language", "content-location",
}

// isList reports whether repeated fields of this name are read as one: the lists of
// addresses. Of all others the first counts.
func (f field) isList() bool { return f >= fieldFrom && f <= fieldBcc }

// lookupField returns the field with the given name, noField if it is none of those.
func lookupField(name []byte) field {
	if len(name) < 2 || len(name) > len("content-transfer-encoding") {
		return noField
	}
	for f, s := range fieldNames {
		if equalFold(name, s) {
			return field(f)
		}
	}
	return noField
}

// equalFold reports whether b is lower, which has no upper case letters, apart from
// the case of ASCII letters.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// fieldName returns the name of the field that starts with line: what is before the
// colon, without the white space that the obsolete syntax allows there. It is nil if
// the line has no name or continues a field.
func fieldName(line []byte) []byte {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || isSpace(line[0]) {
		return nil
	}
	return bytes.TrimRight(line[:colon], " \t")
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// header collects the unfolded values of the interesting fields of one header.
type header struct {
	values    [fieldCount]fieldValue
	isMessage bool
	current   field // that lines are added to, or noField
	fresh     bool  // the next piece is the first of the field
	cr        bool  // a CR has been held back, which is part of a line end or not
}

// fieldValue is the unfolded value of a field.
type fieldValue struct {
	octets  []byte
	present bool
	cut     bool // not all of it is in octets, or there is another such field
}

// reset makes h ready for the header of the next part.
func (h *header) reset(isMessage bool) {
	for i := range h.values {
		v := &h.values[i]
		*v = fieldValue{octets: v.octets[:0]}
	}
	h.isMessage, h.current, h.fresh, h.cr = isMessage, noField, false, false
}

// startLine says that a line follows which starts with piece.
func (h *header) startLine(piece []byte) {
	h.cr = false
	if isSpace(piece[0]) {
		return // continues the current field, whichever that is
	}
	h.current = noField
	f := lookupField(fieldName(piece))
	if f == noField || f < firstMIME && !h.isMessage {
		return
	}
	v := &h.values[f]
	if v.present && !f.isList() {
		v.cut = true
		return
	}
	if v.present {
		v.add([]byte(", "))
	}
	v.present = true
	h.current, h.fresh = f, true
}

// add takes a piece of a line.
func (h *header) add(piece []byte) {
	if h.current == noField {
		return
	}
	v := &h.values[h.current]
	if h.fresh {
		h.fresh = false
		piece = piece[bytes.IndexByte(piece, ':')+1:]
	}
	if h.cr && !isBlank(piece) {
		v.add([]byte("\r"))
	}
	text, cr := trimEOL(piece)
	h.cr = cr
	v.add(text)
}

// trimEOL removes the line end from a piece of a line, and a CR at its end which may
// be the first half of one.
func trimEOL(piece []byte) (text []byte, cr bool) {
	n := len(piece)
	if n > 0 && piece[n-1] == '\n' {
		n--
		if n > 0 && piece[n-1] == '\r' {
			n--
		}
		return piece[:n], false
	}
	if n > 0 && piece[n-1] == '\r' {
		return piece[:n-1], true
	}
	return piece, false
}

// add appends octets up to the limit.
func (v *fieldValue) add(octets []byte) {
	room := MaxFieldSize - len(v.octets)
	if len(octets) > room {
		octets = octets[:room]
		v.cut = true
	}
	v.octets = append(v.octets, octets...)
}

// take returns the value of a field and whether the header has it, at the expense of
// the budget.
func (h *header) take(f field, b *budget) (string, bool) {
	v := &h.values[f]
	if !v.present {
		return "", false
	}
	octets := bytes.Trim(v.octets, " \t\r")
	if len(octets) > b.octets {
		octets = octets[:b.octets]
		v.cut = true
	}
	b.octets -= len(octets)
	return clean(octets), true
}

// cut reports whether an envelope field was not taken whole.
func (h *header) cut() bool {
	for f := range firstMIME {
		if h.values[f].cut {
			return true
		}
	}
	return false
}

// clean makes a string of octets that every IMAP string can hold: NUL becomes "?", and
// CR and LF a space. All others, 8-bit ones included, stay as they are.
func clean(octets []byte) string {
	s := string(octets)
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return cleaner.Replace(s)
}

var cleaner = strings.NewReplacer("\x00", "?", "\r", " ", "\n", " ")
