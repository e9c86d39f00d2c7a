// Command imapgen writes a typed codec, a Go package, for an annotated ABNF grammar.
//
//	imapgen --out imap --package imap --spec core,rfc9051,rfc3501
//	imapgen --out imapx --package imapx --spec core,rfc9051,rfc3501 x-colour.abnf
//	imapgen --out imapx --package imapx --docs docs --spec all x-colour.abnf
//
// The grammars of --spec are part of the program; files of one's own come after them and may extend their rules with
// "=/". The package needs only the runtime, github.com/imapsrv/imapsrv/imap/wire, so that a grammar of one's own does
// not need a fork.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/imapsrv/imapsrv/gen"
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// arguments is the command line.
type arguments struct {
	Out        string   `required:"" placeholder:"DIR" help:"Directory of the package; made if it does not exist. Files in it that imapgen wrote and that are not written any more are removed."`
	Package    string   `required:"" placeholder:"NAME" help:"Name of the package."`
	ImportPath string   `placeholder:"PATH" help:"Import path of the package, where it is a part of Imapsrv itself."`
	Docs       string   `placeholder:"DIR" help:"Directory for a reference of the grammar, in Markdown: protocol.md, and a page a topic. Pages in it that imapgen wrote and that are not written any more are removed."`
	Examples   []string `placeholder:"FILE" help:"Lines of the protocol for that reference, a JSON object each: {\"side\": \"C\" or \"S\", \"text\": …, \"rfc\": 9051, \"section\": \"6.1.1\"}. Rules that no line shows get one made of the grammar."`
	Spec       []string `placeholder:"LIST" help:"Grammars that come with imapgen, separated by commas, such as core,rfc9051,rfc3501; they are merged in this order. all stands for every one."`
	Files      []string `arg:"" optional:"" name:"file.abnf" help:"Grammars of one's own, merged after those."`
}

func main() {
	var args arguments
	parser := kong.Parse(&args,
		kong.Name("imapgen"),
		kong.Description("Write a typed codec, a Go package, for an annotated ABNF grammar."),
		kong.UsageOnError())
	parser.FatalIfErrorf(args.generate())
}

// generate does all of it. Nothing is written when anything is wrong with the grammar.
func (a *arguments) generate() error {
	sources, err := a.sources()
	if err != nil {
		return err
	}
	g, err := grammar.Load(sources...)
	if err != nil {
		return err
	}
	options := gen.Options{Package: a.Package, ImportPath: a.ImportPath}
	for _, s := range sources {
		options.Sources = append(options.Sources, s.Name)
	}
	files, err := gen.Generate(g, options)
	if err != nil {
		return err
	}
	if err := writePackage(a.Out, files); err != nil {
		return err
	}
	return a.reference(g, sources)
}

// specs replaces "all" by the names of all grammars that come with imapgen.
func specs(names []string) []string {
	if len(names) == 1 && names[0] == "all" {
		return spec.With(spec.Names()...)
	}
	return names
}

// sources reads the grammars, in the order in which they merge.
func (a *arguments) sources() ([]grammar.File, error) {
	sources, err := spec.Files(specs(a.Spec)...)
	if err != nil {
		return nil, fmt.Errorf("%w; those that come with imapgen are %s", err, strings.Join(spec.Names(), ", "))
	}
	for _, name := range a.Files {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, grammar.File{Name: filepath.ToSlash(name), Data: data})
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("no grammar: give --spec, or files, or both")
	}
	return sources, nil
}
