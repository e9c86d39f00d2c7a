package imap

import (
	"errors"

	"github.com/imapsrv/imapsrv/imap/wire"
)

// Command decodes one command with its tag. A command that the grammar does not
// know is an *UnknownCommand; where the error is a *SyntaxError it has the tag,
// if that could be read.
func (d *Decoder) Command(f Frame) (tag string, cmd Command, err error) {
	b, err := d.Begin(f)
	if err != nil {
		return "", nil, err
	}
	var v TaggedCommand
	i := d.decodeCommand(b, 0, &v)
	if d.AtEnd(i) {
		return v.Tag, v.Command, nil
	}
	if err = d.finish(i); err == nil {
		return v.Tag, v.Command, nil
	}
	var syntax *wire.SyntaxError
	if errors.As(err, &syntax) {
		syntax.Tag = v.Tag
	}
	return v.Tag, nil, err
}

// AppendCommand appends one command with its tag. On error, an *EncodeError, dst
// comes back as it was. [Encoder.Breaks] tells where the sender must wait for
// the server or copy a stream.
func (e *Encoder) AppendCommand(dst []byte, tag string, cmd Command) ([]byte, error) {
	return e.AppendTaggedCommand(dst, &TaggedCommand{Tag: tag, Command: cmd})
}
