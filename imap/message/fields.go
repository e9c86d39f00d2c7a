package message

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// fieldSet says which header fields are wanted.
type fieldSet struct {
	names   map[string]bool // in lower case
	longest int
	not     bool // all but these
}

func newFieldSet(names []string, not bool) *fieldSet {
	s := &fieldSet{names: make(map[string]bool, len(names)), not: not}
	for _, n := range names {
		s.names[lowerASCII(n)] = true
		s.longest = max(s.longest, len(n))
	}
	return s
}

// lowerASCII makes ASCII letters small. Names match apart from their case in the ASCII
// range, and otherwise exactly (RFC 9051 §6.4.5.1).
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// has reports whether the field that starts with line is wanted. A line without a name
// is not in any list. The buffer is reused.
func (s *fieldSet) has(line []byte, buffer *[]byte) bool {
	name := fieldName(line)
	if name == nil || len(name) > s.longest {
		return s.not
	}
	b := append((*buffer)[:0], name...)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	*buffer = b
	return s.names[string(b)] != s.not
}

// fieldFilter reads a header and gives only the fields in a set, and the blank line.
type fieldFilter struct {
	r       *bufio.Reader
	off     int64 // of the message, behind the last piece
	fields  *fieldSet
	keep    bool // the current field is wanted
	midLine bool
	buffer  []byte
}

func newFieldFilter(octets io.ReaderAt, header Range, fields *fieldSet) *fieldFilter {
	r := io.NewSectionReader(octets, header.Start, header.Len())
	return &fieldFilter{
		r:      bufio.NewReaderSize(r, int(min(header.Len(), window))),
		off:    header.Start,
		fields: fields,
	}
}

// next returns the next piece that is wanted, which is valid until the next call, or
// io.EOF.
func (f *fieldFilter) next() ([]byte, error) {
	for {
		piece, err := f.r.ReadSlice('\n')
		if err != nil && (err != bufio.ErrBufferFull && err != io.EOF || len(piece) == 0) {
			return nil, err
		}
		f.off += int64(len(piece))
		if !f.midLine {
			f.startLine(piece)
		}
		f.midLine = !endsLine(piece)
		if f.keep {
			return piece, nil
		}
	}
}

// startLine decides about the line that starts with piece.
func (f *fieldFilter) startLine(piece []byte) {
	switch {
	case isBlank(piece):
		f.keep = true // "the blank line is included in all header fetches"
	case !isSpace(piece[0]):
		f.keep = f.fields.has(piece, &f.buffer)
	}
}

// isBlank reports whether a line that starts with piece has nothing but its end.
func isBlank(piece []byte) bool {
	return bytes.HasPrefix(piece, []byte("\n")) || bytes.HasPrefix(piece, []byte("\r\n"))
}

// endsLine reports whether a piece, which is not empty, reaches to the end of its line.
func endsLine(piece []byte) bool { return piece[len(piece)-1] == '\n' }

// eachField calls f with the name and the unfolded value, at most [MaxFieldSize]
// octets of it, of every field of a header until f returns false. Both are valid only
// during the call. The error is the reader's.
func eachField(octets io.ReaderAt, header Range, f func(name, value []byte) bool) error {
	r := newFieldFilter(octets, header, newFieldSet(nil, true))
	var field fieldValue
	start := true // of a line
	for {
		piece, err := r.next()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || start && !isSpace(piece[0]) {
			if !callField(&field, f) || err == io.EOF {
				return nil
			}
			field.octets = field.octets[:0]
		}
		start = endsLine(piece)
		text, _ := trimEOL(piece)
		field.add(text)
	}
}

// callField calls f with a field, if it is one.
func callField(field *fieldValue, f func(name, value []byte) bool) bool {
	name := fieldName(field.octets)
	if name == nil {
		return true
	}
	value := field.octets[bytes.IndexByte(field.octets, ':')+1:]
	return f(name, bytes.Trim(value, " \t\r"))
}
