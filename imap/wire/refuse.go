package wire

import (
	"bytes"
	"fmt"
)

// Bound names a limit.
type Bound uint8

// The limits that a Reader can refuse a unit for: those of Limits, and what its
// Accept rejects.
const (
	boundNone Bound = iota
	BoundLine
	BoundLiteral
	BoundLiteralTotal
	BoundLiterals
	BoundFrame
	BoundDrain
	BoundAccept
)

var boundNames = [...]string{
	"no limit", "line too long", "literal too long", "literals too long together", "too many literals",
	"command or response too long", "too much to drop", "literal rejected",
}

// String says what is too large.
func (b Bound) String() string {
	if int(b) < len(boundNames) {
		return boundNames[b]
	}
	return fmt.Sprintf("bound %d", b)
}

// LimitError says that a unit was refused. Its octets, those of a literal
// included, are never read as another unit.
type LimitError struct {
	// Bound is what was exceeded.
	Bound Bound
	// Tag is that of the command, empty where it could not be read.
	Tag string
	// Prefix is the frame as far as it has been read, an announcement included.
	// It is good until the reader's next call.
	Prefix []byte
	// Size is that of the literal announced; 0 where there is none.
	Size int64
	// Offset is the position of Prefix in the stream.
	Offset int64

	fatal bool
}

// Error says what was exceeded.
func (e *LimitError) Error() string {
	if e.Size > 0 {
		return fmt.Sprintf("%s: {%d}", e.Bound, e.Size)
	}
	return e.Bound.String()
}

// Recoverable reports whether the reader's next unit can be read. Otherwise the
// connection cannot go on.
func (e *LimitError) Recoverable() bool { return !e.fatal }

// skipping is how far the reader has come with dropping the rest of a unit.
type skipping struct {
	on      bool
	quiet   bool   // the line cannot announce a literal
	partial bool   // the start of the line is gone
	quotes  quotes // at the start of what is buffered
	left    int64  // octets of a literal
	dropped int64
}

// refusal is the error for the current unit up to end.
func (r *Reader) refusal(end int, bound Bound) *LimitError {
	return &LimitError{
		Bound:  bound,
		Tag:    r.tag(end),
		Prefix: r.prefix(end),
		Offset: r.base + int64(r.s),
	}
}

// tag is that of the current unit.
func (r *Reader) tag(end int) string {
	if r.sender == Server || r.u.tail {
		return ""
	}
	return tagOf(r.buf[r.s : r.s+end])
}

// refuseLine refuses a unit with too much text; its last line is in the buffer
// up to end or further.
func (r *Reader) refuseLine(end int) error {
	err := r.refusal(end, BoundLine)
	quiet := r.quiet(r.buf[r.s+r.u.seg : r.s+end])
	r.s += r.u.seg
	r.abandon(skipping{on: true, quiet: quiet})
	return err
}

// refuseLiteral refuses the unit whose literal is announced before end. A client that
// waits for leave does not send it.
func (r *Reader) refuseLiteral(end int, h literalHead, bound Bound) error {
	err := r.refusal(end, bound)
	err.Size = h.size
	r.s += end
	if !h.nonSync {
		r.forget()
		return err
	}
	r.abandon(skipping{on: true, left: h.size})
	if h.size > r.limits.Drain {
		err.fatal = true
		r.end(err)
	}
	return err
}

// refuseBareLF refuses a line that ends before end in LF without CR. Where it announces a
// literal that comes by itself, what follows cannot be told.
func (r *Reader) refuseBareLF(end int, h literalHead, literal bool) error {
	info := ownSites[siteLine]
	err := &SyntaxError{Tag: r.tag(end), Offset: end - 1, Rule: info.Rule, Expected: info.Expected}
	r.s += end
	r.forget()
	if literal && h.nonSync {
		err.fatal = true
		r.end(err)
	}
	return err
}

// abandon gives up the unit; skipUnit passes over the rest of it.
func (r *Reader) abandon(s skipping) {
	r.forget()
	r.busy, r.skip = true, s
}

// skipUnit drops the rest of a unit. Where the stream fails, it goes on at the
// next call.
func (r *Reader) skipUnit() error {
	for {
		if err := r.skipLiteral(); err != nil {
			return err
		}
		done, err := r.skipLine()
		if err != nil {
			return err
		}
		if done {
			r.forget()
			return nil
		}
	}
}

func (r *Reader) skipLiteral() error {
	for r.skip.left > 0 {
		if r.e == r.s {
			if err := r.fill(); err != nil {
				return err
			}
		}
		n := int(min(r.skip.left, int64(r.e-r.s)))
		r.skip.left -= int64(n)
		if err := r.drop(n); err != nil {
			return err
		}
	}
	return nil
}

// skipTail is the number of octets at the end of a line that are looked at for
// an announcement.
const skipTail = 32

// skipLine drops a line and reports whether it ends the unit.
func (r *Reader) skipLine() (done bool, err error) {
	from := 0
	for {
		b := r.buf[r.s:r.e]
		if j := bytes.IndexByte(b[from:], '\n'); j >= 0 {
			return r.skipEnd(b[:from+j+1])
		}
		if n := len(b) - skipTail; n > 0 {
			r.skip.quotes.feed(b[:n])
			r.skip.partial = true
			if err := r.drop(n); err != nil {
				return false, err
			}
		}
		from = r.e - r.s
		if err := r.fill(); err != nil {
			return false, err
		}
	}
}

// skipEnd drops the end of a line and looks for the literal it announces.
func (r *Reader) skipEnd(line []byte) (done bool, err error) {
	s := &r.skip
	from := max(0, len(line)-skipTail)
	h, ok, cut := headAtEnd(line[from:])
	if cut && (s.partial || from > 0) && !s.quiet {
		return false, r.lose()
	}
	s.quotes.feed(line[:from+h.start])
	ok = ok && !s.quotes.in && !s.quiet
	s.quiet, s.partial, s.quotes = false, false, quotes{}
	if err := r.drop(len(line)); err != nil || !ok {
		return true, err
	}
	if !h.nonSync && r.sender == Client {
		return true, nil
	}
	if h.size > r.limits.Drain-s.dropped {
		return false, r.lose()
	}
	s.left = h.size
	return false, nil
}

// drop passes over octets that are buffered.
func (r *Reader) drop(n int) error {
	r.s += n
	r.skip.dropped += int64(n)
	if r.skip.dropped > r.limits.Drain {
		return r.lose()
	}
	return nil
}

// lose gives up the stream.
func (r *Reader) lose() error {
	r.end(&LimitError{Bound: BoundDrain, Offset: r.base + int64(r.s), fatal: true})
	return r.fault
}

// end makes an error that of every call from now on.
func (r *Reader) end(err error) { r.busy, r.fault = true, err }
