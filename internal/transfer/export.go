package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Have says which messages the other end of an export has already: by MAILBOXID, a set of UIDs in IMAP's form.
type Have map[string]imap.UIDSet

const (
	// exportStep is how many messages are read at a time.
	exportStep = 500
	// inMemory is the size up to which a message is read at once.
	inMemory = 64 << 10
)

// exporter is one export.
type exporter struct {
	ctx     context.Context
	account store.Account
	to      Receiver
	warn    func(string)
	buffer  []byte
	copies  []store.EmailID // those that several messages have, in order
}

// Export gives an account to a Receiver, except for the messages that it has. Each mailbox is as it is at the moment
// when its turn comes. A message that cannot be read is told to warn, and left out.
func Export(ctx context.Context, account store.Account, have Have, to Receiver, warn func(string)) error {
	e := &exporter{ctx: ctx, account: account, to: to, warn: warn, buffer: make([]byte, inMemory)}
	boxes, err := account.Mailboxes(ctx)
	if err != nil {
		return err
	}
	names, err := account.Subscriptions(ctx)
	if err != nil {
		return err
	}
	a := Account{Subscriptions: names}
	for _, b := range boxes {
		a.Mailboxes = append(a.Mailboxes, mailboxOf(b))
	}
	if err := to.Account(a); err != nil {
		return err
	}
	if err := e.findCopies(boxes); err != nil {
		return err
	}
	for _, b := range boxes {
		if err := e.mailbox(b, have[b.ID.String()]); err != nil {
			return err
		}
	}
	return to.Close()
}

// findCopies finds out which messages are copies of each other. What is copied while the export runs may be exported as
// messages of their own.
func (e *exporter) findCopies(boxes []store.Mailbox) error {
	var all []store.EmailID
	for _, b := range boxes {
		for m, err := range e.account.Messages(e.ctx, b.ID, everything, store.WantMetadata) {
			if store.IsCode(err, store.NonExistent) || store.IsCode(err, store.Corruption) {
				break // it is told when the mailbox has its turn
			}
			if err != nil {
				return fmt.Errorf("mailbox %q: %w", b.Name, err)
			}
			all = append(all, m.EmailID)
		}
	}
	slices.Sort(all)
	for i := 1; i < len(all); i++ {
		if n := len(e.copies); all[i] == all[i-1] && (n == 0 || e.copies[n-1] != all[i]) {
			e.copies = append(e.copies, all[i])
		}
	}
	return nil
}

// copied is the EMAILID if other messages have it too.
func (e *exporter) copied(id store.EmailID) string {
	if _, found := slices.BinarySearch(e.copies, id); found {
		return id.String()
	}
	return ""
}

func mailboxOf(b store.Mailbox) Mailbox {
	return Mailbox{
		Name: b.Name, ID: b.ID.String(), UIDValidity: b.UIDValidity, Use: b.Use.Names(), Messages: int64(b.Messages),
	}
}

// mailbox exports one mailbox. One that has been deleted meanwhile is none.
func (e *exporter) mailbox(b store.Mailbox, have imap.UIDSet) error {
	vector, err := e.account.Load(e.ctx, b.ID)
	if store.IsCode(err, store.NonExistent) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mailbox %q: %w", b.Name, err)
	}
	if vector.Len() == 0 {
		return nil
	}
	if err := e.to.Mailbox(mailboxOf(b)); err != nil {
		return err
	}
	have = have.Normalize()
	for from := 0; from < vector.Len(); {
		var want imap.UIDSet
		place := make(map[imap.UID]int, exportStep)
		for ; from < vector.Len() && len(place) < exportStep; from++ {
			if uid := vector.UIDs[from]; !have.Contains(uid) {
				want.Add(uid)
				place[uid] = from
			}
		}
		if err := e.messages(vector, want, place); err != nil {
			return err
		}
	}
	return nil
}

// messages exports some messages. After damage, each is tried alone, so that the others are not lost with it.
func (e *exporter) messages(v *store.Vector, want imap.UIDSet, place map[imap.UID]int) error {
	err := e.read(v, want, place)
	if !store.IsCode(err, store.Corruption) {
		return err
	}
	for _, r := range want {
		for uid := r.Start; ; uid++ {
			if _, left := place[uid]; left {
				err := e.read(v, imap.UIDSet{{Start: uid, Stop: uid}}, place)
				if store.IsCode(err, store.Corruption) {
					e.warn(fmt.Sprintf("message %d of %q cannot be read, and is left out: %v", uid, v.Mailbox.Name, err))
				} else if err != nil {
					return err
				}
			}
			if uid == r.Stop {
				break
			}
		}
	}
	return nil
}

// read exports messages and takes them out of place.
func (e *exporter) read(v *store.Vector, want imap.UIDSet, place map[imap.UID]int) error {
	for m, err := range e.account.Messages(e.ctx, v.Mailbox.ID, want, store.WantMetadata|store.WantBody) {
		if err != nil {
			return err
		}
		i, wanted := place[m.UID]
		if wanted {
			err = e.message(Message{
				UID: m.UID, Flags: v.Flags(i).Names(), Date: Date(m.InternalDate), Saved: Date(m.SaveDate), Size: m.Body.Size(),
				Email: e.copied(m.EmailID),
			}, m.Body)
		}
		if e := m.Body.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		delete(place, m.UID)
	}
	return nil
}

// message exports one message. All of it is read, and so verified, before the Receiver hears of it.
func (e *exporter) message(m Message, body store.Body) error {
	var ends lineEnds
	if m.Size <= inMemory {
		data := e.buffer[:m.Size]
		if n, err := body.ReadAt(data, 0); n < len(data) {
			return unexpected(err)
		}
		ends.look(data)
		m.Exact = ends.odd
		return e.to.Message(m, bytes.NewReader(data))
	}
	for at := int64(0); at < m.Size; {
		n, err := body.ReadAt(e.buffer[:min(inMemory, m.Size-at)], at)
		if n == 0 {
			return unexpected(err)
		}
		ends.look(e.buffer[:n])
		at += int64(n)
	}
	m.Exact = ends.odd
	return e.to.Message(m, io.NewSectionReader(body, 0, m.Size))
}

// lineEnds finds line ends that do not survive being LF and CRLF again: LF alone, and CRLF after CR.
type lineEnds struct {
	last [2]byte // the octets before
	odd  bool
}

func (l *lineEnds) look(p []byte) {
	at := func(i int) byte {
		if i < 0 {
			return l.last[2+i]
		}
		return p[i]
	}
	for i := 0; !l.odd; i++ {
		n := bytes.IndexByte(p[i:], '\n')
		if n < 0 {
			break
		}
		i += n
		l.odd = at(i-1) != '\r' || at(i-2) == '\r'
	}
	switch len(p) {
	case 0:
	case 1:
		l.last = [2]byte{l.last[1], p[0]}
	default:
		l.last = [2]byte(p[len(p)-2:])
	}
}

// everything is all UIDs there can be.
var everything = imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}

// errNoMailbox is a message before any mailbox.
var errNoMailbox = errors.New("a message without a mailbox")
