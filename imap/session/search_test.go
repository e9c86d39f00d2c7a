package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// variedSession has a mailbox whose messages differ in all that keys ask about.
func variedSession(t *testing.T) *session {
	s := fetchSession(t, 1, io.Discard)
	rng := rand.New(rand.NewPCG(3, 4))
	words := []string{"alpha", "beta", "gamma", "Grüße"}
	word := func() string { return words[rng.IntN(len(words))] }
	keywords := []string{`\Seen`, `\Flagged`, `\Deleted`, `\Draft`, `\Answered`, "work", "$Junk"}
	inbox, err := s.hub.acct.Lookup(t.Context(), imap.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	for range 700 { // more than one chunk
		octets := fmt.Sprintf("Date: %d Jan 2020 10:00:00 +0000\r\nFrom: %s@example.org\r\nSubject: %s\r\nX-A: %s\r\n\r\n%s %s\r\n",
			1+rng.IntN(4), word(), word(), word(), word(), strings.Repeat("x", rng.IntN(40)))
		msg := store.NewMessage{InternalDate: imap.DateTime{Year: 2020, Month: 1, Day: uint8(1 + rng.IntN(4))}}
		for _, k := range keywords {
			if rng.IntN(3) == 0 {
				msg.Flags.AddName(k)
			}
		}
		if msg.Body, err = s.hub.acct.Stage(t.Context(), bytes.NewReader([]byte(octets)), int64(len(octets))); err != nil {
			t.Fatal(err)
		}
		if _, err := s.hub.acct.Append(context.Background(), inbox.ID, []store.NewMessage{msg}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Select(t.Context(), "", &imap.Select{Mailbox: "INBOX"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func searchLeaves() []imap.SearchKey {
	day := imap.Date{Year: 2020, Month: 1, Day: 2}
	return []imap.SearchKey{
		imap.SearchSeen, imap.SearchUnflagged, imap.SearchDeleted, imap.SearchNew,
		&imap.SearchKeyword{Keyword: "WORK"}, &imap.SearchKeyword{Keyword: "$junk", Not: true},
		&imap.SearchSet{Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 5, Stop: 300}, {Start: 500, Stop: 0}}}},
		&imap.SearchSet{UID: true, Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 200, Stop: 9999}}}},
		&imap.SearchSize{Op: imap.SearchSizeKeyLarger, Size: 120},
		&imap.SearchDate{Op: imap.SearchDateKeySince, Date: day}, &imap.SearchDate{Op: imap.SearchDateKeySentOn, Date: day},
		&imap.SearchText{Field: imap.SearchTextKeyFrom, Value: "ALPHA"}, &imap.SearchText{Field: imap.SearchTextKeySubject, Value: "grüsse"},
		&imap.SearchText{Field: imap.SearchTextKeyBody, Value: "beta"}, &imap.SearchText{Field: imap.SearchTextKeyText, Value: "gamma"},
		&imap.SearchHeader{Field: "X-A", Value: "alp"}, &imap.SearchHeader{Field: "Subject", Value: "bet"},
	}
}

