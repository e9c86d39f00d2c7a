package grammar

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The types of this file are the grammar of RFC 5234 §4, with annotations:
// `;@` lines before a rule, `;.` and `;=` notes after an element.

// abnfFile is a list of rules.
type abnfFile struct {
	Rules []*abnfRule `parser:"@@*"`
	// LeftOver are annotations that no rule follows.
	LeftOver []*abnfComment `parser:"@@*"`
}

// abnfRule is `name = body` or `name =/ body`.
type abnfRule struct {
	Directives []*abnfComment   `parser:"@@*"`
	Name       lexer.Token      `parser:"@Name"`
	Defined    string           `parser:"@Defined"`
	Body       *abnfAlternation `parser:"@@"`
}

// abnfAlternation is one or more concatenations with `/` between them.
type abnfAlternation struct {
	Pos            lexer.Position
	Concatenations []*abnfConcatenation `parser:"@@ ( '/' @@ )*"`
}

// abnfConcatenation is one or more elements; the name of the next rule is not
// one of them.
type abnfConcatenation struct {
	Pos         lexer.Position
	Repetitions []*abnfRepetition `parser:"( (?! Name Defined) @@ )+"`
}

// abnfRepetition is an element, how often it stands there, and its notes.
type abnfRepetition struct {
	Pos     lexer.Position
	Repeat  string       `parser:"@Repeat?"`
	Element *abnfElement `parser:"@@"`
	Notes   []*abnfNote  `parser:"@@*"`
}

// abnfElement is a rule name, a group, an option or a terminal.
type abnfElement struct {
	Pos    lexer.Position
	Name   string           `parser:"  @Name"`
	Group  *abnfAlternation `parser:"| '(' @@ ')'"`
	Option *abnfAlternation `parser:"| '[' @@ ']'"`
	String string           `parser:"| @String"`
	Number string           `parser:"| @Number"`
	Prose  string           `parser:"| @Prose"`
}

// abnfComment is a `;@` line.
type abnfComment struct {
	Pos  lexer.Position
	Text string `parser:"@Directive"`
}

// abnfNote is a `;.` or `;=` comment.
type abnfNote struct {
	Pos  lexer.Position
	Text string `parser:"@Note"`
}

var abnfParser = participle.MustBuild[abnfFile](
	participle.Lexer(abnfLexer),
	participle.Elide("comment", "space"),
	participle.UseLookahead(2),
)
