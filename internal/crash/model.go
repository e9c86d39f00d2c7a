package crash

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	// longBody is the size from which on a message is large.
	longBody = 70_000
	// full is how many messages a mailbox of a worker has at most.
	full = 30
	// fullShare is how many messages a worker shares at most.
	fullShare = 50
)

// message is what a message should be.
type message struct {
	seed  uint32
	size  int // of the text
	flags imap.FlagSet
}

// text is the message's text, which nothing else has: size octets, and one more
// where a line ends there.
func (m message) text() string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
	b := fmt.Appendf(nil, "From: worker@example.com\r\nSubject: %d\r\n\r\n", m.seed)
	for seed := m.seed; len(b) < m.size; {
		if len(b)%78 == 76 {
			b = append(b, "\r\n"...)
			continue
		}
		seed = seed*1664525 + 1013904223
		b = append(b, letters[seed>>26])
	}
	return string(b)
}

// box is what a mailbox should be.
type box struct {
	name     string
	validity uint32 // UIDVALIDITY, 0 while it has not been seen
	next     imap.UID
	messages map[imap.UID]message
}

// op is a command that changes something.
type op struct {
	kind string // append, store, expunge, copy, move, rename, share
	box  int
	to   int
	uid  imap.UID
	msg  message
	name string
}

func (o op) String() string {
	return fmt.Sprintf("%s box %d to %d, UID %d, seed %d, %d octets, flags %v, name %q",
		o.kind, o.box, o.to, o.uid, o.msg.seed, o.msg.size, o.msg.flags, o.name)
}

// model is what one worker knows.
type model struct {
	worker int
	boxes  [2]box
	shared map[imap.UID]message // what it has copied to the shared mailbox
	done   int                  // commands acknowledged
}

func newModel(worker int) *model {
	m := &model{worker: worker, shared: map[imap.UID]message{}}
	for i := range m.boxes {
		m.boxes[i] = box{name: m.boxName(i, 0), next: 1, messages: map[imap.UID]message{}}
	}
	return m
}

// boxName is the name of a mailbox that has been renamed n times.
func (m *model) boxName(i, n int) string { return fmt.Sprintf("w%d/%c%d", m.worker, 'a'+i, n) }

func (m *model) clone() *model {
	c := *m
	c.shared = maps.Clone(m.shared)
	for i := range c.boxes {
		c.boxes[i].messages = maps.Clone(m.boxes[i].messages)
	}
	return &c
}

// pick makes up a command. What is marked as deleted is expunged sooner or
// later.
func (m *model) pick(r *rand.Rand) op {
	o := op{box: r.IntN(2), to: r.IntN(2), name: m.boxName(0, 0)}
	b := &m.boxes[o.box]
	uids := slices.Sorted(maps.Keys(b.messages))
	if len(uids) == 0 || len(uids) < full && r.IntN(2) == 0 {
		o.kind = "append"
		o.msg = message{seed: r.Uint32(), size: 100 + r.IntN(3000), flags: someFlags(r)}
		if r.IntN(15) == 0 {
			o.msg.size = longBody + r.IntN(100_000)
		}
		o.msg.size = len(o.msg.text()) // a line may end behind
		return o
	}
	o.uid = uids[r.IntN(len(uids))]
	o.msg = b.messages[o.uid]
	if o.msg.flags.Has(imap.FlagDeleted) && r.IntN(3) > 0 {
		o.kind = "expunge"
		return o
	}
	kinds := []string{"store", "store", "copy", "move", "rename", "share"}
	if len(m.shared) >= fullShare {
		kinds = kinds[:5]
	}
	switch o.kind = kinds[r.IntN(len(kinds))]; o.kind {
	case "store":
		for old := o.msg.flags; o.msg.flags.Equal(old); { // so that something changes
			o.msg.flags = someFlags(r)
		}
	case "rename":
		for o.name = b.name; o.name == b.name; { // its own name is taken
			o.name = m.boxName(o.box, 1+r.IntN(1_000_000))
		}
	}
	return o
}

