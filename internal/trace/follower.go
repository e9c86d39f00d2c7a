package trace

import (
	"bytes"
	"errors"
	"io"
	"reflect"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/wire"
)

// Options say how a stream is followed.
type Options struct {
	// ShowSecrets keeps passwords and what else AUTHENTICATE exchanges say.
	ShowSecrets bool
	// BareLF takes lines that end in LF without CR.
	BareLF bool
	// Quirks are what is read of a server although the grammar forbids it.
	Quirks imap.QuirkSet
	// Refused, if set, tells whether the server refused a literal that a client
	// announced for the command with that tag and then did not send.
	Refused func(tag string) bool
	// Exchange, if set, tells whether an AUTHENTICATE exchange is going on. Without
	// it, and until the server shows that the client is authenticated, that is guessed.
	Exchange func() bool
}

// mode says what the next line of a client can be.
type mode uint8

const (
	commands mode = iota
	exchange      // a response to a challenge, or a command
	idle          // the end of IDLE
)

// Follower reads the units of one side.
type Follower struct {
	side  imap.Side
	opts  Options
	src   *source
	shift int64 // the reader's offset 0
	rd    *imap.Reader
	dec   imap.LenientDecoder
	enc   imap.Encoder

	mode          mode
	authenticated bool   // the stream shows it
	begun         bool   // the first unit has been read
	last          string // the name of the client's last command
	done          bool   // there is nothing more to read
	held          int64  // octets of literals in memory, of the present unit
	elided        []Elided
}

// Follow reads what a side has sent from r.
func Follow(r io.Reader, side imap.Side, opts Options) *Follower {
	f := &Follower{side: side, opts: opts, src: newSource(r)}
	f.enc.Side, f.enc.UTF8, f.enc.Rev2 = side, true, true
	f.dec.Quirks = opts.Quirks
	f.rd = imap.NewReader(f.src, side, imap.Limits{Line: 16 << 20, Literals: 100_000})
	f.rd.BareLF = opts.BareLF
	f.rd.Accept = f.accept
	return f
}

// accept decides what becomes of a literal.
func (f *Follower) accept(prefix []byte, size int64, nonSync, _ bool) imap.Verdict {
	if !nonSync && f.opts.Refused != nil {
		if tag, _, ok := bytes.Cut(prefix, []byte(" ")); ok && f.opts.Refused(string(tag)) {
			return imap.Reject
		}
	}
	if size > maxLiteral || f.held+size > maxLiterals {
		return imap.Stream
	}
	f.held += size
	return imap.Buffer
}

// position is where in the stream the next unit begins.
func (f *Follower) position() int64 { return f.src.n - int64(f.rd.Buffered()) }

// InExchange reports whether the client's next line may answer a challenge.
func (f *Follower) InExchange() bool { return f.mode == exchange }

// InIdle reports whether the client's next line ends IDLE.
func (f *Follower) InIdle() bool { return f.mode == idle }

// SeesTag reports whether a command with that tag seems to follow among the
// octets that come next, some ten thousand of them.
func (f *Follower) SeesTag(tag string) bool {
	first, next := f.rd.Peek(), f.src.ahead()
	line := []byte(tag + " ")
	return bytes.HasPrefix(first, line) || len(first) == 0 && bytes.HasPrefix(next, line) ||
		bytes.Contains(first, append([]byte("\n"), line...)) || bytes.Contains(next, append([]byte("\n"), line...))
}

// EndCommand tells that the server has completed the client's last command, so
// that no line belongs to it any more.
func (f *Follower) EndCommand() { f.mode = commands }

// Next returns the next unit; io.EOF after the last one. Other errors are those
// of the stream.
func (f *Follower) Next() (*Unit, error) {
	if f.done {
		return nil, io.EOF
	}
	f.held, f.elided = 0, nil
	start := f.position()
	if u := f.opaque(start); u != nil {
		return u, nil
	}
	text, offset, err := f.frame()
	if err != nil {
		return f.unreadable(start, err)
	}
	u := &Unit{Offset: offset, Length: f.position() - offset, Elided: f.elided}
	if f.side == imap.Server {
		err = f.server(u, text)
	} else {
		err = f.client(u, text)
	}
	f.begun, f.last = true, u.Name
	if err != nil {
		u.Fault = faultOf(err)
		u.Fault.Offset = f.original(u.Fault.Offset)
		u.Value, u.Encoded = nil, nil
		return u, nil
	}
	if f.side == imap.Server {
		f.diagnose(u)
	}
	f.encode(u)
	return u, nil
}

