package session

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// flags is one of the different sets of flags that messages of a mailbox have,
// together with its text. It never changes.
type flags struct {
	// Set is shared: Clone it before changing it.
	Set imap.FlagSet
	// Said is the part of Set that can be said. It is shared, too.
	Said imap.FlagSet
	// Text is Said in parentheses, as FETCH has it.
	Text string
	// Recent is the same with \Recent in it.
	Recent string
}

// text returns the set as FETCH says it.
func (f *flags) text(recent bool) string {
	if recent {
		return f.Recent
	}
	return f.Text
}

// newFlags makes the texts. Keywords that are no atoms, which a store may have
// from elsewhere, cannot be said and are left out.
func newFlags(set imap.FlagSet) *flags {
	said := imap.FlagSet{Bits: set.Bits}
	for _, k := range set.Other {
		if isFlag(k) {
			said.Other = append(said.Other, k)
		}
	}
	recent := said.Clone()
	recent.Add(imap.FlagRecent)
	return &flags{Set: set, Said: said, Text: said.String(), Recent: recent.String()}
}

// isFlag tells whether a name is a flag-keyword or flag-extension
// (RFC 9051 §9).
func isFlag(name string) bool {
	name = strings.TrimPrefix(name, `\`)
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

// flagTable numbers the different sets of flags, so that a message needs four
// octets for its flags.
type flagTable struct {
	entries []*flags
	index   map[string]uint32
}

// compactAbove is the size below which unused sets do not matter.
const compactAbove = 4096

func (t *flagTable) reset() { t.entries, t.index = nil, make(map[string]uint32) }

func (t *flagTable) at(ref uint32) *flags { return t.entries[ref] }

// ref returns the number of a set.
func (t *flagTable) ref(set imap.FlagSet) uint32 {
	key := set.String()
	if r, ok := t.index[key]; ok {
		return r
	}
	r := uint32(len(t.entries))
	t.entries = append(t.entries, newFlags(set))
	t.index[key] = r
	return r
}

// translate changes references to sets into references to the table.
func (t *flagTable) translate(sets []imap.FlagSet, refs []uint32) {
	own := make([]uint32, len(sets))
	for i, set := range sets {
		own[i] = t.ref(set)
	}
	for i, r := range refs {
		refs[i] = own[r]
	}
}

// compact drops the sets that no message has, when they are many. refs are all
// references there are, and are changed.
func (t *flagTable) compact(refs []uint32) {
	if len(t.entries) < compactAbove || len(t.entries) < 2*len(refs) {
		return
	}
	old := t.entries
	t.reset()
	for i, r := range refs {
		refs[i] = t.ref(old[r].Set)
	}
}

// hasRoom tells whether there may be another keyword; a limit that is not positive
// is none. Keywords that no message has do not count, for stores let them give way.
// They are looked for only where there are so many.
func (m *mailbox) hasRoom(limit int) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if limit <= 0 || len(m.keywords) < limit {
		return true
	}
	used := make([]bool, len(m.keywords))
	n := 0
	for _, f := range m.flagsInUse() {
		for i, k := range m.keywords {
			if !used[i] && f.Set.HasName(k) {
				used[i] = true
				n++
			}
		}
	}
	return n < limit
}

// flagsInUse are the sets of flags that messages have. mu is held.
func (m *mailbox) flagsInUse() []*flags {
	var list []*flags
	seen := make([]bool, len(m.flags.entries))
	for _, ref := range m.refs {
		if !seen[ref] {
			seen[ref] = true
			list = append(list, m.flags.at(ref))
		}
	}
	return list
}
