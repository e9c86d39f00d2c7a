package imap_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// A client that reads what servers send, and says what was wrong with it.
func ExampleLenientDecoder() {
	input := "* STATUS Drafts (MESSAGES 3 UIDNEXT 0) \r\n" +
		"* 1 FETCH (UID 9 RFC822.SIZE -1 ENVELOPE (oops) FLAGS (\\Seen))\r\n"
	reader := imap.NewReader(strings.NewReader(input), imap.Server, imap.Limits{})
	decoder := imap.LenientDecoder{Quirks: imap.Lenient.Without(imap.QuirkShortLiteral)}
	for range 2 {
		frame, err := reader.Next()
		if err != nil {
			log.Fatal(err)
		}
		response, err := decoder.Response(frame)
		if err != nil {
			log.Fatal(err)
		}
		switch r := response.(type) {
		case *imap.StatusData:
			fmt.Println(r.Mailbox, "has", r.Messages)
		case *imap.FetchData:
			fmt.Println("message", r.UID, "has", r.Flags)
		}
		for _, d := range decoder.Diagnostics() {
			fmt.Printf("  %s at byte %d: %q\n", d.Quirk, d.Offset, d.Original)
		}
	}
	// Output:
	// Drafts has 3
	//   zero-number at byte 27: " UIDNEXT 0"
	//   trailing-space at byte 38: " "
	// message 9 has (\Seen)
	//   negative-number at byte 29: "-1"
	//   broken-item at byte 31: " ENVELOPE (oops)"
}
