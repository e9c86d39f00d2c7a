package wire

import "bytes"

// A segment is a stretch of text up to and with a literal, or up to the end.
type segment struct {
	last bool // there is no literal
	head literalHead
	// start and end are those of the literal's octets.
	start, end int
	// bad is the index of an octet that cannot stand there; -1 where all is well.
	bad int
}

// segmentOf reads the first segment of text that is to stay within one unit.
func segmentOf(b []byte) segment {
	j := bytes.IndexAny(b, "\r\n\x00")
	if j < 0 {
		return segment{last: true, bad: -1}
	}
	if b[j] != '\r' || j+1 == len(b) || b[j+1] != '\n' {
		return segment{bad: j}
	}
	s := segment{start: j + 2, bad: -1}
	var ok bool
	if s.head, ok = announced(b[:s.start]); !ok || s.head.size > int64(len(b)-s.start) {
		return segment{bad: j}
	}
	s.end = s.start + int(s.head.size)
	if !s.head.binary {
		if k := bytes.IndexByte(b[s.start:s.end], 0); k >= 0 {
			s.bad = s.start + k
		}
	}
	return s
}

// badText is the index of the first octet of text that does not stay within
// one unit; -1 where there is none. What announces a literal at its end, be it within a
// quote that is not closed, is not taken for text by every reader.
func badText(b []byte) int {
	for at := 0; ; {
		s := segmentOf(b[at:])
		if s.bad >= 0 {
			return at + s.bad
		}
		if s.last {
			if h, ok, _ := headBefore(b[at:]); ok {
				return at + h.start
			}
			return -1
		}
		at += s.end
	}
}
