package trace

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	// maxLiteral is the size of the largest literal that is held in memory.
	maxLiteral = 64 << 10
	// maxLiterals bounds those of one unit together; further ones are elided.
	maxLiterals = 1 << 20
)

// Elided is a literal that was not kept. Marker stands in its place, as a
// literal of its own, wherever the unit has it.
type Elided struct {
	Marker string
	Size   int64
	// SHA256 is the digest of the octets.
	SHA256 [sha256.Size]byte

	end    int   // of the marker in the unit
	longer int64 // by how much the unit was longer
}

// elide reads the literal that is pending behind a frame, and appends the frame
// and a marker in the literal's place to text.
func (f *Follower) elide(text []byte, frame imap.Frame) ([]byte, error) {
	digest := sha256.New()
	nul := &nulFinder{w: digest}
	size := frame.Pending.Size()
	if _, err := io.Copy(nul, frame.Pending); err != nil {
		return nil, err
	}
	e := Elided{Size: size}
	digest.Sum(e.SHA256[:0])
	// Line ends keep encoders from writing a quoted string.
	e.Marker = fmt.Sprintf("\r\n[%d octets, SHA-256 %x]\r\n", size, e.SHA256)
	head, announcement := cutAnnouncement(frame.Bytes)
	if nul.found && !bytes.HasSuffix(head, []byte("~")) {
		e.Marker += "\x00" // as wrong as the literal was
	}
	before := len(text) + len(frame.Bytes)
	text = append(text, head...)
	text = append(text, announce(len(e.Marker), announcement)...)
	text = append(text, e.Marker...)
	e.end = len(text)
	e.longer = int64(before) + size - int64(len(text))
	f.elided = append(f.elided, e)
	return text, nil
}

// cutAnnouncement cuts "{n}" and CRLF from the end of a frame.
func cutAnnouncement(frame []byte) (head, announcement []byte) {
	i := bytes.LastIndexByte(frame, '{')
	return frame[:i], frame[i:]
}

// announce announces n octets in the manner of another announcement.
func announce(n int, like []byte) string {
	if bytes.HasSuffix(like, []byte("+}\r\n")) {
		return fmt.Sprintf("{%d+}\r\n", n)
	}
	return fmt.Sprintf("{%d}\r\n", n)
}

// original is where an index of a unit with markers was in the unit as sent.
func (f *Follower) original(i int64) int64 {
	longer := int64(0)
	for _, e := range f.elided {
		if i >= int64(e.end) {
			longer += e.longer
		}
	}
	return i + longer
}

// nulFinder passes octets on and notes whether NUL is among them.
type nulFinder struct {
	w     io.Writer
	found bool
}

func (n *nulFinder) Write(p []byte) (int, error) {
	n.found = n.found || bytes.IndexByte(p, 0) >= 0
	return n.w.Write(p)
}
