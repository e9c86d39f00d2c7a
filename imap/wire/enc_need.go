package wire

import "strings"

// needs is what an encoder knows of the sections of its grammar.
type needs struct {
	refused  CapSet   // sections that the peer does not have
	lacks    CapSet   // those among them that the unit needs
	lackedAt Site     // where the first one was needed
	sections []string // the capabilities that offer each section
}

// Refuse lets the encoder refuse what needs one of the sections. The table says for
// each section which capabilities offer it, with a space between.
func (e *Enc) Refuse(refused CapSet, table []string) { e.refused, e.sections = refused, table }

// Allows reports whether a section is not refused.
func (e *Enc) Allows(section uint16) bool { return !e.refused.Has(section) }

// Need notes that the unit needs a section that is refused, for what is written at
// the site. The unit goes on, so that all that it needs is known at its end.
func (e *Enc) Need(section uint16, site Site) {
	if e.lacks == (CapSet{}) {
		e.lackedAt = site
	}
	e.used, e.bad = true, true
	e.lacks.Add(section)
}

// Lacked are the refused sections that the last unit needs, each as the capabilities
// of which one is needed; ok is false where the unit could not be said with them either.
func (e *Enc) Lacked() (sections [][]string, ok bool) {
	for i, s := range e.sections {
		if e.lacks.Has(uint16(i)) {
			sections = append(sections, strings.Fields(s))
		}
	}
	return sections, !e.wrong
}

// lacking is the error for a unit that is right but needs what the peer does not have.
func (e *Enc) lacking() *EncodeError {
	sections, _ := e.Lacked()
	info := siteInfo(e.sites, e.lackedAt)
	return &EncodeError{Rule: info.Rule, Expected: info.Expected, Needs: sections}
}
