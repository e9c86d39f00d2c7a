package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var concurrentTests = []group{
	{name: "Concurrent", test: testConcurrent},
	{name: "ConcurrentWithShortHistory", test: testConcurrent, config: Config{History: 4}},
}

// storm is many sessions that work on one account at a time, each through a
// handle of its own.
type storm struct {
	*env
	boxes []store.MailboxID

	mu      sync.Mutex
	modseqs map[imap.ModSeq]string // which call each MODSEQ was given to
	appends map[store.MailboxID]map[imap.UID]string
}

const (
	stormWriters = 8
	stormSteps   = 150
)

// testConcurrent lets writers do anything to three mailboxes while followers
// keep replicas by hints and changes. In the end each replica equals the
// mailbox; no MODSEQ was given out twice; none went back; all UIDs that
// Append returned are different and hold what was appended.
func testConcurrent(e *env) {
	s := &storm{env: e, modseqs: map[imap.ModSeq]string{}, appends: map[store.MailboxID]map[imap.UID]string{}}
	for _, name := range []string{"x", "y", "z"} {
		id := e.create(name).ID
		s.boxes = append(s.boxes, id)
		s.appends[id] = map[imap.UID]string{}
	}
	writing, stop := context.WithCancel(e.ctx)
	var writers, followers sync.WaitGroup
	for i, id := range s.boxes {
		for range 2 {
			a := e.open()
			followers.Go(func() { s.followUntil(writing, a, i, id) })
		}
	}
	for w := range stormWriters {
		a := e.open()
		writers.Go(func() { s.write(a, w) })
	}
	writers.Wait()
	stop()
	followers.Wait()
	for _, id := range s.boxes {
		s.checkAppends(id)
	}
	q, err := e.acct.Quota(e.ctx)
	e.ok(err)
	e.countAll(uint32(q.Messages))
}

// write does random things.
func (s *storm) write(a store.Account, w int) {
	r := rand.New(rand.NewPCG(7, uint64(w)))
	for step := range stormSteps {
		before, err := a.ModSeq(s.ctx)
		if err != nil {
			s.Error(err)
			return
		}
		what := fmt.Sprintf("writer %d step %d", w, step)
		after, err := s.step(a, r, what)
		if err != nil {
			s.Errorf("%s: %v", what, err)
			return
		}
		if after != 0 {
			s.record(what, before, after)
		}
	}
}

// record notes the MODSEQ that a call was given.
func (s *storm) record(what string, before, after imap.ModSeq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after <= before {
		s.Errorf("%s got MODSEQ %d; the account was at %d before", what, after, before)
	}
	if other, taken := s.modseqs[after]; taken {
		s.Errorf("%s and %s both got MODSEQ %d", what, other, after)
	}
	s.modseqs[after] = what
}

// step does one thing, and returns its MODSEQ if it changed something.
func (s *storm) step(a store.Account, r *rand.Rand, what string) (imap.ModSeq, error) {
	src := s.boxes[r.IntN(len(s.boxes))]
	dst := s.boxes[r.IntN(len(s.boxes))]
	d, err := a.Mailbox(s.ctx, src)
	if err != nil {
		return 0, err
	}
	start := imap.UID(r.IntN(int(d.UIDNext)) + 1)
	set := span(start, start+imap.UID(r.IntN(5)))
	switch r.IntN(8) {
	case 0, 1, 2:
		return s.append(a, src, what)
	case 3:
		res, err := a.Copy(s.ctx, src, set, dst)
		return unless(res.Source == nil, res.ModSeq), err
	case 4:
		res, err := a.Move(s.ctx, src, set, dst)
		return unless(res.Source == nil, res.ModSeq), err
	case 5:
		res, err := a.Expunge(s.ctx, src, set, store.AllGiven)
		return unless(res.UIDs == nil, res.ModSeq), err
	}
	res, err := a.StoreFlags(s.ctx, src, set, store.FlagChange{
		Op:    store.FlagOp(r.IntN(3)),
		Flags: imap.FlagsOf([]string{`\Seen`, `\Deleted`, "word", "Word2"}[r.IntN(4)]),
	})
	return unless(res.Changed.Len() == 0, res.ModSeq), err
}

// unless returns 0 if nothing was done.
func unless(nothing bool, m imap.ModSeq) imap.ModSeq {
	if nothing {
		return 0
	}
	return m
}

func (s *storm) append(a store.Account, id store.MailboxID, what string) (imap.ModSeq, error) {
	body, err := a.Stage(s.ctx, strings.NewReader(what), int64(len(what)))
	if err != nil {
		return 0, err
	}
	defer body.Close()
	res, err := a.Append(s.ctx, id, []store.NewMessage{{Body: body}, {Body: body}})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for uid := range res.UIDs.All() {
		s.appends[id][uid] += what
	}
	return res.ModSeq, nil
}

// followUntil keeps a replica until writing ends, and then compares it.
func (s *storm) followUntil(writing context.Context, a store.Account, i int, id store.MailboxID) {
	hints := a.Watch(writing)
	v, err := a.Load(s.ctx, id)
	if err != nil {
		s.Error(err)
		return
	}
	r := newReplica(v)
	for range hints {
		if !s.follow(a, r, i) {
			return
		}
	}
	if !s.follow(a, r, i) { // what came between the last hint and the end
		return
	}
	if v, err = a.Load(s.ctx, id); err != nil {
		s.Error(err)
	} else if err := r.equal(v); err != nil {
		s.Errorf("follower of mailbox %d: %v", i, err)
	}
}

func (s *storm) follow(a store.Account, r *replica, i int) bool {
	d, err := a.Changes(s.ctx, r.box.ID, r.box.HighestModSeq)
	if err == nil {
		err = r.apply(d)
	}
	if err != nil {
		s.Errorf("follower of mailbox %d: %v", i, err)
	}
	return err == nil
}

// checkAppends compares the appended messages that are still there.
func (s *storm) checkAppends(id store.MailboxID) {
	v := s.load(id)
	for uid, body := range s.appends[id] {
		if uid >= v.Mailbox.UIDNext {
			s.Errorf("UID %d is not below UIDNEXT %d", uid, v.Mailbox.UIDNext)
		}
		if _, there := slices.BinarySearch(v.UIDs, uid); there {
			s.same("body", s.body(id, uid), body)
		}
	}
}
