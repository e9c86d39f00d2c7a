package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

func TestErrors(t *testing.T) {
	cause := io.ErrUnexpectedEOF
	err := fmt.Errorf("above: %w", &store.Error{Code: store.Limit, Op: "create", Name: "a\nb", Err: cause})
	if got, want := err.Error(), `above: store: create "a\nb": LIMIT: unexpected EOF`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !errors.Is(err, cause) || store.CodeOf(err) != store.Limit || !store.IsCode(err, store.Limit) {
		t.Error("neither the cause nor the code is found in the error")
	}
	table := []struct {
		err  error
		code store.Code
	}{
		{context.Canceled, store.Unavailable},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), store.Unavailable},
		{io.EOF, store.ServerBug},
		{&store.Error{}, store.ServerBug},
		{&store.Error{Code: store.Cannot, Err: context.Canceled}, store.Cannot},
	}
	for _, row := range table {
		if got := store.CodeOf(row.err); got != row.code {
			t.Errorf("CodeOf(%v) = %v, want %v", row.err, got, row.code)
		}
	}
	if store.IsCode(nil, store.ServerBug) {
		t.Error("no error has a code")
	}
}

// TestCodes checks that each code has a name of its own.
func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for c := store.ServerBug; c <= store.NoPerm; c++ {
		name := c.String()
		if name == "" || seen[name] || name != strings.ToUpper(name) {
			t.Errorf("code %d is called %q", c, name)
		}
		seen[name] = true
	}
	if got := store.Code(200).String(); got != "SERVERBUG" {
		t.Errorf("an unknown code is called %q", got)
	}
}

func TestCheckName(t *testing.T) {
	small := store.Limits{MailboxName: 10, MailboxDepth: 2}
	table := []struct {
		name   string
		limits store.Limits
		code   string
	}{
		{"INBOX", store.Limits{}, ""},
		{"INBOX/x", store.Limits{}, ""},
		{"inboxes", store.Limits{}, ""},
		{"x/inbox", store.Limits{}, ""},
		{" ~&%*\"\\.", store.Limits{}, ""},
		{"日本語/é", store.Limits{}, ""},
		{strings.Repeat("a", 1000), store.Limits{}, ""},
		{strings.Repeat("a/", 31) + "a", store.Limits{}, ""},
		{"1234567890", small, ""},
		{"a/b", small, ""},
		{"", store.Limits{}, "CANNOT"},
		{"a//b", store.Limits{}, "CANNOT"},
		{"/", store.Limits{}, "CANNOT"},
		{"iNBOX", store.Limits{}, "CANNOT"},
		{"Inbox/a", store.Limits{}, "CANNOT"},
		{"e\u0301", store.Limits{}, "CANNOT"},
		{"\u2028", store.Limits{}, "CANNOT"},
		{"\u009f", store.Limits{}, "CANNOT"},
		{"a\xff", store.Limits{}, "CANNOT"},
		{strings.Repeat("a", 1001), store.Limits{}, "LIMIT"},
		{strings.Repeat("a/", 32) + "a", store.Limits{}, "LIMIT"},
		{"12345678901", small, "LIMIT"},
		{"a/b/c", small, "LIMIT"},
	}
	for _, row := range table {
		got := ""
		if err := store.CheckName("test", row.name, row.limits); err != nil {
			got = store.CodeOf(err).String()
		}
		if got != row.code {
			t.Errorf("CheckName(%.30q) = %q, want %q", row.name, got, row.code)
		}
	}
}

func TestHierarchy(t *testing.T) {
	if got := store.Superiors("a/b/c"); !cmp.Equal(got, []string{"a", "a/b"}) {
		t.Errorf("superiors %q", got)
	}
	if got := store.Superiors("a"); got != nil {
		t.Errorf("superiors %q of a", got)
	}
	for _, row := range []struct {
		name, superior string
		below          bool
	}{{"a/b", "a", true}, {"a/b/c", "a", true}, {"a", "a", false}, {"ab/c", "a", false}, {"a", "a/b", false}} {
		if got := store.Below(row.name, row.superior); got != row.below {
			t.Errorf("Below(%q, %q) = %v", row.name, row.superior, got)
		}
	}
}

func TestLimits(t *testing.T) {
	if diff := cmp.Diff(store.DefaultLimits(), store.Limits{}.WithDefaults()); diff != "" {
		t.Error(diff)
	}
	all := store.Limits{
		MailboxName: 1, MailboxDepth: 2, Mailboxes: 3, Subscriptions: 4,
		Keywords: 5, KeywordLength: 6, Messages: 7, MessageSize: 8,
		Entries: 9, EntrySize: 10,
	}
	if diff := cmp.Diff(all, all.WithDefaults()); diff != "" {
		t.Error(diff)
	}
}

