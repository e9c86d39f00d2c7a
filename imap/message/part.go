package message

import "github.com/imapsrv/imapsrv/imap"

// Range is a run of octets of the stored message: from Start up to, not including, End.
type Range struct {
	Start, End int64
}

// Len is the number of octets in r.
func (r Range) Len() int64 { return r.End - r.Start }

// contains reports whether s lies within r.
func (r Range) contains(s Range) bool { return r.Start <= s.Start && s.End <= r.End }

// kind tells how the body of a part is structured.
type kind uint8

const (
	leaf      kind = iota // octets only
	multipart             // children are its parts
	nested                // message/rfc822 or message/global: the one child is the message
)

// part is one MIME entity: a message or a body part, header and body.
type part struct {
	header Range // the fields and the blank line, if there is one
	body   Range
	lines  uint64 // line ends in body
	kind   kind

	typ, subtype string
	params       []imap.BodyParam
	id           imap.NString
	description  imap.NString
	encoding     string
	md5          imap.NString
	disposition  *imap.BodyDisposition
	languages    []string
	location     imap.NString

	envelope  *imap.Envelope // of a message, nil in a body part
	irregular bool           // the envelope does not hold all that the header has
	children  []*part
}

// numbered returns the part that the number n names among the parts of e, which is a
// message or a multipart (RFC 9051 §6.4.5.1). A message that is not a multipart has
// only a part 1: its own body.
func (e *part) numbered(n uint32) *part {
	if e.kind != multipart {
		if n == 1 {
			return e
		}
		return nil
	}
	if n == 0 || uint64(n) > uint64(len(e.children)) {
		return nil
	}
	return e.children[n-1]
}

// find returns the part with the given number, nil when there is none. The empty number
// is the message itself.
func (e *part) find(number []uint32) *part {
	p := e
	for i, n := range number {
		if i > 0 {
			switch p.kind {
			case leaf:
				return nil
			case nested:
				p = p.children[0]
			case multipart: // its parts are numbered within it
			}
		}
		if p = p.numbered(n); p == nil {
			return nil
		}
	}
	return p
}

// message returns the message that HEADER and TEXT after the given number speak of:
// e for the empty number, otherwise what a message/rfc822 part holds; nil if there is none.
func (e *part) message(number []uint32) *part {
	if len(number) == 0 {
		return e
	}
	p := e.find(number)
	if p == nil || p.kind != nested {
		return nil
	}
	return p.children[0]
}

// walk calls f for p and all parts below it, in the order of the message, until f
// returns false.
func (p *part) walk(f func(*part) bool) bool {
	if !f(p) {
		return false
	}
	for _, c := range p.children {
		if !c.walk(f) {
			return false
		}
	}
	return true
}
