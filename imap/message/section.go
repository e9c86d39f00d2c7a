package message

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/imapsrv/imapsrv/imap"
)

var (
	// ErrNoSection means that the message has no such section: no part with that
	// number, HEADER or TEXT of a part that holds no message, MIME of no part.
	ErrNoSection = errors.New("no such section in the message")
	// ErrNotLeaf means that BINARY was asked of a multipart or of a part that holds a
	// message (RFC 9051 §6.4.5).
	ErrNotLeaf = errors.New("not a leaf part")
	// ErrUnknownEncoding means that the transfer encoding of a part is not known, for
	// which the response code is UNKNOWN-CTE (RFC 3516 §4.3).
	ErrUnknownEncoding = errors.New("unknown content transfer encoding")
)

// Section returns the octets that BODY[section] names (RFC 9051 §6.4.5.1). The error
// is [ErrNoSection] or nil.
func (m *Message) Section(s imap.Section) (*Content, error) {
	r, err := m.Locate(s)
	if err != nil {
		return nil, err
	}
	c := &Content{octets: m.octets, within: r, size: r.Len()}
	if isFieldList(s.Text) {
		c.fields = newFieldSet(s.Fields, s.Text == imap.SectionTextHeaderFieldsNot)
		c.size = -1
	}
	return c, nil
}

func isFieldList(t imap.SectionText) bool {
	return t == imap.SectionTextHeaderFields || t == imap.SectionTextHeaderFieldsNot
}

// Locate returns where the octets of a section are in the stored message, without
// reading it. For HEADER.FIELDS and HEADER.FIELDS.NOT it is the whole header that they
// are taken from; [Content.Ranges] has those of the fields. The error is [ErrNoSection]
// or nil.
func (s *Summary) Locate(section imap.Section) (Range, error) {
	var p *part
	switch section.Text {
	case 0:
		if len(section.Part) == 0 {
			return Range{0, s.size}, nil
		}
		if p = s.root.find(section.Part); p != nil {
			return p.body, nil
		}
	case imap.SectionTextMIME:
		if p = s.root.find(section.Part); p != nil && len(section.Part) > 0 {
			return p.header, nil
		}
	case imap.SectionTextText:
		if p = s.root.message(section.Part); p != nil {
			return p.body, nil
		}
	default:
		if p = s.root.message(section.Part); p != nil {
			return p.header, nil
		}
	}
	return Range{}, ErrNoSection
}

// Binary returns the octets that BINARY[part] names: those of a leaf part without its
// transfer encoding, with CRLF line ends if it is text (RFC 9051 §7.5.2). For an
// empty part number it is the message as it is stored. A part that holds a message is
// refused unless it is encoded, which hides its structure. The error is
// [ErrNoSection], [ErrNotLeaf], [ErrUnknownEncoding] or nil.
func (m *Message) Binary(number []uint32) (*Content, error) {
	if len(number) == 0 {
		return m.Section(imap.Section{})
	}
	p := m.root.find(number)
	if p == nil {
		return nil, ErrNoSection
	}
	d, ok := transferDecoder(p.encoding)
	if p.kind == multipart || p.kind == nested && ok && d == nil {
		return nil, ErrNotLeaf
	}
	if !ok {
		return nil, ErrUnknownEncoding
	}
	c := &Content{octets: m.octets, within: p.body, size: p.body.Len()}
	if d != nil || p.isText() {
		c.encoding, c.text = p.encoding, p.isText()
		c.size = -1
	}
	return c, nil
}

// BinarySize returns BINARY.SIZE[part]: how many octets BINARY[part] has. For an encoded
// or text part this reads it. The errors are those of [Message.Binary] and of the reader.
func (m *Message) BinarySize(number []uint32) (int64, error) {
	c, err := m.Binary(number)
	if err != nil {
		return 0, err
	}
	return c.Size()
}

// Content is the octets of a section, which are read from the stored message when
// they are wanted. It must not be used at the same time by several goroutines.
type Content struct {
	octets io.ReaderAt
	within Range  // what it is made of
	size   int64  // -1: not known yet
	data   []byte // the octets, if they are few and not stored as they are

	fields   *fieldSet // only these fields, if not nil
	encoding string    // to be decoded, if not empty
	text     bool      // to have CRLF line ends

	scanned, hasNUL bool
}

// isPlain reports whether the octets are just those within the range.
func (c *Content) isPlain() bool { return c.fields == nil && c.encoding == "" }

// Size returns the number of octets. If they are not stored as they are (HEADER.FIELDS,
// BINARY) this reads them, once. An error is the reader's.
func (c *Content) Size() (int64, error) {
	if c.size < 0 {
		if err := c.scan(); err != nil {
			return 0, err
		}
	}
	return c.size, nil
}

// HasNUL reports whether there is a NUL among the octets, for which a response needs a
// literal8 (RFC 9051 §7.5.2). To tell it reads them, once. An error is the reader's.
func (c *Content) HasNUL() (bool, error) {
	if !c.scanned {
		if err := c.scan(); err != nil {
			return false, err
		}
	}
	return c.hasNUL, nil
}

// scan reads all octets to learn what cannot be known otherwise.
func (c *Content) scan() error {
	var data []byte
	size, hasNUL := int64(0), false
	for source := c.source(); ; {
		piece, err := source.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		hasNUL = hasNUL || bytes.IndexByte(piece, 0) >= 0
		if size += int64(len(piece)); size <= maxKeptContent {
			data = append(data, piece...)
		}
	}
	c.scanned, c.hasNUL = true, hasNUL
	if c.isPlain() {
		return nil // the size is that of the range, whatever can be read of it
	}
	c.size = size
	if size <= maxKeptContent {
		c.data = data // so as not to read it again
	}
	return nil
}

// maxKeptContent is how many octets a content may keep in memory. It is little, since
// one FETCH can name thousands of sections.
const maxKeptContent = 4 << 10

// Open returns a reader of the octets, or of those that a partial names, which may be
// nil, and how many octets it gives if there is no error. Nothing is beyond the end:
// a partial that starts there is empty (RFC 9051 §6.4.5). The reader is an
// io.WriterTo. It takes a window of memory when it is first read, until it is at its end.
func (c *Content) Open(p *imap.Partial) (r io.Reader, size int64, err error) {
	if size, err = c.Size(); err != nil {
		return nil, 0, err
	}
	offset := int64(0)
	if p != nil {
		offset = int64(min(p.Offset, uint64(size)))
		size = int64(min(p.Count, uint64(size-offset)))
	}
	switch {
	case c.data != nil:
		return bytes.NewReader(c.data[offset : offset+size]), size, nil
	case c.isPlain():
		return plainReader{io.NewSectionReader(c.octets, c.within.Start+offset, size)}, size, nil
	default:
		return &contentReader{content: c, skip: offset, left: size}, size, nil
	}
}

// Ranges returns where the octets are in the stored message, in order. Ranges that
// adjoin come as one. For BINARY it is where the encoded octets are. An error, which
// is the reader's, comes last.
func (c *Content) Ranges() iter.Seq2[Range, error] {
	return func(yield func(Range, error) bool) {
		if c.fields == nil {
			yield(c.within, nil)
			return
		}
		f := newFieldFilter(c.octets, c.within, c.fields)
		at := Range{c.within.Start, c.within.Start}
		for {
			piece, err := f.next()
			end := f.off
			if start := end - int64(len(piece)); err != nil || start != at.End {
				if at.Len() > 0 && !yield(at, nil) {
					return
				}
				at.Start = start
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Range{}, err)
				return
			}
			at.End = end
		}
	}
}
