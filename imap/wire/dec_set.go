package wire

// setNumber decodes an nz-number of a set, or "*", which is 0.
func (d *Dec) setNumber(b []byte, i int, site Site) (uint32, int) {
	if b[i] == '*' && site == siteSequenceSet {
		return 0, i + 1
	}
	return d.nz32(b, i, site)
}

// rangeAt decodes a number or a range of numbers of a set.
func (d *Dec) rangeAt(b []byte, i int, site Site) (r NumRange, _ int) {
	if !d.Item(i) {
		return r, -1
	}
	t := Le64(b, i) ^ zeros
	n := digitBits(t)
	if uint(n-1) < 63 && byte(t) != 0 {
		r.Start, i = uint32(joinDigits(t, n)), i+n>>3
	} else if r.Start, i = d.setNumber(b, i, site); i < 0 {
		return r, i
	}
	if r.Stop = r.Start; b[i] == ':' {
		r.Stop, i = d.setNumber(b, i+1, site)
	}
	return r, i
}

// SequenceSet decodes sequence-set (RFC 9051 §9), with "$" unless NoSaved is set.
func (d *Dec) SequenceSet(b []byte, i int) (SequenceSet, int) {
	if b[i] == '$' && !d.NoSaved {
		return SequenceSet{Saved: true}, i + 1
	}
	mark := d.ranges.Mark(d)
	for {
		r, j := shortRange(b, i)
		if j < 0 || d.items <= 0 {
			if r, j = d.rangeAt(b, i, siteSequenceSet); j < 0 {
				d.ranges.Drop(mark)
				return SequenceSet{}, j
			}
		} else {
			d.items--
		}
		d.ranges.Push(r)
		if b[j] != ',' {
			return SequenceSet{Ranges: d.ranges.Take(mark)}, j
		}
		i = j + 1
	}
}

// shortRange decodes what most elements of a sequence-set are: numbers of less
// than eight digits, of which the second may be "*". The index is negative for
// all others. What is behind the first number is read as if it were ":" and the
// second: nothing foretells whether it is, so there is no branch to be mispredicted.
func shortRange(b []byte, i int) (NumRange, int) {
	t := Le64(b, i) ^ zeros
	n := digitBits(t)
	start, j := uint32(joinDigits(t, n)), i+n>>3
	u := Le64(b, j+1) ^ zeros
	m := digitBits(u)
	stop := uint32(joinDigits(u, m))
	if b[j+1] == '*' {
		stop, m, u = 0, 8, 1
	}
	if b[j] != ':' {
		stop, m, u = start, -8, 1
	}
	if uint(n-1) >= 63 || m&63 == 0 || byte(t) == 0 || byte(u) == 0 {
		return NumRange{}, -1
	}
	return NumRange{start, stop}, j + 1 + m>>3
}

// UIDSet decodes uid-set (RFC 4315 §4, RFC 9051 §9), which has no "*".
func (d *Dec) UIDSet(b []byte, i int) (UIDSet, int) {
	mark := d.uids.Mark(d)
	for {
		r, j := d.rangeAt(b, i, siteUIDSet)
		if j < 0 {
			d.uids.Drop(mark)
			return nil, j
		}
		d.uids.Push(UIDRange{UID(r.Start), UID(r.Stop)})
		if b[j] != ',' {
			return d.uids.Take(mark), j
		}
		i = j + 1
	}
}
