package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Status is STATUS (RFC 9051 §6.3.11). The counters come from the mailbox's
// record; the selected mailbox is no exception.
func (s *session) Status(ctx context.Context, _ string, cmd *imap.Status) error {
	_, m, err := s.lookup(ctx, cmd.Mailbox)
	if err != nil {
		return err
	}
	return s.out.untagged(s.statusData(&m, cmd.Items))
}

// statusItems pairs the items of STATUS with the bits of the response.
var statusItems = []struct {
	item imap.StatusItem
	has  imap.StatusDataHas
}{
	{imap.StatusItemMessages, imap.StatusDataHasMessages},
	{imap.StatusItemUIDNext, imap.StatusDataHasUIDNext},
	{imap.StatusItemUIDValidity, imap.StatusDataHasUIDValidity},
	{imap.StatusItemUnseen, imap.StatusDataHasUnseen},
	{imap.StatusItemSize, imap.StatusDataHasSize},
	{imap.StatusItemDeleted, imap.StatusDataHasDeleted},
	{imap.StatusItemRecent, imap.StatusDataHasRecent},
}

// statusData is the response for the items asked for and no others: encoders
// also write what is not zero.
func (s *session) statusData(m *store.Mailbox, items imap.StatusItems) *imap.StatusData {
	d := &imap.StatusData{Mailbox: s.wireName(m.Name)}
	for _, i := range statusItems {
		if items&i.item == 0 {
			continue
		}
		d.Has |= i.has
		switch i.item {
		case imap.StatusItemMessages:
			d.Messages = m.Messages
		case imap.StatusItemUIDNext:
			d.UIDNext = m.UIDNext
		case imap.StatusItemUIDValidity:
			d.UIDValidity = m.UIDValidity
		case imap.StatusItemUnseen:
			d.Unseen = m.Unseen
		case imap.StatusItemSize:
			d.Size = m.Size
		case imap.StatusItemDeleted:
			d.Deleted = m.Deleted
		case imap.StatusItemRecent:
			d.Recent = m.Recent
		}
	}
	return d
}
