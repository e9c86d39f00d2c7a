package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
)

// offered are the capabilities that the engine may offer: the lists of capabilities in its source. It is read and not linked,
// since it does not build while it lacks a command that a new grammar brings. That it is session.Capabilities, says a test.
func offered(dir string) (map[string]bool, error) {
	out := map[string]bool{}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				ast.Inspect(g, func(n ast.Node) bool { return literals(n, out) })
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no list of capabilities in %s", dir)
	}
	return out, nil
}

// literals adds the strings of a list of capabilities.
func literals(n ast.Node, out map[string]bool) bool {
	list, ok := n.(*ast.CompositeLit)
	if !ok {
		return true
	}
	array, ok := list.Type.(*ast.ArrayType)
	if !ok {
		return false
	}
	if elem, ok := array.Elt.(*ast.SelectorExpr); !ok || elem.Sel.Name != "Capability" {
		return false
	}
	for _, x := range list.Elts {
		if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				out[text] = true
			}
		}
	}
	return false
}
