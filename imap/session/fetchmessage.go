package session

import (
	"context"
	"errors"
	"io"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
	"github.com/imapsrv/imapsrv/store"
)

// fetchItems fills in the response about one message from what the store keeps.
type fetchItems struct {
	opener
	plan  *fetchPlan
	parts store.Parts // what the plan needs
	rev2  bool
	utf8  bool // strings may be UTF-8
	// listed is what the listing of the present message says of the plan's
	// items, which its FetchData need not say then.
	listed []byte
	// refused is the first item that the message cannot answer: an encoding
	// that is not known, for which the command ends in NO (RFC 3516 §4.3).
	refused error
}

// fill adds the items that plan asks for, except UID and FLAGS and those that
// are listed. Bodies in d read from m.Body, which must stay open until d has
// been sent.
func (f *fetchItems) fill(d *imap.FetchData, m *store.Message) error {
	if f.plan.has(imap.FetchAttInternalDate) {
		d.Has |= imap.FetchDataHasInternalDate
		d.InternalDate = m.InternalDate
	}
	if f.plan.has(imap.FetchAttRFC822Size) {
		d.Has |= imap.FetchDataHasRFC822Size
		d.RFC822Size = uint64(m.Size)
	}
	msg, err := f.structured(m)
	if err != nil {
		return err
	}
	if len(f.listed) == 0 {
		f.structure(d, msg)
	}
	for i := range f.plan.bodies {
		att := &f.plan.bodies[i]
		if isWhole(att) {
			whole(d, m.Body, att)
			continue
		}
		if err := f.body(d, msg, att); err != nil {
			return err
		}
	}
	return nil
}

// whole adds BODY[]<origin> or RFC822: the message as it is stored.
func whole(d *imap.FetchData, body store.Body, att *imap.FetchAtt) {
	size := body.Size()
	offset := int64(0)
	item := imap.FetchBodySection{}
	if p := att.Partial; p != nil {
		item.Has |= imap.FetchBodySectionHasOrigin
		item.Origin = p.Offset
		offset = int64(min(p.Offset, uint64(size)))
		size = int64(min(p.Count, uint64(size-offset)))
	}
	item.Data = imap.Literal{Body: io.NewSectionReader(body, offset, size), Size: size, Valid: true}
	if att.Kind == imap.FetchAttRFC822 {
		x := ext(d)
		x.Has |= imap.FetchExtHasRFC822
		x.RFC822 = item.Data
		return
	}
	d.BodySection = append(d.BodySection, item)
}

// structured opens a message, whose structure is left out where nobody asks for it.
func (f *fetchItems) structured(m *store.Message) (*mime.Message, error) {
	if err := readable(m.Body); err != nil {
		return nil, err
	}
	f.listed = f.listed[:0]
	if f.parts&store.WantListing != 0 {
		f.listed = appendListed(f.listed, m.Listing, f.plan, f.rev2, f.utf8)
	}
	switch {
	case f.parts&store.WantListing != 0 && len(f.listed) == 0:
		return f.unlisted(m)
	case f.parts&store.WantSummary != 0:
		return f.open(m)
	}
	return nil, nil // whatever is wanted, it is whole
}

// unlisted opens a message whose listing does not say what is wanted. Then its
// summary is read; a store without summaries has its octets.
func (f *fetchItems) unlisted(m *store.Message) (*mime.Message, error) {
	for other, err := range f.acct.Messages(f.ctx, f.id, imap.UIDSet{{Start: m.UID, Stop: m.UID}}, store.WantSummary) {
		if err != nil {
			return nil, err
		}
		m.Summary = other.Summary
	}
	return f.open(m)
}

