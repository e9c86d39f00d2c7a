package spec_test

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

// base loads both revisions.
func base(t *testing.T) *grammar.Grammar {
	t.Helper()
	g, err := grammar.Load(spec.Base()...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// matcher is the oracle of a grammar in which the given capabilities are there,
// or all where none is given.
func matcher(g *grammar.Grammar, caps ...string) *grammar.Matcher {
	m := g.Matcher()
	m.Leaf = leaf
	if len(caps) > 0 {
		m.Allows = func(any []string) bool {
			return slices.ContainsFunc(any, func(c string) bool { return slices.Contains(caps, c) })
		}
	}
	return m
}

// limits are the numbers that the comments of RFC 9051 §9 give.
var limits = map[string]int{"number": 32, "nz-number": 32, "uid": 32, "seq-num": 32, "number64": 63, "nz-number64": 63}

// leaf says what ABNF cannot: a literal has as many octets as it announces, and
// numbers have limits and no end before the last digit.
func leaf(r *grammar.Rule, data []byte, at int) ([]int, bool) {
	kind := r.Directives[slices.IndexFunc(r.Directives, func(d *grammar.Directive) bool { return d.Name == "leaf" })].Args[0]
	switch kind {
	case "literal":
		return literal(data, at, "{"), true
	case "literal8":
		return literal(data, at, "~{"), true
	}
	if limits[kind] == 0 {
		return nil, false
	}
	end := at
	for end < len(data) && data[end] >= '0' && data[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(string(data[at:end]), 10, limits[kind])
	nonZero := kind != "number" && kind != "number64"
	if err != nil || nonZero && (n == 0 || data[at] == '0') {
		return nil, true
	}
	return []int{end}, true
}

func literal(data []byte, at int, open string) []int {
	rest, ok := bytes.CutPrefix(data[at:], []byte(open))
	if !ok {
		return nil
	}
	head, rest, ok := bytes.Cut(rest, []byte("}\r\n"))
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(string(bytes.TrimSuffix(head, []byte("+"))))
	if err != nil || n > len(rest) || open == "{" && bytes.IndexByte(rest[:n], 0) >= 0 {
		return nil
	}
	return []int{len(data) - len(rest) + n}
}
