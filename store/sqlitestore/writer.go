package sqlitestore

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// maxBatch is how many transactions one commit may hold.
const maxBatch = 128

// op is a transaction that somebody waits for.
type op struct {
	name   string
	ctx    context.Context
	closed context.Context // ends with the handle; nil for the store's own
	run    func(*tx) error
	// settled is for transactions that look at segments: the bodies that the
	// batch has placed before are written first. Without it, such a body is
	// not yet where its row says, and the row of its segment does not know
	// of it.
	settled bool
	// deferred is for transactions that write no row themselves: they leave that to the batch, and need nothing
	// taken back when they fail.
	deferred bool
	status   atomic.Int32
	err      error // set before done is closed
	done     chan struct{}
}

// What has become of an op.
const (
	waiting   int32 = iota
	taken           // the writer has it
	withdrawn       // whoever asked no longer wants it
)

// queue holds the transactions of an account that wait for its writer.
type queue struct {
	mu      sync.Mutex
	ops     []*op
	running bool
}

// put adds an op, and tells whether a writer must be started.
func (q *queue) put(o *op) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ops = append(q.ops, o)
	start := !q.running
	q.running = true
	return start
}

// take returns what waits. When that is nothing, the writer is to end.
func (q *queue) take() []*op {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.ops), maxBatch)
	batch := q.ops[:n:n]
	q.ops = q.ops[n:]
	if n == 0 {
		q.ops, q.running = nil, false
	}
	return batch
}

// more tells whether anything waits. If not, whoever puts the next op is to run it.
func (q *queue) more() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ops) == 0 {
		q.ops, q.running = nil, false
	}
	return q.running
}

// write runs fn as a transaction and waits until it is durable.
func (h *handle) write(ctx context.Context, name string, fn func(*tx) error) error {
	return h.submitOp(ctx, &op{name: name, run: fn})
}

// submitOp is write for an op that has a name and what it runs.
func (h *handle) submitOp(ctx context.Context, o *op) error {
	if err := h.check(ctx, o.name); err != nil {
		return err
	}
	o.ctx, o.closed, o.done = ctx, h.ctx, make(chan struct{})
	return h.account.submit(o)
}

// submit queues a transaction and waits for it. Whoever finds the queue empty
// runs the batch itself, which costs no change of goroutines and no new stack.
// What has come meanwhile is left to the writer, which ends when nothing waits
// any more: an account that nobody writes to has no goroutine.
func (a *account) submit(o *op) error {
	if a.queue.put(o) {
		a.runBatch(a.queue.take())
		if a.queue.more() {
			go a.writer()
		}
	}
	select {
	case <-o.done:
	case <-o.ctx.Done():
		if o.status.CompareAndSwap(waiting, withdrawn) {
			return fail(o.name, "", store.Unavailable, o.ctx.Err())
		}
		<-o.done
	}
	return o.err
}

// writer runs transactions in batches: what arrives while one batch is being
// made durable is the next one.
func (a *account) writer() {
	for {
		batch := a.queue.take()
		if len(batch) == 0 {
			return
		}
		a.runBatch(batch)
	}
}

// runBatch runs ops as one transaction of the database, and tells them the
// result.
func (a *account) runBatch(ops []*op) {
	ops = takeOps(ops)
	if len(ops) == 0 {
		return
	}
	err := a.acquire(ops[0].name)
	if err == nil {
		err = a.transact(ops)
		a.release()
	}
	if err != nil {
		for _, o := range ops {
			if o.err == nil {
				o.err = err
			}
		}
	}
	a.mu.RLock()
	modseq := a.state.modseq
	a.mu.RUnlock()
	a.feed.Publish(store.Hint{Account: a.id, ModSeq: modseq})
	for _, o := range ops {
		close(o.done)
	}
}

// takeOps drops the ops that were withdrawn.
func takeOps(ops []*op) []*op {
	var list []*op
	for _, o := range ops {
		if o.status.CompareAndSwap(waiting, taken) {
			list = append(list, o)
		}
	}
	return list
}

