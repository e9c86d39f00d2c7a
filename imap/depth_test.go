package imap

import (
	"errors"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap/wire"
)

// TestDepth: Limits.Depth is the number of levels that a unit may have, the outermost among them.
func TestDepth(t *testing.T) {
	for _, unit := range []func(levels int) string{
		func(n int) string { return "a SEARCH " + strings.Repeat("NOT ", n-1) + "ALL\r\n" },
		func(n int) string {
			return "a SEARCH " + strings.Repeat("(", n-1) + "ALL" + strings.Repeat(")", n-1) + "\r\n"
		},
		func(n int) string { return "a SEARCH " + strings.Repeat("OR ALL ", n-1) + "ALL\r\n" },
	} {
		for _, most := range []int{1, 2, 8, 32} {
			for levels, fits := range map[int]bool{most: true, most + 1: false} {
				var d Decoder
				d.Limits.Depth = most
				text := unit(levels)
				_, _, err := d.Command(Frame{Bytes: []byte(text)})
				var syntax *wire.SyntaxError
				if fits && err != nil || !fits && !errors.As(err, &syntax) {
					t.Errorf("%.60q, %d levels of %d: %v", text, levels, most, err)
				}
			}
		}
	}
}
