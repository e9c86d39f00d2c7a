package memstore

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// notStored are the flags that no message keeps.
const notStored = imap.FlagRecent | imap.FlagAny

var (
	errKeywords      = errors.New("too many keywords")
	errKeywordLength = errors.New("keyword too long")
)

// flagTable holds the different sets of flags of a mailbox, each once, and
// the spelling of each keyword. A message refers to its set by index.
type flagTable struct {
	sets     []imap.FlagSet
	counts   []uint32 // messages that refer to the set
	index    map[string]uint32
	keywords []string // in order of first use, first spelling

	compactAt int // how many sets make compact work
}

// spelling returns the mailbox's spelling of a keyword.
func (t *flagTable) spelling(keyword string) (string, bool) {
	for _, k := range t.keywords {
		if strings.EqualFold(k, keyword) {
			return k, true
		}
	}
	return "", false
}

// admit makes all keywords of flags known to the mailbox, or none of them. It
// forgets keywords that no message has if it needs their room. A transaction
// admits once, before it changes anything.
func (t *flagTable) admit(flags imap.FlagSet, limits *store.Limits) error {
	fresh := t.unknown(flags.Other)
	if len(fresh) == 0 {
		return nil
	}
	if slices.ContainsFunc(fresh, func(k string) bool { return len(k) > limits.KeywordLength }) {
		return errKeywordLength
	}
	if len(t.keywords)+len(fresh) > limits.Keywords {
		t.forgetKeywords()
		fresh = t.unknown(flags.Other)
	}
	if len(t.keywords)+len(fresh) > limits.Keywords {
		return errKeywords
	}
	for _, k := range fresh {
		t.keywords = append(t.keywords, strings.Clone(k))
	}
	return nil
}

// unknown returns the keywords without a spelling, each once.
func (t *flagTable) unknown(keywords []string) []string {
	var fresh imap.FlagSet
	for _, k := range keywords {
		if _, ok := t.spelling(k); !ok {
			fresh.AddName(k) // a bit if it has one, and then not in Other
		}
	}
	return fresh.Other
}

// canonical returns flags normalized, in the mailbox's spelling, without
// those that are not stored and without keywords that are unknown.
func (t *flagTable) canonical(flags imap.FlagSet) imap.FlagSet {
	out := imap.FlagSet{Bits: flags.Bits}
	for _, k := range flags.Other {
		if bit, ok := imap.FlagBit(k); ok {
			out.Add(bit)
		} else if known, ok := t.spelling(k); ok {
			out.AddName(known)
		}
	}
	out.Bits &^= notStored
	out.Normalize()
	return out
}

// forgetKeywords drops the keywords that no message has.
func (t *flagTable) forgetKeywords() {
	used := make(map[string]bool)
	for i, set := range t.sets {
		if t.counts[i] > 0 {
			for _, k := range set.Other {
				used[k] = true
			}
		}
	}
	t.keywords = slices.DeleteFunc(slices.Clone(t.keywords), func(k string) bool { return !used[k] })
}

// ref returns the index of a set that canonical has made.
func (t *flagTable) ref(flags imap.FlagSet) uint32 {
	key := flagKey(flags)
	if ref, ok := t.index[key]; ok {
		return ref
	}
	if t.index == nil {
		t.index = make(map[string]uint32)
		t.compactAt = 256
	}
	ref := uint32(len(t.sets))
	t.index[key] = ref
	t.sets = append(t.sets, flags)
	t.counts = append(t.counts, 0)
	return ref
}

// flagKey is equal for sets that canonical has made equal. Keywords are atoms,
// so a space ends one.
func flagKey(flags imap.FlagSet) string {
	key := binary.LittleEndian.AppendUint64(nil, uint64(flags.Bits))
	for _, k := range flags.Other {
		key = append(key, k...)
		key = append(key, ' ')
	}
	return string(key)
}

// compact drops unused sets, when there are many of them, and rewrites refs,
// the references of all messages.
func (t *flagTable) compact(refs []uint32) {
	if len(t.sets) < t.compactAt {
		return
	}
	to := make([]uint32, len(t.sets))
	var sets []imap.FlagSet
	var counts []uint32
	clear(t.index)
	for i, set := range t.sets {
		if t.counts[i] == 0 {
			continue
		}
		to[i] = uint32(len(sets))
		t.index[flagKey(set)] = to[i]
		sets = append(sets, set)
		counts = append(counts, t.counts[i])
	}
	t.sets, t.counts = sets, counts
	t.compactAt = max(256, 2*len(sets))
	for i, ref := range refs {
		refs[i] = to[ref]
	}
}
