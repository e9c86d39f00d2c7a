package wire

// A Word is a keyword in a perfect hash that the generator made.
type Word struct {
	// Lo and Hi are the octets in lower case, the first one lowest: sixteen at most.
	Lo, Hi uint64
	// LoMask and HiMask cover the keyword, LoFold and HiFold are 0x20 where it has letters.
	LoMask, HiMask, LoFold, HiFold uint64
	// Value is what the keyword means.
	Value uint64
	// Gate is 1 more than the section that the keyword comes from, 0 for none.
	Gate uint16
	// Len is the number of octets.
	Len uint8
}

// At reports whether the keyword is at i, where w has been loaded.
func (x *Word) At(w uint64, b Octets, i int) bool {
	return (w|x.LoFold)&x.LoMask == x.Lo && (b.Le64(i+8)|x.HiFold)&x.HiMask == x.Hi
}

// Offers reports whether the section that a keyword comes from is not refused.
func (d *Dec) Offers(x *Word) bool { return x.Gate == 0 || d.Allows(x.Gate-1) }
