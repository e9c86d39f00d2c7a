package wire

import (
	"cmp"
	"iter"
	"slices"
)

// NumRange is a pair of numbers of a sequence-set, ends included, in the order
// written. A single number has Start equal to Stop; 0 stands for "*".
type NumRange struct{ Start, Stop uint32 }

// SequenceSet is a sequence-set as written (RFC 9051 §9): its order is kept, and
// it may hold "*". The zero value means absent.
type SequenceSet struct {
	Ranges []NumRange
	// Saved says that the set is "$", the saved result of a search (RFC 5182);
	// Ranges is then empty.
	Saved bool
}

// IsZero reports whether the set is absent.
func (s SequenceSet) IsZero() bool { return len(s.Ranges) == 0 && !s.Saved }

// String returns the set as on the wire.
func (s SequenceSet) String() string { return string(appendSequenceSet(nil, s)) }

// Star reports whether the set holds "*".
func (s SequenceSet) Star() bool {
	return slices.ContainsFunc(s.Ranges, func(r NumRange) bool { return r.Start == 0 || r.Stop == 0 })
}

// Resolve puts largest in the place of "*" and returns the ranges sorted and
// merged, each with Start <= Stop. Where largest is 0, "*" stands for nothing.
func (s SequenceSet) Resolve(largest uint32) []NumRange {
	out := make([]NumRange, 0, len(s.Ranges))
	for _, r := range s.Ranges {
		if r.Start == 0 {
			r.Start = largest
		}
		if r.Stop == 0 {
			r.Stop = largest
		}
		if r.Start > r.Stop {
			r.Start, r.Stop = r.Stop, r.Start
		}
		if r.Start != 0 {
			out = append(out, r)
		}
	}
	return mergeRanges(out)
}

// mergeRanges sorts ranges and joins those that touch, in place.
func mergeRanges(rs []NumRange) []NumRange {
	if len(rs) < 2 {
		return rs
	}
	slices.SortFunc(rs, func(a, b NumRange) int { return cmp.Compare(a.Start, b.Start) })
	out := rs[:1]
	for _, r := range rs[1:] {
		last := &out[len(out)-1]
		if uint64(r.Start) > uint64(last.Stop)+1 {
			out = append(out, r)
		} else {
			last.Stop = max(last.Stop, r.Stop)
		}
	}
	return out
}

// UIDRange is a range of UIDs, ends included, in the order written. A single
// UID has Start equal to Stop.
type UIDRange struct{ Start, Stop UID }

// UIDSet is a uid-set (RFC 4315 §4, RFC 9051 §9): it has no "*". Decoding keeps the order
// of the wire, which COPYUID gives a meaning; see Normalize. Nil means absent.
type UIDSet []UIDRange

// Len counts the UIDs, those named twice twice.
func (s UIDSet) Len() int {
	n := 0
	for _, r := range s {
		lo, hi := r.bounds()
		n += int(hi-lo) + 1
	}
	return n
}

// Contains reports whether the set, in any order, has the UID.
func (s UIDSet) Contains(uid UID) bool {
	for _, r := range s {
		if lo, hi := r.bounds(); lo <= uid && uid <= hi {
			return true
		}
	}
	return false
}

// All yields the UIDs in the order written; a range always ascends.
func (s UIDSet) All() iter.Seq[UID] {
	return func(yield func(UID) bool) {
		for _, r := range s {
			lo, hi := r.bounds()
			for uid := lo; ; uid++ {
				if !yield(uid) {
					return
				}
				if uid == hi {
					break
				}
			}
		}
	}
}

// Add appends a UID, and joins it to the last range where it follows that.
func (s *UIDSet) Add(uid UID) {
	if n := len(*s); n > 0 {
		last := &(*s)[n-1]
		if last.Start <= last.Stop && uid == last.Stop+1 && uid != 0 {
			last.Stop = uid
			return
		}
	}
	*s = append(*s, UIDRange{uid, uid})
}

// Normalize returns a sorted copy with joined ranges, each with Start <= Stop.
func (s UIDSet) Normalize() UIDSet {
	out := slices.Clone(s)
	for i, r := range out {
		out[i].Start, out[i].Stop = r.bounds()
	}
	slices.SortFunc(out, func(a, b UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	k := 0
	for _, r := range out {
		if k > 0 && uint64(r.Start) <= uint64(out[k-1].Stop)+1 {
			out[k-1].Stop = max(out[k-1].Stop, r.Stop)
			continue
		}
		out[k] = r
		k++
	}
	return out[:k]
}

// String returns the set as on the wire.
func (s UIDSet) String() string { return string(appendUIDSet(nil, s)) }

func (r UIDRange) bounds() (lo, hi UID) { return min(r.Start, r.Stop), max(r.Start, r.Stop) }
