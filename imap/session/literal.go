package session

import (
	"bytes"

	"github.com/imapsrv/imapsrv/imap"
)

// maxMinusLiteral is the size up to which LITERAL- lets clients send a literal
// without asking (RFC 7888 §5).
const maxMinusLiteral = 4096

// acceptLiteral decides about a literal before the client is told to send it:
// messages are streamed to the store, everything else is small. What it refuses
// is never read as commands; refusal is the answer.
func (s *session) acceptLiteral(prefix []byte, size int64, nonSync, _ bool) imap.Verdict {
	if nonSync && s.srv.LiteralMinus && size > maxMinusLiteral {
		return s.reject(imap.StatusBAD, "Literal is too large to be sent without asking")
	}
	if s.state == notAuthenticated {
		return s.acceptSmall(size)
	}
	if !isMessageLiteral(prefix) {
		return s.acceptSmall(size)
	}
	if limit := s.maxMessage(); limit >= 0 && size > limit {
		return s.reject(imap.StatusNO, "Message is too big")
	}
	return imap.Stream
}

// acceptSmall accepts a literal that is kept in memory. The reader's limits
// refuse the ones that are too large together.
func (s *session) acceptSmall(size int64) imap.Verdict {
	if size > s.readLimits().Literal {
		return s.reject(imap.StatusBAD, "Literal is too large")
	}
	if !s.borrow(size) {
		s.refusal = errCrowded
		return imap.Reject
	}
	return imap.Buffer
}

// reject refuses a literal.
func (s *session) reject(kind imap.StatusKind, text string) imap.Verdict {
	s.refusal = &status{kind, imap.CodeTooBig, text}
	return imap.Reject
}

// maxMessage is the size of the largest message that APPEND takes, -1 if there
// is no limit.
func (s *session) maxMessage() int64 {
	limit := s.srv.Store.Limits().MessageSize
	if own := s.srv.limits.Message; own >= 0 && (limit <= 0 || own < limit) {
		return own
	}
	if limit <= 0 {
		return -1
	}
	return limit
}

// isMessageLiteral tells whether a literal announced at the end of prefix is the
// message of an APPEND. The only other literal of that command is the mailbox
// name, which comes first: it is a message if anything is between the command
// and the announcement.
func isMessageLiteral(prefix []byte) bool {
	_, rest, _ := bytes.Cut(prefix, []byte(" "))
	name, args, _ := bytes.Cut(rest, []byte(" "))
	if !bytes.EqualFold(name, []byte("APPEND")) {
		return false
	}
	announced := bytes.LastIndexByte(args, '{')
	return announced > 0 && !bytes.Equal(args[:announced], []byte("~"))
}
