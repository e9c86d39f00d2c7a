package message_test

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/message"
)

// A store keeps the summary of a message; FETCH answers from it, and reads only those
// octets of the message that it sends.
func Example() {
	const stored = "From: =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>\r\n" +
		"Subject: report\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nHello.\r\n" +
		"--b\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiLGM=\r\n" +
		"--b--\r\n"
	octets := strings.NewReader(stored)
	parsed, err := message.Parse(octets, octets.Size())
	if err != nil {
		panic(err) // the store's
	}
	kept, _ := parsed.MarshalBinary()

	var summary message.Summary
	if err := summary.UnmarshalBinary(kept); err != nil {
		panic(err) // parse again
	}
	m := summary.Message(octets)
	fmt.Println(m.Envelope().Subject.Value, m.Envelope().From[0].Mailbox.Value)
	fmt.Println(m.BodyStructure().(*imap.BodyMultipart).Parts[1].(*imap.BodyPart).Subtype)

	c, _ := m.Section(imap.Section{Text: imap.SectionTextHeaderFields, Fields: []string{"SUBJECT"}})
	r, size, _ := c.Open(&imap.Partial{Offset: 0, Count: 15})
	io.Copy(os.Stdout, r)
	fmt.Println(" of", size)

	c, _ = m.Binary([]uint32{2})
	r, size, _ = c.Open(nil)
	io.Copy(os.Stdout, r)
	fmt.Println(" of", size)

	fmt.Println(m.Contains(imap.SearchTextKeyFrom, message.NewNeedle("ZOË")))
	// Output:
	// report zoe
	// csv
	// Subject: report of 15
	// a,b,c of 5
	// true <nil>
}
