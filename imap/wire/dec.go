package wire

// Dec is the state of a decoder that is common to all grammars. A generated
// decoder embeds it. The zero value is ready to use: values are owned, limits
// have their defaults, no section is refused.
//
// Its primitives take a unit and an index and return a value with the index
// behind it, which is negative where the unit does not have such a value.
type Dec struct {
	// Borrow lets values share memory with the frame and with the decoder: they
	// are good until the decoder's or reader's next call. Otherwise values stay
	// good, and a value keeps the memory of its unit, and of a few more, alive.
	Borrow bool
	// Limits bound Items and Depth; the other fields do not matter here.
	Limits Limits
	// Refused are the sections that decode as if the grammar did not have them.
	Refused CapSet
	// NoSaved refuses "$", the saved result of a search, as a set (RFC 5182).
	NoSaved bool

	end     int
	failPos int // of the last Fail, in whatever unit that was
	failed  Site
	ended   bool // the frame ends in a pending literal that has been decoded
	pending *LiteralReader
	depth   int // levels that may still be entered
	deep    int // levels of rules with a bound of their own that have been entered
	items   int // list items that may still come
	unit    uint32
	sites   []SiteInfo

	chunk  int    // owned mode: size of the last chunk
	frames []byte // owned mode: what is left of a chunk that frames are copied to
	padded []byte // borrow mode: copy of a frame that has no slack
	octets Arena[byte]
	ranges Arena[NumRange]
	uids   Arena[UIDRange]
}

// Begin starts on a unit. It returns the octets of the frame, for the primitives. The
// frame must end in CRLF.
func (d *Dec) Begin(f Frame) (Octets, error) {
	n := len(f.Bytes)
	if n < 2 || f.Bytes[n-2] != '\r' || f.Bytes[n-1] != '\n' {
		return Octets{}, d.errorAt(n, siteLine)
	}
	d.end = n - 2
	if f.Pending != d.pending {
		d.pending = f.Pending
	}
	d.deep, d.ended = 0, false
	if d.items = d.Limits.Items; d.items == 0 {
		d.items = defaultItems
	}
	depth := d.Limits.Depth
	if depth == 0 {
		depth = defaultDepth
	}
	d.depth = depth - 1 // the outermost level is not entered
	d.unit++
	if d.Borrow && cap(f.Bytes) >= n+Slack {
		return octetsOf(f.Bytes[:n+Slack]), nil
	}
	return octetsOf(d.copied(f.Bytes)), nil
}

// copied is a frame in memory with slack behind it: memory that values may keep
// where they are owned.
func (d *Dec) copied(line []byte) []byte {
	if d.Borrow {
		return d.pad(line)
	}
	return d.own(line)
}

// own copies a frame to memory that values may keep. The slack is where the
// next frame goes.
func (d *Dec) own(line []byte) []byte {
	n := len(line)
	if cap(d.frames) < n+Slack {
		d.chunk = nextChunk(d.chunk, 1)
		d.frames = make([]byte, 0, max(d.chunk, n+Slack))
	}
	b := d.frames[:n+Slack]
	copy(b, line)
	d.frames = d.frames[n:n]
	return b
}

// pad copies a frame to where it has slack.
func (d *Dec) pad(line []byte) []byte {
	if cap(d.padded) > largeArena {
		d.padded = nil
	}
	d.padded = append(d.padded[:0], line...)
	d.padded = append(d.padded, make([]byte, Slack)...)
	return d.padded
}

// Sites sets the table that describes the sites from NumSites on.
func (d *Dec) Sites(table []SiteInfo) { d.sites = table }

// Allows reports whether a section of the grammar is not refused.
func (d *Dec) Allows(section uint16) bool {
	return d.Refused[section>>6&3]&(1<<(section&63)) == 0
}

// End returns the index of the unit's final CRLF.
func (d *Dec) End() int { return d.end }

// AtEnd reports whether the unit ends at i.
func (d *Dec) AtEnd(i int) bool { return i == d.end }

// Suspended reports whether a streamed literal has been decoded: the unit ends
// there, and what the grammar wants behind it is in the next frame.
func (d *Dec) Suspended() bool { return d.ended }

// Fail notes that the unit is wrong at i, and returns a negative index. The
// last note counts.
func (d *Dec) Fail(i int, site Site) int {
	d.failPos, d.failed = i, site
	return -1
}

// Failure returns where decoding failed last, to be compared with the failures
// of other attempts and to be noted again.
func (d *Dec) Failure() (i int, site Site) { return d.failPos, d.failed }

// Enter goes one level deeper than the outermost, which is not entered but counts. It
// fails at i where that is too deep.
func (d *Dec) Enter(i int) bool {
	if d.depth > 0 {
		d.depth--
		return true
	}
	d.Fail(i, SiteDepth)
	return false
}

// Leave comes back from a level.
func (d *Dec) Leave() { d.depth++ }

// EnterDeep enters a level of a rule that may nest n levels whatever Limits say,
// and is otherwise like Enter.
func (d *Dec) EnterDeep(i, n int) bool {
	if d.deep+1 < n {
		d.deep++
		return true
	}
	d.Fail(i, SiteDepth)
	return false
}

// LeaveDeep leaves a level that EnterDeep entered.
func (d *Dec) LeaveDeep() { d.deep-- }

// Item counts a list item. It fails at i where there are too many.
func (d *Dec) Item(i int) bool {
	if d.items > 0 {
		d.items--
		return true
	}
	d.Fail(i, SiteItems)
	return false
}

// Finish ends a unit with the index that decoding came to: nil where that is
// the end of the unit, or where only what follows a streamed literal is
// missing. The error is a *SyntaxError.
func (d *Dec) Finish(i int) error {
	switch {
	case i == d.end:
		return nil
	case i >= 0:
		return d.errorAt(i, SiteEnd)
	case d.ended && d.failPos == d.end:
		return nil
	}
	return d.errorAt(d.failPos, d.failed)
}

func (d *Dec) errorAt(i int, site Site) error {
	info := siteInfo(d.sites, site)
	return &SyntaxError{Offset: i, Rule: info.Rule, Expected: info.Expected}
}

// Sub returns the octets from s to e as a string.
func (d *Dec) Sub(b Octets, s, e int) string { return b.text(s, e) }
