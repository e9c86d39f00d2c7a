package message

import (
	"bufio"
	"bytes"
	"io"
	"sync"
)

// parser reads a message line by line, once, and builds its tree of parts. It keeps a
// stack of the parts that are open instead of recursing: every line ends, starts or
// extends parts on top of it.
type parser struct {
	r     *bufio.Reader
	off   int64  // of the next line
	lines uint64 // line ends before off

	// eol is the length of the line end right before off when it may belong to a
	// delimiter: 0 behind a header line or a delimiter that a part follows.
	eol int64

	open     []*frame
	inHeader bool // the last of open is in its header
	header   header

	parts int // made so far
	limit budget
}

// frame is a part whose end has not been seen.
type frame struct {
	part       *part
	startLines uint64 // line ends before the body
	boundary   string // of a multipart whose close delimiter has not been seen, or ""
	digest     bool   // parts are messages unless they say otherwise
	inDigest   bool   // the part is one of a digest
	isMessage  bool   // the header is that of a message, not of a body part
}

// budget is what may still be kept of a message.
type budget struct {
	octets, addresses int
}

// readers are used again: what they read is not part of what is made of it.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, window) }}

// parse reads a message of the given size from r.
func parse(r io.Reader, size int64) (*part, error) {
	reader := readers.Get().(*bufio.Reader)
	reader.Reset(r)
	defer func() {
		reader.Reset(nil)
		readers.Put(reader)
	}()
	p := &parser{r: reader, limit: budget{MaxKept, MaxAddresses}}
	root := p.push(0, &frame{isMessage: true})
	for p.off < size {
		if err := p.line(); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	p.endHeaders()
	p.close(0, p.off, p.lines)
	return root, nil
}

// push opens a part whose header starts at off.
func (p *parser) push(off int64, f *frame) *part {
	f.part = &part{header: Range{off, off}, body: Range{off, off}}
	p.parts++
	p.open = append(p.open, f)
	p.inHeader = true
	p.header.reset(f.isMessage)
	return f.part
}

// top is the innermost open part.
func (p *parser) top() *frame { return p.open[len(p.open)-1] }

// line reads one line, in pieces if it is longer than the window.
func (p *parser) line() error {
	piece, err := p.piece()
	if err != nil {
		return err
	}
	if at, closing := p.delimiter(piece); at >= 0 {
		return p.delimit(at, closing, piece)
	}
	if p.inHeader && p.headless(piece) {
		p.endHeader()
	}
	if !p.inHeader {
		return p.rest(piece, true)
	}
	if isBlank(piece) {
		p.advance(piece)
		p.eol = 0
		p.endHeader()
		return nil
	}
	return p.headerLine(piece)
}

// piece returns what comes next, at most the window and at most one line. It does not
// move off. The octets are valid until the next call.
func (p *parser) piece() ([]byte, error) {
	b, err := p.r.ReadSlice('\n')
	if len(b) > 0 && (err == bufio.ErrBufferFull || err == io.EOF) {
		return b, nil
	}
	return b, err
}

// advance moves off behind piece, which has been read.
func (p *parser) advance(piece []byte) {
	p.off += int64(len(piece))
	if endsLine(piece) {
		p.lines++
	}
}

// rest goes to the end of the line that starts with piece. The line end may belong to
// a delimiter behind it if inBody.
func (p *parser) rest(piece []byte, inBody bool) error {
	cr := false
	for {
		p.advance(piece)
		n := len(piece)
		if endsLine(piece) {
			p.eol = 0
			if inBody {
				p.eol = 1
				if n > 1 && piece[n-2] == '\r' || n == 1 && cr {
					p.eol = 2
				}
			}
			return nil
		}
		cr = piece[n-1] == '\r'
		var err error
		if piece, err = p.piece(); err != nil {
			return atEnd(err)
		}
	}
}

// headerLine takes a line of a header, given its first piece.
func (p *parser) headerLine(piece []byte) error {
	p.eol = 0
	p.header.startLine(piece)
	for {
		p.header.add(piece)
		p.advance(piece)
		if endsLine(piece) {
			return nil
		}
		var err error
		if piece, err = p.piece(); err != nil {
			return atEnd(err)
		}
	}
}

// atEnd makes the end of the message the end of its last line.
func atEnd(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// headless reports whether line, the first of a body part, cannot be of a header, so
// that the blank line in front of the body is missing. Messages always have a header.
func (p *parser) headless(line []byte) bool {
	f := p.top()
	return !f.isMessage && p.off == f.part.header.Start && !isBlank(line) &&
		line[0] != ' ' && line[0] != '\t' && bytes.IndexByte(line, ':') < 0
}

// delimiter returns which open part's boundary the line that starts with piece has, and
// whether it is the closing one; -1 if the line is not a delimiter.
func (p *parser) delimiter(piece []byte) (at int, closing bool) {
	at = -1
	if len(piece) < 3 || piece[0] != '-' || piece[1] != '-' {
		return at, false
	}
	piece = piece[2:]
	longest := 0
	for i := len(p.open) - 1; i >= 0; i-- {
		b := p.open[i].boundary
		if len(b) > longest && len(piece) >= len(b) && string(piece[:len(b)]) == b {
			at, longest = i, len(b)
		}
	}
	if at < 0 {
		return at, false
	}
	closing = bytes.HasPrefix(piece[longest:], []byte("--"))
	if !closing && p.parts >= MaxParts {
		return -1, false
	}
	return at, closing
}

// delimit handles the delimiter line that starts with piece: it ends all parts inside
// the multipart that is open at the given place, and starts the next part unless it is
// the closing one.
func (p *parser) delimit(at int, closing bool, piece []byte) error {
	p.endHeaders()
	end, lines := p.off-p.eol, p.lines
	if p.eol > 0 {
		lines--
	}
	p.close(at+1, end, lines)
	m := p.open[at]
	if closing {
		m.boundary = ""
		return p.rest(piece, true) // the next line may be a delimiter of an outer multipart
	}
	if err := p.rest(piece, false); err != nil {
		return err
	}
	child := p.push(p.off, &frame{inDigest: m.digest})
	m.part.children = append(m.part.children, child)
	return nil
}

// endHeaders ends the header that is open because its part ends.
func (p *parser) endHeaders() {
	for p.inHeader {
		p.endHeader() // opens that of an enclosed message, which is empty
	}
}

// close ends all open parts from the given place on.
func (p *parser) close(from int, end int64, lines uint64) {
	for i := len(p.open) - 1; i >= from; i-- {
		f := p.open[i]
		f.part.body.End = end
		f.part.lines = lines - f.startLines
		if f.part.kind == multipart && len(f.part.children) == 0 {
			f.part.children = []*part{undivided(f.part)}
		}
	}
	p.open = p.open[:from]
}
