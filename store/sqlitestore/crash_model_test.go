package sqlitestore

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// crashUser is the account of the crash tests.
const crashUser = "crash@example.com"

// crashOp is one operation of a worker of a crash test.
type crashOp struct {
	Kind    string // append, store, expunge, copy, move, rename
	Box     int
	To      int
	UID     imap.UID
	Seed    uint32
	Size    int
	Keyword string
}

// crashModel is what one worker's mailboxes should hold. A worker has two
// mailboxes of its own, so that the outcome of every operation is known
// before it is done.
type crashModel struct {
	Worker int
	Names  [2]string
	Next   [2]imap.UID
	Boxes  [2]map[imap.UID]crashMessage
	ModSeq imap.ModSeq // the highest acknowledged
}

type crashMessage struct {
	Seed  uint32
	Size  int
	Flags string
}

func newCrashModel(worker int) *crashModel {
	return &crashModel{
		Worker: worker,
		Names:  [2]string{fmt.Sprintf("w%d/a", worker), fmt.Sprintf("w%d/b", worker)},
		Next:   [2]imap.UID{1, 1},
		Boxes:  [2]map[imap.UID]crashMessage{{}, {}},
	}
}

func (m *crashModel) clone() *crashModel {
	c := *m
	for i := range c.Boxes {
		c.Boxes[i] = maps.Clone(m.Boxes[i])
	}
	return &c
}

// pick makes up an operation.
func (m *crashModel) pick(r *rand.Rand) crashOp {
	op := crashOp{Box: r.IntN(2), To: r.IntN(2), Seed: r.Uint32(), Keyword: fmt.Sprintf("k%d", r.IntN(5))}
	uids := slices.Sorted(maps.Keys(m.Boxes[op.Box]))
	if len(uids) == 0 || len(uids) < 30 && r.IntN(2) == 0 {
		op.Kind = "append"
		op.Size = r.IntN(3000)
		if r.IntN(15) == 0 {
			op.Size = ownFile + r.IntN(100_000)
		}
		return op
	}
	op.UID = uids[r.IntN(len(uids))]
	op.Kind = []string{"store", "expunge", "expunge", "copy", "move", "rename"}[r.IntN(6)]
	return op
}

// apply does an operation to the model.
func (m *crashModel) apply(op crashOp) {
	box := m.Boxes[op.Box]
	add := func(to int, msg crashMessage) {
		m.Boxes[to][m.Next[to]] = msg
		m.Next[to]++
	}
	switch op.Kind {
	case "append":
		add(op.Box, crashMessage{op.Seed, op.Size, "(" + op.Keyword + ")"})
	case "store":
		msg := box[op.UID]
		msg.Flags = "(" + op.Keyword + ")"
		box[op.UID] = msg
	case "expunge":
		delete(box, op.UID)
	case "copy":
		add(op.To, box[op.UID])
	case "move":
		add(op.To, box[op.UID])
		delete(box, op.UID)
	case "rename":
		m.Names[op.Box] = m.renamed(op)
	}
}

func (m *crashModel) renamed(op crashOp) string {
	return fmt.Sprintf("w%d/%c%d", m.Worker, 'a'+op.Box, op.Seed%1000)
}

// do does an operation to the store, and returns its MODSEQ.
func (m *crashModel) do(ctx context.Context, a store.Account, op crashOp) (imap.ModSeq, error) {
	src, err := a.Lookup(ctx, m.Names[op.Box])
	if err != nil {
		return 0, err
	}
	dst, err := a.Lookup(ctx, m.Names[op.To])
	if err != nil {
		return 0, err
	}
	set := imap.UIDSet{{Start: op.UID, Stop: op.UID}}
	switch op.Kind {
	case "append":
		return m.append(ctx, a, src.ID, op)
	case "store":
		res, err := a.StoreFlags(ctx, src.ID, set, store.FlagChange{Flags: imap.FlagsOf(op.Keyword)})
		return res.ModSeq, err
	case "expunge":
		res, err := a.Expunge(ctx, src.ID, set, store.AllGiven)
		return res.ModSeq, err
	case "copy":
		res, err := a.Copy(ctx, src.ID, set, dst.ID)
		return res.ModSeq, err
	case "move":
		res, err := a.Move(ctx, src.ID, set, dst.ID)
		return res.ModSeq, err
	}
	if to := m.renamed(op); to != m.Names[op.Box] {
		err = a.Rename(ctx, m.Names[op.Box], to)
	}
	return 0, err
}

func (m *crashModel) append(ctx context.Context, a store.Account, id store.MailboxID, op crashOp) (imap.ModSeq, error) {
	body, err := a.Stage(ctx, strings.NewReader(crashBody(op.Seed, op.Size)), int64(op.Size))
	if err != nil {
		return 0, err
	}
	defer body.Close()
	res, err := a.Append(ctx, id, []store.NewMessage{{Body: body, Flags: imap.FlagsOf(op.Keyword)}})
	return res.ModSeq, err
}

// crashBody is the text of a message.
func crashBody(seed uint32, size int) string {
	b := make([]byte, size)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return string(b)
}

// differs tells how the store differs from the model.
func (m *crashModel) differs(ctx context.Context, a store.Account) error {
	if now, err := a.ModSeq(ctx); err != nil || now < m.ModSeq {
		return fmt.Errorf("MODSEQ is %d, %d was acknowledged (%v)", now, m.ModSeq, err)
	}
	for i, name := range m.Names {
		if err := m.boxDiffers(ctx, a, i, name); err != nil {
			return fmt.Errorf("mailbox %q: %w", name, err)
		}
	}
	return nil
}

func (m *crashModel) boxDiffers(ctx context.Context, a store.Account, i int, name string) error {
	box, err := a.Lookup(ctx, name)
	if err != nil {
		return err
	}
	v, err := a.Load(ctx, box.ID)
	if err != nil {
		return err
	}
	if box.UIDNext != m.Next[i] || v.Len() != len(m.Boxes[i]) || int(box.Messages) != v.Len() {
		return fmt.Errorf("UIDNEXT %d and %d messages, want %d and %d", box.UIDNext, v.Len(), m.Next[i], len(m.Boxes[i]))
	}
	n := 0
	for msg, err := range a.Messages(ctx, box.ID, allUIDs, store.WantBody) {
		if err != nil {
			return err
		}
		want, ok := m.Boxes[i][msg.UID]
		if !ok || v.UIDs[n] != msg.UID || v.Flags(n).String() != want.Flags {
			return fmt.Errorf("UID %d is %v, want %v %q", msg.UID, v.Flags(n), ok, want.Flags)
		}
		text, err := io.ReadAll(io.NewSectionReader(msg.Body, 0, msg.Body.Size()))
		if err != nil || string(text) != crashBody(want.Seed, want.Size) {
			return fmt.Errorf("UID %d has other octets than were appended (%v)", msg.UID, err)
		}
		_ = msg.Body.Close() // it was only read
		n++
	}
	return nil
}

// setUp makes the workers' mailboxes.
func crashSetup(ctx context.Context, s store.Store, workers int) ([]*crashModel, error) {
	var models []*crashModel
	var setup store.Setup
	for w := range workers {
		m := newCrashModel(w)
		models = append(models, m)
		for _, name := range m.Names {
			setup.Mailboxes = append(setup.Mailboxes, store.NewMailbox{Name: name})
		}
	}
	return models, s.CreateAccount(ctx, crashUser, setup)
}
