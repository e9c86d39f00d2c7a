package imap

import (
	"iter"
	"slices"
	"strconv"

	"github.com/imapsrv/imapsrv/imap/wire"
)

// mender holds a unit as it was received and as it has been mended.
type mender struct {
	quirks      QuirkSet
	original, b []byte
	edits       []edit
	diagnostics []Diagnostic
	// keywords are those that the grammar cannot say, by what stands for them.
	keywords map[string]string
	zero     bool // seqOfZero stands for 0
}

// An edit is a stretch of the original, and what it has become.
type edit struct{ start, end, at, length int }

// A repair puts text in the place of b[start:end].
type repair struct {
	quirk      Quirk
	start, end int
	with       string
	// keep changes nothing: the unit's strict value is what there is to have.
	keep bool
	// rewound is what the indices are those of, where that is not the unit as it is.
	rewound *mender
	// keyword is what a placeholder in "with" stands for.
	keyword string
}

// repairs yields what may help, the most specific first.
func (m *mender) repairs(t trouble) iter.Seq[repair] {
	return func(yield func(repair) bool) {
		for i := range rows {
			row := &rows[i]
			if !m.quirks.Has(row.quirk) || !row.fits(t) {
				continue
			}
			if r, ok := row.repair(m, t.at); ok && !yield(r) {
				return
			}
		}
		if t.doubtful || !m.quirks.Has(QuirkBrokenItem) {
			return
		}
		for r := range m.cuts(t.at) {
			if !yield(r) {
				return
			}
		}
	}
}

// apply makes a repair and reports it.
func (m *mender) apply(t trouble, r repair) {
	if r.rewound != nil {
		*m = *r.rewound
	}
	start, end := m.position(r.start), m.position(r.end)
	d := Diagnostic{Offset: start, Rule: t.rule, Quirk: r.quirk, Read: r.with, Original: string(m.original[start:end])}
	if r.keep {
		d.Read = d.Original
	}
	if r.keyword != "" {
		d.Read = r.keyword
		m.keywords = cloneWith(m.keywords, r.with, r.keyword)
	}
	if r.quirk == QuirkZeroSequence {
		d.Read, m.zero = "0", true
	}
	m.diagnostics = append(slices.Clip(m.diagnostics), d)
	if r.keep {
		return
	}
	m.note(r)
	b := make([]byte, 0, len(m.b)-(r.end-r.start)+len(r.with)+wire.Slack)
	b = append(b, m.b[:r.start]...)
	b = append(b, r.with...)
	m.b = append(b, m.b[r.end:]...)
}

// position is where an octet of the mended unit is in the original. Within what
// has been written, it is the start of what that replaced.
func (m *mender) position(at int) int {
	shift := 0
	for _, e := range m.edits {
		if at <= e.at {
			break
		}
		if at < e.at+e.length {
			return e.start
		}
		shift = e.end - (e.at + e.length)
	}
	return at + shift
}

// note keeps account of what a repair does to positions. Edits that it touches
// become one with it.
func (m *mender) note(r repair) {
	n := edit{start: m.position(r.start), end: m.position(r.end), at: r.start}
	from, to := r.start, r.end
	grown := len(r.with) - (r.end - r.start)
	var edits []edit
	for _, e := range m.edits {
		switch {
		case e.at+e.length < r.start:
			edits = append(edits, e)
		case e.at > r.end:
		default:
			from, to = min(from, e.at), max(to, e.at+e.length)
			n.start, n.end = min(n.start, e.start), max(n.end, e.end)
		}
	}
	n.at, n.length = from, to-from+grown
	edits = append(edits, n)
	for _, e := range m.edits {
		if e.at > r.end {
			e.at += grown
			edits = append(edits, e)
		}
	}
	m.edits = edits
}

// rewound is the unit with what was received from a place on. It reports false
// where that is in the middle of what was repaired.
func (m *mender) rewound(at int) (*mender, bool) {
	as := *m
	as.edits, as.diagnostics = nil, nil
	from := at // in the original
	for _, e := range m.edits {
		switch {
		case e.at+e.length <= at:
			as.edits, from = append(as.edits, e), at+e.end-(e.at+e.length)
		case e.at < at:
			return nil, false
		}
	}
	for _, d := range m.diagnostics {
		if d.Offset < from {
			as.diagnostics = append(as.diagnostics, d)
		}
	}
	as.b = append(slices.Clone(m.b[:at]), m.original[from:]...)
	return &as, true
}

// placeholder is an atom that stands for a keyword and is not in the unit.
func (m *mender) placeholder() string {
	for i := len(m.keywords); ; i++ {
		name := "Keyword" + strconv.Itoa(i)
		if indexFold(m.b, 0, name) < 0 {
			return name
		}
	}
}

// cloneWith is a copy of a map with one entry more, so that an attempt can be undone.
func cloneWith(m map[string]string, key, value string) map[string]string {
	c := make(map[string]string, len(m)+1)
	for k, v := range m {
		c[k] = v
	}
	c[key] = value
	return c
}
