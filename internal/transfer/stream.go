package transfer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxRecord is the longest line of a stream: an account with as many mailboxes as there may be, all with long names.
const maxRecord = 64 << 20

// record is one line of a stream. A message's octets follow its line.
type record struct {
	Account *Account `json:"account,omitempty"`
	Mailbox *Mailbox `json:"mailbox,omitempty"`
	Message *Message `json:"message,omitempty"`
	Warning string   `json:"warning,omitempty"`
	End     *End     `json:"end,omitempty"`
}

// End is how a stream ended. A stream without one is incomplete.
type End struct {
	// Error is what went wrong where the stream comes from, in the form that Failure made of it.
	Error json.RawMessage `json:"error,omitempty"`
}

// Writer is a Receiver that makes a stream.
type Writer struct{ out *bufio.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{bufio.NewWriterSize(w, 64<<10)} }

func (w *Writer) line(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := w.out.Write(line); err != nil {
		return err
	}
	return w.out.WriteByte('\n')
}

// Account begins the stream.
func (w *Writer) Account(a Account) error { return w.line(record{Account: &a}) }

// Mailbox begins a mailbox.
func (w *Writer) Mailbox(m Mailbox) error { return w.line(record{Mailbox: &m}) }

// Message writes a message.
func (w *Writer) Message(m Message, octets io.Reader) error {
	if err := w.line(record{Message: &m}); err != nil {
		return err
	}
	_, err := io.CopyN(w.out, octets, m.Size)
	return unexpected(err)
}

// Warn passes a warning on.
func (w *Writer) Warn(text string) error { return w.line(record{Warning: text}) }

// Close ends the stream well.
func (w *Writer) Close() error { return w.end(End{}) }

// Fail ends the stream with an error, which is anything that JSON can say.
func (w *Writer) Fail(failure any) error {
	text, err := json.Marshal(failure)
	if err != nil {
		return err
	}
	return w.end(End{Error: text})
}

func (w *Writer) end(e End) error {
	if err := w.line(record{End: &e}); err != nil {
		return err
	}
	return w.out.Flush()
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Failure is the error that a Writer's Fail was given.
type Failure struct{ Text json.RawMessage }

// Error returns the JSON.
func (f *Failure) Error() string { return string(f.Text) }

// Read gives a stream to a Receiver, and closes it when the stream has ended well. The error is a *Failure if the other
// end had one, and io.ErrUnexpectedEOF if the stream is cut off.
func Read(r io.Reader, to Receiver, warn func(string)) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		var err error
		if line, err = readLine(in, line[:0]); err != nil {
			return unexpected(err)
		}
		var rec record
		if err := json.Unmarshal(line, &rec); err != nil {
			return fmt.Errorf("damaged stream: %w", err)
		}
		switch {
		case rec.End != nil && rec.End.Error != nil:
			return &Failure{rec.End.Error}
		case rec.End != nil:
			return to.Close()
		}
		if err := rec.give(in, to, warn); err != nil {
			return err
		}
	}
}

// give hands one record over.
func (rec *record) give(in *bufio.Reader, to Receiver, warn func(string)) error {
	switch {
	case rec.Account != nil:
		return to.Account(*rec.Account)
	case rec.Mailbox != nil:
		return to.Mailbox(*rec.Mailbox)
	case rec.Message != nil && rec.Message.Size >= 0:
		octets := &io.LimitedReader{R: in, N: rec.Message.Size}
		if err := to.Message(*rec.Message, octets); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, octets); err != nil {
			return err
		}
		if octets.N > 0 {
			return io.ErrUnexpectedEOF
		}
		return nil
	case rec.Warning != "":
		if warn != nil {
			warn(rec.Warning)
		}
		return nil
	}
	return errors.New("damaged stream: a line that says nothing")
}

// readLine reads up to LF, into line.
func readLine(in *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSuffix(line, []byte("\n")), err
		}
		if len(line) > maxRecord {
			return nil, errors.New("damaged stream: the line is too long")
		}
	}
}
