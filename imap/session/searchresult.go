package session

import (
	"github.com/imapsrv/imapsrv/imap"
)

// searchHits are the messages that a SEARCH found, ascending.
type searchHits struct {
	seqs []imap.SeqNum
	uids []imap.UID
}

func (h *searchHits) add(c *candidate) {
	h.seqs = append(h.seqs, c.Seq)
	h.uids = append(h.uids, c.UID)
}

func (h *searchHits) len() int { return len(h.uids) }

// nums are the numbers that the response shows.
func (h *searchHits) nums(uid bool) []uint32 {
	nums := make([]uint32, h.len())
	for i := range nums {
		if uid {
			nums[i] = uint32(h.uids[i])
		} else {
			nums[i] = uint32(h.seqs[i])
		}
	}
	return nums
}

// saved are the messages that RETURN (SAVE …) keeps as "$": with MIN or MAX and
// neither ALL nor COUNT only those that are returned (RFC 9051 §6.4.4.1).
func (h *searchHits) saved(options imap.SearchReturnHas) imap.UIDSet {
	const whole = imap.SearchReturnHasAll | imap.SearchReturnHasCount
	const ends = imap.SearchReturnHasMin | imap.SearchReturnHasMax
	if options&whole != 0 || options&ends == 0 || h.len() == 0 {
		return uidSet(h.uids)
	}
	var uids imap.UIDSet
	if options&imap.SearchReturnHasMin != 0 {
		uids.Add(h.uids[0])
	}
	if last := h.uids[h.len()-1]; options&imap.SearchReturnHasMax != 0 && !uids.Contains(last) {
		uids.Add(last)
	}
	return uids
}

// uidSet joins ascending UIDs to ranges.
func uidSet(uids []imap.UID) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.Add(uid)
	}
	return set
}

// response is the untagged response: ESEARCH when RETURN is there or IMAP4rev2
// is enabled, SEARCH otherwise; nil for RETURN (SAVE) alone.
func (h *searchHits) response(cmd *imap.Search, tag string, rev2 bool) imap.Response {
	if cmd.Return == nil && !rev2 {
		return &imap.SearchData{Nums: h.nums(cmd.UID)}
	}
	options := searchOptions(cmd)
	if options == imap.SearchReturnHasSave {
		return nil
	}
	return esearch(h.nums(cmd.UID), tag, cmd.UID, options)
}

// searchOptions are the options of RETURN; ALL without any (RFC 9051 §6.4.4).
func searchOptions(cmd *imap.Search) imap.SearchReturnHas {
	if cmd.Return == nil || cmd.Return.Has == 0 {
		return imap.SearchReturnHasAll
	}
	return cmd.Return.Has
}

func esearch(nums []uint32, tag string, uid bool, options imap.SearchReturnHas) *imap.ESearchData {
	data := &imap.ESearchData{Tag: tag, UID: uid}
	if options&imap.SearchReturnHasCount != 0 {
		data.Has |= imap.ESearchDataHasCount
		data.Count = uint32(len(nums))
	}
	if len(nums) == 0 {
		return data
	}
	if options&imap.SearchReturnHasMin != 0 {
		data.Has |= imap.ESearchDataHasMin
		data.Min = nums[0]
	}
	if options&imap.SearchReturnHasMax != 0 {
		data.Has |= imap.ESearchDataHasMax
		data.Max = nums[len(nums)-1]
	}
	if options&imap.SearchReturnHasAll != 0 {
		data.Has |= imap.ESearchDataHasAll
		data.All = imap.SequenceSet{Ranges: numRanges(nums)}
	}
	return data
}

// numRanges joins ascending numbers to ranges.
func numRanges(nums []uint32) []imap.NumRange {
	var ranges []imap.NumRange
	for _, n := range nums {
		if k := len(ranges) - 1; k >= 0 && ranges[k].Stop+1 == n {
			ranges[k].Stop = n
			continue
		}
		ranges = append(ranges, imap.NumRange{Start: n, Stop: n})
	}
	return ranges
}
