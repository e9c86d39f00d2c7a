package grammar

// A Grammar is a set of rules merged from one or more files.
type Grammar struct {
	// Rules maps a lower-case rule name to its rule. Rule names are
	// case-insensitive (RFC 5234 §2.1).
	Rules map[string]*Rule
	// Order lists the rules in the order in which they were first defined.
	Order []*Rule
	// Implies says for capabilities, the first of each, which others a server that
	// offers it has; Conflicts are pairs of which a server must not offer both.
	Implies, Conflicts []Relation
}

// A Relation is what an annotation says of several capabilities.
type Relation struct {
	Caps []string
	Pos  Pos
}

// A Rule is one named production with its annotations.
type Rule struct {
	// Name is the lower-case name; Spelling is the name as it was written.
	Name, Spelling string
	Pos            Pos
	// Body is the merged definition; alternatives that `=/` added stand before
	// a generic last alternative.
	Body *Node
	// Directives are the `;@` annotations of the rule, in order, `cap` excluded.
	Directives []*Directive
	// Caps are the capabilities of the section in which the rule was defined;
	// Source is the RFC named there, such as "rfc6851", or "".
	Caps   []string
	Source string
	// Doc is the text of the comment lines directly above the rule.
	Doc string
}

// A Directive is one `;@ name args…` line.
type Directive struct {
	Name string
	Args []string
	Pos  Pos
	// Used is set by whoever honours the directive; one that nobody uses is an error.
	Used bool
}

// Op says what a Node is.
type Op uint8

// The kinds of nodes.
const (
	Literal Op = iota // Text, matched case-insensitively unless Exact
	Class             // one byte of Set
	Ref               // the rule called Name
	Seq               // Kids one after the other
	Alt               // one of Kids
	Rep               // Kids[0], Min to Max times; Max < 0 is unbounded
)

// A Node is one ABNF element. The notes that follow it in the source stay with it.
type Node struct {
	Op    Op
	Text  string
	Exact bool // Text is case-sensitive (%s"…", %x41.42)
	Set   ByteSet
	Name  string
	Kids  []*Node
	// Min and Max bound a Rep.
	Min, Max int
	// Field is the `;.Name …` note of the element; Case is the `;=Name …` note of an alternative.
	Field, Case *Note
	// Caps and Source are those of the section from which an alternative came.
	Caps   []string
	Source string
	// Doc is the comment above the `=/` that added the alternative.
	Doc string
	Pos Pos
}

// A Note is a `;.` or `;=` annotation.
type Note struct {
	// Name is the first word; "" where the note has none or says "_".
	Name string
	// Args are the words after it, modifiers excluded.
	Args []string
	// The modifiers: multi, stream, secret, zero, apart.
	Multi, Stream, Secret, Zero, Apart bool
	Pos                                Pos
	Used                               bool
}

// Pos is a place in a grammar file.
type Pos struct {
	File   string
	Line   int
	Column int
}
