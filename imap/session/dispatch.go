package session

import (
	"context"
	"errors"
	"strings"

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
		refusal = &status{imap.StatusBAD, codeTooBig, upperFirst(limit.Error())}
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
	if c, ok := cmd.(*imap.UnknownCommand); ok {
		return "", unknown(tag, c)
	}
	if !s.state.allows(cmd) {
		return "", bad("Command is not allowed in the %s state", s.state)
	}
	if s.id.Scope.ReadOnly && writes(cmd) {
		return "", no(imap.CodeNoPerm, "This session may only read")
	}
	switch c := cmd.(type) {
	case imap.CommandAny:
		return s.handleAny(ctx, tag, c)
	case imap.CommandNonauth:
		return s.handleNonauth(ctx, tag, c)
	case imap.CommandAuth:
		return s.handleAuth(ctx, tag, c)
	case imap.CommandSelect:
		return s.handleSelect(ctx, tag, c)
	}
	return "", errUnknown
}

func (s *session) handleAny(ctx context.Context, tag string, cmd imap.CommandAny) (string, error) {
	switch c := cmd.(type) {
	case *imap.CapabilityCommand:
		return "CAPABILITY", s.Capability(ctx, tag, c)
	case *imap.Noop:
		return "NOOP", s.Noop(ctx, tag, c)
	case *imap.Logout:
		return "LOGOUT", s.Logout(ctx, tag, c)
	}
	return "", errUnknown
}

func (s *session) handleNonauth(ctx context.Context, tag string, cmd imap.CommandNonauth) (string, error) {
	switch c := cmd.(type) {
	case *imap.Login:
		return "LOGIN", s.Login(ctx, tag, c)
	case *imap.Authenticate:
		return "AUTHENTICATE", s.Authenticate(ctx, tag, c)
	case *imap.StartTLS:
		return "STARTTLS", s.StartTLS(ctx, tag, c)
	}
	return "", errUnknown
}

func (s *session) handleAuth(ctx context.Context, tag string, cmd imap.CommandAuth) (string, error) {
	switch c := cmd.(type) {
	case *imap.Enable:
		return "ENABLE", s.Enable(ctx, tag, c)
	case *imap.Select:
		return "SELECT", s.Select(ctx, tag, c)
	case *imap.Examine:
		return "EXAMINE", s.Examine(ctx, tag, c)
	case *imap.Idle:
		return "IDLE", s.Idle(ctx, tag, c)
	case *imap.Append:
		return "APPEND", s.Append(ctx, tag, c)
	case *imap.Create:
		return "CREATE", s.Create(ctx, tag, c)
	case *imap.Delete:
		return "DELETE", s.Delete(ctx, tag, c)
	case *imap.Rename:
		return "RENAME", s.Rename(ctx, tag, c)
	case *imap.Subscribe:
		return "SUBSCRIBE", s.Subscribe(ctx, tag, c)
	case *imap.Unsubscribe:
		return "UNSUBSCRIBE", s.Unsubscribe(ctx, tag, c)
	case *imap.List:
		return "LIST", s.List(ctx, tag, c)
	case *imap.LSub:
		return "LSUB", s.LSub(ctx, tag, c)
	case *imap.NamespaceCommand:
		return "NAMESPACE", s.Namespace(ctx, tag, c)
	case *imap.Status:
		return "STATUS", s.Status(ctx, tag, c)
	}
	return "", errUnknown
}

func (s *session) handleSelect(ctx context.Context, tag string, cmd imap.CommandSelect) (string, error) {
	switch c := cmd.(type) {
	case *imap.Check:
		return "CHECK", s.Check(ctx, tag, c)
	case *imap.Close:
		return "CLOSE", s.Close(ctx, tag, c)
	case *imap.Unselect:
		return "UNSELECT", s.Unselect(ctx, tag, c)
	case *imap.Expunge:
		return "EXPUNGE", s.Expunge(ctx, tag, c)
	case *imap.UIDExpunge:
		return "UID EXPUNGE", s.UIDExpunge(ctx, tag, c)
	case *imap.Fetch:
		return uidName(c.UID, "FETCH"), s.Fetch(ctx, tag, c)
	case *imap.Store:
		return uidName(c.UID, "STORE"), s.Store(ctx, tag, c)
	case *imap.Search:
		return uidName(c.UID, "SEARCH"), s.Search(ctx, tag, c)
	case *imap.Copy:
		return uidName(c.UID, "COPY"), s.Copy(ctx, tag, c)
	case *imap.Move:
		return uidName(c.UID, "MOVE"), s.Move(ctx, tag, c)
	}
	return "", errUnknown
}

// argumentless are the commands that the grammar takes for unknown ones when
// their arguments are missing or too many.
var argumentless = map[string]bool{
	"CAPABILITY": true, "NOOP": true, "LOGOUT": true, "STARTTLS": true, "CHECK": true, "CLOSE": true,
	"UNSELECT": true, "EXPUNGE": true, "NAMESPACE": true, "IDLE": true, "SELECT": true, "EXAMINE": true,
	"CREATE": true, "DELETE": true, "RENAME": true, "SUBSCRIBE": true, "UNSUBSCRIBE": true, "STATUS": true,
}

// unknown is the answer to a command that cannot be understood.
func unknown(tag string, cmd *imap.UnknownCommand) error {
	name := strings.ToUpper(cmd.Name)
	if cmd.UID || !argumentless[name] {
		return errUnknown
	}
	at := len(tag) + 1 + len(name)
	if cmd.Args == "" {
		return bad("Syntax error at byte %d: expected arguments of %s", at, name)
	}
	return bad("Syntax error at byte %d: expected other arguments, or none, of %s", at, name)
}

func uidName(uid bool, name string) string {
	if uid {
		return "UID " + name
	}
	return name
}
