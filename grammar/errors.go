package grammar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Error is one mistake in a grammar: where it is, in which rule, and what to
// do about it.
type Error struct {
	Pos Pos
	// Rule is the name of the rule as it was written, or "" outside of a rule.
	Rule string
	// Text says what is wrong and how to put it right.
	Text string
}

// Error is "file:line:column: rule: text", without what is not known.
func (e *Error) Error() string {
	s := e.Text
	if e.Rule != "" {
		s = e.Rule + ": " + s
	}
	if e.Pos.File != "" {
		s = e.Pos.String() + ": " + s
	}
	return s
}

// String is "file:line:column".
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// compare orders places by file, line and column.
func (p Pos) compare(q Pos) int {
	return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// A report collects errors, so that one run tells all of them.
type report struct{ errs []*Error }

func (r *report) add(pos Pos, rule, format string, args ...any) {
	r.errs = append(r.errs, &Error{Pos: pos, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

// err joins the errors, sorted by place, without repetitions; nil where there are none.
func (r *report) err() error { return errors.Join(r.list()...) }

func (r *report) list() []error {
	slices.SortStableFunc(r.errs, func(a, b *Error) int {
		return cmp.Or(a.Pos.compare(b.Pos), strings.Compare(a.Text, b.Text))
	})
	var out []error
	for i, e := range r.errs {
		if i == 0 || *e != *r.errs[i-1] {
			out = append(out, e)
		}
	}
	return out
}
