package wire

import (
	"bytes"
	"io"
)

// Reader frames a byte stream into protocol units: lines, together with the
// literals that they announce. It is for one goroutine.
//
// An announcement counts only where a literal can be: not inside of quotes, nor
// in text for people such as that of "* OK" (RFC 9051 §9).
type Reader struct {
	// Accept decides what becomes of a literal before its sender is told to go
	// on. Prefix is the frame up to and with the announcement, and good during
	// the call; nonSync says that the octets come without waiting, as a server's
	// always do. Nil buffers all, within the limits.
	Accept func(prefix []byte, size int64, nonSync, binary bool) Verdict
	// Continue is called when a client waits for "+" after a literal was
	// accepted, and before its octets are read. An error ends the stream.
	Continue func() error
	// BareLF takes a unit that ends in LF without CR, which comes out with both.
	// A line that announces a literal must end in CRLF nevertheless.
	BareLF bool
	// Lines makes every line a unit: nothing announces literals, as in the
	// exchanges of AUTHENTICATE and IDLE.
	Lines bool

	src    io.Reader
	sender Side
	limits Limits

	buf    []byte // the last Slack octets are never read into
	s, e   int    // buf[s:e] has been read and is not part of a frame yet
	base   int64  // position of buf[0] in the stream
	offset int64  // position of the last frame in the stream
	bulk   bool   // the last read filled the buffer
	first  [1]byte

	busy  bool // not at the start of a unit
	u     unit
	lit   *LiteralReader // being streamed
	skip  skipping
	fault error // the stream is out of step
}

// unit is how far framing has come. Indices count from Reader.s.
type unit struct {
	scan     int   // octets before it have been looked at, or belong to a literal
	seg      int   // start of the current line
	text     int   // octets of earlier lines
	literals int   // number of literals
	octets   int64 // in buffered literals
	tail     bool  // buf[s:] follows a streamed literal
}

// NewReader frames what sender sends over src.
func NewReader(src io.Reader, sender Side, limits Limits) *Reader {
	return &Reader{src: src, sender: sender, limits: limits.withDefaults(sender)}
}

// Offset is the position in the stream of the frame that Next returned last.
func (r *Reader) Offset() int64 { return r.offset }

// SetLimits changes the limits from the next unit on.
func (r *Reader) SetLimits(limits Limits) { r.limits = limits.withDefaults(r.sender) }

// Next returns the next unit, or the next part of one with a streamed literal,
// of which it drops what has not been read.
//
// Errors: *SyntaxError for a line that ends in LF only; *LimitError for a
// refused unit; io.EOF between units, io.ErrUnexpectedEOF within one; errors of
// the stream. After the first two, Next goes on with the following unit where
// Recoverable says so. After an error of the stream it goes on where it stopped,
// so that a deadline may interrupt it.
func (r *Reader) Next() (f Frame, err error) {
	if !r.busy {
		b := r.buf[r.s:r.e]
		j := bytes.IndexByte(b, '\n')
		if j > 1 && j < r.limits.Line && b[j-1] == '\r' && b[j-2] != '}' {
			f.Bytes, r.offset = b[:j+1:j+1+Slack], r.base+int64(r.s)
			r.s += j + 1
			return
		}
	}
	return r.next()
}

func (r *Reader) next() (Frame, error) {
	if err := r.settle(); err != nil {
		return Frame{}, r.streamError(err)
	}
	r.busy = true
	for {
		if avail := r.e - r.s; r.u.scan <= avail {
			if j := bytes.IndexByte(r.buf[r.s+r.u.scan:r.e], '\n'); j >= 0 {
				f, err := r.line(r.u.scan + j + 1)
				if err != nil || f.Bytes != nil {
					return f, err
				}
				continue
			}
			r.u.scan = avail
			if r.u.text+avail-r.u.seg > r.limits.Line {
				return Frame{}, r.refuseLine(avail)
			}
		}
		if err := r.fill(); err != nil {
			return Frame{}, r.streamError(err)
		}
	}
}

// settle comes to where the next frame starts.
func (r *Reader) settle() error {
	if r.fault != nil {
		return r.fault
	}
	if r.lit != nil {
		if err := r.lit.Close(); err != nil {
			return err
		}
	}
	if r.skip.on {
		return r.skipUnit()
	}
	return nil
}

