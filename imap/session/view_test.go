package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// testMailbox is a mailbox with these UIDs, without flags and without a store.
func testMailbox(uids ...imap.UID) *mailbox {
	m := newMailbox(nil, 1)
	m.load(&store.Vector{
		Mailbox: store.Mailbox{HighestModSeq: 1},
		Messages: store.Messages{
			UIDs: uids, ModSeqs: make([]imap.ModSeq, len(uids)), FlagRefs: make([]uint32, len(uids)),
			FlagSets: []imap.FlagSet{{}},
		},
	})
	return m
}

// list writes a view as "seq:uid" with "!" for what is gone.
func list(v *view, set imap.UIDSet) string {
	var b strings.Builder
	for m := range v.messages(set) {
		fmt.Fprintf(&b, " %d:%d", m.Seq, m.UID)
		if m.Gone {
			b.WriteByte('!')
		}
	}
	return strings.TrimSpace(b.String())
}

func vanish(m *mailbox, set imap.UIDSet) {
	m.apply(&store.Delta{Mailbox: store.Mailbox{HighestModSeq: 2}, Vanished: set})
}

func grow(m *mailbox, uids ...imap.UID) {
	m.apply(&store.Delta{Changed: store.Messages{
		UIDs: uids, ModSeqs: make([]imap.ModSeq, len(uids)), FlagRefs: make([]uint32, len(uids)),
		FlagSets: []imap.FlagSet{{}},
	}})
}

