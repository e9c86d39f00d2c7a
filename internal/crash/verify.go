package crash

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

// Verify compares the server with what was acknowledged. A command that was
// under way has either been carried out, which is then noted, or not.
func (l *Load) Verify(dial Dial) error {
	var errs []error
	done := make(map[string]bool)
	for _, w := range l.workers {
		errs = append(errs, use(dial, w.user, func(c *Client) error {
			err := w.verify(c)
			if !done[w.user] {
				done[w.user] = true
				err = errors.Join(err, l.verifyShared(c, w.user))
			}
			return err
		}))
	}
	for _, w := range l.workers {
		w.pending = nil
	}
	return errors.Join(errs...)
}

// verify compares a worker's own mailboxes.
func (w *worker) verify(c *Client) error {
	before := w.model.compare(c)
	if before == nil {
		return nil
	}
	if w.pending == nil {
		return fmt.Errorf("worker %d: %w", w.model.worker, before)
	}
	after := w.model.clone()
	after.apply(*w.pending)
	if err := after.compare(c); err != nil {
		return fmt.Errorf("worker %d, with %v under way: %w; had it happened: %w", w.model.worker, w.pending, before, err)
	}
	w.model = after
	return nil
}

// compare tells how the server differs from the model.
func (m *model) compare(c *Client) error {
	names, err := listNames(c, fmt.Sprintf("w%d/%%", m.worker))
	if err != nil {
		return err
	}
	if want := []string{m.boxes[0].name, m.boxes[1].name}; !slices.Equal(names, want) {
		return fmt.Errorf("there are the mailboxes %q, want %q", names, want)
	}
	for i := range m.boxes {
		if err := m.boxes[i].compare(c); err != nil {
			return fmt.Errorf("mailbox %q: %w", m.boxes[i].name, err)
		}
	}
	return nil
}

func listNames(c *Client, pattern string) ([]string, error) {
	answer, err := c.Do(&imap.List{Patterns: []string{pattern}})
	var names []string
	for _, r := range answer.Untagged {
		if data, ok := r.(*imap.ListData); ok {
			names = append(names, data.Mailbox)
		}
	}
	slices.Sort(names)
	return names, err
}

// compare tells how the server's mailbox differs.
func (b *box) compare(c *Client) error {
	got, err := read(c, b.name)
	if err != nil {
		return err
	}
	if b.validity == 0 {
		b.validity = got.validity
	}
	if got.validity != b.validity {
		return fmt.Errorf("UIDVALIDITY was %d and is %d", b.validity, got.validity)
	}
	if got.next != b.next {
		return fmt.Errorf("UIDNEXT is %d, want %d; there is %s, want %s",
			got.next, b.next, describe(got.messages), describe(b.messages))
	}
	if len(got.messages) != len(b.messages) {
		return fmt.Errorf("there is %s, want %s", describe(got.messages), describe(b.messages))
	}
	for uid, want := range b.messages {
		if err := want.differs(got.messages, uid); err != nil {
			return err
		}
	}
	return nil
}

// differs tells how a message differs from what was read, where size is -1 for
// a text that is not whole.
func (m message) differs(got map[imap.UID]message, uid imap.UID) error {
	g, ok := got[uid]
	switch {
	case !ok:
		return fmt.Errorf("UID %d is gone; there is %s", uid, describe(got))
	case g.seed != m.seed || g.size != m.size:
		return fmt.Errorf("UID %d is seed %d with %d octets, want %d with %d", uid, g.seed, g.size, m.seed, m.size)
	case !g.flags.Equal(m.flags):
		return fmt.Errorf("UID %d has the flags %v, want %v", uid, g.flags, m.flags)
	}
	return nil
}

// read reads a whole mailbox.
func read(c *Client, name string) (*box, error) {
	b := &box{name: name, messages: map[imap.UID]message{}}
	answer, err := c.Do(&imap.Examine{Mailbox: name})
	if err != nil {
		return nil, err
	}
	exists := uint32(0)
	for _, r := range answer.Untagged {
		switch v := r.(type) {
		case *imap.ExistsData:
			exists = v.N
		case *imap.StatusResponse:
			switch code := v.Code.(type) {
			case *imap.CodeUIDValidity:
				b.validity = code.UIDValidity
			case *imap.CodeUIDNext:
				b.next = code.UID
			}
		}
	}
	answer, err = c.Do(&imap.Fetch{
		UID: true, Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 0}}},
		Items: []imap.FetchAtt{{Kind: imap.FetchAttFlags}, {Kind: imap.FetchAttBodySection, Peek: true}},
	})
	if err != nil {
		return nil, err
	}
	for _, r := range answer.Untagged {
		data, ok := r.(*imap.FetchData)
		if !ok {
			continue
		}
		msg, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("UID %d: %w", data.UID, err)
		}
		if _, twice := b.messages[data.UID]; twice || data.UID == 0 || data.UID >= b.next {
			return nil, fmt.Errorf("UID %d, twice: %v, UIDNEXT %d", data.UID, twice, b.next)
		}
		b.messages[data.UID] = msg
	}
	if int(exists) != len(b.messages) {
		return nil, fmt.Errorf("EXISTS says %d, FETCH gives %d", exists, len(b.messages))
	}
	return b, nil
}

// parse finds out which message a text is, every octet of it.
func parse(data *imap.FetchData) (message, error) {
	if len(data.BodySection) != 1 {
		return message{}, fmt.Errorf("%d texts", len(data.BodySection))
	}
	text := data.BodySection[0].Data.Data
	msg := message{size: len(text), flags: data.Flags}
	msg.flags.Remove(imap.FlagRecent)
	if _, err := fmt.Sscanf(text, "From: worker@example.com\r\nSubject: %d\r\n", &msg.seed); err != nil {
		return msg, fmt.Errorf("a text that nobody wrote: %.100q", text)
	}
	if text != msg.text() {
		return msg, fmt.Errorf("seed %d with %d octets is not as it was written", msg.seed, msg.size)
	}
	return msg, nil
}

// verifyShared compares the mailbox that a user's workers have in common: what
// was acknowledged is there, and what else is there was under way.
func (l *Load) verifyShared(c *Client, user string) error {
	got, err := read(c, sharedBox)
	if err != nil {
		return fmt.Errorf("shared mailbox: %w", err)
	}
	for _, w := range l.workers {
		if w.user != user {
			continue
		}
		for uid, want := range w.model.shared {
			if err := want.differs(got.messages, uid); err != nil {
				return fmt.Errorf("shared mailbox, worker %d: %w", w.model.worker, err)
			}
			delete(got.messages, uid)
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(got.messages)) {
		if !l.adopt(user, uid, got.messages[uid]) {
			return fmt.Errorf("shared mailbox: nobody has put UID %d there, seed %d", uid, got.messages[uid].seed)
		}
	}
	return nil
}

// adopt finds the worker who was about to share a message.
func (l *Load) adopt(user string, uid imap.UID, msg message) bool {
	for _, w := range l.workers {
		if o := w.pending; w.user == user && o != nil && o.kind == "share" &&
			o.msg.seed == msg.seed && o.msg.size == msg.size && o.msg.flags.Equal(msg.flags) {
			w.model.shared[uid] = msg
			w.pending = nil
			return true
		}
	}
	return false
}
