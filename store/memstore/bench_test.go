package memstore_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// everything has every UID.
var everything = imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}

// filled opens a store whose INBOX has n messages.
func filled(b *testing.B, n int) (store.Account, store.MailboxID) {
	_, a, id := open(b, memstore.Options{})
	msgs := make([]store.NewMessage, n)
	body := stage(b, a, 100)
	for i := range msgs {
		msgs[i] = store.NewMessage{Body: body}
		if i%3 == 0 {
			msgs[i].Flags = imap.FlagsOf(`\Seen`, "word")
		}
	}
	if _, err := a.Append(b.Context(), id, msgs); err != nil {
		b.Fatal(err)
	}
	return a, id
}

// BenchmarkMailbox measures what an engine does to mailboxes of two sizes.
func BenchmarkMailbox(b *testing.B) {
	for _, n := range []int{50_000, 500_000} {
		a, id := filled(b, n)
		ctx := b.Context()
		check := func(err error) {
			if err != nil {
				b.Fatal(err)
			}
		}
		run := func(name string, f func(i int)) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for i := range b.N {
					f(i)
				}
			})
		}
		run("Load", func(int) {
			_, err := a.Load(ctx, id)
			check(err)
		})
		run("StoreAll", func(i int) {
			_, err := a.StoreFlags(ctx, id, everything, store.FlagChange{
				Op: store.FlagOp(1 + i%2), Flags: imap.FlagsOf(`\Flagged`),
			})
			check(err)
		})
		run("StoreOne", func(i int) {
			one := imap.UIDSet{{Start: 77, Stop: 77}}
			_, err := a.StoreFlags(ctx, id, one, store.FlagChange{
				Op: store.FlagOp(1 + i%2), Flags: imap.FlagsOf(`\Flagged`),
			})
			check(err)
		})
		run("Delta", func(int) {
			now, err := a.ModSeq(ctx)
			check(err)
			_, err = a.Changes(ctx, id, now-1)
			check(err)
		})
		run("Metadata", func(int) {
			for _, err := range a.Messages(ctx, id, everything, store.WantMetadata|store.WantSummary) {
				check(err)
			}
		})
		run("CopyAllAndExpunge", func(int) {
			box, err := a.Create(ctx, store.NewMailbox{Name: "box"})
			check(err)
			_, err = a.Copy(ctx, id, everything, box.ID)
			check(err)
			_, err = a.Expunge(ctx, box.ID, everything, store.AllGiven)
			check(err)
			check(a.Delete(ctx, "box"))
		})
		run("AppendAndExpungeOne", func(int) {
			body := stage(b, a, 100)
			res, err := a.Append(ctx, id, []store.NewMessage{{Body: body}})
			check(err)
			_, err = a.Expunge(ctx, id, res.UIDs, store.AllGiven)
			check(err)
		})
	}
}