// errRolledBack says that another transaction of the batch took this one
// down with it.
var errRolledBack = errors.New("the database gave up the transaction")

// transact runs ops, makes everything durable and then visible. An error is
// for all ops that have none of their own; nothing of them is left then.
func (a *account) transact(ops []*op) (err error) {
	b := newBatch(a)
	if err := a.db.exec("BEGIN IMMEDIATE"); err != nil {
		return a.report("begin", "", err)
	}
	defer func() {
		a.db.reserved.ended()
		if !a.db.AutocommitEnabled() {
			if e := a.db.script("ROLLBACK"); e != nil && err == nil {
				err = a.report("roll back", "", e)
			}
		}
	}()
	for _, o := range ops {
		if err := b.runOp(o, len(ops) > 1); err != nil {
			return err
		}
	}
	switch {
	case b.dirty:
		if err := b.finish(); err != nil {
			return a.report("commit", "", err)
		}
	case !b.claimed:
		return nil
	}
	a.noteClaims(b)
	a.mu.Lock()
	a.state.apply(b.layer, b.meta)
	a.mu.Unlock()
	return nil
}

// batch is some transactions that are committed together.
type batch struct {
	*account
	meta    meta
	layer   *layer
	bodies  []pendingBody
	emails  []email    // to be written
	arrived []*arrived // the same
	after   []func()   // run when the batch has been committed
	dirty   bool       // there is something to commit
	claimed bool       // there is something that can wait for another commit

	tailTaken bool // what was in the tail is among bodies, or has been written
}

func newBatch(a *account) *batch {
	return &batch{account: a, meta: a.state.meta, layer: newLayer()}
}

// runOp runs one transaction. Its error is its own, unless the database has
// given up the whole batch.
func (b *batch) runOp(o *op, several bool) error {
	if o.err = o.alive(); o.err != nil {
		return nil
	}
	// Outside the savepoint: what others have left to the batch stays if o fails.
	if !o.deferred {
		if err := b.writeArrivals(); err != nil {
			return b.report(o.name, "", err)
		}
	}
	if o.settled {
		if err := b.writeBodies(); err != nil {
			return b.report(o.name, "", err)
		}
	}
	several = several && !o.deferred
	if several {
		if err := b.db.exec("SAVEPOINT op"); err != nil {
			return b.report(o.name, "", err)
		}
	}
	t := &tx{batch: b, op: o.name, meta: b.meta, layer: newLayer()}
	t.modseq = b.meta.modseq + 1
	if err := o.run(t); err != nil {
		o.err = b.report(o.name, "", err)
		return b.undo(several)
	}
	if t.changed {
		t.meta.modseq = t.modseq
	}
	if t.changed || t.dirty || t.claimed {
		b.dirty = b.dirty || t.changed || t.dirty
		b.claimed = b.claimed || t.claimed
		b.meta = t.meta
		b.layer.merge(t.layer)
		b.bodies = append(b.bodies, t.bodies...)
		b.gather(t)
		b.after = append(b.after, t.after...)
	}
	if several {
		if err := b.db.exec("RELEASE op"); err != nil {
			return b.report(o.name, "", err)
		}
	}
	return nil
}

// undo takes back what a transaction that failed has written.
func (b *batch) undo(several bool) error {
	if b.db.AutocommitEnabled() {
		return fail("commit", "", store.Unavailable, errRolledBack)
	}
	if !several {
		return nil // there is nothing else: the batch is rolled back
	}
	for _, s := range []string{"ROLLBACK TO op", "RELEASE op"} {
		if err := b.db.exec(s); err != nil {
			return b.report("roll back", "", err)
		}
	}
	return nil
}

// alive tells whether the transaction should begin.
func (o *op) alive() error {
	if o.closed != nil && o.closed.Err() != nil {
		return fail(o.name, "", store.Unavailable, errStoreClosed)
	}
	if err := o.ctx.Err(); err != nil {
		return fail(o.name, "", store.Unavailable, err)
	}
	return nil
}

