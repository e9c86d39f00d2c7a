package imap_test

import (
	"errors"
	"fmt"

	"github.com/imapsrv/imapsrv/imap"
)

func ExampleRequires() {
	move := &imap.Move{UID: true, Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: 7, Stop: 9}}}, Mailbox: "Archive"}
	search := &imap.Search{Keys: []imap.SearchKey{
		&imap.SearchModSeq{ModSeq: 620162338},
		&imap.SearchWithin{Op: imap.SearchWithinKeyYounger, Seconds: 259200},
	}}
	for _, cmd := range []imap.Command{move, search, &imap.Noop{}} {
		needs, err := imap.Requires(cmd)
		fmt.Println(needs, err)
	}
	// Output:
	// [IMAP4rev2 or MOVE] <nil>
	// [CONDSTORE or QRESYNC WITHIN] <nil>
	// [] <nil>
}

func ExampleEncoder_SetCaps() {
	var e imap.Encoder
	e.SetCaps("IMAP4rev1", "IDLE", "LITERAL+") // from the server's CAPABILITY

	_, err := e.AppendCommand(nil, "a1", &imap.Select{Mailbox: "INBOX", Params: &imap.SelectParams{Has: imap.SelectParamsHasCondStore}})
	fmt.Println(err)
	var bad *imap.EncodeError
	if errors.As(err, &bad) {
		fmt.Println(bad.Needs)
	}

	out, err := e.AppendCommand(nil, "a2", &imap.Idle{})
	fmt.Printf("%q %v\n", out, err)
	// Output:
	// cannot encode select-params: "CONDSTORE" needs CONDSTORE or QRESYNC, which has not been offered
	// [[CONDSTORE QRESYNC]]
	// "a2 IDLE\r\n" <nil>
}

func ExampleCapability_Adds() {
	for _, a := range imap.CapSaveDate.Adds() {
		fmt.Println(a.Type, a.Text, a.RFC)
	}
	// Output:
	// FetchAtt SAVEDATE rfc8514
	// SearchKey SAVEDATESUPPORTED rfc8514
	// SearchDateKey SAVEDBEFORE rfc8514
	// SearchDateKey SAVEDON rfc8514
	// SearchDateKey SAVEDSINCE rfc8514
	// FetchData SAVEDATE rfc8514
}

func ExampleCapability_Implies() {
	fmt.Println(imap.Capability("QRESYNC").Implies())
	fmt.Println(imap.Capability("LIST-METADATA").Implies())
	// Output:
	// [CONDSTORE ENABLE]
	// [LIST-EXTENDED METADATA METADATA-SERVER]
}

func ExampleConflicts() {
	fmt.Println(imap.Conflicts("IMAP4rev1", "LITERAL+", "LITERAL-", "MESSAGELIMIT=1000"))
	// Output:
	// [[LITERAL+ LITERAL-]]
}
