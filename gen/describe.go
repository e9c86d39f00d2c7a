package gen

import (
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/grammar"
)

// phrase is what a rule stands for in messages: what `;@ name` says, or the
// name of the rule.
func phrase(r *grammar.Rule) string {
	if args, ok := directive(r, "name"); ok {
		return strings.Join(args, " ")
	}
	if strings.ContainsRune("aeiou", rune(r.Name[0]|0x20)) {
		return "an " + r.Name
	}
	return "a " + r.Name
}

// atLeastOne asks for an element of a list.
func atLeastOne(el *Node) string { return "at least one " + singular(el) }

// singular names an element of a list without an article.
func singular(el *Node) string {
	if el.Rule == nil {
		return "value"
	}
	if article, noun, ok := strings.Cut(phrase(el.Rule), " "); ok && (article == "a" || article == "an") {
		return noun
	}
	return el.Rule.Name
}

// describeText names a constant in a message.
func describeText(text string) string {
	switch text {
	case " ":
		return "a space"
	case `"`:
		return "a quote"
	}
	if rest, ok := strings.CutPrefix(text, " "); ok {
		return andSpace + describeText(rest)
	}
	return `"` + strings.ReplaceAll(strings.TrimSuffix(text, " "), `"`, `'`) + `"`
}

const andSpace = "a space and "

// anyOf joins what could stand in a place. What a space precedes is put together.
func anyOf(words []string) string {
	var behind, out []string
	for _, w := range words {
		if rest, ok := strings.CutPrefix(w, andSpace); ok {
			behind = append(behind, rest)
		}
	}
	for _, w := range words {
		switch {
		case !strings.HasPrefix(w, andSpace):
			out = append(out, w)
		case slices.Contains(words, describeText(" ")):
		case w == andSpace+behind[0]:
			out = append(out, andSpace+orAnother(unique(behind)))
		}
	}
	return orAnother(unique(out))
}

func unique(words []string) (out []string) {
	for _, w := range words {
		if w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// orAnother joins words, and leaves some out where they are many.
func orAnother(words []string) string {
	n := len(words)
	switch {
	case n > 6:
		return strings.Join(words[:5], ", ") + " or another keyword"
	case n > 1:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// says names what nodes begin with, and what follows them where they may be empty.
func (e *emitter) says(nodes []*Node, after grammar.ByteSet) []string {
	var out []string
	for i, n := range nodes {
		out = append(out, e.starts(n, nodes[i+1:])...)
		if _, empty := e.first(n); !empty {
			return out
		}
	}
	return append(out, describeBytes(after)...)
}

// describeBytes names the punctuation of a set; nil where there is more than that.
func describeBytes(s grammar.ByteSet) (out []string) {
	if s.Len() > 6 {
		return nil
	}
	for _, c := range s.Bytes() {
		if c != '\r' && letters(string(rune(c))) == "" {
			out = append(out, describeText(string(rune(c))))
		}
	}
	if s.Has('\r') {
		out = append(out, "the end of the line")
	}
	return out
}

// starts names what a node begins with; behind are the nodes that follow it.
func (e *emitter) starts(n *Node, behind []*Node) []string {
	if n.Named != nil {
		return []string{e.suchAs(n.Named, n)}
	}
	switch n.Op {
	case OpText:
		return []string{e.constant(n.Text, behind)}
	case OpEnd:
		return []string{"the end of the line"}
	case OpSkip:
		return nil
	case OpVal, OpCall:
		return e.beginRule(n)
	case OpList:
		if n.Lead && !n.Loose && n.Sep != "" {
			return []string{e.constant(n.Sep, n.Kids)}
		}
		return e.starts(n.Kids[0], nil)
	case OpSeq, OpGroup:
		return e.says(n.Kids, grammar.ByteSet{})
	case OpOpt:
		return e.starts(n.Kids[0], nil)
	}
	if r := e.ownRule(n); r != nil && has(r, "name") {
		return []string{e.suchAs(r, n)}
	}
	var out []string
	for _, k := range n.Kids {
		out = append(out, e.starts(k, nil)...)
	}
	return out
}

// ownRule is the rule of the grammar whose choice a node is; the alternatives of a
// rule can have been lowered under another name.
func (e *emitter) ownRule(n *Node) *grammar.Rule {
	if n.Rule == nil || e.grammar.Rules[n.Rule.Name] != nil {
		return n.Rule
	}
	return e.grammar.Rules[e.owner[n.Rule.Name]]
}

// constant names a constant, with what follows it where it is but a space.
func (e *emitter) constant(text string, behind []*Node) string {
	if next := e.says(behind, grammar.ByteSet{}); text == " " && len(next) > 0 {
		return andSpace + anyOf(next)
	}
	return describeText(text)
}

// beginRule names a rule, or what it begins with where it has no name.
func (e *emitter) beginRule(n *Node) []string {
	switch {
	case n.Rule == nil && n.Source != nil && n.Source.Op == grammar.Ref:
		return []string{phrase(e.grammar.Rules[n.Source.Name])}
	case n.Rule == nil:
		return []string{"something else"}
	case n.Op == OpVal:
		return []string{phrase(n.Rule)}
	}
	body := e.rule(n.Rule.Name).body
	if has(n.Rule, "name") {
		return []string{e.suchAs(n.Rule, body)}
	}
	if e.rule(n.Rule.Name).recursive {
		return []string{phrase(n.Rule)}
	}
	return e.starts(body, nil)
}

// suchAs names a choice by its rule and an example.
func (e *emitter) suchAs(r *grammar.Rule, n *Node) string {
	if n.Op == OpAlt {
		for _, k := range n.Kids {
			if text := firstWord(k.text()); len(letters(text)) > 1 {
				return phrase(r) + " such as " + describeText(text)
			}
		}
	}
	return phrase(r)
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return strings.Trim(word, `"`)
}
