package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// longestField is how much of a line is looked at: what is longer is no line of ours.
const longestField = 8 << 10

// span is a message in a file.
type span struct {
	at, end int64 // its octets, the From line and the empty line at its end left out
	next    int64 // where the next one begins
	date    transfer.Date
	dated   bool
	plain   bool // lines are not quoted
	flags   []string
}

// scanner finds messages in a file.
type scanner struct {
	file io.ReaderAt
	size int64

	in    *bufio.Reader
	start int64 // of line
	at    int64 // behind line
	line  []byte
}

func newScanner(file io.ReaderAt, size int64) *scanner {
	s := &scanner{file: file, size: size, in: bufio.NewReaderSize(nil, 64<<10)}
	s.seek(0)
	return s
}

// seek goes on at an offset.
func (s *scanner) seek(at int64) {
	s.in.Reset(io.NewSectionReader(s.file, at, s.size-at))
	s.start, s.at = at, at
}

// read reads a line, of which only the beginning is kept if it is long. It tells whether there was one.
func (s *scanner) read() (bool, error) {
	s.line, s.start = s.line[:0], s.at
	for {
		part, err := s.in.ReadSlice('\n')
		s.at += int64(len(part))
		s.line = append(s.line, part[:min(len(part), longestField-len(s.line))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return s.at > s.start, nil
		default:
			return err == nil, err
		}
	}
}

// blank tells an empty line.
func (s *scanner) blank() bool { return len(bytes.TrimRight(s.line, "\r\n")) == 0 && len(s.line) <= 2 }

// isFrom tells whether the line begins a message.
func (s *scanner) isFrom() bool {
	if !bytes.HasPrefix(s.line, []byte(from)) {
		return false
	}
	_, ok := parseFrom(string(s.line))
	return ok
}

// next returns the message that begins at the present offset; io.EOF if there is none.
func (s *scanner) next() (m span, err error) {
	for {
		ok, err := s.read()
		if err != nil {
			return m, err
		}
		if !ok {
			return m, io.EOF
		}
		if !s.blank() {
			break
		}
	}
	m.date, m.dated = parseFrom(string(s.line))
	m.at = s.at
	length, err := s.header(&m)
	if err != nil {
		return m, err
	}
	if body := s.start; length >= 0 && length <= s.size-body {
		end := body + length
		if next, ok, err := s.boundary(end); err != nil {
			return m, err
		} else if ok {
			m.end, m.next = end, next
			err := s.findQuoting(&m)
			s.seek(m.next)
			return m, err
		}
	}
	return m, s.findEnd(&m)
}

// header reads the header, and returns what Content-Length says, or -1. The line that it ends with is the present one: the
// first of the body, or a From line, or none.
func (s *scanner) header(m *span) (length int64, err error) {
	length = -1
	var f fields
	for {
		ok, err := s.read()
		if err != nil || !ok || s.isFrom() {
			m.flags = f.flags()
			return -1, err
		}
		if s.blank() {
			m.flags = f.flags()
			_, err := s.read()
			return length, err
		}
		name, value, _ := strings.Cut(strings.TrimRight(string(s.line), "\r\n"), ":")
		f.field(strings.ToLower(name), strings.TrimSpace(value))
		if strings.EqualFold(name, "Content-Length") {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 62)
			if err == nil && n >= 0 {
				length = n
			}
		}
	}
}

// boundary tells whether a message can end at an offset: another one or the end of the file follows, perhaps behind an
// empty line. It returns where the next one begins.
func (s *scanner) boundary(at int64) (next int64, ok bool, err error) {
	if at == s.size {
		return at, true, nil
	}
	buf := make([]byte, 1024)
	n, err := s.file.ReadAt(buf, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, false, err
	}
	buf = buf[:n]
	var before [1]byte
	if _, err := s.file.ReadAt(before[:], at-1); err != nil && !errors.Is(err, io.EOF) {
		return 0, false, err
	}
	rest := bytes.TrimLeft(buf, "\r\n")
	next = at + int64(len(buf)-len(rest))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	_, isFrom := parseFrom(string(line))
	atLine := before[0] == '\n' || len(rest) < len(buf)
	return next, atLine && (next == s.size || isFrom), nil
}

// findQuoting looks for a line in the body that would begin a message if it was one of mboxrd.
func (s *scanner) findQuoting(m *span) error {
	for ok := len(s.line) > 0; ok && s.start < m.end; {
		if s.isFrom() {
			m.plain = true
			return nil
		}
		var err error
		if ok, err = s.read(); err != nil {
			return err
		}
	}
	return nil
}

// findEnd looks for the line that begins the next message. The present line is the first that can be it.
func (s *scanner) findEnd(m *span) error {
	body := s.start // an empty line before it ends the header
	m.end = s.start
	blankAt := int64(-1)
	for ok := s.at > s.start; ok && !s.isFrom(); {
		if s.blank() && s.start >= body {
			blankAt = s.start
		} else {
			blankAt = -1
		}
		m.end = s.at
		var err error
		if ok, err = s.read(); err != nil {
			return err
		}
	}
	if blankAt >= 0 {
		m.end = blankAt
	}
	m.next = max(s.start, m.end)
	if s.start == s.at {
		m.next = s.size
	}
	s.seek(m.next)
	return nil
}

// fields are the header fields that have flags. Of several of the same name the first counts.
type fields struct {
	seen  map[string]bool
	names []string
}

func (f *fields) flags() []string { return f.names }

func (f *fields) add(flags imap.Flag) {
	f.names = append(f.names, imap.FlagSet{Bits: flags}.Names()...)
}

// field reads one field.
func (f *fields) field(name, value string) {
	switch name {
	case "status", "x-status", "x-keywords", "x-mozilla-status", "x-mozilla-keys":
	default:
		return
	}
	if f.seen[name] {
		return
	}
	if f.seen == nil {
		f.seen = make(map[string]bool)
	}
	f.seen[name] = true
	switch name {
	case "x-keywords", "x-mozilla-keys":
		f.names = append(f.names, strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })...)
	case "x-mozilla-status":
		n, _ := strconv.ParseUint(value, 16, 16) // what is no number has no flags
		for bit, flag := range mozillaBits {
			if n&bit != 0 {
				f.add(flag)
			}
		}
	default:
		if strings.Contains(value, "R") {
			f.add(imap.FlagSeen)
		}
		for _, l := range xStatus {
			if strings.IndexByte(value, l.letter) >= 0 {
				f.add(l.flag)
			}
		}
	}
}

// mozillaBits are those of X-Mozilla-Status.
var mozillaBits = map[uint64]imap.Flag{
	1: imap.FlagSeen, 2: imap.FlagAnswered, 4: imap.FlagFlagged, 8: imap.FlagDeleted, 0x1000: imap.FlagForwarded,
}
