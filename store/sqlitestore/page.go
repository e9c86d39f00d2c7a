package sqlitestore

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	// pageFormat is the first octet of a page.
	pageFormat = 1
	// fullPage is how many messages a page may have.
	fullPage = 1000
	// smallPage is up to how many messages the last page of a mailbox takes
	// new ones one by one. An append rewrites the page it goes to, so this
	// page is kept small; when it is full it joins the one before.
	smallPage = 64
	// sparsePage is below how many messages a page joins its neighbour.
	sparsePage = 250
)

var (
	errFlagRef = errors.New("packed page refers to flags that it does not have")
	errOrder   = errors.New("packed page has UIDs out of order")
	errKeyword = errors.New("packed page refers to a keyword that the mailbox does not have")
)

// page is a part of a mailbox: the messages with UIDs from its key on, up to
// the next page's. Each array has one element for each message.
type page struct {
	key     imap.UID // lower bound of its UIDs; the name of the row
	stored  bool     // the row exists
	uids    []imap.UID
	modseqs []imap.ModSeq
	refs    []uint16 // into sets
	emails  []uint64
	saved   []uint64 // seconds since 1970
	sizes   []uint64
	sets    []imap.FlagSet
	// cold is emails, saved and sizes as they are stored, in a page that is
	// partial: of which only the rest was decoded, to be changed.
	cold    []byte
	partial bool

	// What encode works in.
	row    []byte
	places []imap.UID
	moved  []uint16
}

// pages are used again, for what takes one after the other.
var pages = sync.Pool{New: func() any { return new(page) }}

// reset makes p a page without messages, which uses its memory again.
func (p *page) reset(key imap.UID, stored bool) {
	p.key, p.stored, p.partial = key, stored, false
	p.uids, p.modseqs, p.refs = p.uids[:0], p.modseqs[:0], p.refs[:0]
	p.emails, p.saved, p.sizes = p.emails[:0], p.saved[:0], p.sizes[:0]
	clear(p.sets) // their keywords may be garbage
	p.sets = p.sets[:0]
}

// diskFlags are the flags with a bit of their own in a stored page, in the
// order of these bits. It may only grow at its end; flags that are not here
// are stored by name.
var diskFlags = [...]imap.Flag{
	imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft,
	imap.FlagMDNSent, imap.FlagForwarded, imap.FlagJunk, imap.FlagNotJunk, imap.FlagPhishing,
}

// keywordNames lists the names of a set that are stored as keywords.
func keywordNames(set imap.FlagSet) []string {
	rest := set.Bits
	for _, f := range diskFlags {
		rest &^= f
	}
	if rest == 0 {
		return set.Other
	}
	return imap.FlagSet{Bits: rest, Other: set.Other}.Names()
}

func diskBits(set imap.FlagSet) uint64 {
	var bits uint64
	for i, f := range diskFlags {
		if set.Has(f) {
			bits |= 1 << i
		}
	}
	return bits
}

// encode packs the page. All keywords of its sets are among keywords. The row
// is valid until the page is encoded again.
func (p *page) encode(keywords []string) []byte {
	row := append(p.row[:0], pageFormat)
	row = binary.AppendUvarint(row, uint64(len(p.uids)))
	// UIDs are mostly dense: then all differences to their place are equal.
	p.places = p.places[:0]
	for i, uid := range p.uids {
		p.places = append(p.places, uid-imap.UID(i))
	}
	row = appendColumn(row, p.places)
	row = appendColumn(row, p.modseqs)
	used, to := p.usedSets()
	p.moved = p.moved[:0]
	for _, ref := range p.refs {
		p.moved = append(p.moved, to[ref])
	}
	row = appendColumn(row, p.moved)
	row = binary.AppendUvarint(row, uint64(len(used)))
	for _, ref := range used {
		row = appendSet(row, p.sets[ref], keywords)
	}
	if p.partial {
		row = append(row, p.cold...)
	} else {
		row = appendColumn(row, p.emails)
		row = appendColumn(row, p.saved)
		row = appendColumn(row, p.sizes)
	}
	p.row = seal(row)
	return p.row
}

