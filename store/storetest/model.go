package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var modelTests = []group{
	{name: "Model", config: Config{History: 20}, test: func(e *env) { testModel(e, 1, 3000) }},
	{name: "ModelOtherSeed", config: Config{}, test: func(e *env) { testModel(e, 2, 3000) }},
}

// model is what an account should hold, written as plainly as possible.
type model struct {
	modseq imap.ModSeq
	boxes  map[string]*modelBox
}

type modelBox struct {
	id       store.MailboxID
	validity uint32
	next     imap.UID
	recent   imap.UID // the first \Recent one
	messages map[imap.UID]*modelMessage
	follower *replica // lags behind the model
}

type modelMessage struct {
	body   string
	flags  imap.FlagSet
	modseq imap.ModSeq
	email  store.EmailID
}

// uids lists the messages that exist and are in set.
func (b *modelBox) uids(set imap.UIDSet) []imap.UID {
	var list []imap.UID
	for uid := range b.messages {
		if set.Contains(uid) {
			list = append(list, uid)
		}
	}
	slices.Sort(list)
	return list
}

func (b *modelBox) add(m modelMessage, modseq imap.ModSeq) imap.UID {
	uid := b.next
	m.modseq = modseq
	b.messages[uid] = &m
	b.next++
	return uid
}

// run is a walk through random operations on a store and its model.
type run struct {
	*env
	rand  *rand.Rand
	model model
}

// testModel does random operations one after the other, and compares results
// and state with the model after each.
func testModel(e *env, seed uint64, steps int) {
	r := &run{env: e, rand: rand.New(rand.NewPCG(seed, 0))}
	r.model = model{modseq: e.modseq(), boxes: map[string]*modelBox{}}
	inbox := e.lookup("INBOX")
	r.adopt(inbox)
	ops := []func(*run){
		(*run).append, (*run).append, (*run).append,
		(*run).flags, (*run).flags, (*run).flags,
		(*run).copyOrMove, (*run).copyOrMove, (*run).expunge, (*run).expunge,
		(*run).createBox, (*run).deleteBox, (*run).renameBox, (*run).claim, (*run).follow, (*run).follow,
	}
	for step := range steps {
		ops[r.rand.IntN(len(ops))](r)
		r.check()
		if e.Failed() {
			e.Fatalf("after step %d of seed %d", step, seed)
		}
	}
}

// adopt takes a new mailbox into the model.
func (r *run) adopt(m store.Mailbox) *modelBox {
	b := &modelBox{id: m.ID, validity: m.UIDValidity, next: 1, recent: 1, messages: map[imap.UID]*modelMessage{}}
	b.follower = newReplica(r.load(m.ID))
	r.model.boxes[m.Name] = b
	return b
}

// box picks a mailbox.
func (r *run) box() (string, *modelBox) {
	names := slices.Sorted(maps.Keys(r.model.boxes))
	name := names[r.rand.IntN(len(names))]
	return name, r.model.boxes[name]
}

// set picks UIDs, some of which may not exist.
func (r *run) set(b *modelBox) imap.UIDSet {
	var set imap.UIDSet
	for range r.rand.IntN(4) {
		start := imap.UID(r.rand.IntN(int(b.next)+3) + 1)
		stop := start + imap.UID(r.rand.IntN(4))
		if r.rand.IntN(3) == 0 {
			start, stop = stop, start
		}
		set = append(set, imap.UIDRange{Start: start, Stop: stop})
	}
	return set
}

func (r *run) flagSet() imap.FlagSet {
	all := []string{`\Seen`, `\Deleted`, `\Flagged`, "$Junk", "alpha", "Beta", "gamma"}
	r.rand.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return imap.FlagsOf(all[:r.rand.IntN(4)]...)
}

func (r *run) append() {
	_, b := r.box()
	var msgs []store.NewMessage
	for range r.rand.IntN(3) {
		body := fmt.Sprint("body ", r.rand.Uint32())
		flags := r.flagSet()
		msgs = append(msgs, store.NewMessage{Body: r.stage(body), Flags: flags})
	}
	res, err := r.acct.Append(r.ctx, b.id, msgs)
	r.ok(err)
	if len(msgs) == 0 {
		return
	}
	r.model.modseq++
	var want imap.UIDSet
	for _, m := range msgs {
		buf := make([]byte, m.Body.Size())
		_, err := m.Body.ReadAt(buf, 0)
		r.ok(err)
		want.Add(b.add(modelMessage{body: string(buf), flags: m.Flags}, r.model.modseq))
	}
	for m, err := range r.acct.Messages(r.ctx, b.id, want, store.WantMetadata) {
		r.ok(err)
		b.messages[m.UID].email = m.EmailID
	}
	r.same("Append", res, store.AppendResult{UIDValidity: b.validity, UIDs: want, ModSeq: r.model.modseq})
}

