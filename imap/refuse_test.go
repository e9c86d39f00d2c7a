package imap

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// misread are values whose text would be read as something else.
var misread = map[string]any{
	"a known item of FETCH":            &FetchData{Seq: 1, Ext: &FetchExt{Unknown: []ExtItem{{Name: "UID", Value: "5"}}}},
	"a known item in small letters":    &FetchData{Seq: 1, Ext: &FetchExt{Unknown: []ExtItem{{Name: "rfc822.size", Value: "5"}}}},
	"a known item of STATUS":           &StatusData{Mailbox: "a", Unknown: []ExtItem{{Name: "MESSAGES", Value: "5"}}},
	"a known item of ESEARCH":          &ESearchData{Unknown: []ExtItem{{Name: "Min", Value: "5"}}},
	"a known command":                  &TaggedCommand{Tag: "a", Command: &UnknownCommand{Name: "noop"}},
	"a known command with arguments":   &TaggedCommand{Tag: "a", Command: &UnknownCommand{Name: "SELECT", Args: "a"}},
	"a known UID command":              &TaggedCommand{Tag: "a", Command: &UnknownCommand{UID: true, Name: "Fetch", Args: "1 UID"}},
	"UID as a command":                 &TaggedCommand{Tag: "a", Command: &UnknownCommand{Name: "UID", Args: "FETCH 1 UID"}},
	"known data":                       &UnknownData{Name: "CAPABILITY", Args: "X"},
	"a status as data":                 &UnknownData{Name: "bye", Args: "X"},
	"known data with a number":         &UnknownData{Has: UnknownDataHasN, N: 5, Name: "EXISTS"},
	"data with a number that is there": &UnknownData{N: 5, Name: "Expunge"},
	"a known code":                     &StatusResponse{Kind: StatusOK, Code: &CodeUnknown{Name: "ALERT"}},
	"a known code with a value":        &StatusResponse{Kind: StatusOK, Code: &CodeUnknown{Name: "uidnext", Arg: "5"}},
	"text that is a code":              &StatusResponse{Kind: StatusOK, Text: "[a]"},
	"text that begins with a code":     &Tagged{Tag: "a", Kind: StatusOK, Text: "[ALERT] b"},
	"text after + that is a code":      &Continue{Text: "[a] b"},
	"a known flag among others":        &FlagsData{Flags: FlagSet{Other: []string{"\\Seen"}}},
	"a known flag in small letters":    &FetchData{Seq: 1, Flags: FlagSet{Other: []string{"x", "$junk"}}},
	"a known attribute among others":   &ListData{Mailbox: "a", Attrs: MailboxAttrs{Other: []string{"\\marked"}}},
	"a capability in small letters":    &CapabilityData{Caps: []Capability{"imap4rev2"}},
	"an item with the section of another": &TaggedCommand{Tag: "a", Command: &Fetch{Set: one, Items: []FetchAtt{
		{Kind: FetchAttUID, Section: Section{Text: SectionTextHeader}}}}},
	"NIL with a value":           &FetchData{Seq: 1, Envelope: &Envelope{Subject: NString{Value: "a"}}},
	"a nil envelope":             &FetchData{Seq: 1, Has: FetchDataHasEnvelope},
	"a nil body":                 &FetchData{Seq: 1, Has: FetchDataHasBody},
	"a part that is nil":         &FetchData{Seq: 1, Body: (*BodyPart)(nil)},
	"a nil part of a body":       &FetchData{Seq: 1, Body: &BodyMultipart{Subtype: "MIXED", Parts: []Body{nil}}},
	"nil data":                   (*FetchData)(nil),
	"a nil command":              &TaggedCommand{Tag: "a", Command: (*Fetch)(nil)},
	"a nil key":                  &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{(*SearchNot)(nil)}}},
	"a nil code":                 &StatusResponse{Kind: StatusOK, Code: (*CodeUnknown)(nil)},
	"a flag that does not exist": &FlagsData{Flags: FlagSet{Bits: 1 << 31}},
	"no date":                    &FetchData{Seq: 1, Has: FetchDataHasInternalDate},
}

