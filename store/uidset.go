package store

import (
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

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
