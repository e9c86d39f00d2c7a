package session

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/imap"
)

// A modelClient knows of a mailbox only what the server has told it: for each
// sequence number the UID, 0 where it has not asked yet. If the server ever acts
// on another message than the client means, it notices.
type modelClient struct {
	*testClient
	name string
	uids []imap.UID
	idle bool
}

// tcp opens a connection that is not in memory, so that the server never waits
// for the client to read.
func (ts *testServer) tcp() *testClient {
	ts.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		ts.t.Fatal(err)
	}
	go ts.Serve(Listener{Listener: l})
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { _ = conn.Close() })
	c := &testClient{t: ts.t, conn: conn, in: bufio.NewReader(conn)}
	c.line()
	return c
}

func newModelClient(ts *testServer, name string) *modelClient {
	m := &modelClient{testClient: ts.tcp(), name: name}
	m.do("LOGIN test x")
	m.follow(m.do("SELECT INBOX"), true)
	return m
}

// follow does with untagged responses what every client must.
func (c *modelClient) follow(lines []string, expungeAllowed bool) {
	for _, l := range lines {
		words := strings.Fields(l)
		if len(words) < 3 || words[0] != "*" {
			continue
		}
		n, err := strconv.Atoi(words[1])
		if err != nil {
			continue
		}
		switch words[2] {
		case "EXISTS":
			if n < len(c.uids) {
				c.t.Fatalf("%s: %s after %d messages", c.name, l, len(c.uids))
			}
			for len(c.uids) < n {
				c.uids = append(c.uids, 0)
			}
		case "EXPUNGE":
			if !expungeAllowed || n < 1 || n > len(c.uids) {
				c.t.Fatalf("%s: %s with %d messages, allowed: %v", c.name, l, len(c.uids), expungeAllowed)
			}
			c.uids = slices.Delete(c.uids, n-1, n)
		case "FETCH":
			c.learn(n, l)
		}
	}
}

// learn takes the UID from a FETCH response and compares it with what was known.
func (c *modelClient) learn(seq int, line string) {
	if seq < 1 || seq > len(c.uids) {
		c.t.Fatalf("%s: %s with %d messages", c.name, line, len(c.uids))
	}
	_, rest, found := strings.Cut(line, "UID ")
	if !found {
		return
	}
	n, err := strconv.Atoi(strings.TrimRight(strings.Fields(rest)[0], ")"))
	if err != nil {
		c.t.Fatalf("%s: %s", c.name, line)
	}
	if known := c.uids[seq-1]; known != 0 && known != imap.UID(n) {
		c.t.Fatalf("%s: sequence number %d was UID %d: %s", c.name, seq, known, line)
	}
	c.uids[seq-1] = imap.UID(n)
}

// run gives a command and follows the responses.
func (c *modelClient) run(text string) []string {
	if c.idle {
		c.wake()
	}
	lines := c.command(text)
	verb, _, _ := strings.Cut(text, " ")
	c.follow(lines, verb != "FETCH" && verb != "STORE" && verb != "SEARCH")
	return lines
}

func (c *modelClient) sleep() {
	c.tags++
	c.send(fmt.Sprintf("t%d IDLE\r\n", c.tags))
	for l := c.line(); !strings.HasPrefix(l, "+"); l = c.line() {
		c.follow([]string{l}, false)
	}
	c.idle = true
}

func (c *modelClient) wake() {
	c.send("DONE\r\n")
	c.follow(c.until(fmt.Sprintf("t%d", c.tags)), true)
	c.idle = false
}

// pick is the sequence number of a message the client knows the UID of.
func (c *modelClient) pick(r *rand.Rand) (int, imap.UID) {
	if c.idle {
		c.wake()
	}
	if len(c.uids) == 0 {
		return 0, 0
	}
	n := 1 + r.IntN(len(c.uids))
	if c.uids[n-1] == 0 {
		c.run(fmt.Sprintf("FETCH %d (UID)", n))
	}
	return n, c.uids[n-1]
}

