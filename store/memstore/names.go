package memstore

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

// record returns what others may see of m.
func (a *account) record(m *mailbox) store.Mailbox {
	r := m.Mailbox
	_, r.Subscribed = a.subscription[r.Name]
	return r
}

// Mailboxes returns all mailboxes, sorted by name.
func (h *handle) Mailboxes(ctx context.Context) (list []store.Mailbox, err error) {
	err = h.read(ctx, "mailboxes", func() error {
		list = make([]store.Mailbox, 0, len(h.byName))
		for _, m := range h.byName {
			list = append(list, h.record(m))
		}
		return nil
	})
	slices.SortFunc(list, func(a, b store.Mailbox) int { return cmp.Compare(a.Name, b.Name) })
	return list, err
}

// Lookup returns the mailbox of this name.
func (h *handle) Lookup(ctx context.Context, name string) (r store.Mailbox, err error) {
	const op = "lookup"
	err = h.read(ctx, op, func() error {
		m := h.byName[name]
		if m == nil {
			return fail(op, name, store.NonExistent, nil)
		}
		r = h.record(m)
		return nil
	})
	return r, err
}

// Mailbox returns the mailbox with this id.
func (h *handle) Mailbox(ctx context.Context, id store.MailboxID) (r store.Mailbox, err error) {
	const op = "mailbox"
	err = h.read(ctx, op, func() error {
		m, err := h.find(op, id, store.NonExistent)
		if err == nil {
			r = h.record(m)
		}
		return err
	})
	return r, err
}

// Create makes a mailbox and its superiors.
func (h *handle) Create(ctx context.Context, n store.NewMailbox) (r store.Mailbox, err error) {
	err = h.write(ctx, "create", func(t *tx) error {
		m, err := t.createWithSuperiors(n)
		if err == nil {
			r = t.record(m)
		}
		return err
	})
	return r, err
}

