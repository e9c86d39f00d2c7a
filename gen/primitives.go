package gen

// A primitive is a leaf that the runtime, package imap/wire, decodes and
// encodes. Dec and Enc have a method of the same name for each.
type primitive struct {
	method string
	// goType is the name of a type of package wire, or a predeclared type
	// where wire is false.
	goType string
	wire   bool
	// zeroAbsent: the zero value is not in the leaf's language.
	zeroAbsent bool
	// null: the leaf's zero value is written as NIL.
	null bool
	// valid is the method of Enc that encodes the value where it is Valid; NIL needs no call then.
	valid string
	// text: the leaf cannot hold a Literal that is Binary.
	text bool
	// stream names the primitive to use where the field may be streamed.
	stream string
	// list is the method of Enc that encodes a list of the leaf's values, with an
	// octet before each.
	list string
	// added is the field, a bool, that says that a value is of the alternative that
	// another section adds to the leaf.
	added string
	// secret is the wire type to use where the field is secret.
	secret string
}

// primitives is the table of leaves, by the name used in `;@ leaf`.
var primitives = map[string]*primitive{
	"number":            {method: "Number", goType: "uint32"},
	"nz-number":         {method: "NzNumber", goType: "uint32", zeroAbsent: true, list: "NzNumbers"},
	"number64":          {method: "Number64", goType: "uint64"},
	"nz-number64":       {method: "NzNumber64", goType: "uint64", zeroAbsent: true},
	"uid":               {method: "UID", goType: "UID", wire: true, zeroAbsent: true},
	"seq-num":           {method: "SeqNum", goType: "SeqNum", wire: true, zeroAbsent: true},
	"mod-sequence":      {method: "ModSequence", goType: "ModSeq", wire: true, zeroAbsent: true},
	"mod-sequence-zero": {method: "ModSequenceZero", goType: "ModSeq", wire: true},
	"quoted":            {method: "Quoted", goType: "string", secret: "Secret"},
	"string":            {method: "String", goType: "string", secret: "Secret"},
	"astring":           {method: "AString", goType: "string", secret: "Secret"},
	"mailbox":           {method: "Mailbox", goType: "string"},
	"nstring":           {method: "NString", valid: "String", goType: "NString", wire: true, null: true, stream: "stream-nstring"},
	"nstring8":          {method: "NString8", goType: "NString", wire: true, null: true, stream: "stream-nstring8"},
	"literal":           {method: "Literal", goType: "Literal", wire: true, zeroAbsent: true, text: true, stream: "stream-literal"},
	"literal8":          {method: "Literal8", goType: "Literal", wire: true, zeroAbsent: true, stream: "stream-literal8"},
	"stream-nstring":    {method: "StreamNString", goType: "Literal", wire: true, null: true},
	"stream-nstring8":   {method: "StreamNString8", goType: "Literal", wire: true, null: true},
	"stream-literal":    {method: "StreamLiteral", goType: "Literal", wire: true, zeroAbsent: true},
	"stream-literal8":   {method: "StreamLiteral8", goType: "Literal", wire: true, zeroAbsent: true},
	"delimiter":         {method: "Delimiter", goType: "byte", null: true},
	"sequence-set":      {method: "SequenceSet", goType: "SequenceSet", wire: true, zeroAbsent: true, added: "Saved"},
	"uid-set":           {method: "UIDSet", goType: "UIDSet", wire: true, zeroAbsent: true},
	"date":              {method: "Date", goType: "Date", wire: true, zeroAbsent: true},
	"date-time":         {method: "DateTime", goType: "DateTime", wire: true, zeroAbsent: true},
	"base64":            {method: "Base64", goType: "[]byte", secret: "SecretBytes"},
	"initial-resp":      {method: "InitialResponse", goType: "[]byte", zeroAbsent: true, secret: "SecretBytes"},
	"rest":              {method: "Rest", goType: "Raw", wire: true, zeroAbsent: true},
}

// goName is the Go spelling of a type without a package, for comparisons and
// for names derived from it.
func goName(t *Type) string {
	t = t.real()
	switch t.Kind {
	case KindLeaf:
		return t.Prim.goType
	case KindSpan:
		return "string"
	case KindRaw:
		return "Raw"
	case KindBool:
		return "bool"
	case KindList:
		return "[]" + goName(t.Elem)
	}
	return t.Name
}
