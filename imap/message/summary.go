package message

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

// SummaryVersion is the version of what MarshalBinary writes, which is its first octet.
// It changes with the format and also when the same message gets another structure, so
// a stored summary of another version is to be made anew with [Parse].
const SummaryVersion = 1

var (
	// ErrSummaryVersion means that a stored summary has another version.
	ErrSummaryVersion = errors.New("message summary of another version")
	// ErrSummary means that a stored summary is damaged.
	ErrSummary = errors.New("damaged message summary")
)

// The binary form is the version, the size of the message, how many parts, addresses and
// parameters there are in all, and the tree of parts. Numbers are varints; strings have their length in front, which is one more for a
// string that may be NIL, for which it is 0. Places are relative to what is before
// them. Revision-neutral: it holds what the message says, not what a response says.

// Bits of the first octet of a part; the lowest two are its kind.
const (
	partKind       = 1<<2 - 1
	partMessage    = 1 << 2 // it has an envelope
	partIrregular  = 1 << 3
	partDisposed   = 1 << 4 // it has a disposition
	partKnownFlags = 1<<5 - 1
)

// MarshalBinary returns the summary in the form that UnmarshalBinary reads. There is
// never an error.
func (s *Summary) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// AppendBinary appends what MarshalBinary returns to dst.
func (s *Summary) AppendBinary(dst []byte) ([]byte, error) {
	e := encoder{append(dst, SummaryVersion)}
	var t totals
	t.add(s.root)
	e.number(uint64(s.size))
	e.number(uint64(t.parts))
	e.number(uint64(t.addresses))
	e.number(uint64(t.params))
	e.part(s.root, 0)
	return e.b, nil
}

// totals counts what a reader has to make room for.
type totals struct{ parts, addresses, params int }

// add counts p and all below it.
func (t *totals) add(p *part) {
	t.parts++
	t.params += len(p.params)
	if p.disposition != nil {
		t.params += len(p.disposition.Params)
	}
	if v := p.envelope; v != nil {
		t.addresses += len(v.From) + len(v.To) + len(v.Cc) + len(v.Bcc)
		for _, list := range [][]imap.Address{v.Sender, v.ReplyTo} {
			if !slices.Equal(list, v.From) {
				t.addresses += len(list)
			}
		}
	}
	for _, c := range p.children {
		t.add(c)
	}
}

type encoder struct{ b []byte }

func (e *encoder) number(n uint64) { e.b = binary.AppendUvarint(e.b, n) }

func (e *encoder) string(s string) {
	e.number(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) nstring(s imap.NString) {
	if !s.Valid {
		e.number(0)
		return
	}
	e.number(uint64(len(s.Value)) + 1)
	e.b = append(e.b, s.Value...)
}

func (e *encoder) params(list []imap.BodyParam) {
	e.number(uint64(len(list)))
	for _, p := range list {
		e.string(p.Name)
		e.string(p.Value)
	}
}

// part writes p, which starts at or behind base.
func (e *encoder) part(p *part, base int64) {
	e.b = append(e.b, p.flags())
	e.number(uint64(p.header.Start - base))
	e.number(uint64(p.header.Len()))
	e.number(uint64(p.body.Len()))
	e.number(p.lines)
	e.string(p.typ)
	e.string(p.subtype)
	e.string(p.encoding)
	e.params(p.params)
	e.nstring(p.id)
	e.nstring(p.description)
	e.nstring(p.md5)
	e.nstring(p.location)
	e.number(uint64(len(p.languages)))
	for _, l := range p.languages {
		e.string(l)
	}
	if p.disposition != nil {
		e.string(p.disposition.Type)
		e.params(p.disposition.Params)
	}
	if p.envelope != nil {
		e.envelope(p.envelope)
	}
	e.children(p)
}

// flags returns the first octet of a part.
func (p *part) flags() byte {
	b := byte(p.kind)
	if p.envelope != nil {
		b |= partMessage
	}
	if p.irregular {
		b |= partIrregular
	}
	if p.disposition != nil {
		b |= partDisposed
	}
	return b
}

// children writes the parts of p.
func (e *encoder) children(p *part) {
	if p.kind == multipart {
		e.number(uint64(len(p.children)))
	}
	base := p.body.Start
	for _, c := range p.children {
		e.part(c, base)
		base = c.body.End
	}
}

func (e *encoder) envelope(v *imap.Envelope) {
	e.nstring(v.Date)
	e.nstring(v.Subject)
	e.nstring(v.InReplyTo)
	e.nstring(v.MessageID)
	e.addresses(v.From)
	e.senders(v.Sender, v.From)
	e.senders(v.ReplyTo, v.From)
	e.addresses(v.To)
	e.addresses(v.Cc)
	e.addresses(v.Bcc)
}

// senders writes a list that mostly is the same as From: then it is one octet.
func (e *encoder) senders(list, from []imap.Address) {
	if slices.Equal(list, from) {
		e.number(0)
		return
	}
	e.number(1)
	e.addresses(list)
}

func (e *encoder) addresses(list []imap.Address) {
	e.number(uint64(len(list)))
	for i := range list {
		a := &list[i]
		e.nstring(a.Name)
		e.nstring(a.Route)
		e.nstring(a.Mailbox)
		e.nstring(a.Host)
	}
}