// readable reads the beginning of a body, which may be nil: a store that cannot read it says so while the command can
// still be answered NO. Later, when the client has been told how many octets come, only the connection can be ended.
func readable(body store.Body) error {
	if body == nil {
		return nil
	}
	var first [1]byte
	if _, err := body.ReadAt(first[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// structure adds ENVELOPE, BODY and BODYSTRUCTURE.
func (f *fetchItems) structure(d *imap.FetchData, msg *mime.Message) {
	if f.plan.has(imap.FetchAttEnvelope) {
		setEnvelope(d, msg, mime.StructureOptions{})
	}
	if f.plan.has(imap.FetchAttBody) {
		d.Has |= imap.FetchDataHasBody
		d.Body = msg.Structure(structureOptions(f.rev2))
	}
	if f.plan.has(imap.FetchAttBodyStructure) {
		setBodyStructure(d, msg, structureOptions(f.rev2))
	}
}

// structureOptions says how body structures are shown to a client that has
// enabled IMAP4rev2 or has not.
func structureOptions(rev2 bool) mime.StructureOptions {
	return mime.StructureOptions{BasicGlobal: !rev2}
}

func setEnvelope(d *imap.FetchData, msg *mime.Message, _ mime.StructureOptions) {
	d.Has |= imap.FetchDataHasEnvelope
	d.Envelope = msg.Envelope()
}

func setBodyStructure(d *imap.FetchData, msg *mime.Message, o mime.StructureOptions) {
	o.Extensions = true
	d.Has |= imap.FetchDataHasBodyStructure
	d.BodyStructure = msg.Structure(o)
}

// body adds one item made of the message's octets.
func (f *fetchItems) body(d *imap.FetchData, msg *mime.Message, att *imap.FetchAtt) error {
	switch att.Kind {
	case imap.FetchAttBodySection:
		return bodySection(d, msg, att)
	case imap.FetchAttBinary:
		return f.binary(d, msg, att)
	case imap.FetchAttBinarySize:
		return f.binarySize(d, msg, att)
	}
	return rfc822(d, msg, att.Kind)
}

// ext is the part of a response that is seldom there.
func ext(d *imap.FetchData) *imap.FetchExt {
	if d.Ext == nil {
		d.Ext = new(imap.FetchExt)
	}
	return d.Ext
}

// bodySection adds BODY[section]<origin>. A section that does not exist is NIL.
func bodySection(d *imap.FetchData, msg *mime.Message, att *imap.FetchAtt) error {
	item := imap.FetchBodySection{Section: att.Section}
	if att.Partial != nil {
		item.Has |= imap.FetchBodySectionHasOrigin
		item.Origin = att.Partial.Offset
	}
	content, err := msg.Section(att.Section)
	if err == nil {
		item.Data, err = literal(content, att.Partial)
	} else if errors.Is(err, mime.ErrNoSection) {
		err = nil
	}
	d.BodySection = append(d.BodySection, item)
	return err
}

// binary adds BINARY[part]<origin>.
func (f *fetchItems) binary(d *imap.FetchData, msg *mime.Message, att *imap.FetchAtt) error {
	item := imap.FetchBinary{Part: att.Part}
	if att.Partial != nil {
		item.Has |= imap.FetchBinaryHasOrigin
		item.Origin = att.Partial.Offset
	}
	content, err := msg.Binary(att.Part)
	if err == nil {
		item.Data, err = binaryLiteral(content, att.Partial)
	} else if !f.answers(err) {
		return nil
	} else {
		err = nil // no such part: NIL
	}
	x := ext(d)
	x.Binary = append(x.Binary, item)
	return err
}

// binarySize adds BINARY.SIZE[part]; a part that does not exist has no octets.
func (f *fetchItems) binarySize(d *imap.FetchData, msg *mime.Message, att *imap.FetchAtt) error {
	size, err := msg.BinarySize(att.Part)
	if isSectionError(err) {
		if !f.answers(err) {
			return nil
		}
		err = nil
	}
	x := ext(d)
	x.BinarySize = append(x.BinarySize, imap.FetchBinarySize{Part: att.Part, Size: uint64(size)})
	return err
}

func isSectionError(err error) bool {
	return errors.Is(err, mime.ErrNoSection) || errors.Is(err, mime.ErrNotLeaf) ||
		errors.Is(err, mime.ErrUnknownEncoding)
}

// answers reports whether an item of a part with this error can be shown at all,
// and remembers why not.
func (f *fetchItems) answers(err error) bool {
	switch {
	case errors.Is(err, mime.ErrNoSection):
		return true
	case errors.Is(err, mime.ErrUnknownEncoding):
		f.refused = no(imap.CodeUnknownCTE, "Unknown content transfer encoding")
	case f.refused == nil:
		f.refused = no(nil, "BINARY can only be fetched of leaf body parts")
	}
	return false
}

// rfc822 adds RFC822, RFC822.HEADER or RFC822.TEXT (RFC 3501 §6.4.5).
func rfc822(d *imap.FetchData, msg *mime.Message, kind imap.FetchAttKind) error {
	var section imap.Section
	x := ext(d)
	has, item := imap.FetchExtHasRFC822, &x.RFC822
	switch kind {
	case imap.FetchAttRFC822Header:
		section.Text = imap.SectionTextHeader
		has, item = imap.FetchExtHasRFC822Header, &x.RFC822Header
	case imap.FetchAttRFC822Text:
		section.Text = imap.SectionTextText
		has, item = imap.FetchExtHasRFC822Text, &x.RFC822Text
	}
	content, err := msg.Section(section)
	if err != nil {
		return err
	}
	x.Has |= has
	*item, err = literal(content, nil)
	return err
}

// literal is the payload of a content, to be streamed.
func literal(content *mime.Content, partial *imap.Partial) (imap.Literal, error) {
	r, size, err := content.Open(partial)
	if err != nil {
		return imap.Literal{}, err
	}
	return imap.Literal{Body: r, Size: size, Valid: true}, nil
}

// binaryLiteral is the payload of BINARY: a literal8 only if there is a NUL, so
// that clients can tell (RFC 9051 §7.5.2).
func binaryLiteral(content *mime.Content, partial *imap.Partial) (imap.Literal, error) {
	nul, err := content.HasNUL()
	if err != nil {
		return imap.Literal{}, err
	}
	l, err := literal(content, partial)
	l.Binary = nul
	return l, err
}

// opener opens messages of one mailbox.
type opener struct {
	ctx  context.Context
	acct store.Account
	id   store.MailboxID
	// read, if it is not nil, has the memory for one message, which is only
	// valid until the next is opened.
	read *mime.SummaryReader
}

// open returns the message whose summary and octets are in m. Without a usable
// summary the message is parsed; then, if m had no octets, it has them now. They
// are the caller's to close.
func (o opener) open(m *store.Message) (*mime.Message, error) {
	if summary := o.summary(m.Summary); summary != nil {
		if m.Body == nil {
			return summary.Message(noOctets{}), nil
		}
		return summary.Message(m.Body), nil
	}
	if m.Body == nil {
		body, err := o.acct.Body(o.ctx, o.id, m.UID)
		if err != nil {
			return nil, err
		}
		m.Body = body
	}
	return mime.Parse(m.Body, m.Body.Size())
}

// summary reads a stored summary; nil if there is none that can be used.
func (o opener) summary(stored []byte) *mime.Summary {
	if len(stored) == 0 {
		return nil
	}
	read := o.read
	if read == nil {
		read = new(mime.SummaryReader)
	}
	summary, err := read.Read(stored)
	if err != nil {
		return nil
	}
	return summary
}

// done closes what is open of m. The octets have been read, so an error does not
// matter any more.
func (o opener) done(m *store.Message) {
	if m.Body != nil {
		_ = m.Body.Close()
	}
}

// noOctets stands in for octets that nothing asks for.
type noOctets struct{}

func (noOctets) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
