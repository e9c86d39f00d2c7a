package imap

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/imap/wire"
)

// shortInput is the length up to which the oracle is asked: its time grows faster
// than the input.
const shortInput = 160

// judge is the interpreter of the grammar, made once.
var judge = sync.OnceValue(func() *grammar.Grammar {
	var f testing.F
	return wholeGrammar(&f)
})

// newMatcher is an oracle that decides as decoders do.
func newMatcher(g *grammar.Grammar) *grammar.Matcher {
	m := g.Matcher()
	m.Leaf, m.Skip = decodeLeaf, committed(g)
	return m
}

// deep are limits that the oracle does not have.
var deep = Limits{Depth: 1 << 10}

// prove requires of any octets: no panic, an error of the right type, one answer
// from decoders of either kind and from the oracle, and where they decode,
// that value and octets belong together.
func prove(t *testing.T, root root, m *grammar.Matcher, in []byte) {
	t.Helper()
	owned := &Decoder{}
	owned.Limits = deep
	v, err := root.decode(owned, Frame{Bytes: bytes.Clone(in)})
	proveError(t, in, err)
	borrowed := &Decoder{}
	borrowed.Borrow, borrowed.Limits = true, deep
	frame := bytes.Clone(in)
	w, borrowErr := root.decode(borrowed, Frame{Bytes: frame})
	if !cmp.Equal(err, borrowErr, cmp.AllowUnexported(SyntaxError{})) {
		t.Fatalf("%q: owned: %v, borrowed: %v", in, err, borrowErr)
	}
	if m != nil && len(in) <= shortInput && m.Match(root.rule, in) != (err == nil) {
		t.Fatalf("%q: the decoder says %v, the grammar otherwise (up to %d)", in, err, m.Longest())
	}
	if err != nil {
		return
	}
	if d := cmp.Diff(v, w); d != "" {
		t.Fatalf("%q: borrowed is another value:\n%s", in, d)
	}
	c := cloneValue(w)
	for i := range frame {
		frame[i] = '?'
	}
	if d := cmp.Diff(v, c); d != "" {
		t.Fatalf("%q: the clone does not live by itself:\n%s", in, d)
	}
	if root.rest() || oneUnit(root, in) {
		proveRoundTrip(t, root, in, v)
	}
}

// oneUnit reports whether a reader finds one unit in the octets. Decoders can be given
// what no reader gives them: a literal that is announced at the end and does not follow.
func oneUnit(root root, in []byte) bool {
	r := NewReader(bytes.NewReader(in), root.side(), Limits{Line: 1 << 24})
	r.Lines = root.lines()
	f, err := r.Next()
	return err == nil && bytes.Equal(f.Bytes, in)
}

// proveError requires an error to be one that people can use.
func proveError(t *testing.T, in []byte, err error) {
	t.Helper()
	var syntax *SyntaxError
	switch {
	case err == nil:
	case !errors.As(err, &syntax):
		t.Fatalf("%q: %T %v", in, err, err)
	case syntax.Offset < 0 || syntax.Offset > len(in) || syntax.Expected == "" || syntax.Rule == "":
		t.Fatalf("%q: %#v", in, syntax)
	}
}

// proveRoundTrip requires that a value, encoded, decodes to the same, and that
// what is encoded is one unit and is encoded the same way again.
func proveRoundTrip(t *testing.T, root root, in []byte, v any) {
	t.Helper()
	e := new(Encoder)
	e.Rev2, e.LiteralPlus = true, true
	out, err := root.encode(e, v)
	if err != nil {
		t.Fatalf("%q: encode %+v: %v", in, v, err)
	}
	d := &Decoder{}
	d.Limits = deep
	w, err := root.decode(d, Frame{Bytes: bytes.Clone(out)})
	if err != nil {
		t.Fatalf("%q: decode of %q: %v", in, out, err)
	}
	if diff := cmp.Diff(v, w); diff != "" {
		t.Fatalf("%q: %q has another value:\n%s", in, out, diff)
	}
	again, err := root.encode(e, w)
	if err != nil || !bytes.Equal(out, again) {
		t.Fatalf("%q: encodes to %q and then to %q (%v)", in, out, again, err)
	}
	proveOneUnit(t, root, out)
}

