package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Append is APPEND (RFC 9051 §6.3.12). A large message goes from the connection
// to the store while it arrives. The literal is read to its end, and the
// rest of the command with it, whatever becomes of the command.
func (s *session) Append(ctx context.Context, _ string, cmd *imap.Append) error {
	h, m, err := s.appendTarget(ctx, cmd)
	if err != nil {
		return s.dropAppend(cmd, err)
	}
	msg := &cmd.Messages[0]
	source := &nulFinder{r: msg.Literal.Reader()}
	staged, err := h.acct.Stage(ctx, source, msg.Literal.Size)
	if err != nil {
		return s.dropAppend(cmd, err)
	}
	defer func() { _ = staged.Close() }() // nothing depends on what is thrown away
	if err := s.appendRest(msg); err != nil {
		return err
	}
	if source.found && !msg.Literal.Binary {
		return bad("NUL is only allowed in a literal8")
	}
	result, err := h.acct.Append(ctx, m.ID, []store.NewMessage{{
		Body: staged, Flags: msg.Flags, InternalDate: msg.Date,
	}})
	if err != nil {
		return err
	}
	h.changed(ctx, m.ID, result.ModSeq)
	s.ok(&imap.CodeAppendUID{UIDValidity: result.UIDValidity, UIDs: result.UIDs}, "")
	return s.tellNormalized(cmd.Mailbox, m.Name, imap.MailboxAttrs{})
}

// appendTarget finds the mailbox and refuses what the command asks beyond one
// plain message.
func (s *session) appendTarget(ctx context.Context, cmd *imap.Append) (*hub, store.Mailbox, error) {
	if len(cmd.Messages) != 1 {
		return nil, store.Mailbox{}, bad("APPEND takes one message")
	}
	msg := &cmd.Messages[0]
	switch {
	case len(msg.Options.Unknown) > 0:
		return nil, store.Mailbox{}, bad("Unknown APPEND option %s", msg.Options.Unknown[0].Name)
	case msg.Literal.Size == 0:
		return nil, store.Mailbox{}, no(imap.CodeCannot, "Message is empty")
	}
	if err := settable(msg.Flags); err != nil {
		return nil, store.Mailbox{}, err
	}
	return s.lookupTarget(ctx, cmd.Mailbox)
}

// settable refuses flags that begin with a backslash and that clients cannot set:
// \Recent, \* and those that no RFC has defined.
func settable(flags imap.FlagSet) error {
	if flags.Bits&(imap.FlagRecent|imap.FlagAny) != 0 {
		return bad(`Clients cannot set \Recent or \*`)
	}
	for _, name := range flags.Other {
		if strings.HasPrefix(name, `\`) {
			return bad("Clients cannot set %s", name)
		}
	}
	return nil
}

// dropAppend reads and forgets what is left of a command that failed: the client
// was told to send its message, however large that is. The first error is what
// the client should know; what is wrong with the connection shows when the next
// command is read.
func (s *session) dropAppend(cmd *imap.Append, err error) error {
	n := len(cmd.Messages)
	if n == 0 {
		return err
	}
	last := &cmd.Messages[n-1]
	if body := last.Literal.Body; body != nil {
		_, _ = io.Copy(io.Discard, body)
	}
	_ = s.appendRest(last)
	return err
}

// dropStreamed reads and forgets the message, and what follows it, of a command
// that no handler has seen.
func (s *session) dropStreamed(f imap.Frame) {
	if f.Pending == nil {
		return
	}
	_, _ = io.Copy(io.Discard, f.Pending) // as in dropAppend
	_, _ = s.rd.Next()
}

// appendRest reads what follows a streamed literal, which must be the end of the
// command. Octets of the literal that nobody has read are dropped.
func (s *session) appendRest(msg *imap.AppendMessage) error {
	if msg.Literal.Body == nil {
		return nil
	}
	frame, err := s.rd.Next()
	if limit := (*imap.LimitError)(nil); errors.As(err, &limit) {
		return bad("%s", upperFirst(limit.Error()))
	}
	if err != nil {
		return refusedLine(err)
	}
	rest, err := s.decoder().AppendRest(frame)
	if err != nil {
		return err
	}
	if len(rest.Messages) > 0 {
		return bad("APPEND takes one message")
	}
	return nil
}

// nulFinder passes octets on and notes whether NUL is among them.
type nulFinder struct {
	r     io.Reader
	found bool
}

func (f *nulFinder) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.found = f.found || bytes.IndexByte(p[:n], 0) >= 0
	return n, err
}
