package session

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// fetchSession is a session that has a mailbox of n small messages selected and
// whose responses go to w.
func fetchSession(tb testing.TB, n int, w io.Writer) *session {
	tb.Helper()
	return sessionOn(tb, memstore.New(memstore.Options{Summarizer: Summarizer()}), n, w)
}

// sessionOn is fetchSession on an empty store, which it closes.
func sessionOn(tb testing.TB, mail *memstore.Store, n int, w io.Writer) *session {
	tb.Helper()
	tb.Cleanup(func() { _ = mail.Close() })
	if err := mail.CreateAccount(tb.Context(), "a", store.Setup{}); err != nil {
		tb.Fatal(err)
	}
	srv := &Server{Store: mail}
	srv.start()
	s := newSession(srv, asConn(nopStream{}), &Listener{})
	if err := s.enterAccount(tb.Context(), Identity{Account: "a"}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.leaveAccount)
	inbox, err := s.hub.acct.Lookup(tb.Context(), imap.Inbox)
	if err != nil {
		tb.Fatal(err)
	}
	appendMany(tb, s.hub.acct, inbox.ID, n)
	if err := s.Select(tb.Context(), "", &imap.Select{Mailbox: "INBOX"}); err != nil {
		tb.Fatal(err)
	}
	_ = s.out.flush()
	s.out.dst = w
	return s
}

func appendMany(tb testing.TB, acct store.Account, id store.MailboxID, n int) {
	tb.Helper()
	octets := "From: Terry Gray <gray@cac.washington.edu>\r\nTo: imap@cac.washington.edu\r\n" +
		"Subject: IMAP4rev2 WG mtg summary and minutes\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
	body, err := acct.Stage(context.Background(), strings.NewReader(octets), int64(len(octets)))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	flags := []imap.FlagSet{{}, {Bits: imap.FlagSeen}, {Bits: imap.FlagSeen | imap.FlagFlagged}}
	msgs := make([]store.NewMessage, n)
	for i := range msgs {
		msgs[i] = store.NewMessage{Body: body, Flags: flags[i%len(flags)]}
	}
	if _, err := acct.Append(context.Background(), id, msgs); err != nil {
		tb.Fatal(err)
	}
}

// nopStream is a client that says nothing.
type nopStream struct{}

func (nopStream) Read([]byte) (int, error)    { return 0, io.EOF }
func (nopStream) Write(p []byte) (int, error) { return len(p), nil }
func (nopStream) Close() error                { return nil }

func benchmarkFetch(b *testing.B, n int, kinds ...imap.FetchAttKind) {
	s := fetchSession(b, n, io.Discard)
	cmd := &imap.Fetch{Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 0}}}}
	for _, kind := range kinds {
		cmd.Items = append(cmd.Items, imap.FetchAtt{Kind: kind})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Fetch(b.Context(), "a", cmd); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/message")
}

func BenchmarkFetchUIDFlags(b *testing.B) {
	benchmarkFetch(b, 50_000, imap.FetchAttUID, imap.FetchAttFlags)
}

func BenchmarkFetchMetadata(b *testing.B) {
	benchmarkFetch(b, 10_000, imap.FetchAttUID, imap.FetchAttInternalDate, imap.FetchAttRFC822Size)
}

func BenchmarkFetchEnvelope(b *testing.B) { benchmarkFetch(b, 10_000, imap.FetchAttEnvelope) }

func BenchmarkFetchBodyStructure(b *testing.B) { benchmarkFetch(b, 10_000, imap.FetchAttBodyStructure) }

func BenchmarkSearchFlags(b *testing.B) {
	s := fetchSession(b, 50_000, io.Discard)
	cmd := &imap.Search{Keys: []imap.SearchKey{imap.SearchUnseen, imap.SearchUndeleted}}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Search(b.Context(), "a", cmd); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFetchVectorAllocs: a FETCH of UID and FLAGS allocates nothing per message.
func TestFetchVectorAllocs(t *testing.T) {
	s := fetchSession(t, 5000, io.Discard)
	cmd := &imap.Fetch{
		Set:   imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 0}}},
		Items: []imap.FetchAtt{{Kind: imap.FetchAttUID}, {Kind: imap.FetchAttFlags}},
	}
	allocs := testing.AllocsPerRun(10, func() {
		if err := s.Fetch(t.Context(), "a", cmd); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 50 {
		t.Errorf("%v allocations for 5,000 messages", allocs)
	}
}

func TestFetchVectorText(t *testing.T) {
	var out bytes.Buffer
	s := fetchSession(t, 3, &out)
	for _, kinds := range [][]imap.FetchAttKind{
		{imap.FetchAttFlags}, {imap.FetchAttUID}, {imap.FetchAttFlags, imap.FetchAttUID},
	} {
		cmd := &imap.Fetch{Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 2, Stop: 2}}}}
		for _, k := range kinds {
			cmd.Items = append(cmd.Items, imap.FetchAtt{Kind: k})
		}
		if err := s.Fetch(t.Context(), "a", cmd); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.out.flush()
	want := "* 2 FETCH (FLAGS (\\Seen \\Recent))\r\n* 2 FETCH (UID 2)\r\n* 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestFetchWithoutSummary: a store that keeps no summaries answers the same.
func TestFetchWithoutSummary(t *testing.T) {
	var answers [2]string
	for i, summarizer := range []store.Summarizer{{}, Summarizer()} {
		var out bytes.Buffer
		s := sessionOn(t, memstore.New(memstore.Options{Summarizer: summarizer}), 2, &out)
		cmd := &imap.Fetch{
			Set:   imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 0}}},
			Items: atts(imap.FetchAttEnvelope, imap.FetchAttBodyStructure, imap.FetchAttRFC822Header),
		}
		if err := s.Fetch(t.Context(), "a", cmd); err != nil {
			t.Fatal(err)
		}
		_ = s.out.flush()
		if n := len(s.found(t, &imap.SearchText{Field: imap.SearchTextKeyFrom, Value: "terry"})); n != 2 {
			t.Errorf("%d messages found", n)
		}
		answers[i] = out.String()
	}
	if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(answers[0], `("Terry Gray" NIL "gray" "cac.washington.edu")`) {
		t.Error(answers[0])
	}
}

// TestTooMuch: commands that would cost too much are refused.
func TestTooMuch(t *testing.T) {
	s := fetchSession(t, 1, io.Discard)
	patterns := make([]string, maxListPatterns+1)
	err := s.List(t.Context(), "a", &imap.List{Patterns: patterns})
	if st := statusOf(err); st.code != imap.CodeLimit {
		t.Errorf("LIST: %v", err)
	}
	keys := make([]imap.SearchKey, maxSearchKeys+1)
	for i := range keys {
		keys[i] = imap.SearchAll
	}
	err = s.Search(t.Context(), "a", &imap.Search{Keys: keys})
	if st := statusOf(err); st.code != imap.CodeLimit {
		t.Errorf("SEARCH: %v", err)
	}
}
