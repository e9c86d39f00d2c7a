package storetest

import (
	"fmt"
	"math"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

var flagTests = []group{
	{name: "StoreFlags", test: testStoreFlags},
	{name: "StoreNothing", test: testStoreNothing},
	{name: "StoreUnchangedSince", test: testUnchangedSince},
	{name: "StoreKeywords", test: testKeywords, config: Config{Limits: store.Limits{Keywords: 3, KeywordLength: 8}}},
	{name: "StoreManyFlagSets", test: testManyFlagSets},
}

func testStoreFlags(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 5, `\Seen`, "word")
	before := e.modseq()
	table := []struct {
		op    store.FlagOp
		flags []string
		want  string
	}{
		{store.FlagsAdd, []string{`\Deleted`, "Other"}, `(\Deleted \Seen Other word)`},
		{store.FlagsRemove, []string{`\Seen`, "WORD", "never"}, `(\Deleted Other)`},
		{store.FlagsReplace, []string{`\Draft`, "WORD", "$Junk"}, `(\Draft $Junk word)`},
		{store.FlagsReplace, nil, `()`},
		{store.FlagsReplace, []string{`\Recent`, `\*`, `\Answered`}, `(\Answered)`},
	}
	for i, row := range table {
		modseq := before + imap.ModSeq(i) + 1
		res := e.storeFlags(id, imap.UIDSet{{Start: 4, Stop: 4}, {Start: 3, Stop: 2}, {Start: 3, Stop: 4}}, row.op, row.flags...)
		e.same("UIDs", res.Changed.UIDs, []imap.UID{2, 3, 4})
		e.same("MODSEQ", res.ModSeq, modseq)
		e.same("MODSEQs", res.Changed.ModSeqs, []imap.ModSeq{modseq, modseq, modseq})
		e.same("flags", flagsOf(&res.Changed), []string{row.want, row.want, row.want})
		v := e.load(id)
		e.same("stored flags", flagsOf(&v.Messages), []string{`(\Seen word)`, row.want, row.want, row.want, `(\Seen word)`})
		e.same("HIGHESTMODSEQ", v.Mailbox.HighestModSeq, modseq)
		e.same("MODSEQ of the others", v.ModSeqs[0], before)
	}
}

// testStoreNothing: what changes nothing takes no MODSEQ.
func testStoreNothing(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 3, `\Seen`, "word")
	v := e.load(id)
	none := func(set imap.UIDSet, op store.FlagOp, flags ...string) {
		e.Helper()
		res := e.storeFlags(id, set, op, flags...)
		e.same("changed", res.Changed.Len(), 0)
		e.same("MODSEQ", res.ModSeq, e.modseq())
	}
	none(every, store.FlagsAdd, `\seen`)
	none(every, store.FlagsAdd)
	none(every, store.FlagsRemove, `\Draft`, "other")
	none(every, store.FlagsReplace, "WORD", `\Seen`)
	none(every, store.FlagsAdd, `\Recent`)
	none(span(4, 1000), store.FlagsAdd, `\Draft`)
	none(nil, store.FlagsAdd, `\Draft`)
	e.same("mailbox", e.load(id), v)

	// Only those that change are told and get the MODSEQ.
	e.storeFlags(id, uids(2), store.FlagsRemove, `\Seen`)
	res := e.storeFlags(id, every, store.FlagsAdd, `\Seen`)
	e.same("changed", res.Changed.UIDs, []imap.UID{2})
	e.same("MODSEQs", e.load(id).ModSeqs[2], v.ModSeqs[2])
}

func testUnchangedSince(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 6)
	start := e.modseq()
	e.storeFlags(id, uids(2, 3), store.FlagsAdd, `\Seen`)
	e.expunge(id, uids(5))
	change := store.FlagChange{
		Op: store.FlagsAdd, Flags: imap.FlagsOf(`\Seen`), Conditional: true, UnchangedSince: start,
	}
	before := e.modseq()
	res, err := e.acct.StoreFlags(e.ctx, id, span(1, 5), change)
	e.ok(err)
	e.same("changed", res.Changed.UIDs, []imap.UID{1, 4})
	e.same("modified", res.Modified, span(2, 3))
	e.same("MODSEQ", res.ModSeq, before+1)

	change.UnchangedSince = 0 // fails for every message that exists
	res, err = e.acct.StoreFlags(e.ctx, id, every, change)
	e.ok(err)
	e.same("changed", res.Changed.Len(), 0)
	e.same("modified", res.Modified, imap.UIDSet{{Start: 1, Stop: 4}, {Start: 6, Stop: 6}})
	change.UnchangedSince = math.MaxUint64
	change.Flags = imap.FlagsOf(`\Draft`)
	res, err = e.acct.StoreFlags(e.ctx, id, every, change)
	e.ok(err)
	e.same("changed", res.Changed.Len(), 5)
	e.same("modified", res.Modified, imap.UIDSet(nil))
}

func testKeywords(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 3)
	e.storeFlags(id, uids(1), store.FlagsAdd, "a", "b")
	e.storeFlags(id, uids(2), store.FlagsAdd, "c", "$Junk")
	before := e.load(id)
	refuse := func(op store.FlagOp, flags ...string) {
		e.Helper()
		_, err := e.acct.StoreFlags(e.ctx, id, every, store.FlagChange{Op: op, Flags: imap.FlagsOf(flags...)})
		e.want(err, store.Limit)
	}
	refuse(store.FlagsAdd, "d")
	refuse(store.FlagsReplace, "a", "d")
	refuse(store.FlagsAdd, "too-long-a-keyword")
	e.same("mailbox", e.load(id), before)
	_, err := e.acct.StoreFlags(e.ctx, id, nil, store.FlagChange{Flags: imap.FlagsOf("d")})
	e.ok(err) // nothing to change
	e.storeFlags(id, every, store.FlagsAdd, "A", "B", "C", "$NotJunk")
	e.storeFlags(id, every, store.FlagsRemove, "d", "too-long-a-keyword")

	// A keyword counts only while a message has it.
	e.storeFlags(id, every, store.FlagsRemove, "b", "c")
	e.storeFlags(id, uids(1), store.FlagsAdd, "d", "C")
	e.same("flags", flagsOf(&e.load(id).Messages), []string{
		"($NotJunk a C d)", "($Junk $NotJunk a)", "($NotJunk a)",
	})
	e.expunge(id, uids(1))
	e.storeFlags(id, every, store.FlagsAdd, "e", "f")
}

// testManyFlagSets goes through thousands of different sets, as a client
// might that wants to fill memory.
func testManyFlagSets(e *env) {
	id := e.lookup("INBOX").ID
	e.fill(id, 4)
	want := make([]imap.FlagSet, 4)
	for i := range 3000 {
		var flags []string
		for bit := range 12 {
			if i&(1<<bit) != 0 {
				flags = append(flags, fmt.Sprintf("k%02d", bit))
			}
		}
		want[i%4] = imap.FlagsOf(flags...)
		e.storeFlags(id, uids(imap.UID(i%4+1)), store.FlagsReplace, flags...)
		v := e.load(id)
		for k := range want {
			if got := v.Flags(k); !got.Equal(want[k]) {
				e.Fatalf("step %d: UID %d has flags %v, want %v", i, k+1, got, want[k])
			}
		}
	}
	if n := len(e.load(id).FlagSets); n > 2000 {
		e.Errorf("%d sets of flags are kept for 4 messages", n)
	}
}
