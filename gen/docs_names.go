package gen

import (
	"fmt"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// nameAlternatives finds out what the alternatives of all rules are in Go.
func (d *docsWriter) nameAlternatives() {
	for _, r := range d.grammar.Order {
		lo := d.done[r.Name]
		if lo == nil || lo.body == nil {
			continue
		}
		lo.body.walk(func(n *Node) {
			if n.Op != OpAlt {
				return
			}
			for _, k := range n.Kids {
				if source, name := d.alternative(n, k); source != nil && name != "" && d.goNames[source] == "" {
					d.goNames[source] = name
				}
			}
		})
	}
}

// alternative is what a case of a choice is in Go, and where it comes from.
func (d *docsWriter) alternative(n, k *Node) (*grammar.Node, string) {
	switch {
	case k.Case != nil:
		return k.Case.Source, "`" + k.Case.Name + "`"
	case n.Mode == AltSet && k.Item != nil:
		return k.Source, d.itemName(n.Type, k.Item)
	case k.Type != nil && k.Type.hasFields():
		return k.Source, "`*" + goName(k.Type) + "`"
	case k.Type != nil:
		return k.Source, "`" + goName(k.Type) + "`"
	case n.Mode == AltNull:
		return k.Source, "the zero value"
	case len(k.Bag) > 0:
		return k.Source, d.fieldNames(k.Bag)
	}
	return nil, ""
}

// itemName is the field of a set's item, or the presence bit of one without a value.
func (d *docsWriter) itemName(t *Type, f *Field) string {
	apart := f.Apart && t.Apart != nil
	switch {
	case f.Flag && apart:
		return fmt.Sprintf("bit `%sHas%s`", goName(t.Apart.Type), f.Name)
	case f.Flag:
		return fmt.Sprintf("bit `%sHas%s`", goName(t), f.Name)
	case apart:
		return fmt.Sprintf("`%s.%s.%s`", goName(t), t.Apart.Name, f.Name)
	}
	return fmt.Sprintf("`%s.%s`", goName(t), f.Name)
}

func (d *docsWriter) fieldNames(bag []*Field) string {
	var out []string
	for _, f := range bag {
		out = append(out, "`"+f.Name+"`")
	}
	return strings.Join(out, ", ")
}

// goOf says what a rule is in Go.
func (d *docsWriter) goOf(r *grammar.Rule) string {
	if t := d.plain(r); t != nil {
		return d.typeLink(t) + map[Kind]string{KindSpan: ", the text that matches.", KindRaw: ", the text that matches.", KindLeaf: "."}[t.Kind]
	}
	if text, ok := d.constText(r.Body); ok && d.done[r.Name] == nil {
		if text == "" {
			return "nothing: only a place for extensions."
		}
		return "a constant."
	}
	lo := d.done[r.Name]
	switch {
	case lo == nil:
		return "not a value of its own."
	case lo.typ != nil && lo.typ.real().Kind == KindSet && lo.typ.real().Inline:
		return "fields of " + d.typeLink(lo.typ) + "."
	case lo.typ != nil:
		return d.typeLink(lo.typ) + d.what(r, lo.typ.real())
	case len(lo.bag) > 0:
		return "fields of the struct around it: " + d.fields(lo.bag) + "."
	}
	return "no value."
}

// what describes a type further where it comes from the rule.
func (d *docsWriter) what(r *grammar.Rule, t *Type) string {
	switch t.Kind {
	case KindStruct:
		if len(t.Fields) > 0 && t.Rule == r && !d.isChoice(r) {
			return ", a struct: " + d.fields(t.Fields) + "."
		}
		return ", a struct."
	case KindSet:
		return ", a struct with a field for each item."
	case KindSum:
		return ", an interface."
	case KindEnum:
		return ", an integer with constants."
	case KindOpen:
		return ", a string with constants."
	case KindBits:
		return ", a set of bits."
	}
	return "."
}

// mostFields is how many fields a page lists of a struct.
const mostFields = 12

// fields lists fields with their types.
func (d *docsWriter) fields(fields []*Field) string {
	var out []string
	for i, f := range fields {
		if i == mostFields {
			out = append(out, fmt.Sprintf("and %d more", len(fields)-i))
			break
		}
		if !f.Flag {
			out = append(out, "`"+f.Name+" "+fieldGo(f)+"`")
		}
	}
	return strings.Join(out, ", ")
}

// fieldGo is the Go type of a field, as text.
func fieldGo(f *Field) string {
	name := goName(f.Type)
	switch {
	case f.Multi:
		return "[]" + name
	case f.pointer():
		return "*" + name
	}
	if p := fieldPrim(f); p != nil {
		if f.Secret && p.secret != "" {
			return p.secret
		}
		if f.Type.real().Kind == KindLeaf {
			return p.goType
		}
	}
	return name
}

// typeLink names a type, with a link to the file that declares it.
func (d *docsWriter) typeLink(t *Type) string {
	name, t := goName(t), t.real()
	for t.Kind == KindList {
		t = t.Elem.real()
	}
	if t.Name == "" || t.Rule == nil || d.o.Code == "" {
		return "`" + name + "`"
	}
	return fmt.Sprintf("[`%s`](../%s/z%s.go)", name, d.o.Code, d.topicOf(t.Rule))
}
