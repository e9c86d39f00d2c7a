package trace

import (
	"fmt"
	"io"

	"github.com/imapsrv/imapsrv/imap"
)

// What a network capture has behind STARTTLS or COMPRESS is no IMAP any more; what "imapsrv serve --trace" writes is.
const (
	ruleTLS, ruleCompress = "TLS", "COMPRESS"

	isTLS        = "TLS from here on, which cannot be read; imapsrv serve --trace writes what is inside"
	isCompressed = "compressed from here on, which cannot be read; imapsrv serve --trace writes what is inside"
)

// opaque returns the rest of a stream that is no IMAP, nil where it is.
func (f *Follower) opaque(start int64) *Unit {
	why, rule := "", ""
	switch next := f.next(2); {
	case len(next) < 2:
	case (f.last == "STARTTLS" || f.side == imap.Server && f.begun) && isRecord(next):
		why, rule = isTLS, ruleTLS
	case f.last == "COMPRESS" && (next[0] < ' ' || next[0] >= 0x7f):
		why, rule = isCompressed, ruleCompress
	}
	if why == "" {
		return nil
	}
	f.done = true
	_, _ = io.Copy(io.Discard, f.src) // where reading fails, the stream ends
	u := &Unit{Offset: start, Length: f.src.n - start, Fault: &Fault{Rule: rule, Message: why}}
	u.Text = fmt.Appendf(nil, "(%d octets)", u.Length)
	return u
}

// isRecord reports whether octets begin a record of TLS (RFC 8446 §5.1); nothing of IMAP begins with a control.
func isRecord(b []byte) bool { return b[0] >= 0x14 && b[0] <= 0x17 && b[1] == 3 }

// next returns the octets that come next, n of them where there are as many. Only what can be followed by something
// else than IMAP is worth the wait for them.
func (f *Follower) next(n int) []byte {
	if f.side == imap.Client && f.last != "STARTTLS" && f.last != "COMPRESS" {
		return nil
	}
	b := f.rd.Peek()
	if len(b) < n {
		more, _ := f.src.buf.Peek(n - len(b)) // an error comes again when the octets are read
		b = append(b[:len(b):len(b)], more...)
	}
	return b
}
