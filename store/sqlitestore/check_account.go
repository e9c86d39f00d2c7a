package sqlitestore

import (
	"fmt"
	"math"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// recoveredName is the mailbox for messages that lost their place.
const recoveredName = "Recovered"

// checker checks an account's database in one transaction.
type checker struct {
	*tx
	repair   bool
	problems []Problem
	emails   []email // all that can be read, ascending
	referred []bool  // for each, whether a message refers to it
}

// found notes a problem. It returns whether to repair it, which the caller
// then does; a failure to do so fails the transaction.
func (c *checker) found(format string, args ...any) bool {
	c.problems = append(c.problems, Problem{
		File: c.path(databaseName), What: fmt.Sprintf(format, args...), Repaired: c.repair,
	})
	c.dirty = c.dirty || c.repair
	return c.repair
}

func (c *checker) run() error {
	for _, step := range []func() error{
		c.integrity, c.checkEmails, c.checkBoxes, c.checkQuota, c.checkDropped, c.recover, c.checkSegments,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// integrity asks SQLite.
func (c *checker) integrity() error {
	return c.db.query("PRAGMA integrity_check(20)", func(r *sqlite.Stmt) error {
		if text := r.ColumnText(0); text != "ok" {
			c.problems = append(c.problems, Problem{File: c.path(databaseName), What: "SQLite says: " + text})
		}
		return nil
	})
}

// rawRow is a packed row that may be damaged.
type rawRow struct {
	key  int64
	rest []int64
	data []byte
}

// rows reads rows: a key, numbers, and packed data last.
func (c *checker) rows(query string, args ...any) (list []rawRow, err error) {
	err = c.db.query(query, func(r *sqlite.Stmt) error {
		n := r.ColumnCount() - 1
		row := rawRow{key: r.ColumnInt64(0), data: blob(r, n)}
		for i := 1; i < n; i++ {
			row.rest = append(row.rest, r.ColumnInt64(i))
		}
		list = append(list, row)
		return nil
	}, args...)
	return list, err
}

// keys lists the keys of a table.
func (c *checker) keys(query string, args ...any) (list []int64, err error) {
	err = c.db.query(query, func(r *sqlite.Stmt) error {
		list = append(list, r.ColumnInt64(0))
		return nil
	}, args...)
	return list, err
}

// checkEmails reads all emails and their summaries.
func (c *checker) checkEmails() error {
	firsts, err := c.keys("SELECT first FROM email ORDER BY first")
	if err != nil {
		return err
	}
	for _, first := range firsts {
		rows, err := c.rows("SELECT first, count, seg_lo, seg_hi, data FROM email WHERE first = ?", first)
		if err != nil {
			return err
		}
		if err := c.checkEmailRow(rows[0]); err != nil {
			return err
		}
	}
	c.referred = make([]bool, len(c.emails))
	return c.checkSummarized()
}

// checkSummarized removes summaries and listings of emails that do not exist,
// as they may be left when a row of emails is lost.
func (c *checker) checkSummarized() error {
	for _, table := range []string{"summary", "listing"} {
		keys, err := c.keys("SELECT first FROM " + table)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if c.email(uint64(key)) < 0 && c.found("a row (%x) of table %s belongs to no email", key, table) {
				if err := c.db.exec("DELETE FROM "+table+" WHERE first = ?", key); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *checker) checkEmailRow(row rawRow) error {
	list, err := decodeEmails(row.data)
	if err == nil {
		err = c.plausible(row, list)
	}
	if err != nil {
		if c.found("a row of %d emails (%x) is lost: %v", row.rest[0], row.key, err) {
			return c.deleteEmails(uint64(row.key), uint64(row.key))
		}
		return nil
	}
	c.emails = append(c.emails, list...)
	if err := c.checkSegmentRange(row, list); err != nil {
		return err
	}
	summaries, err := c.rows("SELECT first, version, data FROM summary WHERE first = ?", row.key)
	if err != nil {
		return err
	}
	if len(summaries) == 0 || decodeSummaries(summaries[0].data, slices.Clone(list)) != nil {
		if c.found("the summaries of a row of emails (%x) are damaged; they can be made anew", row.key) {
			return c.rewriteRow(list, true)
		}
	}
	return c.checkListings(row, list)
}

// checkListings checks the listings of a row of emails. One that is missing is
// made when it is wanted.
func (c *checker) checkListings(row rawRow, list []email) error {
	last := list[len(list)-1].id
	rows, err := c.rows("SELECT first, version, data FROM listing WHERE first BETWEEN ? AND ?", row.key, last)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var l listingRow
		err := l.decode(row.data)
		if err == nil && (len(l.ids) == 0 || l.ids[0] != uint64(row.key) || l.ids[len(l.ids)-1] > last) {
			err = errOrder
		}
		if err != nil && c.found("a row of listings (%x) is damaged; it can be made anew", row.key) {
			if err := c.dropListings(list); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSegmentRange checks which segments a row of emails says it needs: others
// may be removed.
func (c *checker) checkSegmentRange(row rawRow, list []email) error {
	lo, hi := list[0].segment, list[0].segment
	for i := range list {
		lo, hi = min(lo, list[i].segment), max(hi, list[i].segment)
	}
	if int64(lo) == row.rest[1] && int64(hi) == row.rest[2] ||
		!c.found("a row of emails (%x) has the wrong range of segments", row.key) {
		return nil
	}
	return c.db.exec("UPDATE email SET seg_lo = ?, seg_hi = ? WHERE first = ?", lo, hi, row.key)
}

// plausible checks what a checksum cannot tell.
func (c *checker) plausible(row rawRow, list []email) error {
	last := uint64(0)
	if n := len(c.emails); n > 0 {
		last = c.emails[n-1].id
	}
	if len(list) == 0 || list[0].id != uint64(row.key) || int64(len(list)) != row.rest[0] {
		return errCount
	}
	for i := range list {
		if list[i].id <= last || list[i].id >= c.meta.nextID {
			return errOrder
		}
		last = list[i].id
	}
	return nil
}

// email returns the place in emails of an id, or -1.
func (c *checker) email(id uint64) int {
	i, ok := slices.BinarySearchFunc(c.emails, id, func(e email, id uint64) int {
		switch {
		case e.id < id:
			return -1
		case e.id > id:
			return 1
		}
		return 0
	})
	if !ok {
		return -1
	}
	return i
}

// checkBoxes checks all mailboxes.
func (c *checker) checkBoxes() error {
	nums := make(map[uint32]bool)
	for _, b := range c.boxes() {
		nums[b.num] = true
		if err := c.checkBox(b); err != nil {
			return err
		}
	}
	keys, err := c.keys("SELECT key FROM page")
	if err != nil {
		return err
	}
	for _, key := range keys {
		if !nums[uint32(key>>32)] && c.found("page %x belongs to no mailbox", key) {
			if err := c.db.exec("DELETE FROM page WHERE key = ?", key); err != nil {
				return err
			}
		}
	}
	return c.checkEntries(nums)
}

// checkEntries removes metadata entries of mailboxes that do not exist.
func (c *checker) checkEntries(nums map[uint32]bool) error {
	boxes, err := c.keys("SELECT DISTINCT box FROM entry WHERE box <> 0")
	if err != nil {
		return err
	}
	for _, num := range boxes {
		if !nums[uint32(num)] && c.found("there is metadata of mailbox number %d, which does not exist", num) {
			if err := c.db.exec("DELETE FROM entry WHERE box = ?", num); err != nil {
				return err
			}
		}
	}
	return nil
}

// boxCheck is the check of one mailbox: counts is its record as the messages
// say it should be.
type boxCheck struct {
	*checker
	box    *box
	counts box
	gone   imap.UIDSet // what is lost
	last   imap.UID
}

func (c *checker) checkBox(b *box) error {
	k := &boxCheck{checker: c, box: b, counts: *b}
	k.counts.Messages, k.counts.Unseen, k.counts.Deleted, k.counts.Recent, k.counts.Size = 0, 0, 0, 0, 0
	keys, err := c.keys("SELECT key FROM page WHERE key BETWEEN ? AND ? ORDER BY key", b.pageKey(0), b.pageKey(math.MaxUint32))
	if err != nil {
		return err
	}
	for i, key := range keys {
		end := b.UIDNext - 1
		if i+1 < len(keys) {
			end = imap.UID(uint32(keys[i+1])) - 1
		}
		if err := k.page(key, end); err != nil {
			return err
		}
	}
	return k.finish()
}

// page checks one page, which has no UID above end.
func (k *boxCheck) page(key int64, end imap.UID) error {
	rows, err := k.rows("SELECT key, count, modseq, data FROM page WHERE key = ?", key)
	if err != nil {
		return err
	}
	row := rows[0]
	p, err := decodePage(imap.UID(uint32(key)), row.data, k.box.keywords)
	if err == nil {
		err = k.plausiblePage(p, end)
	}
	if err != nil {
		if k.found("page %d of mailbox %q with %d messages is lost: %v", uint32(key), k.box.Name, row.rest[0], err) {
			k.gone = append(k.gone, imap.UIDRange{Start: max(imap.UID(uint32(key)), 1), Stop: end})
			return k.db.exec("DELETE FROM page WHERE key = ?", key)
		}
		return nil
	}
	wrong := int(row.rest[0]) != len(p.uids) || imap.ModSeq(row.rest[1]) != p.highest()
	if wrong {
		wrong = k.found("page %d of mailbox %q has wrong counters", uint32(key), k.box.Name)
	}
	return k.messages(p, wrong)
}

func (k *boxCheck) plausiblePage(p *page, end imap.UID) error {
	if n := len(p.uids); n == 0 || p.uids[0] <= k.last || p.uids[n-1] > end {
		return errOrder
	}
	if p.highest() > k.box.HighestModSeq {
		return fmt.Errorf("MODSEQ %d is above the mailbox's %d", p.highest(), k.box.HighestModSeq)
	}
	k.last = p.uids[len(p.uids)-1]
	return nil
}

// messages counts a page's messages and checks what they refer to.
func (k *boxCheck) messages(p *page, save bool) error {
	drop := make([]bool, len(p.uids))
	for i := range p.uids {
		m := p.at(i)
		at := k.email(m.email)
		if at < 0 {
			if k.found("message %d of mailbox %q is lost with its row of emails", m.uid, k.box.Name) {
				drop[i], save = true, true
				k.gone.Add(m.uid)
				continue
			}
		} else {
			k.referred[at] = true
			if e := &k.emails[at]; e.size != m.size && k.found("message %d of mailbox %q has the wrong size", m.uid, k.box.Name) {
				p.sizes[i], m.size, save = e.size, e.size, true
			}
		}
		k.counts.countOne(&m, 1)
	}
	if !save {
		return nil
	}
	p.keep(drop)
	return k.savePage(k.box, p)
}

// finish compares the record with what was counted.
func (k *boxCheck) finish() error {
	if k.counts.Mailbox != k.box.Mailbox {
		if k.found("the counters of mailbox %q are wrong", k.box.Name) {
			*k.edit(k.box) = k.counts
		}
	}
	if err := k.history(); err != nil {
		return err
	}
	if len(k.gone) == 0 {
		return nil
	}
	b := k.edit(k.box)
	b.HighestModSeq = k.modseq
	k.changed = true
	return k.remember(b, k.gone.Normalize())
}

// history checks the record of expunged UIDs. One that is wrong is dropped:
// clients that ask about earlier times get all UIDs that do not exist.
func (k *boxCheck) history() error {
	rows, err := k.rows("SELECT modseq, count, ranges FROM vanished WHERE box = ? ORDER BY modseq", k.box.num)
	if err != nil {
		return err
	}
	n, bad := 0, false
	for _, row := range rows {
		set, err := decodeRanges(nil, row.data)
		bad = bad || err != nil || int64(len(set)) != row.rest[0] || imap.ModSeq(row.key) > k.box.HighestModSeq
		n += len(set)
	}
	if !bad && n == k.box.ranges {
		return nil
	}
	if !k.found("the history of expunges of mailbox %q is damaged; clients compare all UIDs instead", k.box.Name) {
		return nil
	}
	b := k.edit(k.box)
	b.ranges, b.floor = 0, b.HighestModSeq
	return k.db.exec("DELETE FROM vanished WHERE box = ?", b.num)
}

// checkQuota compares the account's counters with the mailboxes'.
func (c *checker) checkQuota() error {
	var messages, size uint64
	for _, b := range c.boxes() {
		messages += uint64(b.Messages)
		size += b.Size
	}
	q := &c.meta.quota
	if (q.Messages != messages || q.Size != size) &&
		c.found("the quota counts %d messages of %d octets; there are %d of %d", q.Messages, q.Size, messages, size) {
		q.Messages, q.Size = messages, size
	}
	return nil
}

// checkDropped reads the lists of garbage: what they name is not lost.
func (c *checker) checkDropped() error {
	rows, err := c.rows("SELECT id, emails FROM dropped")
	if err != nil {
		return err
	}
	for _, row := range rows {
		u := unpack(row.data, droppedFormat, maxDropped)
		list := expand([]uint64(nil), u.column(), u.n)
		if u.err != nil {
			if c.found("a list of garbage is damaged: %v", u.err) {
				if err := c.db.exec("DELETE FROM dropped WHERE id = ?", row.key); err != nil {
					return err
				}
			}
			continue
		}
		for _, id := range list {
			if i := c.email(id); i >= 0 {
				c.referred[i] = true
			}
		}
	}
	return nil
}

// recover puts messages that nothing refers to into a mailbox.
func (c *checker) recover() error {
	var list []message
	for i := range c.emails {
		if e := &c.emails[i]; !c.referred[i] {
			list = append(list, message{email: e.id, size: e.size, saved: uint64(c.store.opts.Now().Unix())})
		}
	}
	if len(list) == 0 || !c.found("%d messages have lost their mailbox; they go to %q", len(list), recoveredName) {
		return nil
	}
	b := c.named(recoveredName)
	if b == nil {
		b = c.create(store.NewMailbox{Name: recoveredName})
	}
	for i := range list {
		c.meta.quota.Messages++
		c.meta.quota.Size += list[i].size
	}
	return c.deliver(c.edit(b), list)
}

// checkSegments compares segments with the bodies that are in them.
func (c *checker) checkSegments() error {
	live := make(map[uint64]uint64)
	for i := range c.emails {
		live[c.emails[i].segment] += c.emails[i].size
	}
	type segmentRow struct{ n, bytes, dead uint64 }
	var rows []segmentRow
	err := c.db.query("SELECT n, bytes, dead FROM segment", func(r *sqlite.Stmt) error {
		rows = append(rows, segmentRow{column64(r, 0), column64(r, 1), column64(r, 2)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range rows {
		if err := c.checkSegmentFile(s.n, s.bytes); err != nil {
			return err
		}
		dead := s.bytes - min(live[s.n], s.bytes)
		if dead != s.dead && c.found("segment %d has %d octets of garbage, %d are counted", s.n, dead, s.dead) {
			if err := c.db.exec("UPDATE segment SET dead = ? WHERE n = ?", dead, s.n); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSegmentFile checks that a segment is as long as it must be. What it
// lacks is found body by body.
func (c *checker) checkSegmentFile(n, bytes uint64) error {
	g, err := c.segments.acquire(c.account, n)
	if err == nil {
		defer c.segments.release(g)
		var size int64
		if size, err = g.file.size(); err == nil && size < int64(bytes) {
			err = errSize
		}
	}
	if err != nil {
		c.problems = append(c.problems, Problem{File: c.path(segmentsDir, segmentName(n)), What: "segment is damaged: " + err.Error()})
	}
	return nil
}