func (r *run) flags() {
	_, b := r.box()
	set := r.set(b)
	change := store.FlagChange{Op: store.FlagOp(r.rand.IntN(3)), Flags: r.flagSet()}
	if r.rand.IntN(3) == 0 {
		change.Conditional = true
		change.UnchangedSince = r.model.modseq - min(r.model.modseq, imap.ModSeq(r.rand.IntN(30)))
	}
	res, err := r.acct.StoreFlags(r.ctx, b.id, set, change)
	r.ok(err)
	var changed []imap.UID
	var modified imap.UIDSet
	for _, uid := range b.uids(set) {
		m := b.messages[uid]
		after := changeFlags(m.flags, change)
		switch {
		case change.Conditional && m.modseq > change.UnchangedSince:
			modified.Add(uid)
		case !after.Equal(m.flags):
			m.flags, m.modseq = after, r.model.modseq+1
			changed = append(changed, uid)
		}
	}
	if changed != nil {
		r.model.modseq++
	}
	r.effect(b.id, &res.Effect, &res.Changed, nil)
	r.same("changed", res.Changed.UIDs, changed)
	r.same("modified", res.Modified, modified)
	r.same("MODSEQ", res.ModSeq, r.model.modseq)
}

func changeFlags(flags imap.FlagSet, c store.FlagChange) imap.FlagSet {
	switch c.Op {
	case store.FlagsAdd:
		return flags.Union(c.Flags)
	case store.FlagsRemove:
		return flags.Minus(c.Flags)
	}
	return c.Flags
}

func (r *run) copyOrMove() {
	_, src := r.box()
	_, dst := r.box()
	set, move := r.set(src), r.rand.IntN(2) == 0
	do := r.acct.Copy
	if move {
		do = r.acct.Move
	}
	res, err := do(r.ctx, src.id, set, dst.id)
	r.ok(err)
	want := store.CopyResult{UIDValidity: dst.validity}
	for _, uid := range src.uids(set) {
		want.Source.Add(uid)
		want.Dest.Add(dst.add(*src.messages[uid], r.model.modseq+1))
		if move {
			delete(src.messages, uid)
		}
	}
	if want.Source != nil {
		r.model.modseq++
	}
	want.ModSeq = r.model.modseq
	r.same("copy", res, want)
}

func (r *run) expunge() {
	_, b := r.box()
	set, which := r.set(b), store.Candidates(r.rand.IntN(2))
	res, err := r.acct.Expunge(r.ctx, b.id, set, which)
	r.ok(err)
	var want imap.UIDSet
	for _, uid := range b.uids(set) {
		if which == store.AllGiven || b.messages[uid].flags.Has(imap.FlagDeleted) {
			want.Add(uid)
			delete(b.messages, uid)
		}
	}
	if want != nil {
		r.model.modseq++
	}
	r.effect(b.id, &res.Effect, &store.Messages{}, want)
	r.same("Expunge", res, store.ExpungeResult{UIDs: want, ModSeq: r.model.modseq, Effect: res.Effect})
}

func (r *run) name() string {
	levels := []string{"a", "b", "a/b", "b/a", "a/b/c", "c"}
	return levels[r.rand.IntN(len(levels))]
}

func (r *run) createBox() {
	name := r.name()
	m, err := r.acct.Create(r.ctx, store.NewMailbox{Name: name})
	if r.model.boxes[name] != nil {
		r.want(err, store.AlreadyExists)
		return
	}
	r.ok(err)
	r.model.modseq++
	r.adoptSuperiors(name)
	r.adopt(m)
}

// adoptSuperiors takes the superiors that were made for a name into the model.
func (r *run) adoptSuperiors(name string) {
	for _, s := range store.Superiors(name) {
		if r.model.boxes[s] == nil {
			r.adopt(r.lookup(s))
		}
	}
}

func (r *run) deleteBox() {
	name := r.name()
	err := r.acct.Delete(r.ctx, name)
	switch {
	case r.model.boxes[name] != nil:
		r.ok(err)
		r.model.modseq++
		delete(r.model.boxes, name)
	case len(r.model.tree(name)) > 0:
		r.want(err, store.HasChildren)
	default:
		r.want(err, store.NonExistent)
	}
}

// tree lists a name, if it is a mailbox, and its inferiors.
func (m *model) tree(name string) []string {
	var list []string
	for n := range m.boxes {
		if n == name || store.Below(n, name) {
			list = append(list, n)
		}
	}
	return list
}

