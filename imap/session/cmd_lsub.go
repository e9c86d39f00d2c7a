package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// LSub is LSUB (RFC 3501 §6.3.9), which IMAP4rev2 has given up for LIST. A name
// that is not subscribed itself is shown, as \Noselect, when the pattern ends in
// "%" and a name below is subscribed.
func (s *session) LSub(ctx context.Context, _ string, cmd *imap.LSub) error {
	if cmd.Pattern == "" {
		return s.out.untagged((*imap.LSubData)(listRoot()))
	}
	l := lister{session: s, query: listQuery{Subscribed: true, LSub: true}}
	l.query.Patterns = s.listPatterns(cmd.Reference, []string{cmd.Pattern})
	if err := l.load(ctx); err != nil {
		return err
	}
	for _, hit := range selectNames(l.names, l.query) {
		data := &imap.LSubData{Delim: separator, Mailbox: s.wireName(hit.Name)}
		if !hit.Selected {
			data.Attrs.Bits = imap.AttrNoSelect
		}
		if err := s.out.untagged(data); err != nil {
			return err
		}
	}
	return nil
}