func TestViewKeepsItsNumbers(t *testing.T) {
	m := testMailbox(2, 3, 5, 7, 11, 13)
	v := &view{m: m}
	m.attach(v, false)
	vanish(m, imap.UIDSet{{Start: 1, Stop: 3}, {Start: 7, Stop: 7}})
	grow(m, 17, 19)
	vanish(m, imap.UIDSet{{Start: 19, Stop: 19}}) // nobody was told of it
	if got, want := list(v, v.all()), "1:2! 2:3! 3:5 4:7! 5:11 6:13"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if u := v.collect(tellButExpunge); u.exists != 7 || !u.grown || u.expunged != nil {
		t.Errorf("%+v", u)
	}
	if got, want := list(v, v.all()), "1:2! 2:3! 3:5 4:7! 5:11 6:13 7:17"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	u := v.collect(tellAll)
	if d := cmp.Diff([]imap.SeqNum{1, 2, 4}, u.expunged); d != "" || u.grown {
		t.Error(d, u.grown)
	}
	if got, want := list(v, v.all()), "1:5 2:11 3:13 4:17"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestResolve(t *testing.T) {
	m := testMailbox(2, 3, 5, 7, 11, 13)
	v := &view{m: m}
	m.attach(v, false)
	vanish(m, imap.UIDSet{{Start: 5, Stop: 5}, {Start: 13, Stop: 13}})
	grow(m, 17)
	tests := []struct {
		set  string
		uid  bool
		want string // "" is an error
	}{
		{"1", false, "1:2"},
		{"1:*", false, "1:2 2:3 3:5! 4:7 5:11 6:13!"},
		{"*", false, "6:13!"},
		{"*:4", false, "4:7 5:11 6:13!"},
		{"3,1,1:2,3", false, "1:2 2:3 3:5!"},
		{"2,4", false, "2:3 4:7"},
		{"7", false, ""},
		{"6:7", false, ""},
		{"1:7", false, ""},
		{"5", true, "3:5!"},
		{"4", true, "none"},
		{"4:6", true, "3:5!"},
		{"*", true, "6:13!"},
		{"100:*", true, "6:13!"},
		{"*:100", true, "6:13!"},
		{"14:17", true, "none"}, // not told yet
		{"4294967295", true, "none"},
		{"1:4294967295", true, "1:2 2:3 3:5! 4:7 5:11 6:13!"},
	}
	for _, tt := range tests {
		uids, err := v.resolve(parseSet(t, tt.set), tt.uid)
		got := list(v, uids)
		if got == "" {
			got = "none"
		}
		if err != nil {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s (UID: %v): %q, want %q", tt.set, tt.uid, got, tt.want)
		}
	}
}

// parseSet decodes a sequence-set.
func parseSet(t *testing.T, set string) imap.SequenceSet {
	t.Helper()
	var d imap.Decoder
	_, cmd, err := d.Command(imap.Frame{Bytes: []byte("a FETCH " + set + " FLAGS\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	return cmd.(*imap.Fetch).Set
}

// TestViewWhileTheMailboxChanges changes the mailbox between the chunks of a
// walk: numbers and messages stay those of the view.
func TestViewWhileTheMailboxChanges(t *testing.T) {
	uids := make([]imap.UID, 3*chunkSize)
	for i := range uids {
		uids[i] = imap.UID(2 * (i + 1))
	}
	m := testMailbox(uids...)
	v := &view{m: m}
	m.attach(v, false)
	seen := 0
	for chunk := range v.chunks(v.all()) {
		for _, msg := range chunk {
			seen++
			if int(msg.Seq) != seen || int(msg.UID) != 2*seen {
				t.Fatalf("message %d is %d:%d", seen, msg.Seq, msg.UID)
			}
		}
		middle := chunk[len(chunk)/2].UID
		vanish(m, imap.UIDSet{{Start: middle, Stop: middle + 2*chunkSize}})
		grow(m, imap.UID(10_000+seen))
	}
	if seen != len(uids) {
		t.Errorf("%d messages, want %d", seen, len(uids))
	}
}

func TestChanges(t *testing.T) {
	var c changes
	for i := range 3 * maxBatches {
		c.add(imap.ModSeq(i+1), imap.UID(i+1))
	}
	if len(c.batches) > maxBatches {
		t.Errorf("%d batches", len(c.batches))
	}
	if got := c.all().Len(); got != 3*maxBatches {
		t.Errorf("%d messages", got)
	}
	var one changes
	one.add(7, 1)
	one.add(7, 2)
	one.add(9, 5)
	one.forget(7)
	if got := one.all().String(); got != "5" {
		t.Error(got)
	}
	c.merge(one)
	one.forget(9)
	if got := c.all().Len(); got != 3*maxBatches || one.all() != nil && len(one.all()) != 0 {
		t.Errorf("%d messages, %v", got, one.all())
	}
}

func TestFlagTable(t *testing.T) {
	var table flagTable
	table.reset()
	var refs []uint32
	for i := range 2 * compactAbove {
		refs = append(refs, table.ref(imap.FlagsOf(fmt.Sprintf("k%d", i))))
	}
	keep := []uint32{refs[3], refs[5], refs[3]}
	table.compact(keep)
	if len(table.entries) != 2 || keep[0] != keep[2] || table.at(keep[1]).Text != "(k5)" {
		t.Errorf("%d entries, %v", len(table.entries), keep)
	}
	evil := newFlags(imap.FlagSet{Bits: imap.FlagSeen, Other: []string{"fine", "a b", "x)\r\n* BYE", "", `\Ext`, "é"}})
	if evil.Text != `(\Seen fine \Ext)` || !strings.Contains(evil.Recent, `\Recent`) {
		t.Errorf("%q %q", evil.Text, evil.Recent)
	}
}

// FuzzView compares a view with a list, whatever happens to the mailbox.
func FuzzView(f *testing.F) {
	f.Add([]byte{1, 2, 3, 250, 4, 5, 251, 252})
	f.Fuzz(func(t *testing.T, steps []byte) {
		m := testMailbox(1, 2, 3, 4, 5)
		v := &view{m: m}
		m.attach(v, false)
		told := []imap.UID{1, 2, 3, 4, 5}
		next := imap.UID(6)
		for _, s := range steps {
			switch {
			case s >= 252:
				grow(m, next)
				next++
			case s >= 248:
				told = follow(t, v, told, tellable(1+s%2))
			default:
				vanish(m, imap.UIDSet{{Start: imap.UID(s % 32), Stop: imap.UID(s%32) + imap.UID(s/64)}})
			}
			checkView(t, v, told)
		}
	})
}

// follow does what a client does with updates.
func follow(t *testing.T, v *view, told []imap.UID, what tellable) []imap.UID {
	u := v.collect(what)
	for i, seq := range u.expunged {
		at := int(seq) - i - 1
		told = append(told[:at:at], told[at+1:]...)
	}
	if u.grown {
		for seq := len(told) + 1; seq <= int(u.exists); seq++ {
			told = append(told, v.uidAt(uint32(seq)))
		}
	}
	if int(u.exists) != len(told) {
		t.Fatalf("EXISTS %d, the client counts %d", u.exists, len(told))
	}
	return told
}

func checkView(t *testing.T, v *view, told []imap.UID) {
	i := 0
	for m := range v.messages(v.all()) {
		if i == len(told) || told[i] != m.UID || int(m.Seq) != i+1 {
			t.Fatalf("message %d is %d:%d, the client knows %v", i+1, m.Seq, m.UID, told)
		}
		i++
	}
	if i != len(told) || v.len() != len(told) {
		t.Fatalf("%d messages, the client knows %v", i, told)
	}
}