// proveOneUnit requires a reader to find one unit in what was encoded.
func proveOneUnit(t *testing.T, root root, out []byte) {
	t.Helper()
	if root.rest() {
		return // it is the end of a unit only
	}
	r := NewReader(bytes.NewReader(append(bytes.Clone(out), "next\r\n"...)), root.side(), Limits{Line: 1 << 24})
	r.Lines = root.lines()
	f, err := r.Next()
	if err != nil || !bytes.Equal(f.Bytes, out) {
		t.Fatalf("%q is framed as %q (%v)", out, f.Bytes, err)
	}
	if f, err = r.Next(); err != nil || string(f.Bytes) != "next\r\n" {
		t.Fatalf("%q, then %q (%v)", out, f.Bytes, err)
	}
}

// side is who sends what the root decodes.
func (r root) side() Side {
	switch r.rule {
	case "command", "auth-response", "idle-done", "append-rest":
		return Client
	}
	return Server
}

// lines says that the root is a mode in which nothing announces literals.
func (r root) lines() bool {
	return r.rule == "auth-response" || r.rule == "idle-done" || r.rule == "auth-challenge"
}

// rest says that the root is the end of a unit.
func (r root) rest() bool { return r.rule == "append-rest" || r.rule == "fetch-rest" }

// rootOf is the root for a rule.
func rootOf(rule string) root {
	for _, r := range roots {
		if r.rule == rule {
			return r
		}
	}
	panic("no root " + rule)
}

// cloneValue clones what a root decodes to.
func cloneValue(v any) any {
	switch v := v.(type) {
	case Response:
		return CloneResponse(v)
	case *TaggedCommand:
		return v.Clone()
	case *AuthChallenge:
		return v.Clone()
	case *AuthResponse:
		return v.Clone()
	case *IdleDone:
		return v.Clone()
	case *AppendRest:
		return v.Clone()
	}
	panic("no clone")
}

// seeds are the examples of the RFCs and the rows of the tables that a root could decode.
func seeds(f *testing.F, shapes ...string) {
	for _, v := range vectors(f) {
		for _, s := range shapes {
			if v.Shape == s {
				f.Add([]byte(v.Text))
			}
		}
	}
}

func fuzzRoot(f *testing.F, rule string) {
	root, m := rootOf(rule), newMatcher(judge())
	f.Fuzz(func(t *testing.T, in []byte) {
		prove(t, root, m, in)
		prove(t, root, m, append(bytes.Clone(in), "\r\n"...))
	})
}

// FuzzCommand proves the decoder and the encoder of commands.
func FuzzCommand(f *testing.F) {
	seeds(f, "command")
	fuzzRoot(f, "command")
}

// FuzzResponse proves the decoder and the encoder of responses.
func FuzzResponse(f *testing.F) {
	seeds(f, "untagged", "tagged", "continue")
	fuzzRoot(f, "response")
}

// FuzzModes proves the roots that belong to a mode, or to the rest of a unit, and the greeting.
func FuzzModes(f *testing.F) {
	for i, s := range []string{
		"+ AGZvbwBiYXI=\r\n", "+\r\n", "* \r\n", "AGZvbwBiYXI=\r\n", "*\r\n", "DONE\r\n",
		" (\\Seen) {3+}\r\nabc\r\n", "\r\n", " UID 7 FLAGS (\\Seen))\r\n", ")\r\n",
		"* OK [CAPABILITY IMAP4rev2] hi\r\n", "* BYE\r\n", "* PREAUTH x\r\n",
	} {
		f.Add(byte(i), []byte(s))
	}
	m := newMatcher(judge())
	var modes []root
	for _, r := range roots {
		if r.rule != "command" && r.rule != "response" {
			modes = append(modes, r)
		}
	}
	f.Fuzz(func(t *testing.T, mode byte, in []byte) {
		prove(t, modes[int(mode)%len(modes)], m, in)
	})
}

// fuzzLimits are small, so that a fuzzer meets them.
var fuzzLimits = Limits{Line: 300, Literal: 40, LiteralTotal: 90, Literals: 5, Frame: 500, Drain: 200, Items: 50, Depth: 8}

// FuzzStream reads what a client or a server might send: see [streams].
func FuzzStream(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Shape != "command", []byte(v.Text))
	}
	f.Add(false, []byte("a APPEND b {3+}\r\nabc {2}\r\nab\r\nb NOOP\r\n"))
	f.Add(false, []byte("a APPEND b (\\Seen) ~{3+}\r\na\x00c\r\na LOGIN {1}\r\na {1+}\r\nb\r\n"))
	f.Add(true, []byte("* 1 FETCH (BODY[] {3}\r\nabc UID 2 BODY[1] {1}\r\na)\r\n* OK x {3}\r\n"))
	f.Fuzz(func(t *testing.T, server bool, in []byte) {
		side := Client
		if server {
			side = Server
		}
		streams(t, in, side)
	})
}

