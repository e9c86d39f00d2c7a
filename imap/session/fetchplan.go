package session

import (
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// fetchPlan is what a FETCH needs to know and does for each message.
type fetchPlan struct {
	// kinds has a bit for each item kind that is asked for at least once.
	kinds uint32
	// bodies are the items that hold octets of the message or their count,
	// in the order asked for.
	bodies []imap.FetchAtt
	// setSeen says that fetching reads the message, which sets \Seen.
	setSeen bool
}

func (p *fetchPlan) has(kind imap.FetchAttKind) bool { return p.kinds&(1<<kind) != 0 }

func (p *fetchPlan) need(kinds ...imap.FetchAttKind) bool {
	return slices.ContainsFunc(kinds, p.has)
}

// fetchMacros are the macros of RFC 9051 §6.4.5.
var fetchMacros = map[imap.FetchMacro][]imap.FetchAttKind{
	imap.FetchMacroFast: {imap.FetchAttFlags, imap.FetchAttInternalDate, imap.FetchAttRFC822Size},
	imap.FetchMacroAll:  {imap.FetchAttFlags, imap.FetchAttInternalDate, imap.FetchAttRFC822Size, imap.FetchAttEnvelope},
	imap.FetchMacroFull: {imap.FetchAttFlags, imap.FetchAttInternalDate, imap.FetchAttRFC822Size, imap.FetchAttEnvelope, imap.FetchAttBody},
}

// planFetch makes the plan of a command. UID FETCH always shows the UID
// (RFC 9051 §6.4.9).
func planFetch(cmd *imap.Fetch) fetchPlan {
	var p fetchPlan
	if cmd.UID {
		p.kinds |= 1 << imap.FetchAttUID
	}
	for _, kind := range fetchMacros[cmd.Macro] {
		p.kinds |= 1 << kind
	}
	for _, att := range cmd.Items {
		p.add(att)
	}
	return p
}

// add puts one item into the plan. An item that is asked for twice is shown once.
func (p *fetchPlan) add(att imap.FetchAtt) {
	switch att.Kind {
	case imap.FetchAttBodySection, imap.FetchAttBinary, imap.FetchAttBinarySize:
		if slices.ContainsFunc(p.bodies, func(b imap.FetchAtt) bool { return sameItem(b, att) }) {
			break
		}
		p.bodies = append(p.bodies, att)
	case imap.FetchAttRFC822, imap.FetchAttRFC822Header, imap.FetchAttRFC822Text:
		if !p.has(att.Kind) {
			p.bodies = append(p.bodies, att)
		}
	}
	p.kinds |= 1 << att.Kind
	p.setSeen = p.setSeen || reads(att)
}

// sameItem reports whether the responses to two items would be named alike.
func sameItem(a, b imap.FetchAtt) bool {
	return a.Kind == b.Kind && slices.Equal(a.Part, b.Part) && a.Section.Text == b.Section.Text &&
		slices.Equal(a.Section.Part, b.Section.Part) && slices.Equal(a.Section.Fields, b.Section.Fields) &&
		samePartial(a.Partial, b.Partial)
}

func samePartial(a, b *imap.Partial) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// reads reports whether fetching the item sets \Seen (RFC 9051 §6.4.5,
// RFC 3501 §6.4.5).
func reads(att imap.FetchAtt) bool {
	switch att.Kind {
	case imap.FetchAttBodySection, imap.FetchAttBinary:
		return !att.Peek
	case imap.FetchAttRFC822, imap.FetchAttRFC822Text:
		return true
	}
	return false
}

// vectorOnly reports whether memory alone answers: UID and FLAGS.
func (p *fetchPlan) vectorOnly() bool {
	return p.kinds&^(1<<imap.FetchAttUID|1<<imap.FetchAttFlags) == 0
}

// parts are what the store must read for each message.
func (p *fetchPlan) parts() store.Parts {
	var parts store.Parts
	if p.need(imap.FetchAttInternalDate, imap.FetchAttRFC822Size) {
		parts |= store.WantMetadata
	}
	if len(p.bodies) > 0 {
		parts |= store.WantBody
	}
	switch {
	case p.has(imap.FetchAttBody), slices.ContainsFunc(p.bodies, func(att imap.FetchAtt) bool { return !isWhole(&att) }):
		parts |= store.WantSummary
	case p.need(imap.FetchAttEnvelope, imap.FetchAttBodyStructure):
		parts |= store.WantListing
	}
	return parts
}

// isWhole reports whether an item is the message as it is stored, for which nobody needs to know its structure.
func isWhole(att *imap.FetchAtt) bool {
	switch att.Kind {
	case imap.FetchAttBodySection:
		return att.Section.Text == 0 && len(att.Section.Part) == 0
	case imap.FetchAttRFC822:
		return true
	}
	return false
}