// TestMisread: what would be read as something else is refused, and nothing is written.
func TestMisread(t *testing.T) {
	for name, v := range misread {
		e := new(Encoder)
		e.Side, e.Rev2, e.LiteralPlus = Server, true, true
		out, err := appendShape(e, []byte("before"), v)
		var bad *EncodeError
		if !errors.As(err, &bad) || bad.Rule == "" || string(out) != "before" {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

// saidAnyway are values like those in misread that only look so.
var saidAnyway = map[string]any{
	"* OK [a b\r\n":                &StatusResponse{Kind: StatusOK, Text: "[a b"},
	"* OK [] b\r\n":                &StatusResponse{Kind: StatusOK, Text: "[] b"},
	"* OK [UIDNEXT 0] b\r\n":       &StatusResponse{Kind: StatusOK, Code: &CodeUnknown{Name: "UIDNEXT", Arg: "0"}, Text: "b"},
	"* OK [uidnext x] b\r\n":       &StatusResponse{Kind: StatusOK, Code: &CodeUnknown{Name: "uidnext", Arg: "x"}, Text: "b"},
	"* EXISTS 5\r\n":               &UnknownData{Name: "EXISTS", Args: "5"},
	"* 5 SEARCH\r\n":               &UnknownData{Has: UnknownDataHasN, N: 5, Name: "SEARCH"},
	"* OK [ALERT] [a]\r\n":         &StatusResponse{Kind: StatusOK, Code: CodeAlert, Text: "[a]"},
	"* FLAGS (\\Recent)\r\n":       &FlagsData{Flags: FlagSet{Other: []string{"\\Recent"}}},
	"* CAPABILITY X-imap4rev2\r\n": &CapabilityData{Caps: []Capability{"X-imap4rev2"}},
}

func TestSaidAnyway(t *testing.T) {
	for want, v := range saidAnyway {
		e := new(Encoder)
		e.Side = Server
		out, err := appendShape(e, nil, v)
		if err != nil || string(out) != want {
			t.Errorf("%q, %v, want %q", out, err, want)
			continue
		}
		got, err := new(Decoder).Response(Frame{Bytes: out})
		if d := cmp.Diff(v, got, sameValue); d != "" || err != nil {
			t.Errorf("%q: %v\n%s", out, err, d)
		}
	}
}

// TestEncoderCapabilities: a word that the peer does not know is free.
func TestEncoderCapabilities(t *testing.T) {
	v := &UnknownData{Has: UnknownDataHasN, N: 5, Name: "RECENT"}
	e := new(Encoder)
	e.Side = Server
	if _, err := e.AppendResponse(nil, v); err == nil {
		t.Error("RECENT is known")
	}
	e.SetCapabilities("IMAP4rev2")
	if out, err := e.AppendResponse(nil, v); string(out) != "* 5 RECENT\r\n" || err != nil {
		t.Errorf("%q %v", out, err)
	}
}

// sameValue compares values: presence bits follow from the values where the encoder
// was not told, lists may be nil or empty, a time without month and a literal that is
// not valid are absent, the octets of a literal tell its size, and where only binary ones
// may stand it need not say so.
var sameValue = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b Literal) bool {
	absent := func(l Literal) bool { return !l.Valid && l.Data == "" && l.Body == nil }
	return absent(a) && absent(b) || a.Valid == b.Valid && a.Data == b.Data && (b.Binary || !a.Binary)
}), cmp.Comparer(func(a, b DateTime) bool { return a == b || a.Month == 0 && b.Month == 0 }), cmp.FilterPath(func(p cmp.Path) bool {
	f, ok := p.Last().(cmp.StructField)
	return ok && f.Name() == "Has"
}, cmp.Ignore())}

// TestMutatedValues changes decoded values at random. What the encoder accepts is
// one unit, and decodes to the value that was encoded.
func TestMutatedValues(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 4
	}
	m := &mutator{Rand: rand.New(rand.NewPCG(1, 2))}
	seen := map[string]bool{}
	for _, name := range []string{"commands.txt", "fetch.txt"} {
		for _, f := range units(corpus(t, name))[:100] {
			m.prove(t, f, name == "commands.txt", rounds, seen)
		}
	}
	for _, s := range mutated {
		m.prove(t, Frame{Bytes: []byte(s + "\r\n")}, !strings.HasPrefix(s, "*") && !strings.HasPrefix(s, "+") && !strings.Contains(s, " OK "), 20*rounds, seen)
	}
}

// mutated are units with everything that has a generic case.
var mutated = []string{
	"* OK [UIDNEXT 5] text", "* NO [X y] text", "a OK [COPYUID 1 2 3] text", "* BAD [BADCHARSET (a b)] text", "+ text", "* OK text",
	"* 5 FETCH (UID 5 X-FOO (a b) FLAGS (\\Seen x) BODY[1.HEADER] NIL BINARY.SIZE[1] 5)", "* 5 FETCH (BODY[HEADER.FIELDS (a)]<5> \"x\")",
	"* STATUS a (MESSAGES 5 X 5)", "* ESEARCH (TAG \"a\") UID ALL 1:5 X (a)", "* 5 EXISTS", "* 5 X a", "* X a", "* SEARCH 1 2",
	"* CAPABILITY IMAP4rev2 X", "* FLAGS (\\Seen a)", "* LIST (\\Marked \\x) \"/\" a (\"OLDNAME\" (\"b\"))", "* NAMESPACE ((\"\" \"/\" \"X\" (\"a\"))) NIL NIL", "* 5 EXPUNGE",
	"a X b", "a UID X b", "a SELECT b (X y)", "a FETCH 1 (UID BODY[1.MIME]<0.5> BINARY[1])", "a SEARCH RETURN (ALL X 1) UNSEEN OR 1:5 NOT FROM x",
	"a STORE 1 +FLAGS.SILENT (\\Seen x)", "a LIST (SUBSCRIBED X) \"\" (a b) RETURN (STATUS (MESSAGES) X y)", "a ENABLE X", "a STATUS b (MESSAGES)", "a AUTHENTICATE PLAIN =",
	"a APPEND b (\\Seen x) {1+}\r\na", "a LOGIN b c", "a NAMESPACE", "a COPY 1 b", "a CREATE b (X 5)",
}

