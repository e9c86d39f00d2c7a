package message

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// envelope returns the ENVELOPE of the header (RFC 9051 §7.5.2).
func (h *header) envelope(b *budget) *imap.Envelope {
	e := &imap.Envelope{
		Date:      h.nstring(fieldDate, b),
		Subject:   h.nstring(fieldSubject, b),
		From:      h.addresses(fieldFrom, b),
		Sender:    h.addresses(fieldSender, b),
		ReplyTo:   h.addresses(fieldReplyTo, b),
		To:        h.addresses(fieldTo, b),
		Cc:        h.addresses(fieldCc, b),
		Bcc:       h.addresses(fieldBcc, b),
		InReplyTo: h.nstring(fieldInReplyTo, b),
		MessageID: h.nstring(fieldMessageID, b),
	}
	setSenders(e)
	return e
}

// addresses returns the addresses of a field. Of one that is cut the last is left out,
// as it may not be whole.
func (h *header) addresses(f field, b *budget) []imap.Address {
	s, _ := h.take(f, b)
	v := &h.values[f]
	if v.cut {
		s = s[:max(strings.LastIndexByte(s, ','), 0)]
	}
	list, all := parseAddresses(s, b.addresses)
	if !all {
		v.cut = true
	}
	b.addresses -= len(list)
	return list
}

// setSenders sets the senders that the header does not name.
func setSenders(e *imap.Envelope) {
	if len(e.Sender) == 0 {
		e.Sender = e.From
	}
	if len(e.ReplyTo) == 0 {
		e.ReplyTo = e.From
	}
}
