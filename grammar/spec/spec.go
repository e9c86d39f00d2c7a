// Package spec holds the annotated grammars of the IMAP RFCs, one file per RFC.
//
// Where RFCs contradict themselves or each other, comments say which reading is
// taken; A1 to A76 in them are the numbers of such places in the list that the
// grammars were written by.
package spec

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/imapsrv/imapsrv/grammar"
)

//go:embed *.abnf
var files embed.FS

// baseNames are the files of IMAP4rev1 and IMAP4rev2 without extensions, in the
// order in which they merge.
var baseNames = []string{"core", "rfc9051", "rfc3501"}

// Base returns the grammar files of both revisions without extensions.
func Base() []grammar.File {
	out, err := Files(baseNames...)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return out
}

// needs are the files that each file extends or refers to, by their names.
var needs = sync.OnceValue(func() map[string][]string {
	all, err := Files(Names()...)
	if err != nil {
		panic(err) // the files are part of the program
	}
	out := map[string][]string{}
	uses, err := grammar.Uses(all...)
	if err != nil {
		return out // a file that does not parse: whoever loads it gets the error, with its place
	}
	for file, others := range uses {
		for _, o := range others {
			out[nameOf(file)] = append(out[nameOf(file)], nameOf(o))
		}
	}
	return out
})

// nameOf is the name of a grammar file.
func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), ".abnf") }

// All returns every grammar file: the base, and then the extensions by name,
// each behind those it needs.
func All() []grammar.File {
	out, err := Files(With(Names()...)...)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return out
}

// With lists the files of the base, the named ones and those that they need, in
// an order in which they merge.
func With(names ...string) []string {
	out := slices.Clone(baseNames)
	var add func(string)
	add = func(name string) {
		if slices.Contains(out, name) {
			return
		}
		for _, n := range needs()[name] {
			add(n)
		}
		out = append(out, name)
	}
	for _, name := range names {
		add(name)
	}
	return out
}

// Names lists the grammar files, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, nameOf(e.Name()))
	}
	return names
}

// Files returns the grammar files of the given names, such as "core" and
// "rfc9051", in that order. It fails for a name that is not there.
func Files(names ...string) ([]grammar.File, error) {
	var out []grammar.File
	for _, name := range names {
		data, err := files.ReadFile(name + ".abnf")
		if err != nil {
			return nil, fmt.Errorf("no grammar file named %q; see Names", name)
		}
		out = append(out, grammar.File{Name: path.Join("grammar/spec", name+".abnf"), Data: data})
	}
	return out, nil
}