// stored reads what the store has.
func stored(t testing.TB, ts *testServer) map[imap.UID]imap.FlagSet {
	t.Helper()
	acct, err := ts.store.Account(context.Background(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer acct.Close()
	m, err := acct.Lookup(context.Background(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	v, err := acct.Load(context.Background(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[imap.UID]imap.FlagSet)
	for i, uid := range v.UIDs {
		all[uid] = v.Flags(i)
	}
	return all
}

// check compares a client that is up to date with the store.
func (c *modelClient) check(ts *testServer) {
	c.t.Helper()
	c.run("NOOP")
	c.run("FETCH 1:* (UID)")
	want := make([]imap.UID, 0, len(c.uids))
	for uid := range stored(c.t, ts) {
		want = append(want, uid)
	}
	slices.Sort(want)
	if !slices.Equal(c.uids, want) {
		c.t.Fatalf("%s believes %v, the store has %v", c.name, c.uids, want)
	}
}

// step does one random thing.
func (c *modelClient) step(r *rand.Rand, ts *testServer) {
	switch k := r.IntN(20); {
	case k < 4:
		n, uid := c.pick(r)
		if n == 0 {
			return
		}
		c.storeBySeq(ts, n, uid, r.IntN(2) == 0)
	case k < 7:
		if n, _ := c.pick(r); n > 0 {
			c.run(fmt.Sprintf(`STORE %d +FLAGS.SILENT (\Deleted)`, n))
		}
	case k < 9:
		c.run("EXPUNGE")
	case k < 11:
		c.deliverOne()
	case k < 12:
		if n, uid := c.pick(r); n > 0 {
			c.moveBySeq(ts, n, uid)
		}
	case k < 13:
		c.run("SEARCH ALL")
	case k < 14:
		c.run("UID FETCH 1:* (FLAGS)")
	case k < 15:
		if !c.idle {
			c.sleep()
		}
	case k < 16:
		c.check(ts)
	default:
		if n, _ := c.pick(r); n > 0 {
			c.run(fmt.Sprintf("FETCH %d:%d (UID FLAGS)", n, 1+r.IntN(len(c.uids))))
		}
	}
}

// deliverOne appends a message, if the mailbox is small.
func (c *modelClient) deliverOne() {
	if len(c.uids) < 40 {
		c.run("APPEND INBOX {5+}\r\nhello")
	}
}

// storeBySeq flags a message by its number and sees in the store that it was the
// one with the UID that the client thinks it has.
func (c *modelClient) storeBySeq(ts *testServer, n int, uid imap.UID, on bool) {
	before := stored(c.t, ts)
	op := "-"
	if on {
		op = "+"
	}
	c.run(fmt.Sprintf(`STORE %d %sFLAGS (\Flagged)`, n, op))
	for u, flags := range stored(c.t, ts) {
		if was := before[u].Has(imap.FlagFlagged); u != uid && flags.Has(imap.FlagFlagged) != was {
			c.t.Fatalf("%s: STORE %d meant UID %d and changed %d", c.name, n, uid, u)
		} else if u == uid && flags.Has(imap.FlagFlagged) != on {
			c.t.Fatalf("%s: STORE %d did not change UID %d", c.name, n, uid)
		}
	}
}

// moveBySeq moves a message away by its number.
func (c *modelClient) moveBySeq(ts *testServer, n int, uid imap.UID) {
	before := stored(c.t, ts)
	c.run(fmt.Sprintf("MOVE %d Other", n))
	after := stored(c.t, ts)
	for u := range before {
		if _, there := after[u]; !there && u != uid {
			c.t.Fatalf("%s: MOVE %d meant UID %d and took %d", c.name, n, uid, u)
		}
	}
}

// TestModel lets sessions act on one mailbox at random, one after the other, and
// finds out whether they ever disagree with the store about a message.
func TestModel(t *testing.T) {
	steps := 10_000
	if testing.Short() {
		steps = 2000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	ts := newTestServer(t, nil)
	ts.deliver("INBOX", 10)
	clients := []*modelClient{newModelClient(ts, "A"), newModelClient(ts, "B"), newModelClient(ts, "C")}
	for range steps {
		clients[r.IntN(len(clients))].step(r, ts)
	}
	for _, c := range clients {
		c.check(ts)
	}
}

// TestModelConcurrent does the same at the same time. What one client changes
// cannot be told from what the others do, but each one's sequence numbers must
// stay consistent, and all must agree in the end.
func TestModelConcurrent(t *testing.T) {
	steps := 1500
	if testing.Short() {
		steps = 300
	}
	ts := newTestServer(t, nil)
	ts.deliver("INBOX", 10)
	clients := []*modelClient{newModelClient(ts, "A"), newModelClient(ts, "B"), newModelClient(ts, "C")}
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 2))
			for range steps {
				c.stepAlone(r)
			}
			if c.idle {
				c.wake()
			}
		})
	}
	wg.Wait()
	for _, c := range clients {
		c.check(ts)
	}
}

// stepAlone is step without looks at the store.
func (c *modelClient) stepAlone(r *rand.Rand) {
	n, _ := c.pick(r)
	switch k := r.IntN(10); {
	case n == 0 || k == 0:
		c.deliverOne()
	case k < 3:
		c.run(fmt.Sprintf(`STORE %d +FLAGS (\Deleted)`, n))
	case k < 4:
		c.run("EXPUNGE")
	case k < 5:
		c.run(fmt.Sprintf("MOVE %d Other", n))
	case k < 6 && !c.idle:
		c.sleep()
	case k < 7:
		c.run("UID SEARCH ALL")
	default:
		c.run("FETCH 1:* (UID FLAGS)")
	}
}