// found returns the numbers that a search finds.
func (s *session) found(t *testing.T, keys ...imap.SearchKey) []uint32 {
	t.Helper()
	hits, err := s.search(t.Context(), &imap.Search{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return hits.nums(false)
}

// naive combines the results of leaves, which are asked for one at a time.
type naive struct {
	all    []uint32
	leaves map[imap.SearchKey][]uint32
}

func (n *naive) find(key imap.SearchKey) []uint32 {
	switch k := key.(type) {
	case *imap.SearchAnd:
		result := n.all
		for _, kid := range k.Keys {
			set := n.find(kid)
			result = slices.DeleteFunc(slices.Clone(result), func(x uint32) bool { return !slices.Contains(set, x) })
		}
		return result
	case *imap.SearchOr:
		both := slices.Concat(n.find(k.A), n.find(k.B))
		slices.Sort(both)
		return slices.Compact(both)
	case *imap.SearchNot:
		set := n.find(k.Key)
		return slices.DeleteFunc(slices.Clone(n.all), func(x uint32) bool { return slices.Contains(set, x) })
	}
	return n.leaves[key]
}

// randomKey makes a tree of keys.
func randomKey(rng *rand.Rand, leaves []imap.SearchKey, depth int) imap.SearchKey {
	if depth == 0 || rng.IntN(4) == 0 {
		return leaves[rng.IntN(len(leaves))]
	}
	switch rng.IntN(3) {
	case 0:
		return &imap.SearchNot{Key: randomKey(rng, leaves, depth-1)}
	case 1:
		return &imap.SearchOr{A: randomKey(rng, leaves, depth-1), B: randomKey(rng, leaves, depth-1)}
	}
	keys := make([]imap.SearchKey, 1+rng.IntN(4))
	for i := range keys {
		keys[i] = randomKey(rng, leaves, depth-1)
	}
	return &imap.SearchAnd{Keys: keys}
}

// TestSearchTrees: what is read in which order never changes the result.
func TestSearchTrees(t *testing.T) {
	s := variedSession(t)
	leaves := searchLeaves()
	n := naive{all: s.found(t, imap.SearchAll), leaves: map[imap.SearchKey][]uint32{}}
	for _, l := range leaves {
		n.leaves[l] = s.found(t, l)
		if len(n.leaves[l]) == 0 || len(n.leaves[l]) == len(n.all) {
			t.Errorf("%#v finds %d of %d messages, which tests little", l, len(n.leaves[l]), len(n.all))
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		key := randomKey(rng, leaves, 4)
		want := n.find(key)
		if diff := cmp.Diff(want, s.found(t, key)); diff != "" && len(want) > 0 {
			t.Fatalf("%v: %s", key, diff)
		}
		and := []imap.SearchKey{key, leaves[rng.IntN(len(leaves))], leaves[rng.IntN(len(leaves))]}
		forward := s.found(t, and...)
		slices.Reverse(and)
		if diff := cmp.Diff(forward, s.found(t, and...)); diff != "" {
			t.Fatalf("reversed: %s", diff)
		}
	}
}

func TestSearchSaved(t *testing.T) {
	hits := searchHits{uids: []imap.UID{3, 4, 9}, seqs: []imap.SeqNum{1, 2, 3}}
	const (
		least = imap.SearchReturnHasMin
		most  = imap.SearchReturnHasMax
		all   = imap.SearchReturnHasAll
		count = imap.SearchReturnHasCount
	)
	tests := []struct {
		options imap.SearchReturnHas
		want    string
	}{
		{0, "3:4,9"}, {least, "3"}, {most, "9"}, {least | most, "3,9"}, {all, "3:4,9"},
		{least | all, "3:4,9"}, {most | count, "3:4,9"}, {least | most | count, "3:4,9"},
	}
	for _, tt := range tests {
		if got := hits.saved(tt.options).String(); got != tt.want {
			t.Errorf("options %b: %s, want %s", tt.options, got, tt.want)
		}
	}
	one := searchHits{uids: []imap.UID{3}}
	if got := one.saved(least | most).String(); got != "3" {
		t.Errorf("one hit: %s", got)
	}
	var none searchHits
	if got := none.saved(least | most); len(got) != 0 {
		t.Errorf("no hits: %s", got)
	}
}

func TestSearchText(t *testing.T) {
	tests := []struct{ charset, in, want string }{
		{"", "Grüße", "Grüße"},
		{"utf-8", "Grüße", "Grüße"},
		{"US-ASCII", "x", "x"},
		{"iso-8859-1", "Gr\xfc\xdfe", "Grüße"},
		{"windows-1252", "\x80", "€"},
		{"KOI8-R", "\xcf\xd4\xd0\xd5\xd3\xcb", "отпуск"},
		{"ISO-2022-JP", "\x1b$B$\"\x1b(B", "あ"},
		{"UTF-16BE", "\x04\x3e", "о"},
	}
	for _, tt := range tests {
		decode, err := searchText(tt.charset)
		if err != nil {
			t.Errorf("%s: %v", tt.charset, err)
			continue
		}
		if got, err := decode(tt.in); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", tt.charset, got, err, tt.want)
		}
	}
	for _, charset := range []string{"X-NONE", "UTF-7"} {
		if _, err := searchText(charset); err == nil {
			t.Errorf("%q is accepted", charset)
		}
	}
}
