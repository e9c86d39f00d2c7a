package grammar

import "github.com/alecthomas/participle/v2/lexer"

// abnfLexer splits a grammar file into tokens. Comments and white space,
// newlines included, carry no meaning: a rule ends where the next one begins.
// Strings and numbers are matched generously and checked when they are read, so
// that a mistake is reported for what it is. Tokens with lower-case names are left out.
var abnfLexer = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Directive", Pattern: `;@[^\r\n]*`},
	{Name: "Note", Pattern: `;[.=][ \t]*[A-Za-z_][^\r\n]*`},
	{Name: "comment", Pattern: `;[^\r\n]*`},
	{Name: "space", Pattern: `[ \t\r\n]+`},
	{Name: "String", Pattern: `(%[A-Za-z])?"[^"\r\n]*"?`},
	{Name: "Number", Pattern: `%[A-Za-z0-9.-]*`},
	{Name: "Prose", Pattern: `<[^>\r\n]*>?`},
	{Name: "Repeat", Pattern: `[0-9]*\*[0-9]*|[0-9]+`},
	{Name: "Name", Pattern: `[A-Za-z][A-Za-z0-9_-]*`},
	{Name: "Defined", Pattern: `=/?`},
	{Name: "Punct", Pattern: `[/()\[\]]`},
	{Name: "Unknown", Pattern: `[^ \t\r\n]`},
})
