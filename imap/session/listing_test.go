package session

import (
	"bytes"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// listed are messages whose ENVELOPE and BODYSTRUCTURE are said in all ways there are.
var listed = map[string]string{
	"plain":   "From: Fred Foobar <foobar@example.org>\r\nTo: mooch@example.com\r\nSubject: afternoon meeting\r\n\r\nHello\r\n",
	"nothing": "\r\n",
	"quotes":  "From: \"a \\\"b\\\" c\" <a@example.org>\r\nSubject: \"\\\r\n\r\n",
	"UTF-8":   "From: Jörg <jörg@example.org>\r\nSubject: Grüße\r\n\r\nx",
	"Latin-1": "From: J\xf6rg <a@example.org>\r\nSubject: Gr\xfc\xdfe\r\n\r\nx",
	"control": "From: a@example.org\r\nSubject: a\x01b\r\n\r\nx",
	"global":  "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/global\r\n\r\nSubject: y\r\n\r\nz\r\n--b--\r\n",
	"long":    "Subject: " + strings.Repeat("long ", 2000) + "\r\nTo: " + strings.Repeat("a@example.org, ", 1000) + "b@example.org\r\n\r\nx",
	"parts": "Subject: x\r\nContent-Type: multipart/mixed; boundary=b; x=\"a b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n" +
		"Content-Language: de, en\r\nContent-Disposition: attachment; filename=\"a\\\"b\"\r\n\r\nz\r\n--b\r\nContent-ID: <x>\r\n\r\n--b--\r\n",
}

// listedQuestions are items that are asked for alone, together, and beside others.
var listedQuestions = [][]imap.FetchAttKind{
	{imap.FetchAttEnvelope},
	{imap.FetchAttBodyStructure},
	{imap.FetchAttEnvelope, imap.FetchAttBodyStructure},
	{imap.FetchAttBodyStructure, imap.FetchAttUID, imap.FetchAttFlags, imap.FetchAttEnvelope},
	{imap.FetchAttEnvelope, imap.FetchAttRFC822Size, imap.FetchAttUID},
	{imap.FetchAttEnvelope, imap.FetchAttBody},
	{imap.FetchAttEnvelope, imap.FetchAttRFC822Header},
}

// TestListing: what is sent from listings is what is made of messages, whatever the client has enabled.
func TestListing(t *testing.T) {
	summaries := Summarizer()
	summaries.Summarize = func(r io.ReaderAt, size int64) (summary, listing []byte, err error) {
		summary, _, err = summarize(r, size)
		return summary, nil, err
	}
	broken := Summarizer()
	broken.Summarize = func(r io.ReaderAt, size int64) (summary, listing []byte, err error) {
		summary, listing, err = summarize(r, size)
		return summary, listing[:len(listing)/2], err
	}
	for name, text := range listed {
		for _, enabled := range []struct{ rev2, utf8 bool }{{false, false}, {false, true}, {true, true}} {
			want := fetchListed(t, store.Summarizer{}, text, enabled.rev2, enabled.utf8)
			for how, summarizer := range map[string]store.Summarizer{
				"listing": Summarizer(), "summary": summaries, "half a listing": broken,
			} {
				got := fetchListed(t, summarizer, text, enabled.rev2, enabled.utf8)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %v, %s: %s", name, enabled, how, diff)
				}
			}
		}
	}
}

// fetchListed asks all questions about a message and returns the items of each answer.
func fetchListed(t *testing.T, summarizer store.Summarizer, text string, rev2, utf8 bool) (answers []imap.FetchData) {
	t.Helper()
	var out bytes.Buffer
	mail := memstore.New(memstore.Options{Summarizer: summarizer})
	s := sessionOn(t, mail, 0, &out)
	inbox, err := s.hub.acct.Lookup(t.Context(), imap.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	body, err := s.hub.acct.Stage(t.Context(), strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.hub.acct.Append(t.Context(), inbox.ID, []store.NewMessage{{Body: body}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Select(t.Context(), "", &imap.Select{Mailbox: "INBOX"}); err != nil {
		t.Fatal(err)
	}
	_ = s.out.flush()
	s.rev2 = rev2
	if utf8 {
		s.out.setRev2()
	}
	for _, kinds := range listedQuestions {
		out.Reset()
		cmd := &imap.Fetch{Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 1}}}, Items: atts(kinds...)}
		if err := s.Fetch(t.Context(), "a", cmd); err != nil {
			t.Fatal(err)
		}
		_ = s.out.flush()
		answers = append(answers, parseFetch(t, out.Bytes()))
	}
	return answers
}

// parseFetch reads a FETCH response, whose items may have any order.
func parseFetch(t *testing.T, response []byte) imap.FetchData {
	t.Helper()
	frame, err := imap.NewReader(bytes.NewReader(response), imap.Server, imap.Limits{}).Next()
	if err != nil {
		t.Fatalf("%q: %v", response, err)
	}
	var d imap.Decoder
	got, err := d.Response(frame)
	if err != nil {
		t.Fatalf("%q: %v", response, err)
	}
	return *got.(*imap.FetchData)
}

// TestListingVersion notices when the encoder writes what is listed in another way: then listingVersion must change, and
// after that the sum here.
func TestListingVersion(t *testing.T) {
	sum := crc32.NewIEEE()
	for _, name := range []string{"plain", "nothing", "quotes", "UTF-8", "Latin-1", "global", "parts"} {
		listing := makeListing(mime.ParseBytes([]byte(listed[name])))
		if listing == nil {
			t.Errorf("%s: no listing", name)
		}
		_, _ = sum.Write(listing) // never fails
	}
	if got := sum.Sum32(); got != listingSum {
		t.Errorf("the sum of listings of version %d is %#x, not %#x", listingVersion, got, listingSum)
	}
}

const listingSum = 0x3a39006c

// TestFetchListedAllocs: a FETCH of what is listed allocates next to nothing per message.
func TestFetchListedAllocs(t *testing.T) {
	s := fetchSession(t, 5000, io.Discard)
	cmd := &imap.Fetch{
		Set:   imap.SequenceSet{Ranges: []imap.NumRange{{Start: 1, Stop: 0}}},
		Items: atts(imap.FetchAttUID, imap.FetchAttEnvelope, imap.FetchAttBodyStructure),
	}
	allocs := testing.AllocsPerRun(10, func() {
		if err := s.Fetch(t.Context(), "a", cmd); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 5000+100 {
		t.Errorf("%v allocations for 5,000 messages", allocs)
	}
}
