package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/imapsrv/imapsrv/grammar"
)

// secrets passes on to fields that their rules are secret, and reports secrets that nothing
// would hide: only some types of package wire print as if they were not there.
func (l *lowerer) secrets() {
	for _, t := range l.types {
		for _, f := range t.Fields {
			f.Secret = f.Secret || secret(f.Type)
			if f.Secret && !f.hidden() {
				l.errorf(t.Rule.Pos, "rule %s: %s is secret, and nothing hides a %s; a secret is one string or base64", t.Rule.Name, f.Name, fieldGo(f))
			}
		}
	}
	l.holders()
}

// holders marks the structs that hold secrets, in structs of theirs, too.
func (l *lowerer) holders() {
	for again := true; again; {
		again = false
		for _, t := range l.types {
			if !t.Secret && slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Secret || secret(f.Type) }) {
				t.Secret, again = true, true
			}
		}
	}
}

// hide marks the type of a rule's plain value as secret where the rule says so.
func hide(r *grammar.Rule, t *Type) *Type {
	if t == nil || t.Elem != nil && t.Kind != KindDefined || t.hasFields() || t.Cases != nil {
		return t
	}
	if _, ok := directive(r, "secret"); !ok {
		return t
	}
	hidden := *t
	hidden.Secret = true
	return &hidden
}

// secret reports whether the type's values, or those in a list of it, are those of a rule that
// is secret.
func secret(t *Type) bool {
	for t = t.real(); t != nil && (t.Kind == KindList || t.Kind == KindDefined) && !t.Secret; {
		t = t.Elem.real()
	}
	return t != nil && t.Secret
}

// hidden reports whether the type of a field that is secret hides what is in it.
func (f *Field) hidden() bool {
	p := fieldPrim(f)
	return !f.Multi && p != nil && p.secret != ""
}

// formatter makes a struct with secrets format itself: with a verb that does not fit, such as
// %s for a command in a slice, package fmt prints what it holds without asking.
func (e *emitter) formatter(f *jen.File, t *Type) {
	plain := jen.Id("plain")
	comment(f, "Format prints the value for any verb, without what is secret in it.")
	f.Func().Params(jen.Id("v").Id(t.Name)).Id("Format").
		Params(jen.Id("f").Qual("fmt", "State"), jen.Id("verb").Rune()).
		Block(
			jen.Type().Add(plain).Id(t.Name),
			jen.List(jen.Id("_"), jen.Id("_")).Op("=").Qual("fmt", "Fprintf").Call(
				jen.Id("f"), jen.Qual("fmt", "FormatString").Call(jen.Id("f"), jen.Id("verb")), jen.Add(plain).Call(jen.Id("v")),
			).Comment("a fmt.State reports its errors to whoever called fmt"),
		)
}
