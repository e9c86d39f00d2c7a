package colour_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/wire"

	"example.org/colour/codec"
)

// A server decodes commands, its own and IMAP's, with one decoder.
func Example_server() {
	reader := wire.NewReader(strings.NewReader(""+
		"a1 UID COLOUR 1:3,7 GREEN\r\n"+
		"a2 COLOUR 1 MAUVE\r\n"+
		"a3 SEARCH X-COLOUR RED UNSEEN\r\n"+
		"a4 NOOP\r\n"), wire.Client, wire.Limits{})
	var decoder codec.Decoder
	for range 4 {
		frame, err := reader.Next()
		if err != nil {
			log.Fatal(err)
		}
		command, err := decoder.TaggedCommand(frame)
		var syntax *wire.SyntaxError
		if errors.As(err, &syntax) {
			fmt.Println("BAD", syntax)
			continue
		}
		switch c := command.Command.(type) {
		case *codec.Colour:
			fmt.Println("COLOUR", c.UID, c.Set.Ranges, c.Name == codec.ColourNameGreen)
		case *codec.Search:
			fmt.Println("SEARCH", c.Keys[0].(*codec.SearchColour).Name == codec.ColourNameRed, c.Keys[1] == codec.SearchUnseen)
		default:
			fmt.Println("IMAP's own:", codec.CommandName(c))
		}
	}
	// Output:
	// COLOUR true [{1 3} {7 7}] true
	// BAD syntax error at byte 12: expected a colour such as "RED" (colour)
	// SEARCH true true
	// IMAP's own: NOOP
}

// Answers are encoded from typed values, too.
func Example_answers() {
	var encoder codec.Encoder
	encoder.Side = wire.Server
	line, err := encoder.AppendResponse(nil, &codec.FetchData{Seq: 3, UID: 12, Colour: codec.ColourNameGreen})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", line)
	// Output:
	// * 3 FETCH (UID 12 X-COLOUR GREEN)
}

// A server that does not offer the extension to a client has never heard of it.
func Example_notOffered() {
	var decoder codec.Decoder
	decoder.SetCapabilities("IMAP4rev1", "IMAP4rev2")
	command, err := decoder.TaggedCommand(wire.Frame{Bytes: []byte("a1 COLOUR 1 RED\r\n")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", command.Command)
	// Output:
	// *codec.UnknownCommand
}

// A program that works with package imap, such as a proxy, can ask the codec of its own only about what package imap does
// not know: both read the same frames, and share the types of package wire.
func Example_besideImap() {
	var standard imap.Decoder
	var private codec.Decoder
	for _, line := range []string{"a1 NOOP\r\n", "a2 COLOUR 2:4 BLUE\r\n"} {
		frame := imap.Frame{Bytes: []byte(line)}
		command, err := standard.TaggedCommand(frame)
		if err != nil {
			log.Fatal(err)
		}
		if _, unknown := command.Command.(*imap.UnknownCommand); !unknown {
			fmt.Printf("%T\n", command.Command)
			continue
		}
		own, err := private.TaggedCommand(frame)
		if err != nil {
			log.Fatal(err)
		}
		var set imap.SequenceSet = own.Command.(*codec.Colour).Set
		fmt.Printf("%T %v\n", own.Command, set.Ranges)
	}
	// Output:
	// *imap.Noop
	// *codec.Colour [{2 4}]
}
