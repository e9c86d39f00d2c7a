package message

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// StructureOptions says which form of a body structure is wanted.
type StructureOptions struct {
	// Extensions adds the extension data: BODYSTRUCTURE rather than BODY.
	Extensions bool
	// BasicGlobal shows message/global parts without envelope and structure, as
	// IMAP4rev1 does (RFC 3501 §9, body-type-basic). RFC 9051 and RFC 9755 show
	// them like message/rfc822.
	BasicGlobal bool
}

// Structure returns the body structure of the message in the given form (RFC 9051
// §7.5.2). The value shares slices with s and is not to be changed.
func (s *Summary) Structure(o StructureOptions) imap.Body { return s.root.structure(o, s.room) }

// BodyStructure returns BODYSTRUCTURE, with all extension data that RFC 9051 defines.
func (s *Summary) BodyStructure() imap.Body { return s.Structure(StructureOptions{Extensions: true}) }

// Body returns BODY: the body structure without extension data.
func (s *Summary) Body() imap.Body { return s.Structure(StructureOptions{}) }

const (
	allMultipart = imap.BodyMultipartHasParams | imap.BodyMultipartHasDisposition |
		imap.BodyMultipartHasLanguages | imap.BodyMultipartHasLocation
	allPart = imap.BodyPartHasMD5 | imap.BodyPartHasDisposition |
		imap.BodyPartHasLanguages | imap.BodyPartHasLocation
)

func (p *part) structure(o StructureOptions, m *room) imap.Body {
	if p.kind == multipart {
		return p.multipartStructure(o, m)
	}
	return p.partStructure(o, m)
}

func (p *part) multipartStructure(o StructureOptions, m *room) *imap.BodyMultipart {
	b := m.newMultipart()
	b.Subtype, b.Parts = p.subtype, m.newBodies(len(p.children))
	for i, c := range p.children {
		b.Parts[i] = c.structure(o, m)
	}
	if o.Extensions {
		b.Has |= allMultipart
		b.Params = p.params
		b.Disposition = p.disposition
		b.Languages = p.languages
		b.Location = p.location
	}
	return b
}

func (p *part) partStructure(o StructureOptions, m *room) *imap.BodyPart {
	b := m.newPart()
	*b = imap.BodyPart{
		Type:        p.typ,
		Subtype:     p.subtype,
		Params:      p.params,
		ID:          p.id,
		Description: p.description,
		Encoding:    p.encoding,
		Octets:      uint64(p.body.Len()),
	}
	if p.kind == nested && !(o.BasicGlobal && strings.EqualFold(p.subtype, "global")) {
		b.Envelope = p.children[0].envelope
		b.Body = p.children[0].structure(o, m)
	}
	if b.Envelope != nil || p.isText() {
		b.Has |= imap.BodyPartHasLines
		b.Lines = p.lines
	}
	if o.Extensions {
		b.Has |= allPart
		b.MD5 = p.md5
		b.Disposition = p.disposition
		b.Languages = p.languages
		b.Location = p.location
	}
	return b
}

// isText reports whether p is of type text.
func (p *part) isText() bool { return p.kind == leaf && strings.EqualFold(p.typ, "text") }
