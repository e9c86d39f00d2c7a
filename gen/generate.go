package gen

import (
	"errors"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// Options say how the generated package is to look.
type Options struct {
	// Package is the name of the Go package.
	Package string
	// ImportPath is its import path; it matters only where the package is the
	// runtime's neighbour.
	ImportPath string
	// Sources are the names of the grammar's files, for the header of each
	// generated file.
	Sources []string
}

// A File is one generated Go file.
type File struct {
	Name string
	Data []byte
}

// Generate writes a codec for a grammar: types, a Decoder and an Encoder. It is
// pure, and the same grammar always gives the same bytes. Errors name the file
// and line of the grammar, all of them at once.
func Generate(g *grammar.Grammar, o Options) ([]File, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	l, err := lower(g)
	if err != nil {
		return nil, err
	}
	p := &packageWriter{emitter: newEmitter(l), opts: o, parts: map[string]*[numParts]*jen.File{}, topics: topicsOf(g)}
	p.code()
	if err := errors.Join(p.errs...); err != nil {
		return nil, err
	}
	if err := errors.Join(g.UnusedAnnotations()...); err != nil {
		return nil, err
	}
	p.part = partTypes
	p.declare()
	return p.render()
}

// A packageWriter collects the declarations of each file.
type packageWriter struct {
	*emitter
	opts   Options
	topics map[string]string
	roots  []*rootRule
	// parts are what stands in the files of each topic, and part is the one that
	// is being written.
	parts map[string]*[numParts]*jen.File
	part  filePart
}

// code emits the types, and the functions of everything that the roots reach.
func (p *packageWriter) code() {
	out := func(r *grammar.Rule, c jen.Code) { p.ruleFile(r).Add(c).Line() }
	dec, enc := newDecodeEmitter(p.emitter, out), newEncodeEmitter(p.emitter, out)
	p.roots = p.findRoots()
	for _, t := range p.types {
		p.typeDecl(p.ruleFile(t.Rule), t)
	}
	p.part = partDecode
	for _, r := range p.roots {
		p.rootDecoder(dec, r)
	}
	dec.run()
	p.part = partEncode
	for _, r := range p.roots {
		p.rootEncoder(enc, r)
	}
	enc.run()
	p.part = partClone
	p.clones()
	p.handlers()
	for _, r := range p.matchers {
		dec.matcher(r)
	}
	dec.run()
}