func (t *tx) createWithSuperiors(n store.NewMailbox) (*mailbox, error) {
	limits := &t.store.opts.Limits
	if err := store.CheckName(t.op, n.Name, *limits); err != nil {
		return nil, err
	}
	if t.byName[n.Name] != nil {
		return nil, fail(t.op, n.Name, store.AlreadyExists, nil)
	}
	if n.Subscribe {
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
	missing := slices.DeleteFunc(store.Superiors(name), func(s string) bool { return t.byName[s] != nil })
	if len(t.byName)+len(missing)+more > t.store.opts.Limits.Mailboxes {
		return fail(t.op, name, store.Limit, errMailboxes)
	}
	for _, superior := range missing {
		t.create(store.NewMailbox{Name: superior})
	}
	return nil
}

// create makes a mailbox; everything has been checked.
func (t *tx) create(n store.NewMailbox) *mailbox {
	validity := n.UIDValidity
	if validity == 0 {
		validity = t.nextUIDValidity()
	}
	m := &mailbox{firstRecent: 1, Mailbox: store.Mailbox{
		ID:            store.MailboxID(t.store.newID()),
		Name:          strings.Clone(n.Name),
		Use:           n.Use,
		UIDValidity:   validity,
		UIDNext:       1,
		HighestModSeq: t.modseq,
	}}
	t.byName[m.Name] = m
	t.byID[m.ID] = m
	if n.Subscribe {
		t.subscription[m.Name] = struct{}{}
	}
	t.changed = true
	return m
}

// Delete removes a mailbox.
func (h *handle) Delete(ctx context.Context, name string) error {
	return h.write(ctx, "delete", func(t *tx) error {
		m := t.byName[name]
		switch {
		case name == store.Inbox:
			return fail(t.op, name, store.Cannot, errInbox)
		case m == nil && len(t.inferiors(name)) > 0:
			return fail(t.op, name, store.HasChildren, nil)
		case m == nil:
			return fail(t.op, name, store.NonExistent, nil)
		}
		delete(t.byName, name)
		delete(t.byID, m.ID)
		delete(t.entries, m.ID)
		t.quota.Messages -= uint64(m.Messages)
		t.quota.Size -= m.Size
		t.changed = true
		return nil
	})
}

// inferiors returns the mailboxes below a name.
func (a *account) inferiors(name string) []*mailbox {
	var list []*mailbox
	for n, m := range a.byName {
		if store.Below(n, name) {
			list = append(list, m)
		}
	}
	return list
}

// Rename renames a mailbox with its inferiors.
func (h *handle) Rename(ctx context.Context, from, to string) error {
	return h.write(ctx, "rename", func(t *tx) error {
		if from == store.Inbox {
			return t.renameInbox(to)
		}
		moved := t.inferiors(from)
		if m := t.byName[from]; m != nil {
			moved = append(moved, m)
		}
		if err := t.checkRename(moved, from, to); err != nil {
			return err
		}
		if err := t.createSuperiors(to, 0); err != nil {
			return err
		}
		for _, m := range moved {
			delete(t.byName, m.Name)
		}
		for _, m := range moved {
			m.Name = to + m.Name[len(from):]
			t.byName[m.Name] = m
		}
		t.changed = true
		return nil
	})
}

// checkRename checks everything but the room for superiors.
func (t *tx) checkRename(moved []*mailbox, from, to string) error {
	if len(moved) == 0 {
		return fail(t.op, from, store.NonExistent, nil)
	}
	if from == to {
		return fail(t.op, to, store.AlreadyExists, nil)
	}
	if store.Below(to, from) {
		return fail(t.op, to, store.Cannot, errBelowItself)
	}
	for _, m := range moved {
		name := to + m.Name[len(from):]
		if err := store.CheckName(t.op, name, t.store.opts.Limits); err != nil {
			return err
		}
		if t.byName[name] != nil && name != from && !store.Below(name, from) {
			return fail(t.op, name, store.AlreadyExists, nil)
		}
	}
	return nil
}

// renameInbox moves the messages of INBOX to a new mailbox.
func (t *tx) renameInbox(to string) error {
	inbox := t.byName[store.Inbox]
	if to == store.Inbox {
		return fail(t.op, to, store.AlreadyExists, nil)
	}
	m, err := t.createWithSuperiors(store.NewMailbox{Name: to})
	if err != nil {
		return err
	}
	all := inbox.indexes(allUIDs)
	if len(all) == 0 {
		return nil
	}
	// The keywords of one mailbox always fit into an empty one.
	if err := t.copyTo(inbox, all, m); err != nil {
		return err
	}
	inbox.remove(all, t.modseq, t.store.opts.History)
	return nil
}

// Subscribe adds a subscription.
func (h *handle) Subscribe(ctx context.Context, name string) error {
	return h.write(ctx, "subscribe", func(t *tx) error {
		if err := store.CheckName(t.op, name, t.store.opts.Limits); err != nil {
			return err
		}
		if _, ok := t.subscription[name]; ok {
			return nil
		}
		if err := t.subscriptionRoom(name); err != nil {
			return err
		}
		t.subscription[strings.Clone(name)] = struct{}{}
		t.changed = true
		return nil
	})
}

func (t *tx) subscriptionRoom(name string) error {
	if len(t.subscription) >= t.store.opts.Limits.Subscriptions {
		return fail(t.op, name, store.Limit, errSubscriptions)
	}
	return nil
}

// Unsubscribe removes a subscription.
func (h *handle) Unsubscribe(ctx context.Context, name string) error {
	return h.write(ctx, "unsubscribe", func(t *tx) error {
		_, t.changed = t.subscription[name]
		delete(t.subscription, name)
		return nil
	})
}

// Subscriptions returns the subscribed names, sorted.
func (h *handle) Subscriptions(ctx context.Context) (names []string, err error) {
	err = h.read(ctx, "subscriptions", func() error {
		names = slices.Sorted(maps.Keys(h.subscription))
		return nil
	})
	return names, err
}
