package session

import (
	"context"
	"errors"

	"github.com/imapsrv/imapsrv/imap"
)

// reply is the code and text of the OK that ends a command.
type reply struct {
	code imap.ResponseCode
	text string // empty: the command's name and "completed"
}

// ok sets what the OK of the present command says. An empty text stands for
// "<command> completed".
func (s *session) ok(code imap.ResponseCode, text string) { s.reply = reply{code, text} }

// command answers one command.
func (s *session) command(f imap.Frame) fate {
	tag, cmd, err := s.decoder().Command(f)
	if err != nil {
		s.dropStreamed(f)
		return s.finish(tag, "", nil, err)
	}
	s.reply, s.refusal = reply{}, nil
	name, err := s.handle(s.ctx, tag, cmd)
	if err != nil && name == "" {
		s.dropStreamed(f)
	}
	if errors.Is(err, errPark) {
		return s.park(tag)
	}
	return s.finish(tag, name, cmd, err)
}

// finish tells the client what has changed and how its command ended.
func (s *session) finish(tag, name string, cmd imap.Command, err error) fate {
	if s.out.err != nil {
		s.srv.Log.Debug("connection failed", "peer", s.peer.Addr, "err", s.out.err)
		return over
	}
	var lost *lostError
	if errors.As(err, &lost) {
		return s.unreadable(lost.err)
	}
	if cmd != nil {
		s.tellUpdates(tellableWith(cmd))
	}
	if err == nil {
		return s.succeed(tag, name)
	}
	if isForLog(err) {
		s.srv.Log.Error("command failed", "command", name, "peer", s.peer.Addr, "account", s.id.Account, "err", err)
	}
	return s.fail(tag, err)
}

// succeed ends a command with OK.
func (s *session) succeed(tag, name string) fate {
	text := s.reply.text
	if text == "" {
		text = name + " completed"
	}
	if s.state != notAuthenticated {
		s.bad = 0
	}
	if err := s.out.response(&imap.Tagged{Tag: tag, Kind: imap.StatusOK, Code: s.reply.code, Text: text}); err != nil {
		return over
	}
	if s.state == loggedOut {
		return over
	}
	if then := s.then; then != nil {
		s.then = nil
		return then()
	}
	return goesOn
}

// fail ends a command with NO or BAD. Without a tag the answer is untagged.
func (s *session) fail(tag string, err error) fate {
	st := statusOf(err)
	var syntax *imap.SyntaxError
	if errors.As(err, &syntax) {
		st = &status{imap.StatusBAD, nil, upperFirst(syntax.Error())}
	}
	var r imap.Response = &imap.Tagged{Tag: tag, Kind: st.kind, Code: st.code, Text: st.text}
	if tag == "" {
		r = &imap.StatusResponse{Kind: st.kind, Code: st.code, Text: st.text}
	}
	if err := s.out.response(r); err != nil {
		return over
	}
	if st.kind == imap.StatusBAD {
		return s.countBad()
	}
	return goesOn
}

// countBad ends the session of a client that talks nonsense.
func (s *session) countBad() fate {
	s.bad++
	limit := s.srv.limits.BadCommands
	if s.state == notAuthenticated {
		limit = s.srv.limits.BadBeforeAuth
	}
	if within(s.bad, limit) {
		return goesOn
	}
	s.goodbye(nil, "Too many bad commands")
	return over
}

// misread answers input that could not be framed, or that was refused for its
// size. The refused octets are never read as commands.
func (s *session) misread(err error, goOn bool) fate {
	refusal := s.refusal
	s.refusal = nil
	if !goOn {
		s.goodbye(nil, upperFirst(err.Error()))
		return over
	}
	var limit *imap.LimitError
	if !errors.As(err, &limit) {
		return s.fail("", err)
	}
	if refusal == nil {
		refusal = &status{imap.StatusBAD, imap.CodeTooBig, upperFirst(limit.Error())}
	}
	return s.fail(limit.Tag, refusal)
}

// upperFirst makes a sentence of an error's text.
func upperFirst(s string) string {
	if s != "" && 'a' <= s[0] && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// handle checks that a command may be given now and has it answered. It returns
// the command's name.
func (s *session) handle(ctx context.Context, tag string, cmd imap.Command) (string, error) {
	if _, ok := cmd.(*imap.UnknownCommand); ok {
		return "", errUnknown
	}
	if !s.state.allows(cmd) {
		return "", bad("Command is not allowed in the %s state", s.state)
	}
	if s.id.Scope.ReadOnly && writes(cmd) {
		return "", no(imap.CodeNoPerm, "This session may only read")
	}
	known, err := imap.Dispatch(ctx, s, tag, cmd)
	if !known {
		return "", errUnknown
	}
	return imap.CommandName(cmd), err
}