// streams requires that a stream decodes to the same whether literals are held
// in memory or passed through.
func streams(t *testing.T, in []byte, side Side) {
	t.Helper()
	buffered, heldEnd := readAll(t, in, side, false)
	streamed, end := readAll(t, in, side, true)
	if heldEnd || end {
		return // limits bound what is held in memory only
	}
	if d := cmp.Diff(buffered, streamed); d != "" {
		t.Fatalf("%q (-buffered +streamed)\n%s", in, d)
	}
}

// A streamer reads units whose literals pass through, where the grammar allows it.
type streamer struct {
	r    *Reader
	d    *Decoder
	side Side
	rest bool // within a unit
}

// accept streams a literal where what is before it decodes.
func (s *streamer) accept(prefix []byte, _ int64, _, _ bool) Verdict {
	d := &Decoder{}
	d.Limits = fuzzLimits
	v, err := s.decode(d, wire.HeadFrame(prefix))
	if err != nil || open(v) == nil {
		return Buffer // the grammar does not stream here: what it does not know, say
	}
	return Stream
}

// decode decodes a unit, or the rest of one.
func (s *streamer) decode(d *Decoder, f Frame) (any, error) {
	switch {
	case s.rest && s.side == Client:
		return d.AppendRest(f)
	case s.rest:
		return d.FetchData(f)
	case s.side == Client:
		return d.TaggedCommand(f)
	}
	return d.Response(f)
}

// next reads a unit to its end, with what was streamed put in its place.
func (s *streamer) next() (any, error) {
	s.rest = false
	f, err := s.r.Next()
	if err != nil {
		return nil, err
	}
	whole, bad := s.part(f)
	for f.Pending != nil {
		if f.Pending.Remaining() > 0 {
			return nil, io.ErrUnexpectedEOF
		}
		s.rest = true
		if f, err = s.r.Next(); err != nil {
			return nil, err
		}
		v, err := s.part(f)
		if err != nil {
			bad = err
		}
		if bad == nil && !join(whole, v) {
			return nil, errOther
		}
	}
	return whole, bad
}

// part decodes a frame, and reads the literal behind it to where it belongs.
func (s *streamer) part(f Frame) (any, error) {
	v, bad := s.decode(s.d, f)
	if f.Pending == nil {
		return v, bad
	}
	body, err := io.ReadAll(f.Pending)
	if err != nil {
		return nil, err
	}
	if bad == nil && !fill(v, body) {
		bad = errNUL
	}
	return v, bad
}

// errOther is that of units which say something else in pieces, for tests.
var errOther = errors.New("a unit that cannot be compared")

var errNUL = &SyntaxError{Rule: "literal", Expected: "no NUL"}

// open is the literal in a value that is to be streamed, or nil.
func open(v any) *Literal {
	var candidates []*Literal
	switch v := v.(type) {
	case *TaggedCommand:
		if a, ok := v.Command.(*Append); ok {
			candidates = append(candidates, &a.Messages[len(a.Messages)-1].Literal)
		}
	case *AppendRest:
		if n := len(v.Messages); n > 0 {
			candidates = append(candidates, &v.Messages[n-1].Literal)
		}
	case *FetchData:
		for i := range v.BodySection {
			candidates = append(candidates, &v.BodySection[i].Data)
		}
		if x := v.Ext; x != nil {
			candidates = append(candidates, &x.RFC822, &x.RFC822Header, &x.RFC822Text)
			for i := range x.Binary {
				candidates = append(candidates, &x.Binary[i].Data)
			}
		}
	}
	for _, l := range candidates {
		if l.Body != nil {
			return l
		}
	}
	return nil
}

// fill puts what was streamed where it belongs; it reports whether it may be there.
func fill(v any, body []byte) bool {
	l := open(v)
	l.Data, l.Body = string(body), nil
	return l.Binary || bytes.IndexByte(body, 0) < 0
}

// join adds the rest of a unit to its beginning. It reports whether that says
// the same as the unit in one piece would.
func join(whole, rest any) bool {
	switch v := whole.(type) {
	case *TaggedCommand:
		a := v.Command.(*Append)
		a.Messages = append(a.Messages, rest.(*AppendRest).Messages...)
		return len(a.Messages) == 1 // more are not read in one piece
	case *FetchData:
		return joinFetch(reflect.ValueOf(v).Elem(), reflect.ValueOf(rest).Elem())
	}
	return false
}

