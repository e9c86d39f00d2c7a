package sqlitestore

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/store"
)

var (
	errMailboxes     = errors.New("too many mailboxes")
	errSubscriptions = errors.New("too many subscriptions")
	errBelowItself   = errors.New("a mailbox cannot move below itself")
	errInbox         = errors.New("INBOX cannot be deleted")
)

// Mailboxes returns all mailboxes, sorted by name.
func (h *handle) Mailboxes(ctx context.Context) (list []store.Mailbox, err error) {
	err = h.look(ctx, "mailboxes", func(s *state) error {
		list = make([]store.Mailbox, 0, len(s.byName))
		for _, b := range s.byName {
			list = append(list, s.record(b))
		}
		return nil
	})
	slices.SortFunc(list, func(a, b store.Mailbox) int { return cmp.Compare(a.Name, b.Name) })
	return list, err
}

// Lookup returns the mailbox of this name.
func (h *handle) Lookup(ctx context.Context, name string) (m store.Mailbox, err error) {
	const op = "lookup"
	err = h.look(ctx, op, func(s *state) error {
		b := s.byName[name]
		if b == nil {
			return fail(op, name, store.NonExistent, nil)
		}
		m = s.record(b)
		return nil
	})
	return m, err
}

// Mailbox returns the mailbox with this id.
func (h *handle) Mailbox(ctx context.Context, id store.MailboxID) (m store.Mailbox, err error) {
	const op = "mailbox"
	err = h.look(ctx, op, func(s *state) error {
		b, err := s.find(op, id, store.NonExistent)
		if err == nil {
			m = s.record(b)
		}
		return err
	})
	return m, err
}

// subscribed tells whether a name is subscribed.
func (t *tx) subscribed(name string) bool {
	if there, ok := t.layer.subs[name]; ok {
		return there
	}
	if there, ok := t.batch.layer.subs[name]; ok {
		return there
	}
	_, there := t.state.subs[name]
	return there
}

// subscriptions counts them.
func (t *tx) subscriptions() int {
	n := len(t.state.subs)
	changed := maps.Clone(t.batch.layer.subs)
	maps.Copy(changed, t.layer.subs)
	for name, there := range changed {
		if _, before := t.state.subs[name]; before != there {
			if there {
				n++
			} else {
				n--
			}
		}
	}
	return n
}

// Create makes a mailbox and its superiors.
func (h *handle) Create(ctx context.Context, n store.NewMailbox) (m store.Mailbox, err error) {
	err = h.write(ctx, "create", func(t *tx) error {
		b, err := t.createWithSuperiors(n)
		if err == nil {
			m = b.Mailbox
			m.Subscribed = t.subscribed(m.Name)
		}
		return err
	})
	return m, err
}

func (t *tx) createWithSuperiors(n store.NewMailbox) (*box, error) {
	if err := store.CheckName(t.op, n.Name, t.store.opts.Limits); err != nil {
		return nil, err
	}
	if t.named(n.Name) != nil {
		return nil, fail(t.op, n.Name, store.AlreadyExists, nil)
	}
	if n.Subscribe && !t.subscribed(n.Name) {
		if err := t.subscriptionRoom(n.Name); err != nil {
			return nil, err
		}
	}
	if err := t.createSuperiors(n.Name, 1); err != nil {
		return nil, err
	}
	return t.create(n), nil
}

// createSuperiors makes the superiors that a name lacks, if there is room for
// them and for more mailboxes.
func (t *tx) createSuperiors(name string, more int) error {
	missing := slices.DeleteFunc(store.Superiors(name), func(s string) bool { return t.named(s) != nil })
	if t.count()+len(missing)+more > t.store.opts.Limits.Mailboxes {
		return fail(t.op, name, store.Limit, errMailboxes)
	}
	for _, superior := range missing {
		t.create(store.NewMailbox{Name: superior})
	}
	return nil
}

// count is the number of mailboxes.
func (t *tx) count() int {
	n := len(t.state.byID)
	changed := maps.Clone(t.batch.layer.boxes)
	maps.Copy(changed, t.layer.boxes)
	for id, b := range changed {
		if before := t.state.byID[id] != nil; before != (b != nil) {
			if b != nil {
				n++
			} else {
				n--
			}
		}
	}
	return n
}

// create makes a mailbox; everything has been checked.
func (t *tx) create(n store.NewMailbox) *box {
	validity := n.UIDValidity
	if validity == 0 {
		validity = t.nextUIDValidity()
	}
	t.changed = true
	b := &box{num: t.meta.nextBox, firstRecent: 1, Mailbox: store.Mailbox{
		ID:            store.MailboxID(t.newID()),
		Name:          strings.Clone(n.Name),
		Use:           n.Use,
		UIDValidity:   validity,
		UIDNext:       1,
		HighestModSeq: t.modseq,
	}}
	t.meta.nextBox++
	t.layer.boxes[b.ID] = b
	t.layer.names[b.Name] = b.ID
	if n.Subscribe {
		t.layer.subs[b.Name] = true
	}
	return b
}

