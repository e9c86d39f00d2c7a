// Package gen turns a checked grammar into the Go source of a typed codec.
//
// The work has three steps, each a pure function of the one before:
//
//	grammar.Grammar ── lower ──► types and codec trees ── emit ──► Go files
//
// Lowering decides which Go types a grammar means and what tree of matches
// leads to them (types.go, tree.go, lower*.go). The decoder and the encoder are
// emitted from the same trees, so that they cannot disagree about a rule.
// There is no case for a single rule anywhere here: what a rule needs beyond
// the inference, its annotations say.
package gen