// joinFetch adds the items of rest to those of whole; none is in both unless it is a list.
func joinFetch(whole, rest reflect.Value) bool {
	has, more := whole.FieldByName("Has"), rest.FieldByName("Has")
	once := has.Uint()&more.Uint() == 0
	has.SetUint(has.Uint() | more.Uint())
	for i := range whole.NumField() {
		w, r := whole.Field(i), rest.Field(i)
		switch {
		case r.IsZero() || whole.Type().Field(i).Name == "Has":
		case w.Kind() == reflect.Slice:
			w.Set(reflect.AppendSlice(w, r))
		case w.IsZero():
			w.Set(r)
		case w.Type() == reflect.TypeFor[*FetchExt]():
			once = joinFetch(w.Elem(), r.Elem()) && once
		default:
			once = false
		}
	}
	return once
}

// readAll decodes a stream to the end. Limited is set where a limit was met.
func readAll(t *testing.T, in []byte, side Side, stream bool) (units []any, limited bool) {
	t.Helper()
	s := &streamer{r: NewReader(bytes.NewReader(in), side, fuzzLimits), d: new(Decoder), side: side}
	s.d.Limits = fuzzLimits
	if stream {
		s.r.Accept = s.accept
	}
	for {
		v, err := s.next()
		var limit *LimitError
		var syntax *SyntaxError
		switch {
		case errors.As(err, &limit) || err == errOther:
			return units, true
		case errors.As(err, &syntax) && syntax.Recoverable():
			units = append(units, "broken")
		case err != nil:
			return units, false
		default:
			units = append(units, v)
		}
	}
}

// texts puts any two texts where values have texts. Names that the grammar does not know
// begin with X: one that it knows is not refused with a value that it cannot have.
func texts(a, b string) []any {
	name := NewNString(a)
	lit := NewLiteral(b)
	set := SequenceSet{Ranges: []NumRange{{Start: 1, Stop: 1}}}
	return []any{
		&TaggedCommand{Tag: "t", Command: &Login{UserID: a, Password: Secret(b)}},
		&TaggedCommand{Tag: a, Command: &Select{Mailbox: b, Params: &SelectParams{Unknown: []ExtItem{{Name: "X", Value: Raw(a)}}}}},
		&TaggedCommand{Tag: "t", Command: &List{Reference: a, Patterns: []string{b, a}}},
		&TaggedCommand{Tag: "t", Command: &Append{Mailbox: a, Messages: []AppendMessage{{Flags: FlagSet{Other: []string{b}}, Literal: lit}}}},
		&TaggedCommand{Tag: "t", Command: &Search{Charset: a, Keys: []SearchKey{&SearchHeader{Field: b, Value: a}, &SearchKeyword{Keyword: b}}}},
		&TaggedCommand{Tag: "t", Command: &Fetch{Set: set, Items: []FetchAtt{{Kind: FetchAttBodySection, Section: Section{Text: SectionTextHeaderFields, Fields: []string{a, b}}}}}},
		&TaggedCommand{Tag: "t", Command: &UnknownCommand{Name: "X" + a, Args: Raw(b)}},
		&TaggedCommand{Tag: "t", Command: &Authenticate{Mechanism: a, InitialResponse: SecretBytes(b)}},
		&TaggedCommand{Tag: "t", Command: &Enable{Caps: []Capability{Capability(a), Capability(b)}}},
		&Tagged{Tag: a, Kind: StatusOK, Text: b},
		&StatusResponse{Kind: StatusNO, Code: &CodeUnknown{Name: a, Arg: b}, Text: a},
		&StatusResponse{Kind: StatusBAD, Code: &CodeBadCharset{Charsets: []string{a, b}}, Text: b},
		&Continue{Text: a},
		&ListData{Mailbox: a, Delim: (b + "x")[0], Attrs: MailboxAttrs{Other: []string{b}}, Extended: &ListExtended{OldName: a, ChildInfo: []string{b}, Unknown: []ExtItem{{Name: "X" + a, Value: Raw(b)}}}},
		&FlagsData{Flags: FlagSet{Other: []string{a, b}}},
		&FetchData{Seq: 1, BodySection: []FetchBodySection{{Data: lit}}, Ext: &FetchExt{Unknown: []ExtItem{{Name: "X" + a, Value: Raw(b)}}}},
		&FetchData{Seq: 1, Ext: &FetchExt{Binary: []FetchBinary{{Data: lit}}}, Envelope: &Envelope{Subject: name, From: []Address{{Name: name, Host: NewNString(b)}}}},
		&FetchData{Seq: 1, BodyStructure: &BodyPart{Type: a, Subtype: b, Encoding: a, ID: name, Params: []BodyParam{{Name: a, Value: b}}, Extensions: nil}},
		&FetchData{Seq: 1, BodyStructure: &BodyMultipart{Parts: []Body{&BodyPart{Type: a, Subtype: b, Encoding: "x"}}, Subtype: b, Languages: []string{a}, Location: name, Extensions: []Raw{Raw(b)}}},
		&StatusData{Mailbox: a, Unknown: []ExtItem{{Name: "X", Value: Raw(b)}}},
		&ESearchData{Tag: a, Unknown: []ExtItem{{Name: "X" + b, Value: Raw(a)}}},
		&NamespaceData{Personal: []NamespaceDescr{{Prefix: a, Delim: '/', Extensions: []NamespaceExt{{Name: a, Values: []string{b}}}}}},
		&UnknownData{Name: "X" + a, Args: Raw(b)},
	}
}

