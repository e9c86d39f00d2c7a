package imap

import (
	"bytes"
	"strings"
	"testing"
)

// unknowns are units with what the grammar does not know, between «marks», one of each kind, and the type or
// field that keeps it.
var unknowns = []struct {
	kind, text string
	// kept finds what was kept in the value.
	kept func(v any) string
}{
	{"command", "a1 «X-Colour» 1:3 (red \"a b\")\r\n", commandName},
	{"command with literals", "a1 «X-Store» {3+}\r\na\"b ~{2+}\r\n\x00\xff end\r\n", commandName},
	{"UID command", "a1 UID «X-Colour» 7 red\r\n", commandName},
	{"untagged response", "* «X-Colours» (red green) {2}\r\n\r\n 7\r\n", func(v any) string { return v.(*UnknownData).Name }},
	{"untagged response with a number", "* 12 «X-Seen» by me\r\n", func(v any) string { return v.(*UnknownData).Name }},
	{"response code", "* OK [«X-Colour»] done\r\n", func(v any) string { return v.(*StatusResponse).Code.(*CodeUnknown).Name }},
	{"response code with data", "a1 NO [«X-Colour» (1:3 \"red)] no\r\n", func(v any) string { return v.(*Tagged).Code.(*CodeUnknown).Name }},
	{"known response code with odd data", "* OK [«UNSEEN» many] seen\r\n", func(v any) string { return v.(*StatusResponse).Code.(*CodeUnknown).Name }},
	{"FETCH item", "* 3 FETCH (UID 12 «X-COLOUR» (red NIL 7 \"a b\"))\r\n", func(v any) string { return v.(*FetchData).Ext.Unknown[0].Name }},
	{"FETCH item with a literal", "* 3 FETCH (UID 12 «X-RAW» {4}\r\n\r\n)()\r\n", func(v any) string { return v.(*FetchData).Ext.Unknown[0].Name }},
	{"STATUS item", "* STATUS INBOX (MESSAGES 3 «X-COLOURS» (1 2))\r\n", func(v any) string { return v.(*StatusData).Unknown[0].Name }},
	{"search result", "* ESEARCH (TAG \"a1\") UID COUNT 3 «X-COLOUR» 7\r\n", func(v any) string { return v.(*ESearchData).Unknown[0].Name }},
	{"capability", "* CAPABILITY IMAP4rev2 «X-COLOUR»\r\n", func(v any) string { return string(v.(*CapabilityData).Caps[1]) }},
	{"capability in a code", "* OK [CAPABILITY IMAP4rev2 «X-COLOUR=red»] hello\r\n", func(v any) string { return string(v.(*StatusResponse).Code.(*CodeCapability).Caps[1]) }},
	{"ENABLE", "a1 ENABLE «X-COLOUR»\r\n", func(v any) string { return string(v.(*TaggedCommand).Command.(*Enable).Caps[0]) }},
	{"keyword", "* 3 FETCH (FLAGS (\\Seen «$Colour»))\r\n", func(v any) string { return string(v.(*FetchData).Flags.Other[0]) }},
	{"flag", "* FLAGS (\\Seen «\\Colour»)\r\n", func(v any) string { return string(v.(*FlagsData).Flags.Other[0]) }},
	{"mailbox attribute", "* LIST (\\HasChildren «\\Colourful») \"/\" INBOX\r\n", func(v any) string { return string(v.(*ListData).Attrs.Other[0]) }},
	{"extended item of LIST", "* LIST () \"/\" INBOX («X-COLOUR» (red))\r\n", func(v any) string { return v.(*ListData).Extended.Unknown[0].Name }},
	{"parameter of SELECT", "a1 SELECT INBOX («X-COLOUR» (red))\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Select).Params.Unknown[0].Name }},
	{"parameter of CREATE", "a1 CREATE x («X-COLOUR» (red))\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Create).Params.Unknown[0].Name }},
	{"parameter of RENAME", "a1 RENAME x y («X-COLOUR» (red))\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Rename).Params.Unknown[0].Name }},
	{"modifier of FETCH", "a1 FETCH 1 (UID) («X-COLOUR» (red))\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Fetch).Modifiers.Unknown[0].Name }},
	{"modifier of STORE", "a1 STORE 1 («X-COLOUR» 7) FLAGS (\\Seen)\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Store).Modifiers.Unknown[0].Name }},
	{"option of RETURN", "a1 SEARCH RETURN (COUNT «X-COLOUR» 7) ALL\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*Search).Return.Unknown[0].Name }},
	{"option of GETMETADATA", "a1 GETMETADATA (MAXSIZE 9 «X-COLOUR» (red)) INBOX /shared/a\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*GetMetadata).Options.Unknown[0].Name }},
	{"selection option of LIST", "a1 LIST («X-COLOUR») \"\" *\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*List).Select.Unknown[0].Name }},
	{"return option of LIST", "a1 LIST \"\" * RETURN («X-COLOUR»)\r\n", func(v any) string { return v.(*TaggedCommand).Command.(*List).Return.Unknown[0].Name }},
}

func commandName(v any) string { return v.(*TaggedCommand).Command.(*UnknownCommand).Name }

// TestUnknownIsKept: what the grammar does not know is kept as it came, typed as such, and written back verbatim.
func TestUnknownIsKept(t *testing.T) {
	for _, tt := range unknowns {
		t.Run(tt.kind, func(t *testing.T) {
			plain, marked := unmark(tt.text, "«", "»")
			text := []byte(plain)
			s := sentence{"response", text}
			encoder := &Encoder{}
			encoder.Side = Server
			if plain[0] == 'a' && !strings.HasPrefix(plain, "a1 NO") {
				s.rule, encoder.Side = "command", Client
			}
			encoder.LiteralPlus = true
			for _, borrow := range []bool{false, true} {
				var decoder Decoder
				decoder.Borrow = borrow
				v, err := rootOf(s.rule).decode(&decoder, Frame{Bytes: bytes.Clone(text)})
				if err != nil {
					t.Fatal(err)
				}
				if got, want := tt.kept(v), plain[marked[0][0]:marked[0][1]]; got != want {
					t.Errorf("kept %q, want %q", got, want)
				}
				out, err := rootOf(s.rule).encode(encoder, v)
				if err != nil || !bytes.Equal(out, text) {
					t.Errorf("written as %q, want %q (%v)", out, text, err)
				}
			}
		})
	}
}

// TestUnknownRequestIsRefused: what a client asks for by a list that the RFCs close is a syntax error where it is unknown,
// with a place and what could stand there.
func TestUnknownRequestIsRefused(t *testing.T) {
	for _, text := range []string{
		"a1 FETCH 1 «X-COLOUR»\r\n", "a1 STATUS INBOX (MESSAGES «X-COLOUR»)\r\n", "a1 SEARCH «X-COLOUR» red\r\n",
		"a1 SORT («X-COLOUR») UTF-8 ALL\r\n",
	} {
		plain, marked := unmark(text, "«", "»")
		_, err := new(Decoder).TaggedCommand(Frame{Bytes: []byte(plain)})
		syntax, ok := err.(*SyntaxError)
		if !ok || syntax.Offset != marked[0][0] || syntax.Expected == "" {
			t.Errorf("%q: error %v, want one at %d", plain, err, marked[0][0])
		}
	}
}
