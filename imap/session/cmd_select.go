package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Select answers SELECT (RFC 9051 §6.3.2).
func (s *session) Select(ctx context.Context, _ string, cmd *imap.Select) error {
	return s.open(ctx, cmd.Mailbox, cmd.Params, s.id.Scope.ReadOnly)
}

// open selects a mailbox. The one that was selected before is closed even if
// that fails (RFC 9051 §6.3.2).
func (s *session) open(ctx context.Context, wire string, params *imap.SelectParams, readOnly bool) error {
	if s.view != nil {
		s.deselect()
		if err := s.out.status(imap.StatusOK, imap.CodeClosed, "Previous mailbox is closed"); err != nil {
			return err
		}
	}
	if params != nil {
		return bad("Unknown parameter")
	}
	h, info, err := s.lookup(ctx, wire)
	if err != nil {
		return err
	}
	v := &view{readOnly: readOnly}
	if err := s.recentFor(ctx, h, info.ID, v); err != nil {
		return err
	}
	if v.m, err = h.mailbox(ctx, info.ID); err != nil {
		return err
	}
	o := v.m.attach(v, !s.rev2 && !readOnly)
	s.view = v
	s.state = selected
	if err := s.describe(v, o, s.named(wire, info.Name)); err != nil {
		return err
	}
	code := imap.CodeReadWrite
	if readOnly {
		code = imap.CodeReadOnly
	}
	s.ok(code, "")
	return nil
}

// recentFor gives a view its \Recent messages. Those of a read-only view stay
// \Recent for others (RFC 3501 §6.3.2).
func (s *session) recentFor(ctx context.Context, h *hub, id store.MailboxID, v *view) error {
	if s.rev2 {
		return nil
	}
	claim := h.acct.ClaimRecent
	if v.readOnly {
		claim = h.acct.PeekRecent
	}
	r, err := claim(ctx, id)
	v.addRecent(r.From, r.To)
	return err
}

// describe says what the client must know of a mailbox just selected
// (RFC 9051 §6.3.2, RFC 3501 §6.3.1). Its name is the one by which it was found:
// a RENAME changes nothing of what is kept in memory.
func (s *session) describe(v *view, o opened, name *imap.ListData) error {
	known := knownFlags(o.keywords)
	s.out.number(o.exists, "EXISTS")
	if !s.rev2 {
		v.recents = v.countRecent()
		s.out.number(v.recents, "RECENT")
	}
	responses := []imap.Untagged{&imap.FlagsData{Flags: known}}
	say := func(code imap.ResponseCode, text string) {
		responses = append(responses, &imap.StatusResponse{Kind: imap.StatusOK, Code: code, Text: text})
	}
	say(s.permanentFlags(v, known), "Flags permitted")
	if !s.rev2 && o.unseen > 0 {
		say(&imap.CodeUnseen{Seq: o.unseen}, "First unseen message")
	}
	say(&imap.CodeUIDValidity{UIDValidity: o.info.UIDValidity}, "UIDs valid")
	say(&imap.CodeUIDNext{UID: o.info.UIDNext}, "Predicted next UID")
	if s.rev2 {
		responses = append(responses, name)
	}
	for _, r := range responses {
		if err := s.out.untagged(r); err != nil {
			return err
		}
	}
	return nil
}

// deselect closes the selected mailbox, if there is one, without expunging.
func (s *session) deselect() {
	if s.view == nil {
		return
	}
	s.view.m.detach(s.view)
	s.view, s.saved = nil, nil
	s.state = authenticated
}