// nextUIDValidity draws from the account's counter, which follows the clock
// and never stands still.
func (t *tx) nextUIDValidity() uint32 {
	t.meta.uidValidity = max(t.meta.uidValidity+1, uint32(t.store.opts.Now().Unix()))
	return t.meta.uidValidity
}

// Delete removes a mailbox.
func (h *handle) Delete(ctx context.Context, name string) error {
	return h.write(ctx, "delete", func(t *tx) error {
		b := t.named(name)
		switch {
		case name == store.Inbox:
			return fail(t.op, name, store.Cannot, errInbox)
		case b == nil && len(t.inferiors(name)) > 0:
			return fail(t.op, name, store.HasChildren, nil)
		case b == nil:
			return fail(t.op, name, store.NonExistent, nil)
		}
		if err := t.dropAll(b); err != nil {
			return err
		}
		t.layer.boxes[b.ID] = nil
		t.layer.gone[b.ID] = b.num
		t.layer.names[name] = 0
		t.meta.quota.Messages -= uint64(b.Messages)
		t.meta.quota.Size -= b.Size
		t.changed = true
		return nil
	})
}

// inferiors returns the mailboxes below a name.
func (t *tx) inferiors(name string) []*box {
	return slices.DeleteFunc(t.boxes(), func(b *box) bool { return !store.Below(b.Name, name) })
}

// Rename renames a mailbox with its inferiors.
func (h *handle) Rename(ctx context.Context, from, to string) error {
	return h.write(ctx, "rename", func(t *tx) error {
		if from == store.Inbox {
			return t.renameInbox(to)
		}
		moved := t.inferiors(from)
		if b := t.named(from); b != nil {
			moved = append(moved, b)
		}
		if err := t.checkRename(moved, from, to); err != nil {
			return err
		}
		if err := t.createSuperiors(to, 0); err != nil {
			return err
		}
		for _, b := range moved {
			t.layer.names[b.Name] = 0
		}
		for _, b := range moved {
			b = t.edit(b)
			b.Name = to + b.Name[len(from):]
			t.layer.names[b.Name] = b.ID
		}
		t.changed = true
		return nil
	})
}

// checkRename checks everything but the room for superiors.
func (t *tx) checkRename(moved []*box, from, to string) error {
	if len(moved) == 0 {
		return fail(t.op, from, store.NonExistent, nil)
	}
	if from == to {
		return fail(t.op, to, store.AlreadyExists, nil)
	}
	if store.Below(to, from) {
		return fail(t.op, to, store.Cannot, errBelowItself)
	}
	for _, b := range moved {
		name := to + b.Name[len(from):]
		if err := store.CheckName(t.op, name, t.store.opts.Limits); err != nil {
			return err
		}
		if t.named(name) != nil && name != from && !store.Below(name, from) {
			return fail(t.op, name, store.AlreadyExists, nil)
		}
	}
	return nil
}

// renameInbox moves the messages of INBOX to a new mailbox.
func (t *tx) renameInbox(to string) error {
	if to == store.Inbox {
		return fail(t.op, to, store.AlreadyExists, nil)
	}
	b, err := t.createWithSuperiors(store.NewMailbox{Name: to})
	if err != nil {
		return err
	}
	inbox := t.named(store.Inbox)
	if inbox.Messages == 0 {
		return nil
	}
	// The keywords of one mailbox always fit into an empty one.
	_, err = t.transfer(inbox, allUIDs, b, true)
	return err
}

// Subscribe adds a subscription.
func (h *handle) Subscribe(ctx context.Context, name string) error {
	return h.write(ctx, "subscribe", func(t *tx) error {
		if err := store.CheckName(t.op, name, t.store.opts.Limits); err != nil {
			return err
		}
		if t.subscribed(name) {
			return nil
		}
		if err := t.subscriptionRoom(name); err != nil {
			return err
		}
		t.layer.subs[strings.Clone(name)] = true
		t.changed = true
		return nil
	})
}

func (t *tx) subscriptionRoom(name string) error {
	if t.subscriptions() >= t.store.opts.Limits.Subscriptions {
		return fail(t.op, name, store.Limit, errSubscriptions)
	}
	return nil
}

// Unsubscribe removes a subscription.
func (h *handle) Unsubscribe(ctx context.Context, name string) error {
	return h.write(ctx, "unsubscribe", func(t *tx) error {
		if t.subscribed(name) {
			t.layer.subs[name] = false
			t.changed = true
		}
		return nil
	})
}

// Subscriptions returns the subscribed names, sorted.
func (h *handle) Subscriptions(ctx context.Context) (names []string, err error) {
	err = h.look(ctx, "subscriptions", func(s *state) error {
		names = slices.Sorted(maps.Keys(s.subs))
		return nil
	})
	return names, err
}
