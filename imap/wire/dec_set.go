package wire

import "math/bits"

// setNumber decodes an nz-number of a set, or "*", which is 0.
func (d *Dec) setNumber(b Octets, i int, site Site) (uint32, int) {
	if b.At(i) == '*' && site == siteSequenceSet {
		return 0, i + 1
	}
	return d.nz32(b, i, site)
}

// rangeAt decodes a number or a range of numbers of a set.
func (d *Dec) rangeAt(b Octets, i int, site Site) (r NumRange, _ int) {
	if !d.Item(i) {
		return r, -1
	}
	t := b.Le64(i) ^ zeros
	n := digitBits(t)
	if uint(n-1) < 63 && byte(t) != 0 {
		r.Start, i = uint32(joinDigits(t, n)), i+n>>3
	} else if r.Start, i = d.setNumber(b, i, site); i < 0 {
		return r, i
	}
	if r.Stop = r.Start; b.At(i) == ':' {
		r.Stop, i = d.setNumber(b, i+1, site)
	}
	return r, i
}

// SequenceSet decodes sequence-set (RFC 9051 §9), with "$" unless NoSaved is set.
func (d *Dec) SequenceSet(b Octets, i int) (SequenceSet, int) {
	if b.At(i) == '$' && !d.NoSaved {
		return SequenceSet{Saved: true}, i + 1
	}
	mark := d.ranges.Mark(d)
	room := d.ranges.buf[mark:cap(d.ranges.buf)]
	n, j, more := shortRanges(b, i, room[:min(len(room), d.items)])
	d.items -= n
	d.ranges.buf = d.ranges.buf[:mark+n]
	if !more {
		return SequenceSet{Ranges: room[:n:n]}, j
	}
	return d.longSet(b, j, mark)
}

// longSet goes on with a sequence-set at i, of which the elements from the mark on have
// been decoded.
func (d *Dec) longSet(b Octets, i, mark int) (SequenceSet, int) {
	for {
		r, j := d.rangeAt(b, i, siteSequenceSet)
		if j < 0 {
			d.ranges.Drop(mark)
			return SequenceSet{}, j
		}
		d.ranges.Push(r)
		if b.At(j) != ',' {
			return SequenceSet{Ranges: d.ranges.Take(mark)}, j
		}
		i = j + 1
	}
}

// shortRanges decodes elements of a sequence-set as long as there is room and they
// are what most are: numbers of less than eight digits, of which the second may be
// "*". It returns how many there were and the index behind them, or that of the
// element which is not like that, if there is one more.
//
// It calls nothing, so that all it works with is in registers.
func shortRanges(b Octets, i int, room []NumRange) (n int, end int, more bool) {
	for n < len(room) {
		t := b.Le64(i) ^ zeros
		m := notDigits(t)
		if m == 0 || byte(t)-1 > 8 {
			break
		}
		size := bits.TrailingZeros64(m) & 56
		j := i + size>>3
		start := uint32(joinDigits(t, size))
		stop, next := start, byte(t>>(size&56))
		if next == ':'^'0' {
			t = b.Le64(j+1) ^ zeros
			m = notDigits(t)
			size, stop = 8, 0
			if byte(t) != '*'^'0' {
				if m == 0 || byte(t)-1 > 8 {
					break
				}
				size = bits.TrailingZeros64(m) & 56
				stop = uint32(joinDigits(t, size))
			}
			j += 1 + size>>3
			next = byte(t >> (size & 56))
		}
		room[n] = NumRange{start, stop}
		n++
		if next != ','^'0' {
			return n, j, false
		}
		i = j + 1
	}
	return n, i, true
}

// UIDSet decodes uid-set (RFC 4315 §4, RFC 9051 §9), which has no "*".
func (d *Dec) UIDSet(b Octets, i int) (UIDSet, int) {
	mark := d.uids.Mark(d)
	for {
		r, j := d.rangeAt(b, i, siteUIDSet)
		if j < 0 {
			d.uids.Drop(mark)
			return nil, j
		}
		d.uids.Push(UIDRange{UID(r.Start), UID(r.Stop)})
		if b.At(j) != ',' {
			return d.uids.Take(mark), j
		}
		i = j + 1
	}
}
