package imap_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// A server's side of the codec: a command comes in, typed, and responses go out.
func Example_server() {
	input := "a1 UID FETCH 17,20:* (FLAGS)\r\n" + "a2 FETCH 1 (FLAGS\r\n" + "a3 LOGIN alice {12+}\r\ncorrect hors\r\n"
	reader := imap.NewReader(strings.NewReader(input), imap.Client, imap.Limits{})
	var decoder imap.Decoder
	var encoder imap.Encoder
	encoder.Side = imap.Server
	var out []byte
	for {
		frame, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		tag, command, err := decoder.Command(frame)
		if err != nil {
			fmt.Println(tag, "is broken:", err)
			continue
		}
		switch c := command.(type) {
		case *imap.Fetch:
			fmt.Println(tag, "asks for UIDs:", c.UID, "set:", c.Set.Ranges)
			out, err = encoder.AppendResponse(out, &imap.FetchData{
				Seq: 3, UID: 17, Flags: imap.FlagSet{Bits: imap.FlagSeen, Other: []string{"$Work"}},
				Has: imap.FetchDataHasFlags,
			})
		case *imap.Login:
			fmt.Println(tag, "is", c.UserID, "with password", c.Password)
		}
		if err != nil {
			log.Fatal(err)
		}
		done := &imap.Tagged{Tag: tag, Kind: imap.StatusOK, Text: "completed"}
		if out, err = encoder.AppendResponse(out, done); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Print(strings.ReplaceAll(string(out), "\r\n", "\n"))
	// Output:
	// a1 asks for UIDs: true set: [{17 17} {20 0}]
	// a2 is broken: syntax error at byte 17: expected a space or ")" (fetch)
	// a3 is alice with password [redacted]
	// * 3 FETCH (FLAGS (\Seen $Work) UID 17)
	// a1 OK completed
	// a3 OK completed
}

// A client's side of the codec: a command goes out, and a message comes in through a stream, whatever its size.
func Example_client() {
	var encoder imap.Encoder
	encoder.Side = imap.Client
	command, err := encoder.AppendCommand(nil, "a1", &imap.Fetch{
		UID:   true,
		Set:   imap.SequenceSet{Ranges: []imap.NumRange{{Start: 17, Stop: 17}}},
		Items: []imap.FetchAtt{{Kind: imap.FetchAttBodySection, Peek: true}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.TrimSuffix(string(command), "\r\n"))

	answer := "* 3 FETCH (BODY[] {31}\r\nSubject: hello\r\n\r\nHello, you.\r\n UID 17)\r\na1 OK completed\r\n"
	reader := imap.NewReader(strings.NewReader(answer), imap.Server, imap.Limits{})
	reader.Accept = func(_ []byte, size int64, _, _ bool) imap.Verdict {
		return imap.Stream // a client with little memory would stream from some size on
	}
	var decoder imap.Decoder
	for {
		frame, err := reader.Next()
		if err != nil {
			log.Fatal(err)
		}
		response, err := decoder.Response(frame)
		if err != nil {
			log.Fatal(err)
		}
		switch r := response.(type) {
		case *imap.FetchData:
			fmt.Println("message", r.Seq, "of", r.BodySection[0].Data.Size, "octets:")
			lines := bufio.NewScanner(r.BodySection[0].Data.Body)
			for lines.Scan() {
				fmt.Println(lines.Text())
			}
			rest, err := reader.Next()
			if err != nil {
				log.Fatal(err)
			}
			after, err := decoder.FetchData(rest)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("UID", after.UID)
		case *imap.Tagged:
			fmt.Println(r.Tag, r.Text)
			return
		}
	}
	// Output:
	// a1 UID FETCH 17 (BODY.PEEK[])
	// message 3 of 31 octets:
	// Subject: hello
	//
	// Hello, you.
	// UID 17
	// a1 completed
}
