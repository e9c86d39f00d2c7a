package session

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

func TestPlanFetch(t *testing.T) {
	header := imap.FetchAtt{Kind: imap.FetchAttBodySection, Peek: true, Section: imap.Section{Text: imap.SectionTextHeader}}
	text := imap.FetchAtt{Kind: imap.FetchAttBodySection, Section: imap.Section{Text: imap.SectionTextText}}
	textPeek := text
	textPeek.Peek = true
	some := textPeek
	some.Partial = &imap.Partial{Count: 5}
	other := textPeek
	other.Partial = &imap.Partial{Count: 5}
	type want struct {
		Parts   store.Parts
		Bodies  int
		SetSeen bool
		Vector  bool
	}
	tests := []struct {
		name string
		cmd  imap.Fetch
		want want
	}{
		{"UID FLAGS", imap.Fetch{Items: atts(imap.FetchAttUID, imap.FetchAttFlags)}, want{Vector: true}},
		{"UID FETCH UID", imap.Fetch{UID: true, Items: atts(imap.FetchAttUID)}, want{Vector: true}},
		{"FAST", imap.Fetch{Macro: imap.FetchMacroFast}, want{Parts: store.WantMetadata}},
		{"ALL", imap.Fetch{Macro: imap.FetchMacroAll}, want{Parts: store.WantMetadata | store.WantListing}},
		{"FULL", imap.Fetch{Macro: imap.FetchMacroFull}, want{Parts: store.WantMetadata | store.WantSummary}},
		{"ENVELOPE", imap.Fetch{Items: atts(imap.FetchAttEnvelope)}, want{Parts: store.WantListing}},
		{"ENVELOPE BODY", imap.Fetch{Items: atts(imap.FetchAttEnvelope, imap.FetchAttBody)}, want{Parts: store.WantSummary}},
		{"ENVELOPE part", imap.Fetch{Items: append(atts(imap.FetchAttEnvelope), header)}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1}},
		{"ENVELOPE RFC822", imap.Fetch{Items: atts(imap.FetchAttEnvelope, imap.FetchAttRFC822)}, want{Parts: store.WantListing | store.WantBody, Bodies: 1, SetSeen: true}},
		{"peek", imap.Fetch{Items: []imap.FetchAtt{header}}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1}},
		{"read", imap.Fetch{Items: []imap.FetchAtt{text}}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1, SetSeen: true}},
		{"same twice", imap.Fetch{Items: []imap.FetchAtt{textPeek, text, some, other}}, want{Parts: store.WantSummary | store.WantBody, Bodies: 2, SetSeen: true}},
		{"RFC822.HEADER", imap.Fetch{Items: atts(imap.FetchAttRFC822Header, imap.FetchAttRFC822Header)}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1}},
		{"RFC822.TEXT", imap.Fetch{Items: atts(imap.FetchAttRFC822Text)}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1, SetSeen: true}},
		{"all octets", imap.Fetch{Items: []imap.FetchAtt{{Kind: imap.FetchAttBodySection, Peek: true, Partial: &imap.Partial{Count: 5}}}}, want{Parts: store.WantBody, Bodies: 1}},
		{"RFC822", imap.Fetch{Items: atts(imap.FetchAttRFC822)}, want{Parts: store.WantBody, Bodies: 1, SetSeen: true}},
		{"part 1", imap.Fetch{Items: []imap.FetchAtt{{Kind: imap.FetchAttBodySection, Peek: true, Section: imap.Section{Part: []uint32{1}}}}}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1}},
		{"BINARY.SIZE", imap.Fetch{Items: atts(imap.FetchAttBinarySize)}, want{Parts: store.WantSummary | store.WantBody, Bodies: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := planFetch(&tt.cmd)
			got := want{p.parts(), len(p.bodies), p.setSeen, p.vectorOnly()}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func atts(kinds ...imap.FetchAttKind) []imap.FetchAtt {
	var list []imap.FetchAtt
	for _, k := range kinds {
		list = append(list, imap.FetchAtt{Kind: k})
	}
	return list
}
