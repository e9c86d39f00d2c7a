package store

import (
	"cmp"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

// NormalizeUIDs returns a copy of set that is sorted, without overlapping or
// adjoining ranges, each with Start ≤ Stop. UID 0, which is no UID, is cut.
func NormalizeUIDs(set imap.UIDSet) imap.UIDSet {
	out := make(imap.UIDSet, 0, len(set))
	for _, r := range set {
		if r.Start > r.Stop {
			r.Start, r.Stop = r.Stop, r.Start
		}
		if r.Stop > 0 {
			out = append(out, imap.UIDRange{Start: max(r.Start, 1), Stop: r.Stop})
		}
	}
	slices.SortFunc(out, func(a, b imap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	return mergeRanges(out)
}

// mergeRanges merges sorted ranges in place.
func mergeRanges(set imap.UIDSet) imap.UIDSet {
	if len(set) == 0 {
		return nil
	}
	n := 0
	for _, r := range set[1:] {
		if last := &set[n]; uint64(r.Start) <= uint64(last.Stop)+1 {
			last.Stop = max(last.Stop, r.Stop)
		} else {
			n++
			set[n] = r
		}
	}
	return set[:n+1]
}

// CutUIDs calls use with the bounds of each run of uids (ascending) that lies
// in a range of set (normalized): uids[from:to]. It stops when use returns
// false. The cost is that of the ranges or of the runs, never of a range's
// length.
func CutUIDs(uids []imap.UID, set imap.UIDSet, use func(from, to int) bool) {
	pos := 0
	for _, r := range set {
		if pos == len(uids) {
			return
		}
		from, _ := slices.BinarySearch(uids[pos:], r.Start)
		from += pos
		n, found := slices.BinarySearch(uids[from:], r.Stop)
		pos = from + n
		if found {
			pos++
		}
		if from < pos && !use(from, pos) {
			return
		}
	}
}

// UIDBuilder makes a normalized set of UIDs that are added in ascending
// order. The zero value is an empty set.
type UIDBuilder struct {
	set imap.UIDSet
	n   int
}

// Add appends a UID that is larger than all before.
func (b *UIDBuilder) Add(uid imap.UID) {
	b.n++
	if k := len(b.set) - 1; k >= 0 && b.set[k].Stop+1 == uid {
		b.set[k].Stop = uid
		return
	}
	b.set = append(b.set, imap.UIDRange{Start: uid, Stop: uid})
}

// Len is the number of UIDs.
func (b *UIDBuilder) Len() int { return b.n }

// Set returns the set; nil if it is empty. The builder must not be used
// afterwards.
func (b *UIDBuilder) Set() imap.UIDSet { return b.set }

// MissingUIDs returns the UIDs from 1 to next-1 that uids (ascending) does
// not have, normalized: what Delta.Vanished is below the floor.
func MissingUIDs(uids []imap.UID, next imap.UID) imap.UIDSet {
	var set imap.UIDSet
	expect := imap.UID(1)
	for _, uid := range uids {
		if uid > expect {
			set = append(set, imap.UIDRange{Start: expect, Stop: uid - 1})
		}
		expect = uid + 1
	}
	if next > expect {
		set = append(set, imap.UIDRange{Start: expect, Stop: next - 1})
	}
	return set
}
