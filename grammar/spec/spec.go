// Package spec holds the annotated grammars of the IMAP RFCs, one file per RFC.
package spec

import (
	"embed"
	"fmt"
	"path"
	"strings"

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

// Names lists the grammar files, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".abnf"))
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
