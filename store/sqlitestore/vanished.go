package sqlitestore

import (
	"encoding/binary"
	"errors"
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
)

var errRanges = errors.New("ranges of expunged UIDs that are none")

// appendRanges packs a normalized set.
func appendRanges(dst []byte, set imap.UIDSet) []byte {
	last := imap.UID(0)
	for _, r := range set {
		dst = binary.AppendUvarint(dst, uint64(r.Start-last))
		dst = binary.AppendUvarint(dst, uint64(r.Stop-r.Start))
		last = r.Stop
	}
	return dst
}

// decodeRanges adds what appendRanges has packed to a set.
func decodeRanges(set imap.UIDSet, row []byte) (imap.UIDSet, error) {
	last := uint64(0)
	for len(row) > 0 {
		gap, n := binary.Uvarint(row)
		length, k := binary.Uvarint(row[max(n, 0):])
		if n <= 0 || k <= 0 || gap == 0 || gap > math.MaxUint32 || length > math.MaxUint32 || last+gap+length > math.MaxUint32 {
			return nil, errRanges
		}
		start := last + gap
		last = start + length
		set = append(set, imap.UIDRange{Start: imap.UID(start), Stop: imap.UID(last)})
		row = row[n+k:]
	}
	return set, nil
}

// remember adds to the history of expunges, and forgets the oldest half of it
// when it has grown too long. b is the transaction's own.
func (t *tx) remember(b *box, gone imap.UIDSet) error {
	limit := t.store.opts.History
	if len(gone) > limit {
		b.floor, b.ranges = t.modseq, 0
		return t.db.exec("DELETE FROM vanished WHERE box = ?", b.num)
	}
	err := t.db.exec("INSERT INTO vanished VALUES (?, ?, ?, ?)", b.num, uint64(t.modseq), len(gone), appendRanges(nil, gone))
	if err != nil {
		return err
	}
	b.ranges += len(gone)
	if b.ranges <= limit {
		return nil
	}
	return t.forgetHistory(b, limit/2)
}

// forgetHistory keeps at most so many ranges, the newest.
func (t *tx) forgetHistory(b *box, keep int) error {
	rest := b.ranges
	err := t.db.query("SELECT modseq, count FROM vanished WHERE box = ? ORDER BY modseq", func(r *sqlite.Stmt) error {
		if rest > keep {
			b.floor = imap.ModSeq(column64(r, 0))
			rest -= r.ColumnInt(1)
		}
		return nil
	}, b.num)
	if err != nil {
		return err
	}
	b.ranges = rest
	return t.db.exec("DELETE FROM vanished WHERE box = ? AND modseq <= ?", b.num, uint64(b.floor))
}

// expungedSince returns the UIDs expunged after since, which is not below
// the floor.
func (a *account) expungedSince(b *box, since imap.ModSeq) (imap.UIDSet, error) {
	var set imap.UIDSet
	err := a.db.query("SELECT ranges FROM vanished WHERE box = ? AND modseq > ?", func(r *sqlite.Stmt) (err error) {
		if set, err = decodeRanges(set, scratch(r, 0, &a.scratch)); err != nil {
			return &damage{file: a.path(databaseName), what: "history of mailbox " + b.ID.String(), err: err}
		}
		return nil
	}, b.num, uint64(min(since, math.MaxInt64)))
	return set.Normalize(), err
}
