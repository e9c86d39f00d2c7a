package sqlitestore

import (
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
	errKeywordText   = errors.New("keyword with a space")
)

// admit makes all keywords of flags known to b, which is the transaction's
// own, or none of them. Keywords that no message has give way.
func (t *tx) admit(b *box, flags imap.FlagSet) error {
	fresh := b.unknown(flags)
	if len(fresh) == 0 {
		return nil
	}
	limits := &t.store.opts.Limits
	for _, k := range fresh {
		if len(k) > limits.KeywordLength {
			return fail(t.op, b.Name, store.Limit, errKeywordLength)
		}
		if strings.ContainsRune(k, ' ') {
			return fail(t.op, b.Name, store.Cannot, errKeywordText)
		}
	}
	if len(b.known())+len(fresh) > limits.Keywords {
		if err := t.forgetKeywords(b); err != nil {
			return err
		}
		fresh = b.unknown(flags)
	}
	if len(b.known())+len(fresh) > limits.Keywords {
		return fail(t.op, b.Name, store.Limit, errKeywords)
	}
	b.keywords = slices.Clone(b.keywords)
	for _, k := range fresh {
		b.learn(strings.Clone(k))
	}
	return nil
}

// learn gives a keyword a place.
func (b *box) learn(k string) {
	if i := slices.Index(b.keywords, ""); i >= 0 {
		b.keywords[i] = k
	} else {
		b.keywords = append(b.keywords, k)
	}
}

// unknown returns the keywords that have no place yet, each once.
func (b *box) unknown(flags imap.FlagSet) []string {
	var fresh []string
	flags.Bits &^= notStored
	for _, k := range keywordNames(flags) {
		if bit, ok := imap.FlagBit(k); ok && isDiskFlag(bit) || findKeyword(b.keywords, k) >= 0 {
			continue
		}
		if bit, ok := imap.FlagBit(k); ok && bit&notStored != 0 {
			continue
		}
		if findKeyword(fresh, k) < 0 {
			fresh = append(fresh, k)
		}
	}
	return fresh
}

func isDiskFlag(f imap.Flag) bool { return slices.Contains(diskFlags[:], f) }

// forgetKeywords frees the places of the keywords that no message has.
func (t *tx) forgetKeywords(b *box) error {
	used := make([]bool, len(b.keywords))
	mark := func(sets []imap.FlagSet) {
		for _, set := range sets {
			for _, k := range keywordNames(set) {
				if i := findKeyword(b.keywords, k); i >= 0 {
					used[i] = true
				}
			}
		}
	}
	err := t.visit(b, allUIDs, new(page).decodeHot, func(p *page, _ []run) error {
		mark(p.sets)
		return nil
	})
	for _, l := range t.batch.arrivals(b.ID) { // they are in no page yet
		mark(l.sets)
	}
	b.keywords = slices.Clone(b.keywords)
	for i := range b.keywords {
		if !used[i] {
			b.keywords[i] = ""
		}
	}
	return err
}

// canonical returns flags normalized, in the mailbox's spelling, without
// those that are not stored and without keywords that are unknown.
func (b *box) canonical(flags imap.FlagSet) imap.FlagSet {
	out := imap.FlagSet{Bits: flags.Bits}
	for _, k := range flags.Other {
		if bit, ok := imap.FlagBit(k); ok {
			out.Add(bit)
		} else if i := findKeyword(b.keywords, k); i >= 0 {
			out.AddName(b.keywords[i])
		}
	}
	out.Bits &^= notStored
	out.Normalize()
	return out
}

// change applies a change to a set; both are canonical, and so is the result.
func change(set, operand imap.FlagSet, op store.FlagOp) imap.FlagSet {
	switch op {
	case store.FlagsAdd:
		set = set.Union(operand)
	case store.FlagsRemove:
		set = set.Minus(operand)
	default:
		return operand
	}
	set.Normalize()
	return set
}

// count adds n messages with these flags to the counters, or takes them away.
func (b *box) count(flags imap.FlagSet, n int) {
	bump(&b.Messages, n)
	if !flags.Has(imap.FlagSeen) {
		bump(&b.Unseen, n)
	}
	if flags.Has(imap.FlagDeleted) {
		bump(&b.Deleted, n)
	}
}

// countOne is count with what else a message has.
func (b *box) countOne(m *message, by int) {
	b.count(m.flags, by)
	if m.uid >= b.firstRecent {
		bump(&b.Recent, by)
	}
	b.Size = uint64(int64(b.Size) + int64(by)*int64(m.size))
}

func bump(counter *uint32, by int) { *counter = uint32(int64(*counter) + int64(by)) }