// FuzzEncodeText: whatever texts hold, a value is refused and leaves no trace, or
// is one unit that decodes, from the octets and from a stream. Names of mailboxes have
// one spelling.
func FuzzEncodeText(f *testing.F) {
	for i, s := range []string{
		"", "a", "INBOX", "NIL", "a b", `a"b\`, "a\r\nb LOGOUT", "{3}", "{3+}\r\nabc", "a {1}", "\x00", "ü", "\xff\xfe",
		"(", ")", "(a", "(a b)", "\\Seen", "$Junk", "*", "%", "]", "[a]", "+", "~{1}\r\n\x00", "123", "a{1}", `"`, "=", "UID", "TAG",
	} {
		f.Add(s, "b", byte(i))
		f.Add("b", s, byte(i))
	}
	for _, s := range mailboxSpellings {
		f.Add(s, "b", byte(0))
	}
	f.Fuzz(func(t *testing.T, a, b string, mode byte) {
		proveMailbox(t, a)
		for _, v := range texts(a, b) {
			proveText(t, v, mode)
		}
	})
}

func proveText(t *testing.T, v any, mode byte) {
	t.Helper()
	e := new(Encoder)
	e.UTF8, e.Rev2, e.LiteralPlus, e.LiteralMinus = mode&1 > 0, mode&2 > 0, mode&4 > 0, mode&8 > 0
	if _, ok := v.(Response); ok {
		e.Side = Server
	}
	out, err := appendShape(e, []byte("before"), v)
	if err != nil {
		if string(out) != "before" || len(e.Breaks()) > 0 {
			t.Fatalf("%+v: %v, and %q is left", v, err, out)
		}
		return
	}
	out = out[len("before"):]
	proveBreaks(t, e, out)
	r := NewReader(bytes.NewReader(append(bytes.Clone(out), "next\r\n"...)), e.Side, Limits{Line: 1 << 20})
	frame, err := r.Next()
	if err != nil || !bytes.Equal(frame.Bytes, out) {
		t.Fatalf("%+v: %q is framed as %q (%v)", v, out, frame.Bytes, err)
	}
	shape := "untagged"
	if e.Side == Client {
		shape = "command"
	}
	w, err := decodeShape(new(Decoder), shape, frame)
	if err != nil {
		t.Fatalf("%+v: %q: %v", v, out, err)
	}
	// What has no normal form, such as a system flag among keywords, has one now.
	normal, err := appendShape(e, nil, w)
	if err != nil {
		t.Fatalf("%+v: %q: %v", v, out, err)
	}
	x, err := decodeShape(new(Decoder), shape, Frame{Bytes: bytes.Clone(normal)})
	if d := cmp.Diff(w, x); err != nil || d != "" {
		t.Fatalf("%+v: %q and %q are not the same (%v):\n%s", v, out, normal, err, d)
	}
}

// proveBreaks requires a break behind every literal that has to wait, and nowhere else.
func proveBreaks(t *testing.T, e *Encoder, out []byte) {
	t.Helper()
	var waits []int
	r := NewReader(bytes.NewReader(out), e.Side, Limits{})
	r.Accept = func(prefix []byte, _ int64, nonSync, _ bool) Verdict {
		if !nonSync {
			waits = append(waits, len("before")+len(prefix))
		}
		return Buffer
	}
	if _, err := r.Next(); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	var breaks []int
	for _, b := range e.Breaks() {
		breaks = append(breaks, b.Offset)
		if !b.Sync || b.Body != nil {
			t.Fatalf("%q: %+v", out, b)
		}
	}
	if !cmp.Equal(waits, breaks) {
		t.Fatalf("%q: waits at %v, breaks at %v", out, waits, breaks)
	}
}