// streamError tells the end of the stream between units from that within one.
func (r *Reader) streamError(err error) error {
	if err == io.EOF && (r.e > r.s || r.u.tail || r.skip.on || r.lit != nil) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// line takes the line that ends before end. It returns a frame where the unit
// is complete, or goes on with a streamed literal.
func (r *Reader) line(end int) (f Frame, err error) {
	line := r.buf[r.s+r.u.seg : r.s+end]
	if r.u.text+len(line) > r.limits.Line {
		return f, r.refuseLine(end)
	}
	h, ok := r.announced(line)
	if len(line) < 2 || line[len(line)-2] != '\r' {
		if ok || !r.BareLF {
			return f, r.refuseBareLF(end, h, ok)
		}
		f = r.frame(r.insertCR(end))
		r.offset++ // for the CR that was not sent
		return f, nil
	}
	if !ok {
		return r.frame(end), nil
	}
	r.u.text += len(line)
	r.u.literals++
	return r.literal(end, h)
}

// announced reads the announcement at the end of the current line.
func (r *Reader) announced(line []byte) (literalHead, bool) {
	if r.quiet(line) {
		return literalHead{}, false
	}
	h, ok := announced(line)
	if r.sender == Server {
		h.nonSync = true
	}
	return h, ok
}

// quiet reports whether the current line cannot announce a literal.
func (r *Reader) quiet(line []byte) bool {
	return r.Lines || r.sender == Server && r.u.seg == 0 && !r.u.tail && isText(line)
}

// frame ends the unit at end.
func (r *Reader) frame(end int) Frame {
	f := r.cut(end)
	r.forget()
	return f
}

// prefix is the unit before end, with slack.
func (r *Reader) prefix(end int) []byte { return r.buf[r.s : r.s+end : r.s+end+Slack] }

// cut makes a frame of what is before end.
func (r *Reader) cut(end int) Frame {
	f := Frame{Bytes: r.prefix(end)}
	r.offset = r.base + int64(r.s)
	r.s += end
	return f
}

// forget is ready for a new unit.
func (r *Reader) forget() {
	if r.lit != nil {
		r.lit.r = nil
	}
	r.busy, r.u, r.lit, r.skip = false, unit{}, nil, skipping{}
}

// literal decides what becomes of the literal announced before end.
func (r *Reader) literal(end int, h literalHead) (Frame, error) {
	v, bound := r.judge(end, h)
	if bound != boundNone {
		return Frame{}, r.refuseLiteral(end, h, bound)
	}
	if v == Stream {
		r.stretch(end, h.size)
	}
	if err := r.goOn(h); err != nil {
		return Frame{}, err
	}
	if v == Stream {
		return r.stream(end, h.size), nil
	}
	r.u.octets += h.size
	r.u.scan = end + int(h.size)
	r.u.seg = r.u.scan
	return Frame{}, nil
}

// judge asks the limits and Accept about a literal.
func (r *Reader) judge(end int, h literalHead) (Verdict, Bound) {
	switch {
	case r.u.literals > r.limits.Literals:
		return Reject, BoundLiterals
	case h.size == maxInt63:
		return Reject, BoundLiteral
	case r.Accept == nil:
		return Buffer, r.bufferBound(end, h)
	}
	switch v := r.Accept(r.prefix(end), h.size, h.nonSync, h.binary); v {
	case Buffer:
		return v, r.bufferBound(end, h)
	case Stream:
		return v, boundNone
	default:
		return v, BoundAccept
	}
}

// bufferBound is the limit that the literal breaks where it is buffered.
func (r *Reader) bufferBound(end int, h literalHead) Bound {
	switch {
	case h.size > r.limits.Literal:
		return BoundLiteral
	case h.size > r.limits.LiteralTotal-r.u.octets:
		return BoundLiteralTotal
	case h.size > int64(r.limits.Frame-end):
		return BoundFrame
	}
	return boundNone
}

// goOn tells a client that waits for it to send the literal.
func (r *Reader) goOn(h literalHead) error {
	if h.nonSync || r.Continue == nil {
		return nil
	}
	err := r.Continue()
	if err != nil {
		r.end(err)
	}
	return err
}

// stream ends the frame at end, behind the announcement of a literal to be read
// by other means.
func (r *Reader) stream(end int, size int64) Frame {
	f := r.cut(end)
	r.lit = &LiteralReader{r: r, size: size, left: size, mark: r.s}
	f.Pending = r.lit
	r.u = unit{text: r.u.text, literals: r.u.literals, octets: r.u.octets, tail: true}
	return f
}

// insertCR makes LF before end into CRLF, and returns the new end. The unit
// moves one octet to the front, where the last frame was, if it can.
func (r *Reader) insertCR(end int) int {
	if r.s == 0 {
		if r.space() == 0 {
			r.resize(max(2*len(r.buf), largeBuffer))
		}
		copy(r.buf[1:], r.buf[:r.e])
		r.s, r.e, r.base = 1, r.e+1, r.base-1
	}
	copy(r.buf[r.s-1:], r.buf[r.s:r.s+end-1])
	r.s--
	r.buf[r.s+end-1] = '\r'
	return end + 1
}
