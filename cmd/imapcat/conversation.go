package main

import (
	"errors"
	"io"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

const (
	// maxAhead bounds the octets of a server's units that wait for their turn.
	maxAhead = 4 << 20
	// maxPipelined is how many of a client's units are looked at for the command that a completion belongs to.
	maxPipelined = 32
)

// conversation puts the two sides of a connection in an order in which they can have been said: a command, what the
// server said until it completed it, the next command. Where the server waits for the client, as in AUTHENTICATE and
// IDLE, the client's line comes in between. Commands that a client sent without waiting are shown when they are answered.
type conversation struct {
	client, server *trace.Follower
	put            func(item) error

	ahead    []*trace.Unit // of the server, not shown yet
	octets   int64         // in ahead
	searched int           // of ahead, for the answer to a literal
	finished bool          // the server's stream has ended
	err      error         // of the server's stream

	open    []*command // not completed yet
	waiting int        // how many client units the completion at the front has waited for
}

func newConversation(client, server io.Reader, opts trace.Options, put func(item) error) *conversation {
	c := &conversation{put: put}
	opts.Refused = c.refused
	c.client = trace.Follow(client, imap.Client, opts)
	opts.Refused = nil
	opts.Exchange = func() bool { return c.client.InExchange() }
	c.server = trace.Follow(server, imap.Server, opts)
	return c
}

// run shows both sides to their ends.
func (c *conversation) run() error {
	if u := c.peek(0); u != nil && u.Type == "Greeting" {
		if err := c.show(nil); err != nil {
			return err
		}
	}
	for {
		u, err := c.client.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := c.say(u); err != nil {
			return err
		}
		if err := c.answer(); err != nil {
			return err
		}
	}
	return errors.Join(c.rest(), c.err)
}

// say shows what the client said.
func (c *conversation) say(u *trace.Unit) error {
	if u.Tag != "" {
		c.open = append(c.open, &command{tag: u.Tag, name: u.Name, typ: u.Type, offset: u.Offset})
	}
	return c.put(item{Unit: u, from: "client"})
}

// answer shows what the server said until it is the client's turn.
func (c *conversation) answer() error {
	for len(c.open) > 0 {
		u := c.peek(0)
		if u == nil {
			return nil
		}
		i := c.find(u)
		if c.mustWait(u, i) {
			return nil
		}
		if err := c.show(c.complete(i)); err != nil {
			return err
		}
		if isContinue(u) && c.client.InExchange() {
			return nil
		}
	}
	return nil
}

// mustWait reports whether the client says something before the server's unit, which completes the open command i.
func (c *conversation) mustWait(u *trace.Unit, i int) bool {
	tagged, ok := u.Value.(*imap.Tagged)
	switch {
	case isContinue(u):
		// Nothing asked for it: what did is still to come.
		return c.searched == 0 && !c.client.InExchange() && !c.client.InIdle() && !c.endsOpen() && c.wait()
	case !ok:
		return false
	case i < 0:
		return c.client.SeesTag(u.Tag) && c.wait()
	}
	return i == len(c.open)-1 && c.client.InIdle() && tagged.Kind == imap.StatusOK
}

// endsOpen reports whether the server's next completion is that of an open command.
func (c *conversation) endsOpen() bool {
	for i := range maxPipelined {
		u := c.peek(i)
		if u == nil {
			return false
		}
		if _, ok := u.Value.(*imap.Tagged); ok {
			return c.find(u) >= 0
		}
	}
	return false
}

// wait reports whether the server's unit can wait for one more of the client.
func (c *conversation) wait() bool {
	c.waiting++
	return c.waiting <= maxPipelined
}

// find returns the index of the open command that a unit completes, -1 where there is none.
func (c *conversation) find(u *trace.Unit) int {
	if _, ok := u.Value.(*imap.Tagged); !ok {
		return -1
	}
	return slices.IndexFunc(c.open, func(o *command) bool { return o.tag == u.Tag })
}

// complete closes the open command i.
func (c *conversation) complete(i int) *command {
	if i < 0 {
		return nil
	}
	done := c.open[i]
	if i == len(c.open)-1 {
		c.client.EndCommand()
	}
	c.open = slices.Delete(c.open, i, i+1)
	return done
}

// rest shows what the server said after the client's last word, and what it never completed.
func (c *conversation) rest() error {
	for u := c.peek(0); u != nil; u = c.peek(0) {
		if err := c.show(c.complete(c.find(u))); err != nil {
			return err
		}
	}
	for _, o := range c.open {
		fault := &trace.Fault{Rule: "incomplete", Message: "the server did not complete this command"}
		u := &trace.Unit{Offset: o.offset, Text: []byte(o.name), Fault: fault}
		if err := c.put(item{Unit: u, from: "client"}); err != nil {
			return err
		}
	}
	return nil
}

// show shows the server's next unit.
func (c *conversation) show(completes *command) error {
	u := c.ahead[0]
	c.ahead[0] = nil
	c.ahead = c.ahead[1:]
	c.octets -= u.Length
	c.searched = max(0, c.searched-1)
	c.waiting = 0
	return c.put(item{Unit: u, from: "server", completes: completes})
}

// peek returns the server's unit i, counted from the next one; nil at the end.
func (c *conversation) peek(i int) *trace.Unit {
	for len(c.ahead) <= i && !c.finished {
		u, err := c.server.Next()
		if err != nil {
			c.finished = true
			if err != io.EOF {
				c.err = err
			}
			return nil
		}
		c.ahead = append(c.ahead, u)
		c.octets += u.Length
	}
	if i >= len(c.ahead) {
		return nil
	}
	return c.ahead[i]
}

// refused looks in what the server says next whether it let the client go on with a literal, or ended the command.
func (c *conversation) refused(tag string) bool {
	for c.octets < maxAhead || c.searched < len(c.ahead) {
		u := c.peek(c.searched)
		if u == nil {
			return false
		}
		if t, ok := u.Value.(*imap.Tagged); ok && t.Tag == tag {
			return t.Kind != imap.StatusOK
		}
		c.searched++
		if isContinue(u) {
			return false
		}
	}
	return false
}

// isContinue reports whether the server waits for the client.
func isContinue(u *trace.Unit) bool {
	switch u.Value.(type) {
	case *imap.Continue, *imap.AuthChallenge:
		return true
	}
	return false
}
