package wire

func appendStar(dst []byte, n uint32) []byte {
	if n == 0 {
		return append(dst, '*')
	}
	return appendNumber(dst, uint64(n))
}

func appendSequenceSet(dst []byte, s SequenceSet) []byte {
	if s.Saved {
		return append(dst, '$')
	}
	for i, r := range s.Ranges {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendStar(dst, r.Start)
		if r.Stop != r.Start {
			dst = appendStar(append(dst, ':'), r.Stop)
		}
	}
	return dst
}

func appendUIDSet(dst []byte, s UIDSet) []byte {
	for i, r := range s {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendNumber(dst, uint64(r.Start))
		if r.Stop != r.Start {
			dst = appendNumber(append(dst, ':'), uint64(r.Stop))
		}
	}
	return dst
}

// SequenceSet appends sequence-set.
func (e *Enc) SequenceSet(p Out, s SequenceSet) Out {
	switch {
	case s.IsZero():
		return e.FailReason(p, siteSequenceSet, "empty")
	case s.Saved && len(s.Ranges) > 0:
		return e.FailReason(p, siteSequenceSet, `"$" with numbers`)
	}
	return e.resume(appendSequenceSet(e.Bytes(p), s))
}

// UIDSet appends uid-set.
func (e *Enc) UIDSet(p Out, s UIDSet) Out {
	if len(s) == 0 {
		return e.FailReason(p, siteUIDSet, "empty")
	}
	for _, r := range s {
		if r.Start == 0 || r.Stop == 0 {
			return e.FailReason(p, siteUIDSet, "0")
		}
	}
	return e.resume(appendUIDSet(e.Bytes(p), s))
}
