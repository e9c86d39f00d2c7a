package gen

import "github.com/imapsrv/imapsrv/grammar"

// checkClashes reports names that Go would not have twice, with the place in the grammar: those
// of types and constants, and of fields beside those of methods.
func (l *lowerer) checkClashes() {
	taken := map[string]bool{"Decoder": true, "Encoder": true}
	declare := func(name string, pos grammar.Pos) {
		if taken[name] {
			l.errorf(pos, "two things would be called %s; name one of them with ;@ type or ;=Name", name)
		}
		taken[name] = true
	}
	for _, t := range l.types {
		declare(t.Name, t.Rule.Pos)
	}
	for _, t := range l.types {
		if t.Kind == KindEnum || t.Kind == KindOpen {
			for _, c := range t.Cases {
				declare(c.Name, c.Source.Pos)
			}
		}
		l.checkFields(t)
	}
}

// checkFields reports fields of a struct that would have the name of a method, or of the
// presence bits.
func (l *lowerer) checkFields(t *Type) {
	reserved := map[string]bool{"Clone": true, "Has": len(presenceBits(t)) > 0, "Get": t.Part, "Format": t.Secret}
	for _, f := range t.Fields {
		if reserved[f.Name] {
			l.errorf(t.Rule.Pos, "a value of %s cannot be called %s, which every such type has already; add ;.Name behind it", t.Name, f.Name)
		}
	}
}