// A mutator changes values.
type mutator struct {
	*rand.Rand
	changed int
}

func (m *mutator) prove(t *testing.T, f Frame, command bool, rounds int, seen map[string]bool) {
	t.Helper()
	for range rounds {
		v := decodeAny(t, f, command)
		m.changed = 0
		m.change(reflect.ValueOf(v), 0)
		e := new(Encoder)
		e.Rev2, e.LiteralPlus = true, true
		if !command {
			e.Side = Server
		}
		out, err := appendShape(e, []byte("before"), v)
		if err != nil {
			if string(out) != "before" || len(e.Breaks()) > 0 {
				t.Fatalf("%+v: %v, and %q is left", v, err, out)
			}
			continue
		}
		out = append(bytes.Clone(out[len("before"):]), make([]byte, 64)...)
		unit := out[:len(out)-64]
		got, err := decodeUnit(Frame{Bytes: unit}, command)
		d := cmp.Diff(v, got, sameValue)
		if key := shortened(d); (err != nil || d != "") && !seen[key] {
			seen[key] = true
			t.Errorf("%q: %v (-encoded +decoded)\n%s", unit, err, d)
		}
		r := NewReader(bytes.NewReader(unit), map[bool]Side{true: Client, false: Server}[command], Limits{})
		if u, err := r.Next(); err != nil || !bytes.Equal(u.Bytes, unit) {
			t.Errorf("%q is not one unit: %q, %v", unit, u.Bytes, err)
		}
	}
}

// shortened is a difference without its values, to report each sort once.
func shortened(d string) string {
	if i := strings.Index(d, "-"); i >= 0 {
		return d[:i]
	}
	return d
}

func decodeUnit(f Frame, command bool) (any, error) {
	if command {
		tag, c, err := new(Decoder).Command(f)
		return &TaggedCommand{Tag: tag, Command: c}, err
	}
	return new(Decoder).Response(f)
}

func decodeAny(t *testing.T, f Frame, command bool) any {
	t.Helper()
	v, err := decodeUnit(f, command)
	if err != nil {
		t.Fatalf("%q: %v", f.Bytes, err)
	}
	return v
}

// words are what may be taken for something else.
var words = []string{
	"UID", "uid", "FLAGS", "Messages", "ALL", "OK", "NOOP", "FETCH", "ALERT", "UIDNEXT", "EXISTS", "\\Seen", "\\seen", "\\Recent", "\\*", "$Junk",
	"IMAP4rev2", "idle", "NIL", "", "[a]", "[ALERT] x", "[", "(a)", "5", "a b", "TEXT", "RFC822", "MESSAGE", "INBOX", "inbox", "X", "SUBSCRIBED", "STATUS", "\r\n", "\x00", "ü", "]", "{3}",
}

// change changes a few of the parts of a value.
func (m *mutator) change(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.CanSet() && m.IntN(40) == 0 {
			v.SetZero()
		} else if !v.IsNil() {
			m.change(v.Elem(), depth+1)
		}
	case reflect.Interface:
		switch {
		case v.IsNil():
		case v.CanSet() && m.IntN(40) == 0:
			v.SetZero()
		case v.Elem().Kind() == reflect.Pointer:
			m.change(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Body" || v.Type().Name() != "Literal" {
				m.change(v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		if v.CanSet() && v.Len() > 0 && m.IntN(20) == 0 {
			v.SetLen(v.Len() - 1)
		}
		if v.CanSet() && m.IntN(20) == 0 {
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		}
		for i := range v.Len() {
			m.change(v.Index(i), depth+1)
		}
	case reflect.String:
		if m.IntN(6) == 0 {
			v.SetString(words[m.IntN(len(words))])
		}
	case reflect.Bool:
		if m.IntN(6) == 0 {
			v.SetBool(!v.Bool())
		}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if m.IntN(6) == 0 {
			v.SetUint([]uint64{0, 1, 2, 3, 1 << m.IntN(v.Type().Bits())}[m.IntN(5)])
		}
	case reflect.Int16, reflect.Int64:
		if m.IntN(6) == 0 {
			v.SetInt(int64(m.IntN(3)) - 1)
		}
	}
}
