package imap

import (
	"errors"
	"io"
	"strings"
	"testing"
)

var one = SequenceSet{Ranges: []NumRange{{Start: 1, Stop: 1}}}

// unsayable are values that the grammar has no words for.
var unsayable = map[string]any{
	"no command":               &TaggedCommand{Tag: "a"},
	"no tag":                   &TaggedCommand{Command: &Noop{}},
	"a tag with a plus":        &TaggedCommand{Tag: "a+", Command: &Noop{}},
	"a tag with a line":        &TaggedCommand{Tag: "a\r\nb", Command: &Noop{}},
	"NUL in a password":        &TaggedCommand{Tag: "a", Command: &Login{UserID: "u", Password: "\x00"}},
	"NUL in a mailbox":         &TaggedCommand{Tag: "a", Command: &Select{Mailbox: "\x00"}},
	"a mechanism with spaces":  &TaggedCommand{Tag: "a", Command: &Authenticate{Mechanism: "A B"}},
	"no set":                   &TaggedCommand{Tag: "a", Command: &Copy{Mailbox: "b"}},
	"no items":                 &TaggedCommand{Tag: "a", Command: &Fetch{Set: one}},
	"no status items":          &TaggedCommand{Tag: "a", Command: &Status{Mailbox: "b"}},
	"no search keys":           &TaggedCommand{Tag: "a", Command: &Search{}},
	"a nil search key":         &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{nil}}},
	"an empty AND":             &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{&SearchAnd{}}}},
	"NOT nothing":              &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{&SearchNot{}}}},
	"a keyword with a space":   &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{&SearchKeyword{Keyword: "a b"}}}},
	"no day":                   &TaggedCommand{Tag: "a", Command: &Search{Keys: []SearchKey{&SearchDate{Op: 1}}}},
	"a flag with a space":      &TaggedCommand{Tag: "a", Command: &Store{Set: one, Flags: FlagSet{Other: []string{"a b"}}}},
	"an empty flag":            &TaggedCommand{Tag: "a", Command: &Store{Set: one, Flags: FlagSet{Other: []string{""}}}},
	"part 0":                   &TaggedCommand{Tag: "a", Command: &Fetch{Set: one, Items: []FetchAtt{{Kind: FetchAttBodySection, Section: Section{Part: []uint32{0}}}}}},
	"no octets":                &TaggedCommand{Tag: "a", Command: &Fetch{Set: one, Items: []FetchAtt{{Kind: FetchAttBodySection, Partial: &Partial{}}}}},
	"no capabilities":          &TaggedCommand{Tag: "a", Command: &Enable{}},
	"no messages":              &TaggedCommand{Tag: "a", Command: &Append{Mailbox: "b"}},
	"two messages":             &TaggedCommand{Tag: "a", Command: &Append{Mailbox: "b", Messages: make([]AppendMessage, 2)}},
	"no literal":               &TaggedCommand{Tag: "a", Command: &Append{Mailbox: "b", Messages: []AppendMessage{{}}}},
	"no patterns":              &TaggedCommand{Tag: "a", Command: &List{}},
	"an unbalanced value":      &TaggedCommand{Tag: "a", Command: &Select{Mailbox: "b", Params: &SelectParams{Unknown: []ExtItem{{Name: "X", Value: "(("}}}}},
	"arguments with a line":    &TaggedCommand{Tag: "a", Command: &UnknownCommand{Name: "X", Args: "a\r\nb NOOP"}},
	"UID 0":                    &FetchData{Seq: 1, Has: FetchDataHasFlags, BodySection: []FetchBodySection{{Section: Section{Part: []uint32{0}}}}},
	"a message with two names": &FetchData{Seq: 1, UIDFetch: 2, Flags: FlagSet{Bits: FlagSeen}},
	"message 0":                &ExpungeData{},
	"text with a line":         &StatusResponse{Kind: StatusOK, Text: "a\r\n* BYE"},
	"no kind":                  &StatusResponse{Text: "a"},
	"no tag of a result":       &Tagged{Kind: StatusOK},
	"a charset with a line":    &StatusResponse{Kind: StatusNO, Code: &CodeBadCharset{Charsets: []string{"a\r\n"}}},
	"no UIDs":                  &StatusResponse{Kind: StatusOK, Code: &CodeCopyUID{UIDValidity: 1}},
	"an empty multipart":       &FetchData{Seq: 1, Body: &BodyMultipart{Subtype: "MIXED"}},
	"an APPEND in no month":    &TaggedCommand{Tag: "a", Command: &Append{Mailbox: "b", Messages: []AppendMessage{{Date: DateTime{Year: 2020, Day: 1}, Literal: NewLiteral("x")}}}},
	"a message of no month":    &FetchData{Seq: 1, UID: 1, InternalDate: DateTime{Year: 2020, Day: 1}},
	"saved in no month":        &FetchData{Seq: 1, UID: 1, Ext: &FetchExt{SaveDate: DateTime{Year: 2020, Day: 1}}},
	"256 in an identifier":     &FetchData{Seq: 1, UID: 1, Ext: &FetchExt{EmailID: ObjectID(strings.Repeat("a", 256))}},
	"a wide delimiter":         &ListData{Mailbox: "a", Delim: '\n'},
}

// TestUnsayable: a value that cannot be said is an error, and nothing is written.
func TestUnsayable(t *testing.T) {
	for name, v := range unsayable {
		for _, side := range []Side{Client, Server} {
			e := new(Encoder)
			e.Side, e.Rev2, e.LiteralPlus = side, true, true
			out, err := appendShape(e, []byte("before"), v)
			var bad *EncodeError
			if !errors.As(err, &bad) || string(out) != "before" || len(e.Breaks()) > 0 {
				t.Errorf("%s: %q, %v", name, out, err)
			}
		}
	}
}

// TestStreamGigabyte: a client reads a message of 1 GB, and writes one, in kilobytes.
func TestStreamGigabyte(t *testing.T) {
	const size = 1 << 30
	src := io.MultiReader(strings.NewReader("* 1 FETCH (BODY[] {1073741824}\r\n"), io.LimitReader(letters{}, size), strings.NewReader(" UID 7)\r\n"))
	r := NewReader(src, Server, Limits{})
	r.Accept = func([]byte, int64, bool, bool) Verdict { return Stream }
	var read int64
	octets := spent(func() {
		f, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		v, err := new(Decoder).Response(f)
		if err != nil {
			t.Fatal(err)
		}
		read, err = io.Copy(io.Discard, v.(*FetchData).BodySection[0].Data.Body)
		if err != nil {
			t.Fatal(err)
		}
		if f, err = r.Next(); err != nil {
			t.Fatal(err)
		}
		if rest, err := new(Decoder).FetchData(f); err != nil || rest.UID != 7 {
			t.Fatal(rest, err)
		}
	})
	if read != size || octets > 256<<10 {
		t.Errorf("%d octets read, %d allocated", read, octets)
	}
	e := new(Encoder)
	body := Literal{Body: letters{}, Size: size, Valid: true}
	out, err := e.AppendCommand(nil, "a", &Append{Mailbox: "b", Messages: []AppendMessage{{Literal: body}}})
	b := e.Breaks()
	if err != nil || len(b) != 1 || !b[0].Sync || b[0].Size != size || string(out[:b[0].Offset]) != "a APPEND b {1073741824}\r\n" || string(out[b[0].Offset:]) != "\r\n" {
		t.Errorf("%q %+v %v", out, b, err)
	}
}

// letters is a message without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) { return len(p), nil }
