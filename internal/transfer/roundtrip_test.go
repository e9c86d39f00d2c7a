package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/maildir"
	"github.com/imapsrv/imapsrv/internal/mbox"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// openStore opens a store that does not wait for the disk.
func openStore(t testing.TB) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.TempDir(), sqlitestore.Options{
		Durability: sqlitestore.Relaxed, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newAccount(t testing.TB, s *sqlitestore.Store, id string) store.Account {
	t.Helper()
	if err := s.CreateAccount(t.Context(), id, store.Setup{}); err != nil {
		t.Fatal(err)
	}
	a, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// content is all that must survive, UIDs aside.
type content struct {
	Mailboxes     []mailbox
	Subscriptions []string
}

type mailbox struct {
	Name     string
	Use      store.SpecialUse
	Messages []string // which have the same EMAILID, dates, flags, octets
}

func contentOf(t testing.TB, a store.Account) (c content) {
	t.Helper()
	boxes, err := a.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.Subscriptions, err = a.Subscriptions(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := make(map[store.EmailID]string) // where an EMAILID was seen first
	for _, b := range boxes {
		box := mailbox{Name: b.Name, Use: b.Use}
		v, err := a.Load(t.Context(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		all := imap.UIDSet{{Start: 1, Stop: 1<<32 - 1}}
		for m, err := range a.Messages(t.Context(), b.ID, all, store.WantMetadata|store.WantBody) {
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(io.NewSectionReader(m.Body, 0, m.Body.Size()))
			if err != nil {
				t.Fatal(err)
			}
			_ = m.Body.Close() // it was only read
			flags := v.Flags(i).Names()
			slices.Sort(flags)
			if first[m.EmailID] == "" {
				first[m.EmailID] = fmt.Sprintf("%s:%d", b.Name, i)
			}
			box.Messages = append(box.Messages, fmt.Sprintf("%s %v %v %q %s", first[m.EmailID], m.InternalDate, m.SaveDate, flags, data))
			i++
		}
		c.Mailboxes = append(c.Mailboxes, box)
	}
	return c
}

// compare says what is different without printing megabytes.
func compare(t testing.TB, what string, want, got content) {
	t.Helper()
	short := func(c content) content {
		for i := range c.Mailboxes {
			c.Mailboxes[i].Messages = slices.Clone(c.Mailboxes[i].Messages)
			for j, m := range c.Mailboxes[i].Messages {
				if len(m) > 300 {
					c.Mailboxes[i].Messages[j] = fmt.Sprintf("%q… %d octets", m[:300], len(m))
				}
			}
		}
		return c
	}
	if cmp.Equal(want, got) {
		return
	}
	for i := range want.Mailboxes {
		if i >= len(got.Mailboxes) {
			break
		}
		for j, m := range want.Mailboxes[i].Messages {
			if j < len(got.Mailboxes[i].Messages) && got.Mailboxes[i].Messages[j] != m {
				t.Errorf("%s: message %d of %q differs", what, j, want.Mailboxes[i].Name)
			}
		}
	}
	t.Errorf("%s: %s", what, cmp.Diff(short(want), short(got)))
}

var oddNames = []string{
	"..", ".", "a..b", "../../../etc", "a/../..", "~", "~/x", "-rf", "CON", "con/aux.txt", "a.b/c.d", ".hidden", "trailing.",
	" space ", "%2F", "&", "&-", "a&AC4-b", "日本語/é", "*", `back\slash`, `"quoted"`, "a:2,S", "cur", "new/tmp", "cur/new",
	"INBOX/cur", "INBOX/INBOX", "Case", "case", "CASE/x", "case/y", "a.mbox", "a.mbox/b", "a", "a.sbd/b", "a/b", "imapsrv-account.json",
	"dovecot-keywords", "subscriptions", "x.jsonl", "x", "x.mbox.jsonl", strings.Repeat("long", 60), strings.Repeat("é", 120) + "/" + strings.Repeat("日", 100),
	"deep" + strings.Repeat("/d", 31), "emoji 😀", "name.part", "a\u0338/b",
}

var oddMessages = []string{
	"", "\n", "\r\n", "x", "no header at all", "\r\n\r\nbody", "Subject: x\r\n\r\n", "Subject: x\r\n\r\nFrom here\r\n>From there\r\n>>From\r\nFrom \r\n",
	"From x\r\nSubject: y\r\n\r\n", "Subject: bare\n\nlf\n", "mixed\r\nends\n\r\n\r\r\n", "\r", "\r\r\n", "a\rb\r\n", "NUL\x00\x00\r\n\r\n\x00",
	"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\r\n\r\n", "\r\nFrom MAILER-DAEMON Thu Jan  1 00:00:00 1970\r\n\r\n",
	"Status: RO\r\nX-Status: AFDT\r\nX-Keywords: stolen\r\nContent-Length: 3\r\n\r\nbody\r\n\r\n\r\n", "8-bit \xff\xfe\r\n\r\nü",
	"Subject: ends in From\r\n\r\nFrom", "Subject: ends in >\r\n\r\n>", ">From ", ">>>>From x", "From ",
}

var oddKeywords = []string{
	`\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, "$Forwarded", "$MDNSent", "$Junk", "$Phishing", "Word", "~x", "'", "a,b", "a:b", "-", "0",
}

func randomMessage(r *rand.Rand) []byte {
	switch r.IntN(5) {
	case 0:
		n := r.IntN(200_000)
		data := make([]byte, n)
		for i := range data {
			data[i] = ">From \r\n\x00x"[r.IntN(10)]
		}
		return data
	case 1:
		return []byte("Subject: long\r\n\r\n" + strings.Repeat(oddMessages[r.IntN(len(oddMessages))], r.IntN(3_000)))
	default:
		return []byte(oddMessages[r.IntN(len(oddMessages))])
	}
}

func randomDate(r *rand.Rand) imap.DateTime {
	return imap.DateTime{
		Year: uint16(1900 + r.IntN(300)), Month: uint8(1 + r.IntN(12)), Day: uint8(1 + r.IntN(28)),
		Hour: uint8(r.IntN(24)), Min: uint8(r.IntN(60)), Sec: uint8(r.IntN(60)), Zone: int16(r.IntN(26*60) - 12*60),
	}
}

// fill makes an account of what is odd.
func fill(t testing.TB, a store.Account, r *rand.Rand) {
	t.Helper()
	names := []string{store.Inbox}
	for _, i := range r.Perm(len(oddNames))[:r.IntN(len(oddNames)+1)] {
		names = append(names, oddNames[i])
	}
	for _, name := range names {
		use := store.SpecialUse(0)
		if r.IntN(3) == 0 {
			use = store.SpecialUse(1 << r.IntN(8))
		}
		b, err := a.Create(t.Context(), store.NewMailbox{Name: name, Use: use, Subscribe: r.IntN(2) == 0})
		if store.IsCode(err, store.AlreadyExists) {
			b, err = a.Lookup(t.Context(), name)
		}
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if name == store.Inbox {
			err := a.(interface {
				SetUse(context.Context, store.MailboxID, store.SpecialUse) error
			}).SetUse(t.Context(), b.ID, use)
			if err != nil {
				t.Fatal(err)
			}
		}
		var list []store.NewMessage
		for range r.IntN(8) {
			data := randomMessage(r)
			staged, err := a.Stage(t.Context(), bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			m := store.NewMessage{Body: staged, InternalDate: randomDate(r)}
			if r.IntN(4) > 0 {
				m.SaveDate = imap.DateTimeOf(time.Unix(r.Int64N(4e9), 0).UTC())
			}
			for _, k := range oddKeywords {
				if r.IntN(4) == 0 {
					m.Flags.AddName(k)
				}
			}
			for range r.IntN(3) * r.IntN(20) {
				m.Flags.AddName(fmt.Sprintf("word%d", r.IntN(60)))
			}
			for range 1 + r.IntN(2) { // the same message twice
				list = append(list, m)
			}
		}
		if _, err := a.Append(t.Context(), b.ID, list); err != nil {
			t.Fatal(err)
		}
		closeAll(list)
		copySome(t, a, r, names, b.ID)
	}
	for _, name := range names {
		if r.IntN(4) == 0 && name != store.Inbox {
			_ = a.Delete(t.Context(), name) // superiors that are no mailboxes, and subscriptions without one
		}
	}
	if err := a.Subscribe(t.Context(), "gone/tab-less"); err != nil {
		t.Fatal(err)
	}
}

// copySome copies messages of some mailbox, perhaps the same one.
func copySome(t testing.TB, a store.Account, r *rand.Rand, names []string, to store.MailboxID) {
	t.Helper()
	from, err := a.Lookup(t.Context(), names[r.IntN(len(names))])
	if store.IsCode(err, store.NonExistent) { // it comes later
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	start := imap.UID(1 + r.IntN(10))
	if _, err := a.Copy(t.Context(), from.ID, imap.UIDSet{{Start: start, Stop: start + imap.UID(r.IntN(5))}}, to); err != nil {
		t.Fatal(err)
	}
}

func closeAll(list []store.NewMessage) {
	for _, m := range list {
		_ = m.Body.Close() // appended
	}
}

// formats are the two kinds of directories.
var formats = []string{"maildir", "mbox"}

// export exports to a directory. after so many messages, if it is not 0, it fails.
func export(t testing.TB, a store.Account, format, dir string, after int) error {
	t.Helper()
	target, err := transfer.OpenTarget(dir, format, a.ID())
	if err != nil {
		return err
	}
	defer target.Close()
	var to interface {
		transfer.Receiver
		Abort()
	}
	var have transfer.Have
	if format == "maildir" {
		to, have, err = maildir.NewWriter(target, transfer.Listener{})
	} else {
		to, have, err = mbox.NewWriter(target, transfer.Listener{})
	}
	if err != nil {
		return err
	}
	defer to.Abort()
	return transfer.Export(t.Context(), a, have, failing(to, after), func(text string) { t.Error(text) })
}

// source is one of the readers.
type source interface {
	Send(context.Context, transfer.Receiver) error
	Close() error
}

func open(t testing.TB, format, dir string, warn func(string)) source {
	t.Helper()
	var s source
	var err error
	if format == "maildir" {
		s, err = maildir.Open(dir, warn)
	} else {
		s, err = mbox.Open(dir, store.Inbox, warn)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func importDir(t testing.TB, a store.Account, format, dir string, after int) (transfer.Progress, error) {
	t.Helper()
	warn := func(text string) { t.Error(text) }
	i := transfer.NewImporter(t.Context(), a, store.DefaultLimits(), transfer.Listener{Warn: warn})
	err := open(t, format, dir, warn).Send(t.Context(), failing(i, after))
	i.Abort()
	return i.Done(), err
}

// failing is a Receiver that fails after some messages.
func failing(to transfer.Receiver, after int) transfer.Receiver {
	if after == 0 {
		return to
	}
	return &failer{to, after}
}

type failer struct {
	transfer.Receiver
	left int
}

var errFailer = errors.New("enough")

func (f *failer) Message(m transfer.Message, octets io.Reader) error {
	if f.left--; f.left < 0 {
		_ = f.Receiver.Message(m, io.LimitReader(octets, m.Size/2)) // it is cut off
		return errFailer
	}
	return f.Receiver.Message(m, octets)
}

// TestRoundTrip: export and import give the same account, also when both are interrupted and go on, and when the
// messages went through a stream.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(3) {
		for _, format := range formats {
			t.Run(fmt.Sprint(format, seed), func(t *testing.T) { roundTrip(t, format, seed) })
		}
	}
}

func roundTrip(t *testing.T, format string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	s := openStore(t)
	a := newAccount(t, s, "from")
	fill(t, a, r)
	want := contentOf(t, a)
	dir := filepath.Join(t.TempDir(), "out")
	for range r.IntN(3) {
		if err := export(t, a, format, dir, 1+r.IntN(40)); err != nil && !errors.Is(err, errFailer) {
			t.Fatal(err)
		} else if err == nil {
			break
		}
	}
	if err := export(t, a, format, dir, 0); err != nil && !errors.Is(err, transfer.ErrTaken) {
		t.Fatal(err)
	}
	stayedInside(t, dir)
	if err := export(t, a, format, dir, 0); !errors.Is(err, transfer.ErrTaken) {
		t.Errorf("an export to a complete one: %v", err)
	}
	b := newAccount(t, s, "to")
	for range r.IntN(3) {
		if _, err := importDir(t, b, format, dir, 1+r.IntN(40)); err != nil && !errors.Is(err, errFailer) {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		if _, err := importDir(t, b, format, dir, 0); err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprint("import ", round), want, contentOf(t, b))
	}
}

// stayedInside checks that nothing was written beside the directory, and that nothing in it is a link.
func stayedInside(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the directory: %v, %v", entries, err)
	}
	if _, err := os.Stat("/etc.mbox"); err == nil {
		t.Error("escaped")
	}
}

// TestStream: a stream between two accounts.
func TestStream(t *testing.T) {
	r := rand.New(rand.NewPCG(99, 1))
	s := openStore(t)
	a, b := newAccount(t, s, "from"), newAccount(t, s, "to")
	fill(t, a, r)
	var stream bytes.Buffer
	if err := transfer.Export(t.Context(), a, nil, transfer.NewWriter(&stream), nil); err != nil {
		t.Fatal(err)
	}
	data := stream.Bytes()
	for range 15 { // cut off anywhere, it is an error, and no message is half there
		c := transfer.NewImporter(t.Context(), b, store.DefaultLimits(), transfer.Listener{})
		if err := transfer.Read(bytes.NewReader(data[:r.IntN(len(data)-1)]), c, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a stream that is cut off: %v", err)
		}
		c.Abort()
	}
	i := transfer.NewImporter(t.Context(), b, store.DefaultLimits(), transfer.Listener{})
	if err := transfer.Read(bytes.NewReader(data), i, nil); err != nil {
		t.Fatal(err)
	}
	compare(t, "stream", contentOf(t, a), contentOf(t, b))
}

// TestLarge: messages of 10 MB, one of them a single line, one of bare LF, one to be quoted everywhere.
func TestLarge(t *testing.T) {
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			s := openStore(t)
			a, b := newAccount(t, s, "from"), newAccount(t, s, "to")
			inbox, err := a.Lookup(t.Context(), store.Inbox)
			if err != nil {
				t.Fatal(err)
			}
			var list []store.NewMessage
			for i, unit := range []string{"x", "\n", "From \r\n"} {
				data := strings.Repeat(unit, 10_000_000/len(unit))
				staged, err := a.Stage(t.Context(), strings.NewReader(data), int64(len(data)))
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, store.NewMessage{Body: staged, InternalDate: imap.DateTime{Year: 2000, Month: 1, Day: uint8(i + 1)}})
			}
			if _, err := a.Append(t.Context(), inbox.ID, list); err != nil {
				t.Fatal(err)
			}
			closeAll(list)
			dir := filepath.Join(t.TempDir(), "out")
			if err := export(t, a, format, dir, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := importDir(t, b, format, dir, 0); err != nil {
				t.Fatal(err)
			}
			compare(t, "large", contentOf(t, a), contentOf(t, b))
		})
	}
}