// usedSets lists the sets that messages refer to, and the new index of each.
func (p *page) usedSets() (used, to []uint16) {
	to = make([]uint16, len(p.sets))
	seen := make([]bool, len(p.sets))
	for _, ref := range p.refs {
		if !seen[ref] {
			seen[ref] = true
			to[ref] = uint16(len(used))
			used = append(used, ref)
		}
	}
	return used, to
}

func appendSet(row []byte, set imap.FlagSet, keywords []string) []byte {
	names := keywordNames(set)
	row = binary.AppendUvarint(row, diskBits(set))
	row = binary.AppendUvarint(row, uint64(len(names)))
	for _, name := range names {
		row = binary.AppendUvarint(row, uint64(findKeyword(keywords, name)))
	}
	return row
}

// findKeyword returns the place of a keyword, or -1. A place can be empty;
// no keyword is.
func findKeyword(keywords []string, name string) int {
	return slices.IndexFunc(keywords, func(k string) bool { return strings.EqualFold(k, name) })
}

// set reads one set of flags.
func (u *unpacker) set(keywords []string) imap.FlagSet {
	var set imap.FlagSet
	bits := u.uvarint()
	for i, f := range diskFlags {
		if bits&(1<<i) != 0 {
			set.Add(f)
		}
	}
	for n := u.uvarint(); n > 0 && u.err == nil; n-- {
		k := u.uvarint()
		if k >= uint64(len(keywords)) || keywords[k] == "" {
			u.fail(errKeyword)
			break
		}
		set.AddName(keywords[k])
	}
	set.Normalize()
	return set
}

// hot reads the columns that change, and the sets, after those of p.
func (p *page) hot(u *unpacker, keywords []string) {
	n, at := u.n, len(p.uids)
	uids, modseqs, refs := u.column(), u.column(), u.column()
	count := u.uvarint()
	if count > uint64(n) {
		u.fail(errFlagRef)
	}
	for i := uint64(0); i < count && u.err == nil; i++ {
		p.sets = append(p.sets, u.set(keywords))
	}
	if u.err != nil {
		return
	}
	p.uids = expand(p.uids, uids, n)
	for i := range p.uids[at:] {
		p.uids[at+i] += imap.UID(i)
	}
	p.modseqs = expand(p.modseqs, modseqs, n)
	p.refs = expand(p.refs, refs, n)
	p.verify(u)
}

// verify checks what others rely on.
func (p *page) verify(u *unpacker) {
	for _, ref := range p.refs {
		if int(ref) >= len(p.sets) {
			u.fail(errFlagRef)
			return
		}
	}
	last := imap.UID(0)
	for _, uid := range p.uids {
		if uid <= last || uid < p.key {
			u.fail(errOrder)
			return
		}
		last = uid
	}
}

// decodePage unpacks a whole page.
func decodePage(key imap.UID, row []byte, keywords []string) (*page, error) {
	return new(page).decode(key, row, keywords)
}

// decode unpacks a whole page into p, whose memory is used again.
func (p *page) decode(key imap.UID, row []byte, keywords []string) (*page, error) {
	p.reset(key, true)
	u := unpack(row, pageFormat, fullPage)
	p.hot(u, keywords)
	emails, saved, sizes := u.column(), u.column(), u.column()
	if u.err != nil {
		return nil, u.err
	}
	p.emails = expand(p.emails, emails, u.n)
	p.saved = expand(p.saved, saved, u.n)
	p.sizes = expand(p.sizes, sizes, u.n)
	return p, nil
}

// decodeHot unpacks into p, whose memory is used again, only what a vector holds.
func (p *page) decodeHot(key imap.UID, row []byte, keywords []string) (*page, error) {
	p.reset(key, true)
	u := unpack(row, pageFormat, fullPage)
	p.hot(u, keywords)
	return p, u.err
}

