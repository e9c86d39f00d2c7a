package wire

// setNumber decodes an nz-number of a set, or "*", which is 0.
func (d *Dec) setNumber(b []byte, i int, site Site) (uint32, int) {
	if b[i] == '*' && site == siteSequenceSet {
		return 0, i + 1
	}
	return d.nz32(b, i, site)
}

// rangeAt decodes a number or a range of numbers of a set.
func (d *Dec) rangeAt(b []byte, i int, site Site) (NumRange, int) {
	if !d.Item(i) {
		return NumRange{}, -1
	}
	v, j := digits(b, i)
	if j < 0 || v > maxUint32 || b[i] == '0' {
		first, k := d.setNumber(b, i, site)
		v, j = uint64(first), k
	}
	r := NumRange{uint32(v), uint32(v)}
	if j >= 0 && b[j] == ':' {
		r.Stop, j = d.setNumber(b, j+1, site)
	}
	return r, j
}

// SequenceSet decodes sequence-set (RFC 9051 §9), with "$" unless NoSaved is set.
func (d *Dec) SequenceSet(b []byte, i int) (SequenceSet, int) {
	if b[i] == '$' && !d.NoSaved {
		return SequenceSet{Saved: true}, i + 1
	}
	mark := d.ranges.Mark(d)
	for {
		r, j := d.rangeAt(b, i, siteSequenceSet)
		if j < 0 {
			d.ranges.Drop(mark)
			return SequenceSet{}, j
		}
		d.ranges.Push(r)
		if b[j] != ',' {
			return SequenceSet{Ranges: d.ranges.Take(mark)}, j
		}
		i = j + 1
	}
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
