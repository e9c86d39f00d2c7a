package message

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// defaultParams are those of a part that does not say its type (RFC 2045 §5.2).
func defaultParams() []imap.BodyParam {
	return []imap.BodyParam{{Name: "CHARSET", Value: "US-ASCII"}}
}

const defaultEncoding = "7BIT"

// endHeader ends the header of the innermost part at off, makes what it says the
// structure of the part, and opens the message in it if it holds one.
func (p *parser) endHeader() {
	f := p.top()
	e := f.part
	e.header.End, e.body.Start = p.off, p.off
	f.startLines = p.lines
	p.eol = 0
	p.inHeader = false
	p.describe(e)
	if f.isMessage {
		e.envelope = p.header.envelope(&p.limit)
		e.irregular = p.header.cut()
	}
	switch m := p.contentType(f); {
	case m.is("multipart"):
		p.openMultipart(f, m)
	case m.is("message") && isMessageSubtype(m.subtype):
		p.openMessage(f, m)
	default:
		e.typ, e.subtype, e.params = m.typ, m.subtype, m.params
	}
}

// describe sets what body parts of all types have.
func (p *parser) describe(e *part) {
	h, b := &p.header, &p.limit
	e.id = h.nstring(fieldID, b)
	e.description = h.nstring(fieldDescription, b)
	e.md5 = h.nstring(fieldMD5, b)
	e.location = h.nstring(fieldLocation, b)
	e.encoding = defaultEncoding
	if s, ok := h.take(fieldEncoding, b); ok {
		if t := firstToken(s); t != "" {
			e.encoding = t
		}
	}
	if s, ok := h.take(fieldDisposition, b); ok {
		e.disposition = parseDisposition(s)
	}
	if s, ok := h.take(fieldLanguage, b); ok {
		e.languages = languages(s)
	}
}

// contentType returns the type of the part whose header ends.
func (p *parser) contentType(f *frame) mediaType {
	s, ok := p.header.take(fieldContentType, &p.limit)
	if !ok && f.inDigest {
		return mediaType{typ: "MESSAGE", subtype: "RFC822"}
	}
	m := parseContentType(s)
	if m.is("text") && strings.EqualFold(m.subtype, "plain") && len(m.params) == 0 {
		m.params = defaultParams()
	}
	return m
}

// isMessageSubtype reports whether a part of type message with this subtype holds a
// message (RFC 9051 §6.4.5.1).
func isMessageSubtype(subtype string) bool {
	return strings.EqualFold(subtype, "rfc822") || strings.EqualFold(subtype, "global")
}

// openMultipart makes the part of f a multipart, if it is not too deep.
func (p *parser) openMultipart(f *frame, m mediaType) {
	e := f.part
	if len(p.open) >= MaxDepth {
		e.setOpaque()
		return
	}
	e.kind = multipart
	e.typ, e.subtype, e.params = m.typ, m.subtype, m.params
	f.digest = strings.EqualFold(m.subtype, "digest")
	if b := strings.TrimRight(paramValue(m.params, "boundary"), " \t"); len(b) <= MaxBoundary {
		f.boundary = b
	}
}

// openMessage makes the part of f one that holds a message, if it is not too deep, and
// opens the message.
func (p *parser) openMessage(f *frame, m mediaType) {
	e := f.part
	if len(p.open) >= MaxDepth || p.parts >= MaxParts {
		e.setOpaque()
		return
	}
	e.kind = nested
	e.typ, e.subtype, e.params = m.typ, m.subtype, m.params
	e.children = []*part{p.push(p.off, &frame{isMessage: true})}
}

// setOpaque makes e a part of which nothing but the octets is known.
func (e *part) setOpaque() {
	e.typ, e.subtype = "APPLICATION", "OCTET-STREAM"
}

// undivided returns the one part of a multipart in which no delimiter was found.
func undivided(m *part) *part {
	return &part{
		header:   Range{m.body.Start, m.body.Start},
		body:     m.body,
		lines:    m.lines,
		typ:      "TEXT",
		subtype:  "PLAIN",
		params:   defaultParams(),
		encoding: defaultEncoding,
	}
}

// nstring returns the value of a field, NIL if the header does not have it.
func (h *header) nstring(f field, b *budget) imap.NString {
	s, ok := h.take(f, b)
	return imap.NString{Value: s, Valid: ok}
}
