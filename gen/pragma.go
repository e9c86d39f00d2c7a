package gen

import (
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// directive finds an annotation of a rule and marks it as used.
func directive(r *grammar.Rule, name string) (args []string, ok bool) {
	for _, d := range r.Directives {
		if d.Name == name {
			d.Used = true
			return d.Args, true
		}
	}
	return nil, false
}

// has reports whether a rule is annotated, without marking the annotation as used.
func has(r *grammar.Rule, name string) bool {
	for _, d := range r.Directives {
		if d.Name == name {
			return true
		}
	}
	return false
}

// prefers reports whether a rule settles its conflicts in the given way.
func prefers(r *grammar.Rule, way string) bool {
	for _, d := range r.Directives {
		if d.Name == "prefer" && d.Args[0] == way {
			d.Used = true
			return true
		}
	}
	return false
}

// nameAndPattern splits the arguments of a directive: a type name, a pattern
// with `*` for the names of its cases, and words such as each and inline.
func nameAndPattern(args []string) (name, pattern string, words map[string]bool) {
	words = map[string]bool{}
	for _, a := range args {
		switch {
		case a == "each" || a == "inline":
			words[a] = true
		case strings.Contains(a, "*"):
			pattern = a
		default:
			name = a
		}
	}
	return name, pattern, words
}

// typeName is the Go name of what a rule means.
func typeName(r *grammar.Rule) string {
	for _, d := range []string{"type", "sum", "set"} {
		if args, ok := directive(r, d); ok {
			if name, _, _ := nameAndPattern(args); name != "" {
				return name
			}
		}
	}
	return camel(r.Spelling)
}

// fieldHint is the field name that a rule's annotations give to its values.
func fieldHint(r *grammar.Rule) string {
	for _, d := range r.Directives {
		switch d.Name {
		case "raw":
			if len(d.Args) > 0 {
				return d.Args[0]
			}
		case "leaf", "type":
			if len(d.Args) > 1 {
				return d.Args[1]
			}
		}
	}
	return ""
}

// use marks a note as honoured and returns its name.
func use(n *grammar.Note) string {
	if n == nil {
		return ""
	}
	n.Used = true
	return n.Name
}
