// Command decode decodes the IMAP commands on its standard input, and nothing more: what it weighs is what the codec costs
// a program that reads one side.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/imapsrv/imapsrv/imap"
)

func main() {
	if err := decode(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// decode fails at the first command that is not one.
func decode(r io.Reader) error {
	reader := imap.NewReader(r, imap.Client, imap.Limits{})
	var decoder imap.Decoder
	for {
		frame, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := decoder.TaggedCommand(frame); err != nil {
			return err
		}
	}
}
