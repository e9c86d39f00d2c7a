package wire

// Slack is the number of readable octets that a reader guarantees behind a
// frame, so that decoding may load words without looking for the end.
const Slack = 32

// Frame is one protocol unit: a line together with its buffered literals. It is
// small enough to stay in registers; Reader.Offset tells where it is in the stream.
type Frame struct {
	// Bytes end in CRLF. They belong to the reader until its next call and are
	// not to be written to; what lies behind them, up to their capacity, is
	// looked at but means nothing.
	Bytes []byte
	// Pending is set where the unit goes on after Bytes with a literal that is
	// streamed: Bytes end right behind its announcement. The rest of the unit
	// is the reader's next frame.
	Pending *LiteralReader
}

// Verdict is what becomes of a literal that was announced.
type Verdict uint8

// The verdicts.
const (
	// Buffer reads the literal into the frame.
	Buffer Verdict = iota
	// Stream ends the frame at the announcement: see Frame.Pending.
	Stream
	// Reject ends the unit with a LimitError.
	Reject
)

// HeadFrame is the frame of a unit that ends, for now, in the announcement of a
// literal: the prefix that Reader.Accept is asked about, or that of a
// LimitError. It decodes like one whose literal is streamed, but the literal
// cannot be read.
func HeadFrame(prefix []byte) Frame {
	f := Frame{Bytes: prefix}
	if h, ok, _ := headAtEnd(prefix); ok {
		f.Pending = &LiteralReader{size: h.size, left: h.size}
	}
	return f
}