// decodeCold unpacks into p, whose memory is used again, only what is read of
// messages beside what a vector holds.
func (p *page) decodeCold(key imap.UID, row []byte, _ []string) (*page, error) {
	u := unpack(row, pageFormat, fullPage)
	uids, _, _ := u.column(), u.column(), u.column()
	u.skipSets()
	emails, saved := u.column(), u.column()
	if u.err != nil {
		return nil, u.err
	}
	p.reset(key, true)
	p.uids = expand(p.uids, uids, u.n)
	for i := range p.uids {
		p.uids[i] += imap.UID(i)
	}
	p.emails = expand(p.emails, emails, u.n)
	p.saved = expand(p.saved, saved, u.n)
	p.verify(u)
	return p, u.err
}

// skipSets reads the sets of flags of a page without looking at them.
func (u *unpacker) skipSets() {
	for n := u.uvarint(); n > 0 && u.err == nil; n-- {
		u.uvarint() // flags
		for k := u.uvarint(); k > 0 && u.err == nil; k-- {
			u.uvarint()
		}
	}
}

// decodeFlags unpacks into p, whose memory is used again, what a change of
// flags needs, and keeps the rest as it is.
func (p *page) decodeFlags(key imap.UID, row []byte, keywords []string) (*page, error) {
	p.reset(key, true)
	u := unpack(row, pageFormat, fullPage)
	p.hot(u, keywords)
	p.cold, p.partial = append(p.cold[:0], u.rest...), true
	return p, u.err
}

// highest is the highest MODSEQ of the page's messages.
func (p *page) highest() imap.ModSeq {
	var m imap.ModSeq
	for _, v := range p.modseqs {
		m = max(m, v)
	}
	return m
}

// ref returns the index of a set, which is added if it is not there.
func (p *page) ref(set imap.FlagSet) uint16 {
	for i := range p.sets {
		if p.sets[i].Equal(set) {
			return uint16(i)
		}
	}
	p.sets = append(p.sets, set)
	return uint16(len(p.sets) - 1)
}

// add appends a message.
func (p *page) add(m message) {
	p.uids = append(p.uids, m.uid)
	p.modseqs = append(p.modseqs, m.modseq)
	p.refs = append(p.refs, p.ref(m.flags))
	p.emails = append(p.emails, m.email)
	p.saved = append(p.saved, m.saved)
	p.sizes = append(p.sizes, m.size)
}

// message is one message of a page.
type message struct {
	uid    imap.UID
	modseq imap.ModSeq
	flags  imap.FlagSet // canonical
	email  uint64
	saved  uint64
	size   uint64
}

// at returns message i.
func (p *page) at(i int) message {
	return message{p.uids[i], p.modseqs[i], p.sets[p.refs[i]], p.emails[i], p.saved[i], p.sizes[i]}
}

// join adds all messages of q, whose UIDs are higher.
func (p *page) join(q *page) {
	p.uids = append(p.uids, q.uids...)
	p.modseqs = append(p.modseqs, q.modseqs...)
	p.refs = p.appendRefs(q.sets, q.refs)
	p.emails = append(p.emails, q.emails...)
	p.saved = append(p.saved, q.saved...)
	p.sizes = append(p.sizes, q.sizes...)
}

// appendRefs returns the references of p and those of other messages to their sets.
func (p *page) appendRefs(sets []imap.FlagSet, refs []uint16) []uint16 {
	to := make([]int, len(sets)) // 1 + place in p.sets
	all := slices.Grow(p.refs, len(refs))
	for _, ref := range refs {
		if to[ref] == 0 {
			to[ref] = 1 + int(p.ref(sets[ref]))
		}
		all = append(all, uint16(to[ref]-1))
	}
	return all
}

// keep drops the messages for which drop is set.
func (p *page) keep(drop []bool) {
	p.uids = keepOf(p.uids, drop)
	p.modseqs = keepOf(p.modseqs, drop)
	p.refs = keepOf(p.refs, drop)
	p.emails = keepOf(p.emails, drop)
	p.saved = keepOf(p.saved, drop)
	p.sizes = keepOf(p.sizes, drop)
}

func keepOf[T any](s []T, drop []bool) []T {
	n := 0
	for i := range s {
		if !drop[i] {
			s[n] = s[i]
			n++
		}
	}
	return s[:n]
}
