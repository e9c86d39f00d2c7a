package sqlitestore

import (
	"fmt"
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// allUIDs has every UID.
var allUIDs = imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}

// run is some consecutive messages of a page: from ≤ i < to.
type run struct{ from, to int }

// pageKey is the key of a page's row.
func (b *box) pageKey(uid imap.UID) int64 { return int64(b.num)<<32 | int64(uid) }

// decoder is decodePage or a method of a page whose memory is used again.
type decoder func(key imap.UID, row []byte, keywords []string) (*page, error)

const (
	selectPage     = `SELECT key, data FROM page WHERE key > ? AND key <= ? ORDER BY key LIMIT 1`
	selectLastPage = `SELECT key, data FROM page WHERE key >= ? AND key <= ? ORDER BY key DESC LIMIT 1`
	selectFloorKey = `SELECT max(key) FROM page WHERE key BETWEEN ? AND ?`
)

// decode unpacks a row of pages.
func (a *account) decode(b *box, key int64, row []byte, as decoder) (*page, error) {
	p, err := as(imap.UID(uint32(key)), row, b.keywords)
	if err != nil {
		return nil, a.damagedPage(b, imap.UID(uint32(key)), err)
	}
	return p, nil
}

func (a *account) damagedPage(b *box, key imap.UID, err error) error {
	return &damage{file: a.path(databaseName), what: fmt.Sprintf("page %d of mailbox %q", key, b.Name), err: err}
}

// onePage runs a query that returns a key and a row; nil if it returns none.
func (a *account) onePage(b *box, as decoder, query string, args ...any) (p *page, err error) {
	err = a.db.query(query, func(r *sqlite.Stmt) error {
		p, err = a.decode(b, r.ColumnInt64(0), scratch(r, 1, &a.scratch), as)
		return err
	}, args...)
	return p, err
}

// floorKey is the greatest key that is not above uid's, or one below all of
// the mailbox's if there is none: the page that has uid if any has.
func (a *account) floorKey(b *box, uid imap.UID) (int64, error) {
	key, err := a.db.number(selectFloorKey, b.pageKey(0), b.pageKey(uid))
	return max(key, b.pageKey(0)), err
}

// visit calls use for each page with messages of set, which is normalized. use
// may change the page it gets and those before.
func (a *account) visit(b *box, set imap.UIDSet, as decoder, use func(*page, []run) error) error {
	var runs []run
	after := int64(-1)
	for len(set) > 0 {
		floor, err := a.floorKey(b, set[0].Start)
		if err != nil {
			return err
		}
		after = max(after, floor-1)
		p, err := a.onePage(b, as, selectPage, after, b.pageKey(set[len(set)-1].Stop))
		if err != nil || p == nil {
			return err
		}
		after = b.pageKey(p.key)
		runs = runs[:0]
		store.CutUIDs(p.uids, set, func(from, to int) bool {
			runs = append(runs, run{from, to})
			return true
		})
		if len(p.uids) > 0 {
			set = above(set, p.uids[len(p.uids)-1])
		}
		if len(runs) > 0 {
			if err := use(p, runs); err != nil {
				return err
			}
		}
	}
	return nil
}

// visitWhole is visit with whole pages, each of which is valid until use returns.
func (a *account) visitWhole(b *box, set imap.UIDSet, use func(*page, []run) error) error {
	memory := pages.Get().(*page)
	defer pages.Put(memory)
	return a.visit(b, set, memory.decode, use)
}

// above returns what a normalized set has above uid. It shares set's array
// and may change its first range.
func above(set imap.UIDSet, uid imap.UID) imap.UIDSet {
	for i, r := range set {
		if r.Stop > uid {
			rest := set[i:]
			if r.Start <= uid {
				rest = append(imap.UIDSet{{Start: uid + 1, Stop: r.Stop}}, rest[1:]...)
			}
			return rest
		}
	}
	return nil
}

// savePage writes a page; an empty one goes.
func (a *account) savePage(b *box, p *page) error {
	key := b.pageKey(p.key)
	if len(p.uids) == 0 {
		if !p.stored {
			return nil
		}
		return a.db.exec("DELETE FROM page WHERE key = ?", key)
	}
	row := p.encode(b.keywords)
	if err := a.db.reserve(len(row)); err != nil {
		return err
	}
	if p.stored {
		return a.db.exec("UPDATE page SET count = ?, modseq = ?, data = ? WHERE key = ?",
			len(p.uids), uint64(p.highest()), row, key)
	}
	p.stored = true
	return a.db.exec("INSERT INTO page VALUES (?, ?, ?, ?)", key, len(p.uids), uint64(p.highest()), row)
}

