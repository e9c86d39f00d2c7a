package session

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/store"
)

// TestEndUser ends the sessions of one user, whatever they are doing, and of nobody else.
func TestEndUser(t *testing.T) {
	ts := newTestServer(t, fast)
	if err := ts.store.CreateAccount(t.Context(), "other", store.Setup{}); err != nil {
		t.Fatal(err)
	}
	quiet, idle := ts.open("INBOX"), ts.open("INBOX")
	idle.send("a IDLE\r\n")
	if got := idle.line(); got != "+ idling" {
		t.Fatal(got)
	}
	tunnel := ts.dial(Listener{}, &Identity{Account: "test"})
	tunnel.line()
	stranger, other := ts.dial(Listener{}, nil), ts.dial(Listener{}, nil)
	stranger.line()
	other.line()
	other.do("LOGIN other x")

	if err := ts.EndUser(t.Context(), "", "x", true); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- ts.EndUser(t.Context(), "test", "Your password has changed", false) }()
	for _, c := range []*testClient{quiet, idle} {
		if got := c.line(); got != "* BYE Your password has changed" {
			t.Error(got)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	tunnel.do("NOOP")
	other.do("NOOP")
	stranger.do("NOOP")
	go func() { ended <- ts.EndUser(t.Context(), "test", "You are gone", true) }()
	if got := tunnel.line(); got != "* BYE You are gone" {
		t.Error(got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stranger.do("LOGIN test x")
}

// TestEndUserWaits: a session that reads nothing does not keep EndUser longer than its context.
func TestEndUserWaits(t *testing.T) {
	ts := newTestServer(t, fast)
	c := ts.login()
	c.send("a NOOP\r\na ")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := ts.EndUser(ctx, "test", "x", true); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("%v", err)
	}
}
