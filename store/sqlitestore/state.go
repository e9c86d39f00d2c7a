package sqlitestore

import (
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// meta is the account's own row.
type meta struct {
	modseq      imap.ModSeq
	uidValidity uint32
	nextID      uint64
	lastID      uint64
	nextBox     uint32
	quota       store.Quota
	segment     uint64
	segmentEnd  uint64

	// Not stored in that row:
	loose    int    // emails in rows at the end that are not full
	synced   uint64 // of the current segment: the row of which ends here
	tailSize uint64 // of the tail's value; 0 when there is none
}

// box is a mailbox. One that is part of a state never changes.
type box struct {
	store.Mailbox // Subscribed is not kept here
	num           uint32
	firstRecent   imap.UID
	floor         imap.ModSeq
	ranges        int
	keywords      []string // "" is a place that is free
}

// state is what is known of an account without reading messages.
type state struct {
	meta
	byID   map[store.MailboxID]*box
	byName map[string]*box
	subs   map[string]struct{}
}

// record returns what others may see of b.
func (s *state) record(b *box) store.Mailbox {
	m := b.Mailbox
	_, m.Subscribed = s.subs[m.Name]
	return m
}

// find returns the mailbox with this id, or an error with the code given.
func (s *state) find(op string, id store.MailboxID, missing store.Code) (*box, error) {
	if b := s.byID[id]; b != nil {
		return b, nil
	}
	return nil, fail(op, id.String(), missing, nil)
}

// effect is what a change has made of a mailbox.
func (b *box) effect(since imap.ModSeq) store.Effect {
	return store.Effect{Since: since, Mailbox: b.Mailbox, Keywords: b.known()}
}

// known lists the keywords in their order.
func (b *box) known() []string {
	return slices.DeleteFunc(slices.Clone(b.keywords), func(k string) bool { return k == "" })
}

const (
	selectAccount = `SELECT modseq, uidvalidity, next_id, last_id, next_box, messages, size,
		max_messages, max_size, segment, segment_end FROM account`
	updateAccount = `UPDATE account SET modseq = ?, uidvalidity = ?, next_id = ?, last_id = ?, next_box = ?,
		messages = ?, size = ?, max_messages = ?, max_size = ?, segment = ?, segment_end = ?`
	insertAccount = `INSERT INTO account VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectBoxes   = `SELECT box, id, name, use, uidvalidity, uidnext, modseq, messages, unseen, deleted, recent,
		size, first_recent, floor, ranges, keywords FROM mailbox`
	replaceBox = `INSERT OR REPLACE INTO mailbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateBox  = `UPDATE mailbox SET uidnext = ?, modseq = ?, messages = ?, unseen = ?, deleted = ?, recent = ?,
		size = ?, first_recent = ?, floor = ?, ranges = ?, keywords = ? WHERE box = ?`
)

func (m *meta) values() []any {
	return []any{
		uint64(m.modseq), m.uidValidity, m.nextID, m.lastID, m.nextBox, m.quota.Messages, m.quota.Size,
		m.quota.MaxMessages, m.quota.MaxSize, m.segment, m.segmentEnd,
	}
}

// sameRow tells whether no more than counters have changed.
func (b *box) sameRow(c *box) bool {
	return b.Name == c.Name && b.Use == c.Use && b.UIDValidity == c.UIDValidity
}

// counters are what mostly changes of a mailbox.
func (b *box) counters() []any {
	return []any{
		uint32(b.UIDNext), uint64(b.HighestModSeq), b.Messages, b.Unseen, b.Deleted, b.Recent, b.Size,
		uint32(b.firstRecent), uint64(b.floor), b.ranges, strings.Join(b.keywords, " "),
	}
}

// readState reads everything but messages.
func readState(db *conn) (state, error) {
	s := state{
		byID:   make(map[store.MailboxID]*box),
		byName: make(map[string]*box),
		subs:   make(map[string]struct{}),
	}
	rows := 0
	err := db.query(selectAccount, func(r *sqlite.Stmt) error {
		rows++
		s.meta = meta{
			modseq: imap.ModSeq(column64(r, 0)), uidValidity: uint32(column64(r, 1)),
			nextID: column64(r, 2), lastID: column64(r, 3), nextBox: uint32(column64(r, 4)),
			quota: store.Quota{
				Messages: column64(r, 5), Size: column64(r, 6), MaxMessages: column64(r, 7), MaxSize: column64(r, 8),
			},
			segment: column64(r, 9), segmentEnd: column64(r, 10),
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if rows != 1 {
		return s, &damage{file: db.path, what: "the account's row is missing"}
	}
	if err := s.readBoxes(db); err != nil {
		return s, err
	}
	err = db.query("SELECT name FROM subscription", func(r *sqlite.Stmt) error {
		s.subs[r.ColumnText(0)] = struct{}{}
		return nil
	})
	if err == nil {
		s.loose, err = countLoose(db)
	}
	if err == nil {
		err = s.readTail(db)
	}
	return s, err
}

func (s *state) readBoxes(db *conn) error {
	return db.query(selectBoxes, func(r *sqlite.Stmt) error {
		b := &box{
			num: uint32(column64(r, 0)),
			Mailbox: store.Mailbox{
				ID: store.MailboxID(column64(r, 1)), Name: r.ColumnText(2), Use: store.SpecialUse(column64(r, 3)),
				UIDValidity: uint32(column64(r, 4)), UIDNext: imap.UID(column64(r, 5)),
				HighestModSeq: imap.ModSeq(column64(r, 6)), Messages: uint32(column64(r, 7)),
				Unseen: uint32(column64(r, 8)), Deleted: uint32(column64(r, 9)), Recent: uint32(column64(r, 10)),
				Size: column64(r, 11),
			},
			firstRecent: imap.UID(column64(r, 12)), floor: imap.ModSeq(column64(r, 13)), ranges: r.ColumnInt(14),
		}
		if k := r.ColumnText(15); k != "" {
			b.keywords = strings.Split(k, " ")
		}
		s.byID[b.ID], s.byName[b.Name] = b, b
		return nil
	})
}

// layer is what one or several transactions have changed of a state.
type layer struct {
	boxes map[store.MailboxID]*box   // nil: deleted
	names map[string]store.MailboxID // 0: no longer a mailbox
	gone  map[store.MailboxID]uint32 // box numbers of those deleted
	subs  map[string]bool
}

func newLayer() *layer {
	return &layer{
		boxes: make(map[store.MailboxID]*box), names: make(map[string]store.MailboxID),
		gone: make(map[store.MailboxID]uint32), subs: make(map[string]bool),
	}
}

// merge puts a newer layer on top.
func (l *layer) merge(newer *layer) {
	maps.Copy(l.boxes, newer.boxes)
	maps.Copy(l.names, newer.names)
	maps.Copy(l.gone, newer.gone)
	maps.Copy(l.subs, newer.subs)
}

// apply makes a layer part of the state.
func (s *state) apply(l *layer, m meta) {
	s.meta = m
	for name := range l.names {
		delete(s.byName, name)
	}
	for id, b := range l.boxes {
		if b == nil {
			delete(s.byID, id)
			continue
		}
		s.byID[id] = b
		s.byName[b.Name] = b
	}
	for name, there := range l.subs {
		if there {
			s.subs[name] = struct{}{}
		} else {
			delete(s.subs, name)
		}
	}
}

// save writes what a layer changed. Replacing a row also removes one with the
// same name: that mailbox was renamed or deleted in the same layer.
func (l *layer) save(db *conn, s *state, m *meta) error {
	for id, num := range l.gone {
		if l.boxes[id] == nil {
			for _, table := range []string{"mailbox", "entry"} {
				if err := db.exec("DELETE FROM "+table+" WHERE box = ?", num); err != nil {
					return err
				}
			}
		}
	}
	for id, b := range l.boxes {
		if b == nil {
			continue
		}
		var err error
		if old := s.byID[id]; old != nil && old.sameRow(b) && len(l.names) == 0 {
			err = db.exec(updateBox, append(b.counters(), b.num)...)
		} else {
			args := []any{b.num, uint64(b.ID), b.Name, int(b.Use), b.UIDValidity}
			err = db.exec(replaceBox, append(args, b.counters()...)...)
		}
		if err != nil {
			return err
		}
	}
	for name, there := range l.subs {
		query := "DELETE FROM subscription WHERE name = ?"
		if there {
			query = "INSERT OR IGNORE INTO subscription VALUES (?)"
		}
		if err := db.exec(query, name); err != nil {
			return err
		}
	}
	return db.exec(updateAccount, m.values()...)
}