// saveShrunk writes a page that has lost messages. One that has few left
// joins the page before, so that a mailbox never has many more pages than it
// needs.
func (a *account) saveShrunk(b *box, p *page) error {
	if n := len(p.uids); n == 0 || n >= sparsePage {
		return a.savePage(b, p)
	}
	before, err := a.onePage(b, decodePage, selectLastPage, b.pageKey(0), b.pageKey(p.key)-1)
	if err != nil {
		return err
	}
	if before == nil || len(before.uids)+len(p.uids) > fullPage-sparsePage {
		return a.savePage(b, p)
	}
	before.join(p)
	p.keep(repeat(true, len(p.uids)))
	if err := a.savePage(b, p); err != nil {
		return err
	}
	return a.savePage(b, before)
}

func repeat(v bool, n int) []bool {
	list := make([]bool, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// arrivals are messages that come into a mailbox at once, with UIDs from first
// on. Each array has one element for each message.
type arrivals struct {
	first                imap.UID
	modseq               imap.ModSeq
	emails, saved, sizes []uint64
	refs                 []uint32 // into sets
	sets                 []imap.FlagSet
}

// addMessages appends messages with UIDs that are above all others. last is what lastPage has returned.
func (t *tx) addMessages(b *box, last *page, parts ...*arrivals) error {
	n := 0
	for _, l := range parts {
		n += len(l.emails)
	}
	memory := pages.Get().(*page)
	defer pages.Put(memory)
	p, err := t.pageFor(b, last, n)
	if err != nil {
		return err
	}
	for _, l := range parts {
		for at, n := 0, len(l.emails); at < n; {
			if p != nil && len(p.uids) == fullPage {
				if err := t.savePage(b, p); err != nil {
					return err
				}
				p = nil
			}
			if p == nil {
				p = memory
				p.reset(l.first+imap.UID(at), false)
			}
			to := min(n, at+fullPage-len(p.uids))
			p.take(l, at, to)
			at = to
		}
	}
	if p == nil {
		return nil
	}
	return t.savePage(b, p)
}

// take adds the arrivals from up to to.
func (p *page) take(l *arrivals, from, to int) {
	sets := make([]int32, len(l.sets)) // 1 + place in p.sets
	for i := from; i < to; i++ {
		ref := l.refs[i]
		if sets[ref] == 0 {
			sets[ref] = 1 + int32(p.ref(l.sets[ref]))
		}
		p.refs = append(p.refs, uint16(sets[ref]-1))
		p.uids = append(p.uids, l.first+imap.UID(i))
		p.modseqs = append(p.modseqs, l.modseq)
	}
	p.emails = append(p.emails, l.emails[from:to]...)
	p.saved = append(p.saved, l.saved[from:to]...)
	p.sizes = append(p.sizes, l.sizes[from:to]...)
}

// lastPage returns the last page of a mailbox, or nil.
func (a *account) lastPage(b *box) (*page, error) {
	return a.onePage(b, decodePage, selectLastPage, b.pageKey(0), b.pageKey(math.MaxUint32))
}

// pageFor returns the page that n new messages begin to go to; nil for a new
// one. A small last page that they would make too large joins the one before.
func (a *account) pageFor(b *box, last *page, n int) (*page, error) {
	if last == nil {
		return nil, nil
	}
	switch size := len(last.uids); {
	case size+n <= smallPage:
		return last, nil
	case size > smallPage && n < smallPage:
		return nil, nil
	case size > smallPage:
		return last, nil
	}
	before, err := a.onePage(b, decodePage, selectLastPage, b.pageKey(0), b.pageKey(last.key)-1)
	if err != nil && !isDamage(err) {
		return nil, err
	}
	// One that is damaged keeps nobody from adding to the mailbox.
	if before == nil || len(before.uids)+len(last.uids) > fullPage {
		return last, nil
	}
	before.join(last)
	last.keep(repeat(true, len(last.uids)))
	return before, a.savePage(b, last)
}

// dropAll removes all messages and the history of a mailbox that is deleted.
func (t *tx) dropAll(b *box) error {
	var emails []uint64
	err := t.visitWhole(b, allUIDs, func(p *page, _ []run) error {
		emails = append(emails, p.emails...)
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.dropEmails(emails); err != nil {
		return err
	}
	err = t.db.exec("DELETE FROM page WHERE key BETWEEN ? AND ?", b.pageKey(0), b.pageKey(math.MaxUint32))
	if err != nil {
		return err
	}
	return t.db.exec("DELETE FROM vanished WHERE box = ?", b.num)
}
