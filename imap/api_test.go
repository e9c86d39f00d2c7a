package imap

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/gen"
	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

var update = flag.Bool("update", false, "write testdata/api.txt")

// TestAPI compares what the package exports with what it did. A line that goes is a change
// that breaks programs: say so in CHANGELOG.md.
func TestAPI(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string][]byte{}
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			if sources[name], err = os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := strings.Join(exported(t, sources), "\n") + "\n"
	const file = "testdata/api.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("the API is another one (-was +is); if that is meant, go test ./imap -run TestAPI -update\n%s", d)
	}
}

// TestExtensionsKeepTypes: what the base grammar means in Go, it means with every extension.
func TestExtensionsKeepTypes(t *testing.T) {
	have := map[string]bool{}
	for _, line := range exported(t, generated(t, spec.All())) {
		have[line] = true
	}
	for _, line := range exported(t, generated(t, spec.Base())) {
		if !have[line] {
			t.Errorf("with extensions, there is no %s", line)
		}
	}
}

// generated are the files of a grammar.
func generated(t *testing.T, from []grammar.File) map[string][]byte {
	t.Helper()
	g, err := grammar.Load(from...)
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Generate(g, gen.Options{Package: "imap", ImportPath: "github.com/imapsrv/imapsrv/imap"})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Name] = f.Data
	}
	return out
}

// exported lists what files of a package export, a line each.
func exported(t *testing.T, sources map[string][]byte) []string {
	t.Helper()
	l := lister{fset: token.NewFileSet()}
	for name, data := range sources {
		f, err := parser.ParseFile(l.fset, name, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			l.decl(d)
		}
	}
	slices.Sort(l.lines)
	return l.lines
}

type lister struct {
	fset  *token.FileSet
	lines []string
}

// print writes syntax on one line.
func (l *lister) print(n any) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, l.fset, n) // a buffer takes all
	return strings.Join(strings.Fields(b.String()), " ")
}

func (l *lister) add(words ...string) { l.lines = append(l.lines, strings.Join(words, " ")) }

func (l *lister) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		l.function(d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				l.typeSpec(s)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if name.IsExported() {
						l.add(d.Tok.String(), name.Name)
					}
				}
			}
		}
	}
}

func (l *lister) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	sig := strings.TrimPrefix(l.print(d.Type), "func")
	if d.Recv == nil {
		l.add("func " + d.Name.Name + sig)
		return
	}
	if recv := l.print(d.Recv.List[0].Type); ast.IsExported(strings.TrimPrefix(recv, "*")) {
		l.add("method (" + recv + ") " + d.Name.Name + sig)
	}
}

func (l *lister) typeSpec(s *ast.TypeSpec) {
	if !s.Name.IsExported() {
		return
	}
	name := s.Name.Name
	switch t := s.Type.(type) {
	case *ast.StructType:
		l.add("type", name, "struct")
		l.members("field", name, t.Fields)
	case *ast.InterfaceType:
		l.add("type", name, "interface")
		l.members("in", name, t.Methods)
	default:
		assign := ""
		if s.Assign.IsValid() {
			assign = "= "
		}
		l.add("type", name, assign+l.print(s.Type))
	}
}

// members lists fields, methods and what is embedded.
func (l *lister) members(kind, of string, list *ast.FieldList) {
	for _, f := range list.List {
		if len(f.Names) == 0 {
			l.add(kind, of, l.print(f.Type))
		}
		for _, name := range f.Names {
			if name.IsExported() {
				l.add(kind, of+"."+name.Name, l.print(f.Type))
			}
		}
	}
}