// finish writes bodies and records, and commits. Bodies come first: a row is
// never on the disk before what it refers to.
func (b *batch) finish() error {
	if err := b.writeArrivals(); err != nil {
		return err
	}
	if err := b.keepBodies(); err != nil {
		return err
	}
	if err := b.layer.save(b.db, &b.state, &b.meta); err != nil {
		return err
	}
	if err := b.keepLog(); err != nil {
		return err
	}
	if err := b.db.exec("COMMIT"); err != nil {
		return err
	}
	for _, fn := range b.after {
		fn()
	}
	return nil
}

// keepLog makes the name of the database's log durable before the first commit
// to it. SQLite does so too, but takes no notice when it fails: then a power
// failure would take every commit since the database was opened.
func (a *account) keepLog() error {
	if a.logged || a.store.opts.Durability != Full {
		return nil
	}
	if err := a.store.fs.syncDir(a.dir); err != nil {
		return err
	}
	a.logged = true
	return nil
}

// tx is one transaction. It may fail at any point: nothing it has done is
// seen before it has returned.
type tx struct {
	*batch
	op      string
	meta    meta
	layer   *layer
	bodies  []pendingBody
	emails  []email  // new ones, left to the batch
	arrived *arrived // the same; a transaction appends to one mailbox
	after   []func()
	modseq  imap.ModSeq // what this transaction gets if it changes something
	changed bool        // takes a MODSEQ
	dirty   bool        // writes something that takes none
	claimed bool        // changes what need not be durable yet
}

// current is the MODSEQ that a result of the transaction carries.
func (t *tx) current() imap.ModSeq {
	if t.changed {
		return t.modseq
	}
	return t.meta.modseq
}

// box returns the mailbox with this id, or nil.
func (t *tx) box(id store.MailboxID) *box {
	if b, ok := t.layer.boxes[id]; ok {
		return b
	}
	if b, ok := t.batch.layer.boxes[id]; ok {
		return b
	}
	return t.state.byID[id]
}

// find returns the mailbox with this id, or an error with the code given.
func (t *tx) find(id store.MailboxID, missing store.Code) (*box, error) {
	if b := t.box(id); b != nil {
		return b, nil
	}
	return nil, fail(t.op, id.String(), missing, nil)
}

// named returns the mailbox of this name, or nil.
func (t *tx) named(name string) *box {
	if id, ok := t.layer.names[name]; ok {
		return t.box(id)
	}
	if id, ok := t.batch.layer.names[name]; ok {
		return t.box(id)
	}
	if b := t.state.byName[name]; b != nil {
		return t.box(b.ID)
	}
	return nil
}

// edit returns a copy of a mailbox that this transaction may change.
func (t *tx) edit(b *box) *box {
	if own := t.layer.boxes[b.ID]; own != nil {
		return own
	}
	c := *b
	t.layer.boxes[c.ID] = &c
	return &c
}

// boxes lists all mailboxes.
func (t *tx) boxes() []*box {
	var list []*box
	for id := range t.state.byID {
		if b := t.box(id); b != nil {
			list = append(list, b)
		}
	}
	for id, b := range t.batch.layer.boxes {
		if t.state.byID[id] == nil && b != nil && t.box(id) != nil {
			list = append(list, t.box(id))
		}
	}
	for id, b := range t.layer.boxes {
		if _, known := t.batch.layer.boxes[id]; !known && t.state.byID[id] == nil && b != nil {
			list = append(list, b)
		}
	}
	return list
}

// newID returns an object id that no other object has.
func (t *tx) newID() uint64 {
	if t.meta.nextID >= t.meta.lastID {
		start := max(t.store.newBlock(), t.meta.lastID)
		t.meta.nextID, t.meta.lastID = start, start+idsInBlock
	}
	id := t.meta.nextID
	t.meta.nextID++
	return id
}
