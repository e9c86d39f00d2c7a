package session

import (
	"context"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// List is LIST, basic and extended (RFC 9051 §6.3.9, RFC 5258, RFC 5819,
// RFC 6154).
func (s *session) List(ctx context.Context, _ string, cmd *imap.List) error {
	extended := cmd.Select != nil || cmd.Return != nil || len(cmd.Patterns) != 1
	if !extended && cmd.Patterns[0] == "" {
		return s.out.untagged(listRoot())
	}
	l := lister{session: s, extended: extended || s.rev2}
	if err := l.options(cmd); err != nil {
		return err
	}
	if len(cmd.Patterns) > maxListPatterns {
		return no(imap.CodeLimit, "Too many patterns")
	}
	l.query.Patterns = s.listPatterns(cmd.Reference, cmd.Patterns)
	if err := l.load(ctx); err != nil {
		return err
	}
	for _, hit := range selectNames(l.names, l.query) {
		if err := l.tell(&hit); err != nil {
			return err
		}
	}
	return nil
}

// maxListPatterns bounds the patterns of a command: each is tried on each name.
const maxListPatterns = 256

// listRoot answers LIST "" "", which asks for the separator. There are no rooted
// names, so the root is empty for every reference.
func listRoot() *imap.ListData {
	return &imap.ListData{Attrs: imap.MailboxAttrs{Bits: imap.AttrNoSelect}, Delim: separator}
}

// listPatterns puts the reference in front of each pattern. A pattern that is
// empty or cannot be a name matches nothing, which is no error.
func (s *session) listPatterns(reference string, patterns []string) []*listPattern {
	var out []*listPattern
	for _, p := range patterns {
		if p == "" {
			continue
		}
		if name, err := imap.DecodeMailbox(reference+p, s.utf8); err == nil {
			out = append(out, compileListPattern(canonical(name)))
		}
	}
	return out
}

// lister answers one LIST command.
type lister struct {
	*session
	query    listQuery
	extended bool // the client knows \NonExistent
	marked   bool // show \Subscribed
	status   imap.StatusItems
	names    []listName
	boxes    map[string]*store.Mailbox
}

// options takes over the selection and return options.
func (l *lister) options(cmd *imap.List) error {
	if sel := cmd.Select; sel != nil {
		l.query.Subscribed = sel.Has&imap.ListSelectHasSubscribed != 0
		l.query.Recursive = sel.Has&imap.ListSelectHasRecursiveMatch != 0
		l.query.SpecialUse = sel.Has&imap.ListSelectHasSpecialUse != 0
		if err := noOptions(sel.Unknown); err != nil {
			return err
		}
	}
	if l.query.Recursive && !l.query.Subscribed && !l.query.SpecialUse {
		return bad("RECURSIVEMATCH needs another selection option")
	}
	l.marked = l.query.Subscribed
	if ret := cmd.Return; ret != nil {
		l.marked = l.marked || ret.Has&imap.ListReturnHasSubscribed != 0
		l.status = ret.Status
		if err := noOptions(ret.Unknown); err != nil {
			return err
		}
	}
	return nil
}

// noOptions refuses options that the grammar does not know, or that are not
// advertised (RFC 9051 §6.3.9).
func noOptions(options []imap.ExtItem) error {
	if len(options) > 0 {
		return bad("Unknown LIST option %s", options[0].Name)
	}
	return nil
}

// load reads the names: mailboxes, and subscriptions where they count.
func (l *lister) load(ctx context.Context) error {
	boxes, err := l.hub.acct.Mailboxes(ctx)
	if err != nil {
		return err
	}
	l.boxes = make(map[string]*store.Mailbox, len(boxes))
	for i := range boxes {
		m := &boxes[i]
		l.boxes[m.Name] = m
		l.names = append(l.names, listName{Name: m.Name, Exists: true, Subscribed: m.Subscribed, SpecialUse: m.Use != 0})
	}
	if !l.query.Subscribed {
		return nil
	}
	subscriptions, err := l.hub.acct.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, name := range subscriptions {
		if l.boxes[name] == nil {
			l.names = append(l.names, listName{Name: name, Subscribed: true})
		}
	}
	return nil
}

// tell sends LIST, and STATUS where it was asked for: not for names that are no
// mailboxes or do not meet the criteria themselves (RFC 9051 §6.3.9.8).
func (l *lister) tell(hit *listHit) error {
	data := &imap.ListData{Attrs: l.attrs(hit), Delim: separator, Mailbox: l.wireName(hit.Name)}
	if hit.ChildInfo {
		data.Extended = &imap.ListExtended{Has: imap.ListExtendedHasChildInfo, ChildInfo: l.childInfo()}
	}
	if err := l.out.untagged(data); err != nil {
		return err
	}
	if l.status == 0 || !hit.Exists || !hit.Selected {
		return nil
	}
	return l.out.untagged(l.statusData(l.boxes[hit.Name], l.status))
}

// attrs are the attributes of a name. Children and special uses are always shown.
func (l *lister) attrs(hit *listHit) imap.MailboxAttrs {
	a := imap.MailboxAttrs{Bits: imap.AttrHasNoChildren}
	if hit.HasChildren {
		a.Bits = imap.AttrHasChildren
	}
	if l.marked && hit.Subscribed {
		a.Bits |= imap.AttrSubscribed
	}
	switch m := l.boxes[hit.Name]; {
	case m != nil:
		for _, name := range m.Use.Names() {
			a.AddName(name)
		}
	case l.extended:
		a.Bits |= imap.AttrNonExistent
	default:
		a.Bits |= imap.AttrNoSelect
	}
	return a
}

// childInfo names the criteria that a name below meets (RFC 9051 §6.3.9.6).
func (l *lister) childInfo() []string {
	var criteria []string
	if l.query.Subscribed {
		criteria = append(criteria, "SUBSCRIBED")
	}
	if l.query.SpecialUse {
		criteria = append(criteria, "SPECIAL-USE")
	}
	return slices.Clip(criteria)
}