// diagnose tells of what the grammar forbids in a unit that decoded nevertheless.
func (f *Follower) diagnose(u *Unit) {
	if u.Type == "AuthChallenge" {
		return // it is not decoded with quirks
	}
	u.Diagnostics = f.dec.Diagnostics()
	for i := range u.Diagnostics {
		d := &u.Diagnostics[i]
		d.Offset = int(f.original(int64(d.Offset)))
	}
}

// frame reads a unit, with markers for long literals.
func (f *Follower) frame() (text []byte, offset int64, err error) {
	f.rd.Lines = f.side == imap.Client && f.mode != commands
	frame, err := f.rd.Next()
	if err != nil {
		return nil, 0, err
	}
	offset = f.shift + f.rd.Offset()
	if f.rd.Lines && isCommand(frame.Bytes) {
		f.mode = commands
		if wire.HeadFrame(frame.Bytes).Pending != nil {
			f.putBack(frame.Bytes)
			return f.frame()
		}
	}
	for frame.Pending != nil {
		if text, err = f.elide(text, frame); err != nil {
			return nil, 0, err
		}
		if frame, err = f.rd.Next(); err != nil {
			return nil, 0, err
		}
	}
	if text == nil {
		return frame.Bytes, offset, nil
	}
	return append(text, frame.Bytes...), offset, nil
}

// putBack lets a line be read again, as the beginning of a unit with literals.
func (f *Follower) putBack(line []byte) {
	f.src.unread(append(bytes.Clone(line), f.rd.Peek()...))
	f.rd.Reset(f.src)
	f.shift = f.src.n
}

// unreadable reports what could not be framed.
func (f *Follower) unreadable(start int64, err error) (*Unit, error) {
	if end, within := isEnd(err); end {
		f.done = true
		return f.atEnd(start, within)
	}
	u := &Unit{Offset: start, Text: []byte(Redacted)}
	var limit *imap.LimitError
	var syntax *imap.SyntaxError
	switch {
	case errors.As(err, &limit):
		if len(limit.Prefix) > 0 {
			u.Offset = f.shift + limit.Offset
		}
		u.Tag = limit.Tag
		if limit.Bound == wire.BoundAccept {
			return f.refused(u, limit), nil
		}
		u.Text = f.shown(limit.Prefix)
	case errors.As(err, &syntax):
		u.Text = []byte("(a line that ends in LF without CR)")
	default:
		f.done = true
		return nil, err
	}
	f.done = fatal(err)
	f.begun = true
	u.Length = f.position() - u.Offset
	u.Fault = faultOf(err)
	return u, nil
}

// refused is the unit of a command that the server did not want to hear out.
func (f *Follower) refused(u *Unit, limit *imap.LimitError) *Unit {
	v := &RefusedLiteral{Size: limit.Size}
	if words := bytes.Fields(limit.Prefix); len(words) > 1 && isCommand(limit.Prefix) {
		v.Command = string(bytes.ToUpper(words[1]))
	}
	u.Name, u.Type, u.Value = v.Command, "RefusedLiteral", v
	u.Length = f.position() - u.Offset
	u.Text = f.shown(limit.Prefix)
	return u
}

// atEnd reports a unit, or an IDLE, that the stream leaves unfinished.
func (f *Follower) atEnd(start int64, within bool) (*Unit, error) {
	u := &Unit{Offset: start, Length: f.src.n - start}
	switch {
	case within:
		u.Fault = incomplete(u.Length)
		first, _, _ := bytes.Cut(f.rd.Peek(), []byte("\r\n"))
		if f.position() == start {
			u.Text = f.shown(first[:min(len(first), 1<<10)])
		}
	case f.mode == idle:
		u.Fault = &Fault{Rule: "incomplete", Message: "the input ends within IDLE: DONE is missing"}
	default:
		return nil, io.EOF
	}
	return u, nil
}

// shown is what may be shown of a line that does not decode.
func (f *Follower) shown(text []byte) []byte {
	switch {
	case f.opts.ShowSecrets || f.side == imap.Server:
		return line(text)
	case f.mode == exchange:
		return []byte(Redacted)
	}
	return bytes.Clone(RedactLine(text, f.authenticated))
}

// typeName is the name of the type that v points to.
func typeName(v any) string { return reflect.TypeOf(v).Elem().Name() }
