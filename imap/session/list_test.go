package session

import (
	"fmt"
	"io"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

func BenchmarkList(b *testing.B) {
	s := fetchSession(b, 1, io.Discard)
	for i := range 5000 {
		m := store.NewMailbox{Name: fmt.Sprintf("Projects/%d/Topic %d", i%50, i), Subscribe: i%2 == 0}
		if _, err := s.hub.acct.Create(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
	for _, bm := range []struct {
		name string
		cmd  imap.List
	}{
		{"all", imap.List{Patterns: []string{"*"}}},
		{"level", imap.List{Patterns: []string{"%"}}},
		{"subscribed", imap.List{Patterns: []string{"*"}, Select: &imap.ListSelect{Has: imap.ListSelectHasSubscribed}}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.List(b.Context(), "a", &bm.cmd); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