func (r *run) renameBox() {
	from, to := r.name(), r.name()
	if r.rand.IntN(4) == 0 {
		r.renameInbox(to)
		return
	}
	err := r.acct.Rename(r.ctx, from, to)
	tree := r.model.tree(from)
	if code, refused := r.model.renameRefused(tree, from, to); refused {
		r.want(err, code)
		return
	}
	r.ok(err)
	r.model.modseq++
	r.adoptSuperiors(to)
	moved := map[string]*modelBox{}
	for _, n := range tree {
		moved[to+n[len(from):]] = r.model.boxes[n]
		delete(r.model.boxes, n)
	}
	maps.Copy(r.model.boxes, moved)
}

// renameRefused tells whether and why a rename is refused.
func (m *model) renameRefused(tree []string, from, to string) (store.Code, bool) {
	switch {
	case len(tree) == 0:
		return store.NonExistent, true
	case from == to:
		return store.AlreadyExists, true
	case store.Below(to, from):
		return store.Cannot, true
	}
	for _, n := range tree {
		renamed := to + n[len(from):]
		if m.boxes[renamed] != nil && !slices.Contains(tree, renamed) {
			return store.AlreadyExists, true
		}
	}
	return 0, false
}

func (r *run) renameInbox(to string) {
	err := r.acct.Rename(r.ctx, "INBOX", to)
	if r.model.boxes[to] != nil {
		r.want(err, store.AlreadyExists)
		return
	}
	r.ok(err)
	r.model.modseq++
	r.adoptSuperiors(to)
	b, inbox := r.adopt(r.lookup(to)), r.model.boxes["INBOX"]
	for _, uid := range inbox.uids(every) {
		b.add(*inbox.messages[uid], r.model.modseq)
		delete(inbox.messages, uid)
	}
}

func (r *run) claim() {
	_, b := r.box()
	got, err := r.acct.ClaimRecent(r.ctx, b.id)
	r.ok(err)
	r.same("ClaimRecent", got, store.RecentRange{From: b.recent, To: b.next})
	b.recent = b.next
}

// follow brings the replica of a mailbox up to date from where it is.
func (r *run) follow() {
	_, b := r.box()
	d := r.changes(b.id, b.follower.box.HighestModSeq)
	if err := b.follower.apply(d); err != nil {
		r.Error(err)
	}
	if err := b.follower.equal(r.load(b.id)); err != nil {
		r.Error(err)
	}
}

// check compares the whole account with the model.
func (r *run) check() {
	r.Helper()
	r.same("MODSEQ", r.modseq(), r.model.modseq)
	r.same("names", r.names(), slices.Sorted(maps.Keys(r.model.boxes)))
	var q store.Quota
	for name, b := range r.model.boxes {
		v := r.load(b.id)
		r.checkBox(name, b, v)
		q.Messages += uint64(v.Mailbox.Messages)
		q.Size += v.Mailbox.Size
	}
	got, err := r.acct.Quota(r.ctx)
	r.ok(err)
	r.same("quota", got, q)
}

func (r *run) checkBox(name string, b *modelBox, v *store.Vector) {
	r.Helper()
	m := v.Mailbox
	if m.Name != name || m.ID != b.id || m.UIDValidity != b.validity || m.UIDNext != b.next {
		r.Errorf("record %+v; the model has %q, %v, %d, %d", m, name, b.id, b.validity, b.next)
	}
	list := b.uids(every)
	r.same("UIDs", v.UIDs, list)
	var size uint64
	var recent uint32
	for i, uid := range list {
		want := b.messages[uid]
		if v.ModSeqs[i] != want.modseq || !v.Flags(i).Equal(want.flags) {
			r.Errorf("UID %d of %q: %d %v, want %d %v", uid, name, v.ModSeqs[i], v.Flags(i), want.modseq, want.flags)
		}
		size += uint64(len(want.body))
		if uid >= b.recent {
			recent++
		}
	}
	r.same("size", m.Size, size)
	r.same("recent", m.Recent, recent)
	r.checkOne(b, list)
}

// checkOne reads one of the messages.
func (r *run) checkOne(b *modelBox, list []imap.UID) {
	r.Helper()
	if len(list) == 0 {
		return
	}
	uid := list[r.rand.IntN(len(list))]
	want := b.messages[uid]
	for m, err := range r.acct.Messages(r.ctx, b.id, uids(uid), store.WantBody|store.WantMetadata) {
		r.ok(err)
		r.same("body", r.drain(m.Body), want.body)
		r.same("EMAILID", m.EmailID, want.email)
	}
}