func TestNames(t *testing.T) {
	table := []struct{ got, want string }{
		{store.MailboxID(255).String(), "Fff"},
		{store.EmailID(math.MaxUint64).String(), "Mffffffffffffffff"},
		{store.ThreadID(1).String(), "T1"},
		{store.SpecialUse(0).String(), ""},
		{(store.UseTrash | store.UseAll).String(), `\All \Trash`},
		{store.UseImportant.String(), `\Important`},
	}
	for _, row := range table {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestCutUIDs(t *testing.T) {
	uids := []imap.UID{2, 3, 5, 8, 9, math.MaxUint32}
	table := []struct {
		set  imap.UIDSet
		want [][2]int
	}{
		{nil, nil},
		{imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}, [][2]int{{0, 6}}},
		{imap.UIDSet{{Start: 1, Stop: 1}, {Start: 4, Stop: 4}, {Start: 6, Stop: 7}}, nil},
		{imap.UIDSet{{Start: 1, Stop: 2}, {Start: 4, Stop: 8}, {Start: 10, Stop: 20}}, [][2]int{{0, 1}, {2, 4}}},
		{imap.UIDSet{{Start: 9, Stop: math.MaxUint32}}, [][2]int{{4, 6}}},
	}
	for _, row := range table {
		var got [][2]int
		store.CutUIDs(uids, row.set, func(from, to int) bool {
			got = append(got, [2]int{from, to})
			return true
		})
		if d := cmp.Diff(row.want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%v: %s", row.set, d)
		}
	}
	n := 0
	store.CutUIDs(uids, imap.UIDSet{{Start: 2, Stop: 2}, {Start: 5, Stop: 5}}, func(_, _ int) bool {
		n++
		return false
	})
	if n != 1 {
		t.Errorf("went on after false, %d times", n)
	}
}

func TestMissingUIDs(t *testing.T) {
	table := []struct {
		uids []imap.UID
		next imap.UID
		want string
	}{
		{nil, 1, ""},
		{nil, 2, "1"},
		{[]imap.UID{1, 2, 3}, 4, ""},
		{[]imap.UID{2, 3, 6}, 10, "1,4:5,7:9"},
		{[]imap.UID{1, math.MaxUint32 - 1}, math.MaxUint32, "2:4294967293"},
	}
	for _, row := range table {
		if got := store.MissingUIDs(row.uids, row.next).String(); got != row.want {
			t.Errorf("MissingUIDs(%v, %d) = %s, want %s", row.uids, row.next, got, row.want)
		}
	}
}

func TestDeltaExact(t *testing.T) {
	for _, row := range []struct {
		since, floor imap.ModSeq
		want         bool
	}{{0, 0, true}, {5, 5, true}, {4, 5, false}} {
		d := store.Delta{Since: row.since, Floor: row.floor}
		if d.Exact() != row.want {
			t.Errorf("%+v: Exact() = %v", row, d.Exact())
		}
	}
}

func TestRecentRange(t *testing.T) {
	r := store.RecentRange{From: 3, To: 5}
	for uid, want := range map[imap.UID]bool{2: false, 3: true, 4: true, 5: false} {
		if r.Contains(uid) != want {
			t.Errorf("Contains(%d) = %v", uid, !want)
		}
	}
}

func TestFeed(t *testing.T) {
	var f store.Feed
	f.Publish(store.Hint{Account: "a", ModSeq: 5})
	ctx, cancel := context.WithCancel(t.Context())
	slow := f.Watch(ctx, store.Hint{Account: "a", ModSeq: 3}) // read before the publish
	for m := imap.ModSeq(6); m < 100; m++ {
		f.Publish(store.Hint{Account: "a", ModSeq: m})
	}
	f.Publish(store.Hint{Account: "a", ModSeq: 50}) // late, and dropped
	if h := <-slow; h.ModSeq != 99 {
		t.Errorf("got hint %+v, want the newest", h)
	}
	select {
	case h := <-slow:
		t.Errorf("hint %+v came twice", h)
	default:
	}
	quick := f.Watch(t.Context(), store.Hint{Account: "a", ModSeq: 99})
	if h := <-quick; h.ModSeq != 99 {
		t.Errorf("first hint %+v", h)
	}
	cancel()
	waitClosed(t, slow)
	f.Publish(store.Hint{Account: "a", ModSeq: 100})
	if h := <-quick; h.ModSeq != 100 {
		t.Errorf("hint %+v", h)
	}
	f.Close()
	waitClosed(t, quick)
	waitClosed(t, f.Watch(t.Context(), store.Hint{}))
	f.Publish(store.Hint{Account: "a", ModSeq: 101})
	f.Close()
}

func waitClosed(t *testing.T, hints <-chan store.Hint) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case _, ok := <-hints:
			if !ok {
				return
			}
		case <-timeout:
			t.Fatal("the channel stays open")
		}
	}
}

// TestFeedStorm lets watchers come and go while many publish.
func TestFeedStorm(t *testing.T) {
	var f store.Feed
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			for m := range 500 {
				f.Publish(store.Hint{ModSeq: imap.ModSeq(m*4 + p + 1)})
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			for range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				hints := f.Watch(ctx, store.Hint{})
				last := (<-hints).ModSeq
				cancel()
				for h := range hints {
					if h.ModSeq <= last {
						t.Errorf("MODSEQ %d after %d", h.ModSeq, last)
					}
					last = h.ModSeq
				}
			}
		})
	}
	wg.Wait()
	f.Close()
}