func someFlags(r *rand.Rand) imap.FlagSet {
	names := []string{fmt.Sprintf("k%d", r.IntN(5))}
	for _, name := range []string{`\Seen`, `\Flagged`, `\Deleted`} {
		if r.IntN(2) == 0 {
			names = append(names, name)
		}
	}
	return imap.FlagsOf(names...)
}

// apply does a command to the model.
func (m *model) apply(o op) {
	from, to := &m.boxes[o.box], &m.boxes[o.to]
	switch o.kind {
	case "append":
		from.add(o.msg)
	case "store":
		from.messages[o.uid] = o.msg
	case "expunge":
		delete(from.messages, o.uid)
	case "copy":
		to.add(o.msg)
	case "move":
		to.add(o.msg)
		delete(from.messages, o.uid)
	case "rename":
		from.name = o.name
	}
}

func (b *box) add(msg message) {
	b.messages[b.next] = msg
	b.next++
}

// uidSet is a set of one UID.
func uidSet(uid imap.UID) imap.SequenceSet {
	return imap.SequenceSet{Ranges: []imap.NumRange{{Start: uint32(uid), Stop: uint32(uid)}}}
}

// command is how a client says it; the mailbox it works on is selected.
func (m *model) command(o op) imap.Command {
	name := m.boxes[o.box].name
	switch o.kind {
	case "append":
		literal := imap.NewLiteral(o.msg.text())
		return &imap.Append{Mailbox: name, Messages: []imap.AppendMessage{{Flags: o.msg.flags, Literal: literal}}}
	case "store":
		return &imap.Store{UID: true, Set: uidSet(o.uid), Silent: true, Flags: o.msg.flags}
	case "expunge":
		return &imap.UIDExpunge{Set: uidSet(o.uid)}
	case "copy":
		return &imap.Copy{UID: true, Set: uidSet(o.uid), Mailbox: m.boxes[o.to].name}
	case "move":
		return &imap.Move{UID: true, Set: uidSet(o.uid), Mailbox: m.boxes[o.to].name}
	case "share":
		return &imap.Copy{UID: true, Set: uidSet(o.uid), Mailbox: sharedBox}
	}
	return &imap.Rename{From: name, To: o.name}
}

// acknowledged checks what an OK says of UIDs against what must have come
// of the command, and notes the UID of what was shared, which only the server
// knows.
func (m *model) acknowledged(o op, code imap.ResponseCode) error {
	var given imap.UIDSet
	switch c := code.(type) {
	case *imap.CodeAppendUID:
		given = c.UIDs
	case *imap.CodeCopyUID:
		given = c.Dest
	}
	want := imap.UID(0)
	switch o.kind {
	case "append":
		want = m.boxes[o.box].next
	case "copy":
		want = m.boxes[o.to].next
	case "share":
		if len(given) != 1 || given[0].Start != given[0].Stop {
			return fmt.Errorf("%v: the OK has %v", o, code)
		}
		uid := given[0].Start
		if old, ok := m.shared[uid]; ok {
			return fmt.Errorf("%v: UID %d has been given to seed %d before", o, uid, old.seed)
		}
		m.shared[uid] = o.msg
	}
	if want != 0 && (len(given) != 1 || given[0] != imap.UIDRange{Start: want, Stop: want}) {
		return fmt.Errorf("%v: the OK has %v, want UID %d", o, code, want)
	}
	return nil
}

// describe lists the messages of a mailbox in few words.
func describe(messages map[imap.UID]message) string {
	var list []string
	for _, uid := range slices.Sorted(maps.Keys(messages)) {
		list = append(list, fmt.Sprintf("%d:%d%v", uid, messages[uid].seed, messages[uid].flags))
	}
	return strings.Join(list, " ")
}
